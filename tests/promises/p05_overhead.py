"""Engine overhead: at most 5 % at 50 ms a run, at most 0.1 ms a run in chunks."""

from __future__ import annotations

import time
from collections.abc import Iterator

from abm import scenario
from abm.results import Run
from abm.world.state import State
from experiments.runs import files
from experiments.sweep import sweep
from experiments.sweep.store import Study, studies
from tests.benchmarks.figures import Figure
from tests.experiments.simulators import made_up, sleeping_50_ms
from tests.promises.sweeps import folder, stand_in


def _alone() -> float:
    """Processor seconds of one stand-in run with its scenario and hash, without any engine."""
    n, base = 500, scenario.load("classroom").with_overrides(steps=4)
    begun = time.process_time()
    for seed in range(n):
        made_up(Run.begin(base.with_overrides(communication_cost=0.2), seed, threads=1)).result_hash()
    return (time.process_time() - begun) / n


def _bare(n: int = 40) -> float:
    """Seconds of one run that sleeps for 50 ms, one after another in this process: what the machine's load adds."""
    base = scenario.load("classroom").with_overrides(steps=4)
    begun = time.perf_counter()
    for seed in range(n):
        sleeping_50_ms(Run.begin(base, seed, threads=1), _Nobody())
    return (time.perf_counter() - begun) / n


class _Nobody:
    """Looks on and wants nothing."""

    def begin_steps(self) -> None:
        """Nothing to prepare."""

    def __call__(self, state: State) -> bool:
        return False


def _steady(study: Study) -> float:
    """Seconds a run while all workers work, by the times at which chunks were written."""
    written = sorted(
        (path.stat().st_mtime, files.read_table(path, ["run_key"]).num_rows)
        for path in (study.folder / files.SUMMARY).glob("*.parquet")
    )
    first, last = written[1], written[-2]
    return (last[0] - first[0]) / sum(n for _, n in written[2:-1])


def measure(is_quick: bool) -> Iterator[Figure]:
    """Runs that sleep for 50 ms, on two processes; runs of no time, in this process."""
    n = 25 if is_quick else 500
    with folder() as store:
        begun = time.perf_counter()
        sweep(stand_in("sleeping_50_ms", replications=n), store, 2, "processes", True)
        whole = time.perf_counter() - begun
        steady = _steady(studies(store)[0])
    ideal = 4 * n * 0.05 / 2
    what = f"{4 * n:,} runs of 50 ms on 2 processes, all included"
    note = f"{whole:.1f} s, ideal {ideal:.1f} s; a run alone now takes {1e3 * _bare():.1f} ms"
    yield Figure("5 overhead", what, 100 * (whole / ideal - 1), "%", 5.0, note=note)
    what = "the same, between the first and the last chunk: without the start of workers"
    yield Figure("5 overhead", what, 100 * (steady / (0.05 / 2) - 1), "%", 5.0)
    n = 500 if is_quick else 2500
    with folder() as store:
        sweep(stand_in("at_once", replications=1), store, 1, "serial", True)
        begun = time.process_time()
        sweep(stand_in("at_once", replications=n), store, 1, "serial", True)
        each = (time.process_time() - begun) / (4 * n)
    alone = _alone()
    note = f"{1e3 * each:.3f} ms with the engine, {1e3 * alone:.3f} ms without"
    yield Figure(
        "5 overhead", f"a run, in chunks of up to 500, {4 * n:,} runs", 1e3 * (each - alone), "ms", 0.1, note=note
    )
