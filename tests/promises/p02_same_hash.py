"""Same run key, same result hash: serial, processes, threads, Dask, small and large chunks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from experiments import executors
from experiments.design import Design
from experiments.sweep import driver, sweep
from tests.benchmarks.figures import Figure
from tests.promises.sweeps import classroom, folder, hashes


def _swept(design: Design, executor: Any, seconds: float) -> dict[str, str]:
    """Hashes of a sweep in an empty store, with chunks of about so many seconds."""
    usual, driver.CHUNK_SECONDS = driver.CHUNK_SECONDS, seconds
    try:
        with folder() as store:
            return hashes(sweep(design, store, 2, executor, True).runs())
    finally:
        driver.CHUNK_SECONDS = usual


def measure(is_quick: bool) -> Iterator[Figure]:
    """The same real runs five times."""
    import distributed

    design = classroom(
        steps=16,
        replications=5 if is_quick else 50,
        vary={"communication_cost": {"low": 0.0, "high": 0.4, "n": 5}, "aim_divergence": {"n": 4}},
    )
    first = _swept(design, "serial", 2.5)

    def figure(name: str, executor: Any, seconds: float) -> Figure:
        found = _swept(design, executor, seconds)
        same = sum(found.get(key) == value and value != "" for key, value in first.items())
        what = f"{name} as serial, of {len(first):,} runs"
        return Figure("2 same hash", what, same, "runs", len(first), at_least=True)

    yield figure("processes", "processes", 2.5)
    yield figure("threads", "threads", 2.5)
    yield figure("processes, small chunks", "processes", 0.3)
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        yield figure("Dask", executors.start("dask", 0, cluster.scheduler_address), 1.0)
