"""V13: students who are not judged by grades alone take up practice, and find work in their field."""

from experiments.validation._pattern import Effect, Pattern, difference, package, world

PATTERN = Pattern(
    number="V13",
    statement="Student evaluation reform raises take-up of practice and field-related jobs",
    source="[12]",
    worlds={
        "grades": world(policies=package(0, ramp=0)),
        "reform": world(policies=package(0, ramp=0), student_reform=0.7),
        "shallow, grades": world(),
        "shallow, reform": world(student_reform=0.7),
    },
    note="Asked where colleges' evaluation and supervision are reformed, so that there is practice to take up. In "
    "the shallow world the same reform doubles next to nothing, and field-related jobs hardly move: reported.",
    effects=(
        Effect("take-up, reform - grades", difference("take_up", "reform", "grades", 40), above=0),
        Effect(
            "field-related jobs, reform - grades", difference("field_related_share", "reform", "grades", 40), above=0
        ),
        Effect(
            "field-related jobs in the shallow world, reform - grades",
            difference("field_related_share", "shallow, reform", "shallow, grades", 40),
        ),
    ),
)
