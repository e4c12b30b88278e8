"""V1: the farther apart aims are, the less is agreed and the less substance it has."""

from experiments.validation._pattern import Effect, Pattern, whole_difference, world

PATTERN = Pattern(
    number="V1",
    statement="More divergent aims: fewer agreements, shallower substance",
    source="[7]",
    worlds={"alike": world(aim_divergence=0.35), "divergent": world(aim_divergence=0.65)},
    effects=(
        Effect("agreement rate, divergent - alike", whole_difference("agreement_rate", "divergent", "alike"), below=0),
        Effect(
            "substantive depth a place, divergent - alike",
            whole_difference("substantive_depth_per_place", "divergent", "alike"),
            below=0,
        ),
        # Reported, not asked for: of the few who still agree, those most alike in their aims are left.
        Effect(
            "substantive depth of those who agree, divergent - alike",
            whole_difference("mean_substantive_depth", "divergent", "alike"),
        ),
    ),
)
