"""Levers tested in the world that is shown: from a moment the run goes on under each of them, and under none, with the
same draws (abm/results/branches.py).

What is said of a table is what it lacked; what a policy does to the world may be another thing, since those who sign
change what others find. So each lever is moved alone, halfway to its end, and two years are played: a few levers in the
world that is shown (`in_this_world`), or all of them in several worlds, by which effects get intervals (`in_worlds`).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from abm.results.advice import LEVERS_THAT_HELP, advise
from abm.results.branches import HALFWAY, changed, move, played
from abm.world.levers import COLUMN
from abm.world.state import QUARTERS_A_YEAR
from dashboards.live.limits import check_work
from dashboards.live.turn import until

if TYPE_CHECKING:
    from collections.abc import Callable

    from abm.results.advice import Advice
    from abm.results.branches import Move
    from abm.scenario import Scenario
    from abm.world.state import State

LEVERS = ("subsidy_rate", "evaluation_reform", "harmonisation", "supervision", "platform")
"""Levers that are tried here, one against each kind of cause: a visitor waits for them."""
HORIZON = 8
"""Quarters that are played under each."""
WORLDS = 8
"""Worlds in which all levers are tried: that of the seed shown and those of the seeds after it."""


class Tried(NamedTuple):
    """What came of one lever; ``lever`` is empty for the run as it is."""

    lever: str
    before: float
    after: float
    """Where it is set, as the panel of levers has it."""
    failed: float
    """Share of the negotiations of those quarters that failed."""
    depth: float
    """Mean substantive depth at the end."""
    spent: float
    """Public money a year."""


def in_this_world(
    scenario: Scenario, state_at: Callable[[], State], is_unwanted: Callable[[], bool] = lambda: False
) -> list[Tried]:
    """The run as it is, then each lever that can still be raised, the one that lowers failures most first.
    ``state_at`` gives the moment from which all go on, each time anew. Raises Unwanted once nobody waits for it."""
    found: list[Tried] = []
    for lever in ("", *LEVERS):
        state = state_at()
        moved = None
        if lever:
            now = float(state.governments.levers[:, COLUMN[lever]].mean())
            moved = move(scenario, state.step, lever, now, HALFWAY)
            if moved is None:
                continue
        found.append(_under(scenario, state, moved, is_unwanted))
    return [found[0], *sorted(found[1:], key=lambda tried: tried.failed)]


def check_worlds(scenario: Scenario, step: int) -> None:
    """InputError for a world in which it would take too long to try all levers from a quarter on."""
    check_work(scenario, WORLDS * (step + HORIZON * (1 + len(LEVERS_THAT_HELP))), "abm advise")


def in_worlds(
    scenario: Scenario, step: int, tell: Callable[[int, int], object], is_unwanted: Callable[[], bool]
) -> Advice:
    """All levers that help, each alone, from a quarter on in `WORLDS` worlds, as `abm advise` does it. ``tell`` hears
    how many branches are done and planned. Raises Unwanted once nobody waits for it, which is seen before each quarter;
    InputError for a world that can't be played."""
    return advise(scenario, step, horizon=HORIZON, seeds=WORLDS, watch=tell, look=until(is_unwanted))


def _under(scenario: Scenario, state: State, moved: Move | None, is_unwanted: Callable[[], bool]) -> Tried:
    """What comes of a state, which is played on, under one lever that is moved."""
    moves = () if moved is None else (moved,)
    now = changed(scenario, state.step, moves)
    course = played(state, now, HORIZON, is_explained=False, look=until(is_unwanted))
    tables = float(course.tables.sum())
    failed = float(course.failed.sum()) / tables if tables else math.nan
    spent = float(course.spent.sum()) * QUARTERS_A_YEAR / HORIZON
    lever, before, after = ("", 0.0, 0.0) if moved is None else (moved.lever, moved.before, moved.value)
    return Tried(lever, before, after, failed, float(course.depth[-1]), spent)
