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
from typing import TYPE_CHECKING

import numpy as np

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
    """Two parameters seen through three noisy mixtures: a posterior that is known, and quick. Shape [3]."""
    return _SLOPES @ theta + rng.normal(0.0, 1.0, 3) * SCALE


@dataclass(frozen=True)
class SelfTest:
    """Ranks of the truth and what intervals cover."""

    ranks: pd.DataFrame
    """One row a data set: rank of each parameter, 0 .. LEVELS - 1."""
    summary: pd.DataFrame
    """parameter, coverage (of 90 % intervals, with its own 95 % interval), p_uniform (chi-square of the ranks), n."""

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """By name, as reports keep them."""
        return {"self_test": self.summary, "ranks": self.ranks}

    @property
    def caveats(self) -> tuple[str, ...]:
        """What a reader must know."""
        return ("The machinery is tested where the truth is known; that the model is right is another matter.",)

    def figures(self) -> dict[str, Figure]:
        """Histograms of the ranks."""
        from experiments.analysis._calibration_figures import ranks

        return {"ranks": ranks(self)}

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
    rows: list[tuple[Floats, Floats]] = []
    for row in map(one, range(n)) if pool is None else pool.map(one, range(n)):
        rows.append(row)
        if tell is not None:
            tell(len(rows), n)
    names = list(ranges)
    ranks = pd.DataFrame(np.array([rank for rank, _ in rows], dtype=np.int64), columns=names)
    held = np.array([inside for _, inside in rows])
    summary: list[dict[str, object]] = []
    for j, name in enumerate(names):
        counts = np.bincount(ranks[name].to_numpy(), minlength=LEVELS)
        covered = share_interval(int(held[:, j].sum()), n).columns("coverage")
        summary.append({"parameter": name, **covered, "p_uniform": float(stats.chisquare(counts).pvalue), "n": n})
    return SelfTest(ranks, pd.DataFrame(summary))


def _one(
    simulate: Simulate, ranges: Ranges, scale: Floats, pace: Pace, seed: int, number: int
) -> tuple[Floats, Floats]:
    """Rank of the truth and whether the interval holds it, by parameter, of one data set."""
    rng = np.random.default_rng((seed, number))
    low, high = np.array([ends[0] for ends in ranges.values()]), np.array([ends[1] for ends in ranges.values()])
    truth = rng.uniform(low, high)
    found = posterior(simulate, ranges, simulate(truth, rng), scale, pace=pace, seed=int(rng.integers(2**31)))
    rank = (found.draws(LEVELS - 1, rng) < truth).sum(axis=0)
    tails = (1 - INTERVAL) / 2, (1 + INTERVAL) / 2
    ends = np.array([[found.quantile(name, q) for name in ranges] for q in tails])
    return rank, (ends[0] <= truth) & (truth <= ends[1])
