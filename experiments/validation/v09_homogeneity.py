"""V9: colleges that teach all the same fit nobody."""

from experiments.validation._pattern import Effect, Pattern, difference, world

PATTERN = Pattern(
    number="V9",
    statement="Homogenised curricula raise mismatch",
    source="[14]",
    worlds={"own": world(homogenisation=0.1), "alike": world(homogenisation=0.7)},
    effects=(
        Effect("homogeneity of curricula, alike - own", difference("curriculum_homogeneity", "alike", "own", 40), above=0),
        Effect("skill mismatch, alike - own", difference("skill_mismatch", "alike", "own", 40), above=0),
    ),
)
