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
    note="Evaluation reform alone, with next to no trust between strangers; milder distrust (0.3, 0.15) and "
    "distrust under supervision were tried first and only delay the take-off, because contracts that are "
    "forced to work teach trust. Here too it is slowed threefold rather than stopped: depth ends about the "
    "mark of the initial breakthrough.",
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
