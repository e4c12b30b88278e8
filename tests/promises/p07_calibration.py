"""Simulation-based calibration: ranks of the truth are uniform, and 90 % intervals hold it in 85-95 % of data sets.

How often intervals hold the truth is counted. The toy's posterior is known, so the probability that it gives to each
interval is computed too: its mean is what would be counted in endless data sets, free of the luck of these. What the
exact posterior's own intervals hold of the very same data sets stands beside the count.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np

from abm.results import processors
from experiments.analysis._runs import Floats, rows
from experiments.analysis.calibration.self_test import INTERVAL, SCALE, TOY, SelfTest, exact_toy, self_test, toy
from experiments.analysis.intervals import mean_interval
from tests.benchmarks.figures import Figure

SEED = 2026
"""Not one of those with which the method was made."""
DATA_SETS = 1000
"""At this many the share that is held is known to one percent (standard error)."""


def measure(is_quick: bool) -> Iterator[Figure]:
    """The toy whose posterior is known."""
    n = 40 if is_quick else DATA_SETS
    with ProcessPoolExecutor(processors(), mp_context=get_context("spawn")) as pool:
        found = self_test(toy, TOY, SCALE, n=n, seed=SEED, pool=pool)
    probability, exact = _against_the_exact(found)
    for j, row in enumerate(rows(found.summary)):
        name, held = row["parameter"], 100 * row["coverage"]
        between = f"between {100 * row['coverage_low']:.1f} and {100 * row['coverage_high']:.1f} % by its own interval"
        note = f"{between}; intervals of the exact posterior hold {100 * exact[j]:.1f} % of the same"
        what = f"{name}: 90 % intervals that hold the truth, of {n} data sets"
        yield Figure("7 calibration", what, held, "%", 85.0, at_least=True, note=note)
        yield Figure("7 calibration", f"{name}: the same, from above", held, "%", 95.0)
        mean = mean_interval(100 * probability[:, j])
        note = f"{mean.low:.2f} to {mean.high:.2f}; single data sets {100 * probability[:, j].min():.0f} to "
        note += f"{100 * probability[:, j].max():.0f}"
        what = f"{name}: probability of the exact posterior in the interval, mean"
        yield Figure("7 calibration", what, mean.value, "%", 85.0, at_least=True, note=note)
        yield Figure("7 calibration", f"{name}: the same, from above", mean.value, "%", 95.0)
        what = f"{name}: ranks of the truth uniform, p of chi-square"
        yield Figure("7 calibration", what, row["p_uniform"], "1", 0.01, at_least=True)


def _against_the_exact(found: SelfTest) -> tuple[Floats, Floats]:
    """Probability of the exact posterior in each interval [n, 2], and the share of truths that its own hold [2]."""
    truth, low, high = (found.intervals[name].to_numpy().reshape(-1, len(TOY)) for name in ("truth", "low", "high"))
    probability, held = np.empty_like(low), np.empty(low.shape, bool)
    for i, seen in enumerate(found.seen):
        place, below = exact_toy(seen)
        for j, one in enumerate(below):
            probability[i, j] = np.diff(np.interp([low[i, j], high[i, j]], place, one))[0]
            ends = np.interp([(1 - INTERVAL) / 2, (1 + INTERVAL) / 2], one, place)
            held[i, j] = ends[0] <= truth[i, j] <= ends[1]
    return probability, held.mean(axis=0)
