"""A chunk: some runs of a plan, done one after another by whoever takes it, and written by it.

A run that raises or hangs becomes a row with its error. Runs of the chunk that the store has
already are copied, not simulated.
"""

from __future__ import annotations

import platform
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from abm.errors import InputError
from experiments import files, identity
from experiments.simulator import simulator

if TYPE_CHECKING:
    from abm.results import Results, Watcher
    from abm.state import State
    from experiments.design import Design

ABANDONED = "abm-abandoned-run"
"""Name of a thread in which a run hangs; a process that has one should end."""
LONGEST_ERROR = 500
"""Characters kept of an error."""


@dataclass(frozen=True)
class PlannedRun:
    """One run: its key, seed and point."""

    key: str
    seed: int
    point: dict[str, Any]


@dataclass(frozen=True)
class Chunk:
    """Runs that are done and written together."""

    folder: Path
    number: int
    design: Design
    runs: tuple[PlannedRun, ...]
    timeout: float
    """Seconds that one run may take."""
    model: str
    """Version of the model that is to run."""
    attempt: int = 1
    known: dict[str, tuple[Path, int]] = field(default_factory=dict[str, "tuple[Path, int]"])
    """Runs that are done already: key -> folder of their plan and chunk there."""


@dataclass(frozen=True)
class Report:
    """What a worker says of a chunk that it has done and written."""

    number: int
    n_simulated: int
    n_failed: int
    n_reused: int
    seconds: float
    """From taking the chunk to having it on disk."""


@dataclass(frozen=True)
class Row:
    """What is kept of one run."""

    key: str
    status: str
    error: str
    seconds: float
    attempt: int
    result_hash: str
    steps: int
    outcomes: tuple[float, ...]
    series: np.ndarray[Any, Any] | None
    """Shape [steps, metrics], float32; None for a failed run."""


class _Bench:
    """A thread that runs one call after another, so that one that hangs can be left behind."""

    def __init__(self) -> None:
        self._calls: queue.SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = queue.SimpleQueue()
        self.thread = threading.Thread(target=self._work, name="abm-run", daemon=True)
        self.thread.start()

    def submit(self, call: Callable[[], Any]) -> Future[Any]:
        """Start a call."""
        future: Future[Any] = Future()
        self._calls.put((future, call))
        return future

    def close(self) -> None:
        """No more calls."""
        self._calls.put(None)

    def _work(self) -> None:
        while (task := self._calls.get()) is not None:
            future, call = task
            try:
                future.set_result(call())
            # Whatever ends a run, SystemExit included, is the error of its row and no end of the sweep.
            except BaseException as error:  # noqa: BLE001
                future.set_exception(error)


class _Deadline:
    """Ends a run between two of its steps once nobody waits for it."""

    def __init__(self) -> None:
        self.is_over = False

    def begin_steps(self) -> None:
        """Nothing to prepare."""

    def __call__(self, state: State) -> bool:
        return self.is_over


def simulate(design: Design, run: PlannedRun, watcher: Watcher) -> Results:
    """The run itself, on one thread."""
    from abm.results import Run

    return simulator(design.simulator)(Run.begin(design.scenario(run.point), run.seed, threads=1), watcher)


def _row(chunk: Chunk, run: PlannedRun, bench: _Bench) -> tuple[Row, _Bench]:
    """One run as a row, and the bench for the next one."""
    begun = time.perf_counter()
    deadline = _Deadline()
    future = bench.submit(lambda: simulate(chunk.design, run, deadline))
    try:
        error = future.exception(timeout=chunk.timeout)
    except TimeoutError:
        deadline.is_over = True
        bench.thread.name = ABANDONED
        bench.close()
        return failed(chunk, run, f"took longer than {chunk.timeout:g} s", time.perf_counter() - begun), _Bench()
    seconds = time.perf_counter() - begun
    if error is not None:
        return failed(chunk, run, f"{type(error).__name__}: {error}", seconds), bench
    results: Results = future.result()
    metrics = results.columns["metrics"]
    outcomes = tuple(o.of(np.asarray(metrics[o.metric])) for o in chunk.design.outcomes)
    series = np.column_stack([metrics[name] for name in chunk.design.series] or [np.empty((results.steps_done, 0))])
    row = Row(
        run.key, "ok", "", seconds, chunk.attempt, results.result_hash(), results.steps_done, outcomes,
        series.astype(np.float32),
    )  # fmt: skip
    return row, bench


def failed(chunk: Chunk, run: PlannedRun, error: str, seconds: float) -> Row:
    """The row of a run that gave no result."""
    nothing = (float("nan"),) * len(chunk.design.outcomes)
    return Row(run.key, "failed", error[:LONGEST_ERROR], seconds, chunk.attempt, "", 0, nothing, None)


def do(chunk: Chunk) -> list[Row]:
    """Run every run of the chunk that is not known, in its order."""
    if chunk.model != identity.model():
        here = f"{platform.node()} has the model {identity.model()}, the sweep is of {chunk.model}"
        raise InputError(f"the worker on {here}", mend="install the same version there")
    bench = _Bench()
    rows: list[Row] = []
    for run in chunk.runs:
        if run.key not in chunk.known:
            row, bench = _row(chunk, run, bench)
            rows.append(row)
    bench.close()
    return rows


def do_and_write(chunk: Chunk) -> Report:
    """What a worker does: run, then series first, summary last."""
    begun = time.perf_counter()
    return write(chunk, do(chunk), begun)


def write(chunk: Chunk, rows: list[Row], begun: float) -> Report:
    """Put a chunk on disk, with its known runs from where they are."""
    names, metrics = [o.name for o in chunk.design.outcomes], list(chunk.design.series)
    copied = files.copied(chunk.known)
    files.write_series(chunk.folder, chunk.number, rows, metrics, copied)
    files.write_summary(chunk.folder, chunk.number, [run.key for run in chunk.runs], rows, names, copied)
    n_failed = sum(row.status != "ok" for row in rows)
    return Report(chunk.number, len(rows), n_failed, len(chunk.known), time.perf_counter() - begun)
