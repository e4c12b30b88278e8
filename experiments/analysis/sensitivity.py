"""Which inputs matter, over their whole ranges: Sobol, Morris, delta and PAWN, by SALib.

sobol   shares of variance: first order (S1, alone) and total (ST, with interactions); n (d + 2) points
morris  elementary effects (mu*): a screening for many inputs; n (d + 1) points
delta   how far an input moves the whole distribution of the outcome (Borgonovo 2007); n points
pawn    the same by distances of distribution functions (Pianosi & Wagener 2018); n points

All points are drawn in the unit cube and taken to the ranges by `Space`. Points without a usable run
cannot be left out of the schemes of Sobol and Morris one by one: with such a point its whole base
sample (or trajectory) is left out, and the caveats say how many.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from contextlib import redirect_stderr
from dataclasses import dataclass
from io import StringIO
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from abm.errors import InputError, nearest
from experiments.analysis._runs import Floats, Simulator, by_point, lost, rows
from experiments.analysis._space import Space

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LEVELS = 4
"""Levels of the grid of Morris."""
RESAMPLES = 30
"""Resamples of delta, whose densities are dear."""


@dataclass(frozen=True)
class Method:
    """One way to measure sensitivity: what it is called, its points, its indices, what the main index is called."""

    title: str

    sample: Callable[[Space, int, int], Floats]
    analyse: Callable[[Space, Floats, Floats, int], pd.DataFrame]
    block: Callable[[int], int]
    """Points that stand or fall together, from the number of dimensions."""
    index: str
    meaning: str


@dataclass(frozen=True)
class Sensitivity:
    """Indices of every input on one outcome.

    table: key, label, index, low, high and the method's other indices, the largest index first.
    """

    method: str
    outcome: str
    label: str
    table: pd.DataFrame
    runs: pd.DataFrame
    n_points: int
    caveats: tuple[str, ...] = ()

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """By name, as reports keep them."""
        return {f"{self.method}_{self.outcome}": self.table}

    def figures(self) -> dict[str, Figure]:
        """Indices with intervals, largest at the top."""
        from experiments.analysis._sensitivity_figures import indices

        return {f"{self.method}_{self.outcome}": indices(self)}

    def important(self, n: int = 8) -> list[str]:
        """The names of the n inputs with the largest index."""
        return self.table["key"].head(n).tolist()

    def answer(self) -> str:
        """The inputs that matter, in order."""
        sure = [row for row in rows(self.table) if row["low"] > 0]
        if not sure:
            return f"No input moves {self.label} beyond what {self.n_points:,} points can tell from noise."
        method = METHODS[self.method]
        top = [f"{row['label']} ({row['index']:.2f}, {row['low']:.2f} to {row['high']:.2f})" for row in sure[:5]]
        listed = top[0] if len(top) == 1 else ", ".join(top[:-1]) + " and " + top[-1]
        verb = "matters" if len(top) == 1 else "matter"
        return (
            f"For {self.label} {listed} {verb} most by {method.title} ({method.meaning}, with its 95 % "
            f"interval); {len(sure)} of {len(self.table)} inputs are told from noise."
        )


def points(method: str, space: Space, n: int, seed: int = 1) -> pd.DataFrame:
    """The points that a method asks for. n: base samples (sobol), trajectories (morris) or points."""
    return space.points(_method(method).sample(space, n, seed))


def sensitivity(
    method: str, space: Space, simulate: Simulator, outcome: str, n: int, *, seed: int = 1, label: str = ""
) -> Sensitivity:
    """Draw the points of a method, run them, and analyse one outcome."""
    return analyse(method, space, simulate(points(method, space, n, seed)), outcome, n, seed=seed, label=label)


def analyse(
    method: str, space: Space, runs: pd.DataFrame, outcome: str, n: int, *, seed: int = 1, label: str = ""
) -> Sensitivity:
    """Indices of one outcome from the runs of ``points(method, space, n, seed)``."""
    chosen = _method(method)
    unit = chosen.sample(space, n, seed)
    mean, _, _ = by_point(runs, outcome, len(unit))
    size = chosen.block(len(space.dimensions))
    whole = np.asarray(np.isfinite(mean).reshape(-1, size).all(axis=1))
    kept = np.repeat(whole, size)
    notes = [note for note in [lost(runs, outcome)] if note]
    if not whole.all():
        notes.append(
            f"{int((~whole).sum()):,} of {len(whole):,} "
            f"{'points' if size == 1 else 'groups of ' + str(size) + ' points'} were left out for it."
        )
    if whole.sum() < 4:
        raise InputError(f"`{outcome}`", why=f"has a value at {int(whole.sum())} usable samples", mend="run more")
    values = mean[kept]
    if np.ptp(values) == 0:
        raise InputError(
            f"`{outcome}`", why="is the same at every point", mend="choose another outcome or wider ranges"
        )
    # What SALib says of a sample that is too small for it stands in the error below, in our words.
    with redirect_stderr(StringIO()):
        table = chosen.analyse(space, unit[kept], values, seed)
    if not np.isfinite(table[["index", "low", "high"]].to_numpy(np.float64)).all():
        why = f"cannot be worked out from {int(kept.sum()):,} points"
        raise InputError(f"{chosen.title} of `{outcome}`", why=why, mend="ask for more with --n")
    table.insert(0, "key", space.names)
    table.insert(1, "label", [d.label for d in space.dimensions])
    table = table.sort_values("index", ascending=False, kind="stable", ignore_index=True)
    return Sensitivity(method, outcome, label or outcome.replace("_", " "), table, runs, int(kept.sum()), tuple(notes))


def _method(name: str) -> Method:
    if name not in METHODS:
        raise InputError(f"method `{name}`", why="does not exist", mend=nearest(name, METHODS))
    return METHODS[name]


def _bounded(index: Any, half: Any, **others: Any) -> pd.DataFrame:
    """Index with the ends of its interval."""
    centre, width = np.asarray(index, np.float64), np.asarray(half, np.float64)
    return pd.DataFrame({"index": centre, "low": centre - width, "high": centre + width, **others})


def _sobol_points(space: Space, n: int, seed: int) -> Floats:
    from SALib.sample import sobol

    if n < 2 or n & (n - 1):
        raise InputError(f"n = {n}", why="is not a power of 2", mend="Sobol sequences need 64, 128, 256 ...")
    return np.asarray(sobol.sample(space.problem, n, calc_second_order=False, seed=seed), np.float64)


def _sobol(space: Space, unit: Floats, values: Floats, seed: int) -> pd.DataFrame:
    from SALib.analyze import sobol

    found = sobol.analyze(space.problem, values, calc_second_order=False, num_resamples=200, seed=seed)
    first = np.asarray(found["S1"], np.float64)
    return _bounded(found["ST"], found["ST_conf"], first=first, first_half_width=found["S1_conf"])


def _morris_points(space: Space, n: int, seed: int) -> Floats:
    from SALib.sample import morris

    drawn = morris.sample(space.problem, n, num_levels=LEVELS, seed=seed)
    return np.asarray(drawn, np.float64)


def _morris(space: Space, unit: Floats, values: Floats, seed: int) -> pd.DataFrame:
    from SALib.analyze import morris

    found = morris.analyze(space.problem, unit, values, num_resamples=200, num_levels=LEVELS, seed=seed)
    return _bounded(
        found["mu_star"], found["mu_star_conf"], mu=np.asarray(found["mu"]), sigma=np.asarray(found["sigma"])
    )


def _latin(space: Space, n: int, seed: int) -> Floats:
    from scipy.stats import qmc

    return np.asarray(qmc.LatinHypercube(len(space.dimensions), rng=seed).random(n), np.float64)


def _delta(space: Space, unit: Floats, values: Floats, seed: int) -> pd.DataFrame:
    from SALib.analyze import delta

    def indices(of: Floats) -> Any:
        # SALib lets every warning of the process through from then on; what it says of small samples is refused later.
        with warnings.catch_warnings(record=True):
            return delta.analyze(space.problem, unit, of, num_resamples=RESAMPLES, seed=seed)

    found = indices(values)
    # An input that does nothing has a positive index in a finite sample: that of shuffled outcomes is the zero.
    idle = indices(np.random.default_rng(seed).permutation(values))
    index, zero = _balanced(found), float(np.mean(_balanced(idle)[0]))
    return _bounded(index[0] - zero, index[1], raw=index[0], first=np.asarray(found["S1"]))


def _balanced(found: Any) -> tuple[Floats, Floats]:
    """Delta and its half width: SALib 1.6 names them after the way of resampling, earlier ones `delta`."""
    key = "delta_balanced" if "delta_balanced" in found else "delta"
    return np.asarray(found[key], np.float64), np.asarray(found[f"{key}_conf"], np.float64)


def _pawn(space: Space, unit: Floats, values: Floats, seed: int) -> pd.DataFrame:
    from SALib.analyze import pawn

    rng = np.random.default_rng(seed)
    found = np.asarray(pawn.analyze(space.problem, unit, values, S=10)["median"], np.float64)
    drawn = rng.integers(len(values), size=(50, len(values)))
    spread = np.array([pawn.analyze(space.problem, unit[rows], values[rows], S=10)["median"] for rows in drawn])
    idle = np.asarray(pawn.analyze(space.problem, unit, rng.permutation(values), S=10)["median"], np.float64)
    return _bounded(found - idle.mean(), 1.96 * spread.std(axis=0, ddof=1), raw=found)


METHODS: dict[str, Method] = {
    "sobol": Method(
        "Sobol's indices", _sobol_points, _sobol, lambda d: d + 2, "ST", "total share of the outcome's variance"
    ),
    "morris": Method(
        "Morris's elementary effects",
        _morris_points,
        _morris,
        lambda d: d + 1,
        "mu*",
        "mean change of the outcome from end to end of the range",
    ),
    "delta": Method(
        "Borgonovo's delta", _latin, _delta, lambda d: 1, "delta", "shift of the whole distribution of the outcome"
    ),
    "pawn": Method("PAWN", _latin, _pawn, lambda d: 1, "PAWN", "shift of the distribution function of the outcome"),
}
