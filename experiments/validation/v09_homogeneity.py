"""V9: colleges that teach all the same fit nobody."""

from experiments.validation._pattern import Effect, Pattern, difference, world

PATTERN = Pattern(
    number="V9",
    statement="Homogenised curricula raise mismatch",
    source="[14]",
    worlds={
        "none": world(homogenisation=0.0),
        "own": world(homogenisation=0.3),
        "alike": world(homogenisation=0.9),
    },
    note="From the default on. Some averaging (from none to the default) lowers mismatch, because those who work "
    "outside their field gain more than those inside lose: reported, like the fall of field-related jobs.",
    effects=(
        Effect(
            "homogeneity of curricula, alike - own", difference("curriculum_homogeneity", "alike", "own", 60), above=0
        ),
        Effect("skill mismatch, alike - own", difference("skill_mismatch", "alike", "own", 60), above=0),
        Effect("field-related jobs, alike - own", difference("field_related_share", "alike", "own", 60)),
        Effect("skill mismatch, default - none", difference("skill_mismatch", "own", "none", 60)),
    ),
)
