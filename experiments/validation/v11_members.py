"""V11: colleges in communities place more graduates in their field than matched colleges outside."""

from __future__ import annotations

import numpy as np

from abm.world.state import State
from experiments.validation._pattern import Effect, Pattern, Runs, package, world

_BEFORE, _STEPS = 8, 80


def colleges(state: State) -> dict[str, np.ndarray]:
    """Placement record, membership in a community and field of every college. Shape [C]."""
    c = state.colleges
    return {"placement": c.placement.copy(), "inside": c.community >= 0, "field": c.field.copy()}


def matched(runs: Runs) -> float:
    """Mean over members of the growth of their placement record minus that of the three most alike colleges outside.

    Members: inside a community at a yearly look and two years before. Outside: neither time. Alike: of
    the same field if there is one outside, else any, with the nearest record before the reform. NaN
    without members or without anybody outside.
    """
    seen, found = runs["reform"].seen, []
    before = seen["placement"][_BEFORE - 1]
    for t in range(_BEFORE + 11, _STEPS, 4):
        inside, field, now = seen["inside"], seen["field"][t], seen["placement"][t]
        for i in np.flatnonzero(inside[t] & inside[t - 8]):
            outside = ~inside[t] & ~inside[t - 8]
            others = np.flatnonzero(outside & (field == field[i]))
            if not len(others):
                others = np.flatnonzero(outside)
            if len(others):
                nearest = others[np.argsort(np.abs(before[others] - before[i]), kind="stable")[:3]]
                found.append((now[i] - before[i]) - float((now[nearest] - before[nearest]).mean()))
    return float(np.mean(found)) if found else float("nan")


PATTERN = Pattern(
    number="V11",
    statement="Members of communities place more graduates in their field than matched non-members",
    source="[11]",
    worlds={"reform": world(policies=package(_BEFORE, strength=0.8), observe=colleges, steps=_STEPS)},
    effects=(Effect("field-related placement, member - match", matched, above=0),),
)
