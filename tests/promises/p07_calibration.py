"""Simulation-based calibration: ranks of the truth are uniform, and 90 % intervals hold it in 85-95 % of data sets."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from abm.results import processors
from experiments.analysis._runs import rows
from experiments.analysis.self_test import SCALE, TOY, self_test, toy
from tests.benchmarks.figures import Figure

SEED = 2026
"""Not one of those with which the method was made."""


def measure(is_quick: bool) -> Iterator[Figure]:
    """The toy whose posterior is known."""
    n = 40 if is_quick else 200
    with ProcessPoolExecutor(processors(), mp_context=get_context("spawn")) as pool:
        found = self_test(toy, TOY, SCALE, n=n, seed=SEED, pool=pool)
    for row in rows(found.summary):
        name, held = row["parameter"], 100 * row["coverage"]
        note = f"between {100 * row['coverage_low']:.0f} and {100 * row['coverage_high']:.0f} % by its own interval"
        what = f"{name}: 90 % intervals that hold the truth, of {n} data sets"
        yield Figure("7 calibration", what, held, "%", 85.0, at_least=True, note=note)
        yield Figure("7 calibration", f"{name}: the same, from above", held, "%", 95.0)
        what = f"{name}: ranks of the truth uniform, p of chi-square"
        yield Figure("7 calibration", what, row["p_uniform"], "1", 0.01, at_least=True)
