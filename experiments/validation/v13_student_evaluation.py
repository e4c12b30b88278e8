"""V13: students who are not judged by grades alone take up practice, and find work in their field."""

from experiments.validation._pattern import Effect, Pattern, difference, world

PATTERN = Pattern(
    number="V13",
    statement="Student evaluation reform raises take-up of practice and field-related jobs",
    source="[12]",
    worlds={"grades": world(), "reform": world(student_reform=0.7)},
    effects=(
        Effect("take-up, reform - grades", difference("take_up", "reform", "grades", 40), above=0),
        Effect("field-related jobs, reform - grades", difference("field_related_share", "reform", "grades", 40), above=0),
    ),
)
