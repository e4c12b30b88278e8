"""F2: where strangers do not trust each other the same reform does not take off."""

from experiments.validation._pattern import Effect, Pattern, package, world

_REFORM = package(8)[:1]
_DEPTH = "substantive_depth_per_place"

PATTERN = Pattern(
    number="F2",
    statement="Reform takes off from shallow cooperation; where initial trust is low it does not",
    source="paper 3.3; feasibility study",
    worlds={
        "trusting": world(policies=_REFORM),
        "distrustful": world(policies=_REFORM, initial_trust=0.05),
        "distrustful, supervised": world(policies=package(8), initial_trust=0.05),
    },
    note="Evaluation reform alone. Strong supervision forces effort and so teaches trust: with it distrust delays "
    "the take-off, but does not prevent it (reported).",
    effects=(
        Effect(
            "depth a place, end - start, trusting",
            lambda runs: runs["trusting"].last(_DEPTH, 8) - runs["trusting"].mean(_DEPTH, 0, 8),
            above=0.2,
        ),
        Effect("depth a place at the end, distrustful", lambda runs: runs["distrustful"].last(_DEPTH, 8), below=0.15),
        Effect("the same with supervision", lambda runs: runs["distrustful, supervised"].last(_DEPTH, 8)),
    ),
)
