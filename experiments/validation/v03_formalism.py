"""V3: weak supervision and evaluation by standing leave contracts on paper; either remedy brings them to life."""

from experiments.validation._pattern import Effect, Pattern, difference, package, world

_EVALUATION, _SUPERVISION = package(start=0, ramp=0)

PATTERN = Pattern(
    number="V3",
    statement="Weak supervision and evaluation by standing: formal-substantive gap of a level or more, and blame; "
    "either remedy closes it",
    source="[3, 8, 9, 10]",
    worlds={
        "as is": world(),
        "reformed": world(policies=(_EVALUATION,)),
        "supervised": world(policies=(_SUPERVISION,)),
        "both": world(policies=(_EVALUATION, _SUPERVISION)),
    },
    note="Without either remedy both sides do little, and little is there to blame. Under reform alone colleges "
    "do more than enterprises, and contracts stay about a level short; supervision alone gets most to work. In both "
    "worlds blame rises, since only where one side works the other can be blamed. Both together (reported) close gap "
    "and blame.",
    effects=(
        Effect("gap as is (levels)", lambda runs: runs["as is"].last("formalism_gap", 40), above=1.0),
        Effect("gap, reformed - as is", difference("formalism_gap", "reformed", "as is"), below=0),
        Effect("gap, supervised - as is", difference("formalism_gap", "supervised", "as is"), below=0),
        Effect("gap, reformed", lambda runs: runs["reformed"].last("formalism_gap", 20), below=1.0),
        Effect("gap, supervised", lambda runs: runs["supervised"].last("formalism_gap", 20), below=1.0),
        Effect("blame rate, reformed - as is", difference("blame_rate", "reformed", "as is"), below=0),
        Effect("blame rate, supervised - as is", difference("blame_rate", "supervised", "as is"), below=0),
        Effect("gap, both", lambda runs: runs["both"].last("formalism_gap", 20)),
        Effect("blame rate, both - as is", difference("blame_rate", "both", "as is")),
    ),
)
