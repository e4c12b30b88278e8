"""What governments may see: last quarter's published metrics, of the nation and of each region."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from abm.quarter.measurement.metrics import catalogue, regional_catalogue
from abm.world.public_money import public_money
from abm.world.state import Floats
from abm.world.vocabulary import CAUSES

if TYPE_CHECKING:
    from abm.world.state import State

COLUMNS = ("market_fit", "raiders", "paid_subsidy", "paid_credit")
"""Columns of Governments that are published as they are."""
MAIN_CAUSE = "main_cause_"
"""Prefix: 1 where the cause that follows explains most of last quarter's failures, else 0."""


@cache
def _unmeasured() -> dict[str, float]:
    return dict.fromkeys(catalogue(), np.nan)


def of_nation(state: State) -> Mapping[str, float]:
    """All national metrics of last quarter; NaN before the first."""
    return state.metrics or _unmeasured()


def by_region(state: State, name: str) -> Floats | None:
    """A published figure of last quarter by region, shape [R]; None if there is none of that name.

    All regional metrics; the columns above; ``spent_share``, money spent over the budget (NaN without
    one); and ``main_cause_<cause>``.
    """
    found = state.regional_metrics.get(name)
    if found is not None:
        return found
    governments = state.governments
    cause = name.removeprefix(MAIN_CAUSE)
    if cause != name and cause in CAUSES:
        main = state.regional_metrics.get("main_cause")
        return np.zeros(len(governments.levers)) if main is None else (main == CAUSES.index(cause)).astype(np.float64)
    if name == "spent_share":
        spent, budget = governments.spent_now.sum(axis=1), public_money(state).budget
        return np.divide(spent, budget, out=np.full(len(spent), np.nan), where=budget > 0)
    if name in COLUMNS:
        return np.asarray(getattr(governments, name), np.float64)
    return np.full(len(governments.levers), np.nan) if name in regional_catalogue() else None
