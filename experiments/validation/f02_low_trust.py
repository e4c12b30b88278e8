"""F2: where strangers do not trust each other the same reform does not take off."""

from experiments.validation._pattern import Effect, Pattern, package, world

_PACKAGE = package(8)
_DEPTH = "substantive_depth_per_place"

PATTERN = Pattern(
    number="F2",
    statement="Reform takes off from shallow cooperation; where initial trust is low it does not",
    source="paper 3.3; feasibility study",
    worlds={
        "trusting": world(policies=_PACKAGE),
        "distrustful": world(policies=_PACKAGE, initial_trust=0.05),
        "unsupervised": world(policies=_PACKAGE[:1]),
    },
    note="The whole package, with next to no trust between strangers: depth still reaches about half of what it does "
    "where they trust, because contracts that are made to work teach trust. Milder distrust (0.15, 0.3) slows it less. "
    "Evaluation reform alone is no test of trust: without supervision it does not take off among the trusting "
    "either (reported).",
    effects=(
        Effect(
            "depth a place, end - start, trusting",
            lambda runs: runs["trusting"].last(_DEPTH, 8) - runs["trusting"].mean(_DEPTH, 0, 8),
            above=0.2,
        ),
        Effect("depth a place at the end, distrustful", lambda runs: runs["distrustful"].last(_DEPTH, 8), below=0.15),
        Effect("trusting, without supervision", lambda runs: runs["unsupervised"].last(_DEPTH, 8)),
    ),
)
