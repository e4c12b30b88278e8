"""A thousand classroom runs on two processes, as a sweep does them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from abm.results import run
from tests.benchmarks.figures import Figure

RUNS = 1000
QUICK_RUNS = 40
PROCESSES = 2


def one(seed: int) -> str:
    """One whole run with all its tables; what they hash to."""
    return run("classroom", seed, threads=1).result_hash()


def measure(is_quick: bool) -> Iterator[Figure]:
    """Wall time of all runs, processes and their kernels started inside it."""
    n = QUICK_RUNS if is_quick else RUNS
    one(0)
    begun = time.perf_counter()
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        started = list(pool.map(one, range(1, PROCESSES + 1)))
        first = time.perf_counter() - begun
        rest = list(pool.map(one, range(PROCESSES + 1, n + 1), chunksize=5))
    seconds = time.perf_counter() - begun
    if len({*started, *rest}) != n:
        raise RuntimeError("runs with different seeds gave equal tables")
    what = f"{RUNS:,} classroom runs on {PROCESSES} processes, their start included"
    start = f"first runs done after {first:.1f} s"
    if is_quick:
        whole = first + (seconds - first) * (RUNS - PROCESSES) / (n - PROCESSES)
        yield Figure("runs", what, whole, "s", 60.0, note=f"{start}; extrapolated from {n} runs in {seconds:.1f} s")
    else:
        yield Figure("runs", what, seconds, "s", 60.0, note=start)
