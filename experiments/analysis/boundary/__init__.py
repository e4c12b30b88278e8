"""Where one regime ends and the next begins: runs are spent along the boundary, not over the plane.

From a Sobol start a Gaussian process is fitted; batches of points follow where it does not yet know
on which side of the threshold they lie (straddle). The result is a phase map with its uncertainty,
and, along one key, the critical value with an interval over replications.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from abm.machine.errors import InputError
from abm.results.notebook import Shown
from experiments.analysis._runs import Floats, Simulator, by_point, check, column, joined, lost, usable
from experiments.analysis._space import Space, title
from experiments.analysis.boundary import surface as _surface
from experiments.analysis.boundary.surface import Surface
from experiments.analysis.intervals import band, mean_interval
from experiments.analysis.wording import begun, number

if TYPE_CHECKING:
    from matplotlib.figure import Figure

START, BATCH, POINTS = 64, 16, 256
"""Points of the Sobol start, of a batch, and in all; with 4 replications 1,024 runs."""
CANDIDATES = 1024
"""Places from which a batch is chosen, drawn anew for each."""
CELLS = 101
"""Places a side of the map."""
ON_GRID = 201
"""Places of the curve along one key."""


@dataclass(frozen=True)
class Boundary(Shown):
    """The two sides of a threshold over a space of one or two dimensions.

    cells: unit cube, shape [m, d]; chance: that the mean outcome lies above the threshold there, [m].
    """

    space: Space
    outcome: str
    label: str
    threshold: float
    runs: pd.DataFrame
    points: pd.DataFrame
    """Points with mean outcome, its spread over replications and the number of usable runs."""
    surface: Surface
    cells: Floats
    mean: Floats
    chance: Floats
    caveats: tuple[str, ...] = ()

    @property
    def share_above(self) -> float:
        """Share of the space whose outcome lies above the threshold."""
        return float((self.chance > 0.5).mean())

    @property
    def doubtful(self) -> float:
        """Expected share of the space that the map puts on the wrong side."""
        return float(np.minimum(self.chance, 1 - self.chance).mean())

    @property
    def line(self) -> pd.DataFrame:
        """The boundary: for each value of the last dimension that meets it, the first dimension's values.

        Columns: the dimensions' names; empty where all lies on one side.
        """
        unit = _crossings(self.mean - self.threshold, len(self.space.dimensions))
        return self.space.points(unit) if len(unit) else pd.DataFrame(columns=self.space.names)

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """Points, the map and the line."""
        cells = self.space.points(self.cells).assign(mean=self.mean, chance_above=self.chance)
        return {"points": self.points, "map": cells, "boundary": self.line}

    def figures(self) -> dict[str, Figure]:
        """The phase map."""
        from experiments.analysis.boundary.figures import phase_map

        return {"phase_map": phase_map(self)}

    def answer(self) -> str:
        """How much of the space lies on which side, and how sure that is."""
        above, n = self.share_above, len(self.points)
        tail = f" ({len(self.runs):,} runs at {n:,} points; {self.doubtful:.1%} of the map is expected to be wrong)."
        if above in (0.0, 1.0):
            side = "above" if above else "below"
            return f"{begun(self.label)} stays {side} {number(self.threshold)} everywhere in these ranges" + tail
        names = " and ".join(title(d).partition(" (")[0].lower() for d in self.space.dimensions)
        head = f"{begun(self.label)} lies above {number(self.threshold)} in {above:.0%} of the ranges of {names}"
        return head + tail


@dataclass(frozen=True)
class Critical(Shown):
    """The value of one key at which an outcome crosses a threshold, and its interval over replications.

    curve: key, mean, low, high (95 % over replications); crossings: one a replication, NaN without one.
    """

    key: str
    key_label: str
    outcome: str
    label: str
    threshold: float
    value: float
    low: float
    high: float
    curve: pd.DataFrame
    crossings: pd.DataFrame
    points: pd.DataFrame
    is_log: bool = False
    caveats: tuple[str, ...] = ()

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The curve, and where each replication crosses."""
        return {"curve": self.curve, "crossings": self.crossings}

    def figures(self) -> dict[str, Figure]:
        """The outcome along the key with its band and the critical value."""
        from experiments.analysis.boundary.figures import curve

        return {"critical_value": curve(self)}

    def answer(self) -> str:
        """The critical value with its interval."""
        n, crossed = len(self.crossings), int(np.isfinite(column(self.crossings, "value")).sum())
        if not np.isfinite(self.value):
            return (
                f"{begun(self.label)} does not cross {number(self.threshold)} along {self.key_label} "
                f"({crossed} of {n} replications do)."
            )
        return (
            f"{begun(self.label)} crosses {number(self.threshold)} at a {self.key_label} of {number(self.value)} "
            f"(95 % interval {number(self.low)} to {number(self.high)}; {crossed} of {n} replications cross)."
        )


