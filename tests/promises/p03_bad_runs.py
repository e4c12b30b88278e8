"""Runs that raise, hang or kill their worker: the sweep ends, exactly those are failed rows with their error."""

from __future__ import annotations

from collections.abc import Iterator

from experiments.sweep import sweep
from tests.benchmarks.figures import Figure
from tests.experiments.simulators import is_bad
from tests.promises.sweeps import folder, stand_in


def measure(is_quick: bool) -> Iterator[Figure]:
    """Every tenth seed is bad."""
    cases = {"raising": ("ZeroDivisionError", 100), "hanging": ("took longer", 20), "killing": ("worker died", 20)}
    for simulator, (error, replications) in cases.items():
        with folder() as store:
            n = 10 if is_quick else replications
            design = stand_in(simulator, replications=n, timeout=3.0)
            runs = sweep(design, store, 2, "processes", True).runs()
        bad = runs["status"] != "ok"
        wrong = int((bad != runs["seed"].map(is_bad)).sum() + (~runs.loc[bad, "error"].str.contains(error)).sum())
        missing = 4 * n - len(runs)
        what = f"{simulator}: rows that are missing or wrong, of {4 * n} with {int(bad.sum())} bad"
        yield Figure("3 bad runs", what, wrong + missing, "rows", 0)
