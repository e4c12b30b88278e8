"""Simulation-based calibration: is a posterior right on average? (Talts et al. 2018)

Parameters are drawn from the prior, statistics simulated with them, and the posterior given those
statistics is asked where the truth lies in it. If the machinery is right the rank of the truth is
uniform, and a 90 % interval holds it nine times in ten.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from abm.results.notebook import Shown
from experiments.analysis._runs import Floats
from experiments.analysis._runs import rows as rows_of
from experiments.analysis.intervals import share_interval
from experiments.analysis.posterior import Pace, Ranges, Simulate, posterior

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

LEVELS = 20
"""A rank is one of 0 .. LEVELS - 1: how many of LEVELS - 1 draws lie below the truth."""
INTERVAL = 0.9
TOY: Ranges = {"a": (0.0, 1.0), "b": (0.0, 1.0)}
SCALE = np.full(3, 0.1)
"""Noise of the toy's statistics."""
_SLOPES = np.array([[1.0, 0.5], [0.3, 1.0], [0.2, -0.4]])


def toy(theta: Floats, rng: np.random.Generator) -> Floats:
    """Two parameters seen through three noisy mixtures, quick. Shape [n, 2] -> [n, 3]."""
    return theta @ _SLOPES.T + rng.normal(0.0, 1.0, (len(theta), 3)) * SCALE


def exact_toy(seen: Floats, cells: int = 400) -> tuple[Floats, Floats]:
    """Cumulated posterior of each parameter of the toy, by quadrature on the prior's square.

    seen [3]. Returns where it is known, ends of the cells from 0 to 1 [cells + 1], and the probability below that
    place, [2, cells + 1]. With normal noise and a uniform prior nothing is approximated but the integral.
    """
    middle = (np.arange(cells) + 0.5) / cells
    a, b = np.meshgrid(middle, middle, indexing="ij")
    away = (np.stack([a, b], axis=-1) @ _SLOPES.T - seen) / SCALE
    density = np.exp(-0.5 * (away**2).sum(axis=-1))
    below = [np.concatenate([[0.0], np.cumsum(density.sum(axis=1 - axis))]) / density.sum() for axis in (0, 1)]
    return np.linspace(0.0, 1.0, cells + 1), np.array(below)


@dataclass(frozen=True)
class SelfTest(Shown):
    """Ranks of the truth and what intervals cover."""

    ranks: pd.DataFrame
    """One row a data set: rank of each parameter, 0 .. LEVELS - 1."""
    intervals: pd.DataFrame
    """One row a data set and parameter: data_set, parameter, truth, low, high (90 % interval)."""
    seen: Floats
    """Statistics of each data set. Shape [n, m]."""
    summary: pd.DataFrame
    """parameter, coverage (of 90 % intervals, with its own 95 % interval), p_uniform (chi-square of the ranks), n."""

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """By name, as reports keep them."""
        return {"self_test": self.summary, "ranks": self.ranks, "intervals": self.intervals}

    @property
    def caveats(self) -> tuple[str, ...]:
        """What a reader must know."""
        return ("The machinery is tested where the truth is known; that the model is right is another matter.",)

    def figures(self) -> dict[str, Figure]:
        """Histograms of the ranks."""
        from experiments.analysis.calibration.figures import ranks

        return {"ranks": ranks(self.ranks, LEVELS)}

    def answer(self) -> str:
        """Coverage and uniformity of each parameter, in a sentence."""
        parts = [
            f"{row['parameter']}: {row['coverage']:.0%} [{row['coverage_low']:.0%}, {row['coverage_high']:.0%}] "
            f"covered, p = {row['p_uniform']:.2f} for uniform ranks"
            for row in rows_of(self.summary)
        ]
        return f"90 % intervals in {len(self.ranks)} data sets with known parameters: {'; '.join(parts)}."


def self_test(
    simulate: Simulate,
    ranges: Ranges,
    scale: Floats,
    *,
    n: int = 200,
    pace: Pace | None = None,
    seed: int = 1,
    pool: Executor | None = None,
    tell: Callable[[int, int], None] | None = None,
) -> SelfTest:
    """Calibrate ``n`` data sets whose parameters are known.

    scale: as in ``posterior``. pool: processes that share the work (``simulate`` must travel to them).
    tell: called with data sets done and in all. The result does not depend on the pool.
    """
    import pandas as pd
    from scipy import stats

    one = partial(_one, simulate, dict(ranges), scale, pace or Pace(), seed)
    rows: list[_Answer] = []
    for row in map(one, range(n)) if pool is None else pool.map(one, range(n)):
        rows.append(row)
        if tell is not None:
            tell(len(rows), n)
    names = list(ranges)
    ranks = pd.DataFrame(np.array([row.rank for row in rows], dtype=np.int64), columns=names)
    truth, low, high = (np.array([getattr(row, what) for row in rows]) for what in ("truth", "low", "high"))
    held = (low <= truth) & (truth <= high)
    summary: list[dict[str, object]] = []
    for j, name in enumerate(names):
        counts = np.bincount(ranks[name].to_numpy(), minlength=LEVELS)
        covered = share_interval(int(held[:, j].sum()), n).columns("coverage")
        summary.append({"parameter": name, **covered, "p_uniform": float(stats.chisquare(counts).pvalue), "n": n})
    about = {"data_set": np.repeat(np.arange(n), len(names)), "parameter": names * n}
    ends = pd.DataFrame({**about, "truth": truth.ravel(), "low": low.ravel(), "high": high.ravel()})
    return SelfTest(ranks, ends, np.array([row.seen for row in rows]), pd.DataFrame(summary))


class _Answer(NamedTuple):
    """Of one data set: its statistics [m], the truth, its rank, and the ends of the interval [parameters]."""

    seen: Floats
    truth: Floats
    rank: Floats
    low: Floats
    high: Floats


def _one(simulate: Simulate, ranges: Ranges, scale: Floats, pace: Pace, seed: int, number: int) -> _Answer:
    """One data set and where its posterior holds the truth."""
    rng = np.random.default_rng((seed, number))
    low, high = np.array([ends[0] for ends in ranges.values()]), np.array([ends[1] for ends in ranges.values()])
    truth = rng.uniform(low, high)
    seen = simulate(truth[None], rng)[0]
    found = posterior(simulate, ranges, seen, scale, pace=pace, seed=int(rng.integers(2**31)))
    rank = (found.draws(LEVELS - 1, rng) < truth).sum(axis=0)
    tails = (1 - INTERVAL) / 2, (1 + INTERVAL) / 2
    ends = np.array([[found.quantile(name, q) for name in ranges] for q in tails])
    return _Answer(seen, truth, rank, *ends)