def find_boundary(
    space: Space,
    simulate: Simulator,
    outcome: str,
    threshold: float,
    *,
    n_points: int = POINTS,
    start: int = START,
    seed: int = 1,
    label: str = "",
    watch: Callable[[int, int], None] | None = None,
) -> Boundary:
    """Spend ``n_points`` points (times the simulator's replications) on the boundary.

    ``start`` of them, rounded down to a power of 2, come first, the others ``BATCH`` at a time;
    ``watch(done, all)`` is told after each batch. Raises InputError for more than two dimensions, and
    where too few points have a usable run.
    """
    if not 1 <= len(space.dimensions) <= 2:
        raise InputError(f"{len(space.dimensions)} varied keys", why="are no line or plane", mend="vary one or two")
    rng = np.random.default_rng(seed)
    d = len(space.dimensions)
    tried = np.asarray(stats.qmc.Sobol(d, rng=rng).random(_power_of_2(min(start, n_points))), np.float64)
    tables = [simulate(space.points(tried))]
    surface: Surface | None = None
    while True:
        runs = joined(tables)
        mean, variance, n = by_point(runs, outcome, len(tried))
        known = np.isfinite(mean)
        if known.sum() < 4:
            raise InputError(f"`{outcome}`", why=f"has a value at {int(known.sum())} points", mend="look at the errors")
        # What whole numbers make of a place is where it was run.
        ran = space.unit(space.points(tried))
        surface = _surface.fit(ran[known], mean[known], _noise(variance, n, known), surface)
        if watch is not None:
            watch(len(tried), n_points)
        if len(tried) >= n_points:
            break
        candidates = np.asarray(stats.qmc.Sobol(d, rng=rng).random(CANDIDATES), np.float64)
        more = _surface.straddle(surface, threshold, candidates, tried, min(BATCH, n_points - len(tried)), rng)
        tables.append(simulate(space.points(more)))
        tried = np.vstack([tried, more])
    cells, centre, chance = _map(surface, threshold, d)
    points = space.points(tried).assign(mean=mean, spread=np.sqrt(variance), n_usable=n)
    notes = tuple(note for note in [lost(runs, outcome)] if note)
    return Boundary(
        space,
        outcome,
        label or outcome.replace("_", " "),
        threshold,
        runs,
        points,
        surface,
        cells,
        centre,
        chance,
        notes,
    )


def _power_of_2(n: int) -> int:
    """The largest power of 2 up to n: a Sobol sequence is even only there."""
    return 2 ** int(np.log2(n))


def _noise(variance: Floats, n: NDArray[np.int64], known: NDArray[np.bool_]) -> Floats | None:
    """Variance of the mean of each known point, from the variance within points; None without replications."""
    inside = known & (n > 1)
    if not inside.any():
        return None
    pooled = float((variance[inside] * (n[inside] - 1)).sum() / (n[inside] - 1).sum())
    return pooled / n[known]


def _map(surface: Surface, threshold: float, d: int) -> tuple[Floats, Floats, Floats]:
    """Cells of the unit cube, the surface's mean there and the chance that it lies above the threshold."""
    side = np.linspace(0.0, 1.0, ON_GRID if d == 1 else CELLS)
    cells = side[:, None] if d == 1 else np.stack(np.meshgrid(side, side, indexing="ij"), axis=-1).reshape(-1, 2)
    mean, sd = surface.predict(cells)
    return cells, mean, stats.norm.sf(threshold, mean, np.maximum(sd, 1e-12))


