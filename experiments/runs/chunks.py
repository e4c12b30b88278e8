"""A chunk: some runs of a plan, done one after another by whoever takes it, and written by it.

A run that raises or hangs becomes a row with its error. Runs of the chunk that the store has
already are copied, not simulated.
"""

from __future__ import annotations

import platform
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from abm.machine.awake import Awake
from abm.machine.errors import InputError
from experiments.design.outcomes import reduced
from experiments.design.simulator import simulator
from experiments.runs import files, identity
from experiments.runs.files import Row

if TYPE_CHECKING:
    from abm.results import Results, Watcher
    from abm.world.state import State
    from experiments.design import Design
    from experiments.design.shocks import Shock

ABANDONED = "abm-abandoned-run"
"""Name of a thread in which a run hangs; a process that has one should end."""
LONGEST_ERROR = 500
"""Characters kept of an error."""

_written: set[int] = set()
"""Chunks that this process has simulated and written."""


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
    code: dict[str, str] = field(default_factory=dict[str, str])
    """Hashes of the user's own code that is to run, by module."""


@dataclass(frozen=True)
class Report:
    """What a worker says of a chunk that it has done and written."""

    number: int
    n_simulated: int
    n_failed: int
    seconds: float
    """From taking the chunk to having it on disk."""
    loading: float
    """Seconds of the run in which its process loaded the model; 0 if it had before."""


class _Deadline:
    """Ends a run between two of its steps once nobody waits for it."""

    def __init__(self) -> None:
        self.is_over = False

    def begin_steps(self) -> None:
        """Nothing to prepare."""

    def __call__(self, state: State) -> bool:
        return self.is_over


class _Between:
    """What happens between two steps: shocks, then whatever the watcher does."""

    def __init__(self, struck: Sequence[Shock], watcher: Watcher) -> None:
        self.struck, self.watcher = struck, watcher

    def begin_steps(self) -> None:
        """The world is built."""
        self.watcher.begin_steps()

    def __call__(self, state: State) -> bool:
        for shock in self.struck:
            shock.strike(state)
        return bool(self.watcher(state))


def simulate(design: Design, run: PlannedRun, watcher: Watcher) -> Results:
    """The run itself, on one thread."""
    from abm.results import Run

    ready = Run.begin(design.scenario(run.point), run.seed, threads=1)
    return simulator(design.simulator)(ready, _Between(design.struck(run.point), watcher))


def _row(chunk: Chunk, run: PlannedRun, watcher: Watcher, awake: Awake) -> Row:
    """One run, and what is kept of it."""
    begun = awake()
    try:
        results = simulate(chunk.design, run, watcher)
    # These speak of the process, not of the run.
    except (KeyboardInterrupt, MemoryError):
        raise
    # Whatever else ends a run, SystemExit included, is the error of its row and not the end of the sweep.
    except BaseException as error:  # noqa: BLE001
        return failed(chunk, run, f"{type(error).__name__}: {error}", awake() - begun)
    metrics: Any = results.columns["metrics"]
    series = np.empty((results.steps_done, len(chunk.design.series)), np.float32)
    for i, name in enumerate(chunk.design.series):
        series[:, i] = metrics[name]
    outcomes = reduced(chunk.design.outcomes, metrics)
    return Row(
        run.key, "ok", "", awake() - begun, chunk.attempt, results.result_hash(), results.steps_done,
        outcomes, series,
    )  # fmt: skip


def failed(chunk: Chunk, run: PlannedRun, error: str, seconds: float) -> Row:
    """The row of a run that gave no result."""
    nothing = (float("nan"),) * len(chunk.design.outcomes)
    return Row(run.key, "failed", error[:LONGEST_ERROR], seconds, chunk.attempt, "", 0, nothing, None)


LOOK_EVERY = 0.25
"""Seconds between two looks at the clock."""


class _Bench:
    """A thread that does runs one after another, so that one that hangs can be left behind with it."""

    def __init__(self, chunk: Chunk, runs: list[PlannedRun]) -> None:
        self.chunk, self.runs = chunk, runs
        self.rows: list[Row] = []
        self.is_done = threading.Event()
        self._broken: BaseException | None = None
        self._deadline = _Deadline()
        # What a stopped process or a sleeping machine takes is no time of a run.
        self._awake = Awake()
        self._begun = 0.0
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._work, name="abm-run", daemon=True)
        self._thread.start()

    def _work(self) -> None:
        for run in self.runs:
            try:
                row = _row(self.chunk, run, self._deadline, self._awake)
            except (KeyboardInterrupt, MemoryError) as error:
                self._broken = error
                break
            with self._lock:
                if self._deadline.is_over:
                    return
                self.rows.append(row)
                self._begun = self._awake()
        self.is_done.set()

    def wait(self) -> None:
        """Until all runs are done, or one has taken too long: that one ends the rows, with its error.

        Raises what ends the process and not a run: KeyboardInterrupt, MemoryError.
        """
        timeout = self.chunk.timeout
        left = timeout
        while not self.is_done.wait(min(max(left, 0.01), LOOK_EVERY)):
            with self._lock:
                left = timeout - (self._awake() - self._begun)
                if left > 0 or len(self.rows) == len(self.runs):
                    continue
                self._deadline.is_over = True
                self._thread.name = ABANDONED
                run = self.runs[len(self.rows)]
                self.rows.append(failed(self.chunk, run, f"took longer than {timeout:g} s", timeout - left))
            return
        if self._broken is not None:
            raise self._broken


def do(chunk: Chunk) -> list[Row]:
    """Run every run of the chunk that is not known, in its order."""
    if chunk.model != identity.model():
        here = f"{platform.node()} has the model {identity.model()}, the sweep is of {chunk.model}"
        raise InputError(f"the worker on {here}", mend="install the same version there")
    own = identity.code_of(chunk.design.base, chunk.design.simulator)
    for name, code in chunk.code.items():
        if own.get(name) != code:
            why = "is not the one that the sweep began with"
            raise InputError(
                f"`{name}` on {platform.node()}", why=why, mend="give all workers the same files, start anew"
            )
    left = [run for run in chunk.runs if run.key not in chunk.known]
    rows: list[Row] = []
    while left:
        bench = _Bench(chunk, left)
        bench.wait()
        rows += bench.rows
        left = left[len(bench.rows) :]
    return rows


def load(_: None) -> None:
    """Import what runs and their files need, so that a worker is ready when its first chunk comes."""
    for module in ("abm.results", "experiments.design.shocks", "pyarrow.parquet"):
        import_module(module)
    identity.model()


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
    loading = 0.0 if _written or not rows else rows[0].seconds
    if rows:
        _written.add(chunk.number)
    return Report(chunk.number, len(rows), n_failed, time.perf_counter() - begun, loading)
