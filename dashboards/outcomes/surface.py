"""From runs to a map: the mean of an outcome in each cell of two settings, and how sure it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from abm.quarter.measurement.metrics import catalogue
from abm.world.levers import BY_NAME
from abm.world.parameters import CATALOGUE
from dashboards.views.phase_map import PhaseMap
from experiments.analysis.intervals import mean_interval

if TYPE_CHECKING:
    import pandas as pd

    from abm.scenario import Scenario
    from abm.world.state import Floats

BOUNDARIES = {
    "failed_share": "failure_share",
    "community_share": "emergence_share",
    "self_sustaining_share": "deep_integration_share",
    "substantive_depth_per_place": "breakthrough_depth",
}
"""Outcomes that can be mapped, and the parameter that says where one regime passes into the other."""
FOR_WORSE = ("failed_share",)
"""Outcomes of which less is better."""


@dataclass(frozen=True)
class Cell:
    """One cell of a map. ``spread`` is the half-width of the 95 % interval, NaN for fewer than two runs."""

    x: float
    y: float
    mean: float
    spread: float
    runs: int


def cells(runs: pd.DataFrame, x: str, y: str, outcome: str) -> list[Cell]:
    """The cells of a table of runs; failed runs and runs without the outcome do not count."""
    good = runs[(runs["status"] == "ok") & runs[outcome].notna()]
    found: list[Cell] = []
    for at, values in good.groupby([x, y])[outcome]:
        at_x, at_y = cast("tuple[float, float]", at)
        of = mean_interval(values)
        found.append(Cell(float(at_x), float(at_y), of.value, of.high - of.value, len(values)))
    return found


def phase_map(
    found: Sequence[Cell], xs: Sequence[float], ys: Sequence[float], outcome: str, names: tuple[str, str, str]
) -> PhaseMap:
    """The map over all values of both settings; ``names`` of x, y and outcome. Cells without runs are NaN."""
    x, y = np.asarray(xs, np.float64), np.asarray(ys, np.float64)
    mean, spread = np.full((len(y), len(x)), np.nan), np.full((len(y), len(x)), np.nan)
    for cell in found:
        at = int(np.abs(y - cell.y).argmin()), int(np.abs(x - cell.x).argmin())
        mean[at], spread[at] = cell.mean, cell.spread
    boundary = float(CATALOGUE[BOUNDARIES[outcome]].default)
    is_share = catalogue()[outcome].high <= 1.0 and outcome != "substantive_depth_per_place"
    most = float(np.nanmax(mean)) if np.isfinite(mean).any() else 0.0
    return PhaseMap(
        x_name=names[0], y_name=names[1], outcome=names[2], x=x, y=y, mean=mean, spread=spread, boundary=boundary,
        low=0.0, high=1.0 if is_share else max(2.0 * boundary, most), is_good=outcome not in FOR_WORSE,
    )  # fmt: skip


def value_of(scenario: Scenario, key: str) -> float | None:
    """Where a scenario stands in a setting; None if it has none of that name."""
    if key in CATALOGUE:
        return float(getattr(scenario.p, key))
    if key in BY_NAME:
        return float(dict(scenario.levers).get(key, BY_NAME[key].neutral))
    head, _, tail = key.partition(".")
    rule: Any = next((rule for rule in scenario.policies if rule.name == head), None)
    value = getattr(rule, tail, None) if tail else None
    return float(value) if isinstance(value, int | float) else None


def trail(scenario: Scenario, x: str, y: str) -> Floats:
    """The way of a live run over the map: where it began and where its changes took it. Shape [n, 2]."""
    points: list[tuple[float, float]] = []
    for _, now in scenario.course:
        at = value_of(now, x), value_of(now, y)
        if at[0] is None or at[1] is None:
            return np.empty((0, 2))
        if not points or points[-1] != at:
            points.append((at[0], at[1]))
    return np.array(points, np.float64).reshape(-1, 2)