def _crossings(height: Floats, d: int) -> Floats:
    """Places of the unit cube where a height on the map's cells is 0, by linear interpolation. Shape [n, d]."""
    side = round(len(height) ** (1 / d))
    place = np.linspace(0.0, 1.0, side)
    lines = height.reshape(side, -1)
    found: list[tuple[float, ...]] = []
    for j in range(lines.shape[1]):
        column = lines[:, j]
        for i in np.flatnonzero(np.sign(column[:-1]) * np.sign(column[1:]) < 0):
            x = place[i] + column[i] / (column[i] - column[i + 1]) * (place[1] - place[0])
            found.append((float(x),) if d == 1 else (float(x), float(place[j])))
    return np.array(found, np.float64).reshape(-1, d)


def critical_value(
    runs: pd.DataFrame,
    key: str,
    outcome: str,
    threshold: float,
    *,
    is_log: bool = False,
    key_label: str = "",
    label: str = "",
) -> Critical:
    """Where an outcome crosses a threshold along one key (a column of the runs, varied or derived).

    Lengths and noise of a Gaussian process come from all runs; each replication then gives its own curve,
    through its own runs, and its own first crossing, and the interval is Student's t over these (of their
    logarithms with ``is_log``). Replications share seeds along the key, so each is one world under many
    values. The value is NaN where fewer than half of the replications cross.
    """
    check(runs, key, outcome, "replication")
    kept = runs[usable(runs, outcome)]
    values = column(kept, key)
    if len(kept) < 8 or np.ptp(values) == 0:
        raise InputError(f"`{key}`", why="has too few usable runs or one value only", mend="run more points")
    axis = _Axis.of(values, is_log=is_log)
    y, replication = column(kept, outcome), column(kept, "replication").astype(np.int64)
    curves, places = _worlds_curves(axis.unit(values), y, replication, threshold)
    has_crossed = np.isfinite(places)
    ends = mean_interval(places) if has_crossed.mean() >= 0.5 else (np.nan, np.nan, np.nan)
    value, low, high = axis.real(np.array(ends)).tolist()
    side = axis.real(np.linspace(0.0, 1.0, ON_GRID))
    return Critical(
        key=key,
        key_label=key_label or key.replace("_", " "),
        outcome=outcome,
        label=label or outcome.replace("_", " "),
        threshold=threshold,
        value=value,
        low=low,
        high=high,
        curve=pd.DataFrame({key: side, **dict(zip(("mean", "low", "high"), band(curves), strict=True))}),
        crossings=pd.DataFrame({"replication": np.unique(replication), "value": axis.real(places)}),
        points=pd.DataFrame({key: values, "replication": replication, "mean": y}),
        is_log=is_log,
        caveats=tuple(note for note in [lost(runs, outcome)] if note),
    )


@dataclass(frozen=True)
class _Axis:
    """A key between its smallest and largest value, as 0-1, plain or by its logarithm."""

    low: float
    span: float
    is_log: bool

    @classmethod
    def of(cls, values: Floats, *, is_log: bool) -> _Axis:
        x = np.log(values) if is_log else values
        return cls(float(x.min()), float(np.ptp(x)), is_log)

    def unit(self, values: Floats) -> Floats:
        return ((np.log(values) if self.is_log else values) - self.low) / self.span

    def real(self, places: Floats) -> Floats:
        moved = places * self.span + self.low
        return np.exp(moved) if self.is_log else moved


def _worlds_curves(unit: Floats, y: Floats, replication: NDArray[np.int64], threshold: float) -> tuple[Floats, Floats]:
    """The curve of each world along the key, shape [worlds, ON_GRID], and where it first crosses, NaN = nowhere."""
    worlds = np.unique(replication)
    # Lengths and noise are those within worlds: what sets whole worlds apart is not noise along the key.
    levels = {int(r): float(y[replication == r].mean()) for r in worlds}
    pooled = _surface.fit(unit[:, None], y - np.array([levels[int(r)] for r in replication]) + y.mean())
    side = np.linspace(0.0, 1.0, ON_GRID)[:, None]
    curves = [pooled.through(unit[own, None], y[own]).predict(side)[0] for own in (replication == r for r in worlds)]
    at = [_crossings(curve - threshold, 1) for curve in curves]
    return np.array(curves), np.array([float(found[0, 0]) if len(found) else np.nan for found in at])
