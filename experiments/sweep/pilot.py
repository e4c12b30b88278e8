"""How long a run takes and how much it leaves, measured before a sweep by a run that is not kept."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING

from abm.machine.errors import InputError
from abm.machine.language import spoken
from abm.results import warmup
from abm.results.progress import Progress
from abm.results.warmup import STEPS
from experiments.runs.chunks import PlannedRun, simulate

if TYPE_CHECKING:
    from abm.results import Results, Watcher
    from abm.world.state import State
    from experiments.design import Design

LONGEST = 600.0
"""Seconds after which a pilot run hangs, unless the design says how long a run may take; compiling is no run's time."""
MOST_TRIED = 8
"""Points at which a pilot run is tried, spread over all."""
PATIENCE = 3.0
"""Seconds after which a long pilot run is stopped and its time extrapolated from its steps."""
BYTES_A_VALUE = 2.0
"""Bytes on disk for one metric of one step, float32, compressed: measured on 96 classroom runs, all metrics."""
BYTES_A_RUN = 1600.0
"""Bytes on disk for a run in plan and summary without outcomes, files' headings included: measured there."""


@dataclass(frozen=True)
class Pilot:
    """What one run costs."""

    seconds: float
    size: float
    """Bytes on disk."""


class _Patience:
    """Ends a pilot run once it is known well enough."""

    def __init__(self) -> None:
        self.steps = 0
        self.first = 0.0

    def begin_steps(self) -> None:
        """The world is built."""
        self.first = time.perf_counter()

    def __call__(self, state: State) -> bool:
        self.steps += 1
        return time.perf_counter() - self.first > PATIENCE


class _FirstSteps(Progress):
    """Shows the first steps of a pilot run, in which kernels are compiled, and ends it after them."""

    def __call__(self, state: State) -> bool:
        """One more step is done."""
        return super().__call__(state) or self.done == self.steps


def measure(design: Design, *, workers: int = 1, is_quiet: bool = True) -> Pilot:
    """The design's first point, shortly to compile or load every kernel, so that workers find it, then timed.

    A point that raises or hangs is left to the sweep, which keeps its error, and another is taken. With
    ``workers`` > 1 a second process helps to compile. InputError where no point gives a run, KeyboardInterrupt
    where a person stops it.
    """
    points = design.points()
    error: BaseException | None = None
    for i in sorted({round(k * (len(points) - 1) / (MOST_TRIED - 1)) for k in range(MOST_TRIED)}):
        run = PlannedRun("", design.run_seed(0), points.iloc[i].to_dict())
        try:
            return _timed(design, run, workers, is_quiet)
        # It speaks of the process, not of the run.
        except MemoryError:
            raise
        # Whatever else ends a run, as in a sweep.
        except (Exception, SystemExit) as wrong:  # noqa: BLE001
            error = wrong
    why = f"gives no run, at none of the points that were tried ({type(error).__name__}: {error})"
    raise InputError(f"design `{design.name}`", why=why, mend="mend what its runs are made of") from error


def _timed(design: Design, run: PlannedRun, workers: int, is_quiet: bool) -> Pilot:
    """What one run costs."""
    with warmup.in_background(workers), _FirstSteps(STEPS, is_quiet=is_quiet, title=spoken("pilot run: ")) as first:
        _within(LONGEST, design, run, first)
    if first.is_interrupted:
        raise KeyboardInterrupt
    patience, begun = _Patience(), time.perf_counter()
    results = _within(max(design.timeout or LONGEST, 2 * PATIENCE), design, run, patience)
    whole = time.perf_counter() - begun
    steps = results.scenario.steps
    if patience.steps and patience.steps < steps:
        stepping = time.perf_counter() - patience.first
        whole += stepping * (steps / patience.steps - 1)
    elif steps >= STEPS and not design.simulator:
        warmup.everything_is_compiled()
    size = BYTES_A_RUN + 8 * len(design.outcomes) + BYTES_A_VALUE * steps * len(design.series)
    return Pilot(max(whole, 1e-4), size)


def _within(limit: float, design: Design, run: PlannedRun, watcher: Watcher) -> Results:
    """A run in a thread that is left behind if it hangs. TimeoutError after ``limit`` seconds, else what it raises."""
    found: Future[Results] = Future()

    def work() -> None:
        try:
            found.set_result(simulate(design, run, watcher))
        # It is raised where the run is waited for.
        except BaseException as error:  # noqa: BLE001
            found.set_exception(error)

    threading.Thread(target=work, name="abm-pilot", daemon=True).start()
    try:
        return found.result(limit)
    except TimeoutError:
        if found.done():
            # The run's own.
            raise
        raise TimeoutError(f"it took longer than {limit:g} s") from None
