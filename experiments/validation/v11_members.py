"""V11: colleges in communities place more graduates in their field than matched colleges outside."""

from __future__ import annotations

import numpy as np

from abm.state import State
from experiments.validation._pattern import Effect, Pattern, Runs, package, world

_BEFORE, _STEPS = 8, 80


def colleges(state: State) -> dict[str, np.ndarray]:
    """Placement record, membership in a community and field of every college. Shape [C]."""
    c = state.colleges
    return {"placement": c.placement.copy(), "inside": c.community >= 0, "field": c.field.copy()}


def matched(runs: Runs) -> float:
    """Mean over community members of their placement minus that of the most alike college outside.

    Alike: of the same field and with the nearest record before the reform. Taken over the last 12
    quarters; NaN if no member has a match in any of them.
    """
    seen, found = runs["reform"].seen, []
    before = seen["placement"][_BEFORE - 1]
    for t in range(_STEPS - 12, _STEPS, 4):
        inside, field, now = seen["inside"][t], seen["field"][t], seen["placement"][t]
        for i in np.flatnonzero(inside):
            others = np.flatnonzero(~inside & (field == field[i]))
            if len(others):
                j = others[np.argmin(np.abs(before[others] - before[i]))]
                found.append((now[i] - now[j]) - (before[i] - before[j]))
    return float(np.mean(found)) if found else float("nan")


PATTERN = Pattern(
    number="V11",
    statement="Members of communities place more graduates in their field than matched non-members",
    source="[11]",
    worlds={"reform": world(policies=package(_BEFORE), observe=colleges, steps=_STEPS)},
    effects=(Effect("field-related placement, member - match", matched, above=0),),
)
