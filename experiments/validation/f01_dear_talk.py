"""F1: where talk is dear the same reform does not take off."""

from experiments.validation._pattern import Effect, Pattern, package, world

_DEPTH = "substantive_depth_per_place"

PATTERN = Pattern(
    number="F1",
    statement="Reform takes off from shallow cooperation; at high communication cost it does not",
    source="paper 3.2 [7]; feasibility study",
    worlds={"cheap": world(policies=package(8)), "dear": world(policies=package(8), communication_cost=0.5)},
    note="At a price of 0.3 the reform still takes off, a third as far, and at 0.4 an eighth as far.",
    effects=(
        Effect(
            "depth a place, end - start, cheap talk",
            lambda runs: runs["cheap"].last(_DEPTH, 8) - runs["cheap"].mean(_DEPTH, 0, 8),
            above=0.2,
        ),
        Effect("depth a place at the end, dear talk", lambda runs: runs["dear"].last(_DEPTH, 8), below=0.15),
    ),
)
