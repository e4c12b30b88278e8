"""Mends tried in a world: the run goes on from a moment under each of them, and under none, with the same draws.

What is said of a table is what it lacked; what a policy does to the world may be another thing, since those who sign
change what others find. So each lever is raised alone, halfway to its end, and two years are played. One seed: this
world's.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from abm import quarter
from abm.scenario.changes import Change
from abm.world.levers import BY_NAME
from abm.world.levers import LEVERS as KNOWN
from abm.world.vocabulary import REVIEW

if TYPE_CHECKING:
    from collections.abc import Callable

    from abm.scenario import Scenario
    from abm.world.state import State

LEVERS = ("subsidy_rate", "evaluation_reform", "harmonisation", "supervision", "platform")
"""Levers that are meant to lower failures. An order signs without mending, and a penalty alone does nothing."""
COLUMNS = {lever.name: i for i, lever in enumerate(KNOWN)}
HORIZON = 8
"""Quarters that are played under each."""
HALFWAY = 0.5


class Tried(NamedTuple):
    """What came of one lever; ``lever`` is empty for the run as it is."""

    lever: str
    before: float
    after: float
    failed: float
    """Share of the negotiations of those quarters that failed."""
    depth: float
    """Mean substantive depth at the end."""
    spent: float
    """Public money a year."""


def tried(
    scenario: Scenario, state_at: Callable[[], State], is_unwanted: Callable[[], bool] = lambda: False
) -> list[Tried]:
    """The run as it is, then each lever that can still be raised, the one that lowers failures most first; empty once
    it is unwanted. ``state_at`` gives the moment from which all go on, each time anew."""
    found: list[Tried] = []
    for lever in ("", *LEVERS):
        state = state_at()
        before = float(state.governments.levers[:, COLUMNS[lever]].mean()) if lever else 0.0
        after = round(before + HALFWAY * (BY_NAME[lever].high - before), 2) if lever else 0.0
        if lever and after <= before + 0.005:
            continue
        changed = (
            replace(scenario, changes=(*scenario.changes, Change(state.step, lever, after))) if lever else scenario
        )
        one = _played(changed, state, lever, before, after, is_unwanted)
        if one is None:
            return []
        found.append(one)
    return [found[0], *sorted(found[1:], key=lambda one: one.failed)]


def _played(
    scenario: Scenario, state: State, lever: str, before: float, after: float, is_unwanted: Callable[[], bool]
) -> Tried | None:
    tables, failed, spent = 0, 0, 0.0
    for _ in range(HORIZON):
        if is_unwanted():
            return None
        quarter.step(state, scenario)
        record = state.tables
        if record is not None:
            counted = record.kind != REVIEW
            tables += int(counted.sum())
            failed += int((record.cause[counted] >= 0).sum())
        spent += float(state.governments.spent_now.sum())
    share = failed / tables if tables else float("nan")
    depth = float(state.metrics.get("mean_substantive_depth", np.nan))
    return Tried(lever, before, after, share, depth, spent * 4 / HORIZON)
