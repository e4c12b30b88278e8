"""Two cores for the first run: while it compiles from the front, this compiles from the back.

The first run of a fresh installation compiles every kernel once, for a minute or more on one core.
`in_background` starts ``python -m abm.results.warmup`` beside it: a tiny world is played for five quarters in
plain Python, then its phases are called once more, compiled, the last ones first.
A kernel that one process has compiled the other finds in the cache, so they meet in the middle.

It is only help: silent, never waited for, gone with the run that it helps, and not there at all with
``ABM_WARMUP=0`` or one core.
"""

from __future__ import annotations

import io
import os
import pickle
import platform
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from abm.machine.fingerprint import PACKAGE
from abm.machine.kernels import kernels_folder

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from abm.world.state import State

STEPS = 5
"""One of each quarter and a second intake: everything that a run does."""
LONGEST = 600.0
"""Seconds after which it gives up, far more than a slow machine takes."""
WORLD = {
    "population.n_regions": 2,
    "population.n_colleges": 5,
    "population.n_enterprises": 24,
    "population.n_students": 180,
    "perception_noise": 0.1,
    "initial_trust": 0.9,
    "effort_cost": 0.05,
}
"""Small, and keen enough on cooperation that every phase has something to do."""

Snapshots = list[tuple[int, bytes]]
"""Number of a phase in the schedule, and the world as it was before that phase, pickled."""


class _Pickler(pickle.Pickler):
    """Keeps the layout of columns that lie in memory with gaps: kernels are compiled for a layout."""

    def reducer_override(self, obj: Any) -> Any:
        """As usual, but for arrays with gaps."""
        if isinstance(obj, np.ndarray) and not (obj.flags.c_contiguous or obj.flags.f_contiguous):
            return _with_gaps, (np.ascontiguousarray(obj),)
        return NotImplemented


def _with_gaps(a: np.ndarray) -> np.ndarray:
    return np.repeat(a, 2, axis=-1)[..., ::2]


def _pickled(state: State) -> bytes:
    target = io.BytesIO()
    _Pickler(target, protocol=5).dump(state)
    return target.getvalue()


@contextmanager
def in_background(cores: int) -> Generator[None]:
    """Help to compile what is run inside, if there are cores to help with and no run has been completed yet."""
    marker = _marker()
    is_asked = cores > 1 and os.environ.get("ABM_WARMUP") != "0"
    # Without a cache the processes cannot meet.
    is_wanted = is_asked and marker is not None and not marker.exists()
    second = _start() if is_wanted else None
    try:
        yield
    finally:
        if second is not None:
            second.kill()
            second.communicate()


def everything_is_compiled() -> None:
    """A run was completed: the next one needs no help."""
    marker = _marker()
    if marker is not None:
        with suppress(OSError):
            marker.touch()


def _marker() -> Path | None:
    import numba

    folder = kernels_folder()
    return None if folder is None else folder / f"complete-{platform.python_version()}-{numba.__version__}"


def _start() -> subprocess.Popen[bytes] | None:
    """The second process; it ends when the pipe to it closes, whatever becomes of this process."""
    with suppress(OSError):
        return subprocess.Popen(
            [sys.executable, "-m", "abm.results.warmup"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            # Ctrl-C is for the run.
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": _search_path(), "ABM_WARMUP": "0"},
        )
    return None


def _search_path() -> str:
    """Where the second process finds this very package, wherever it is started."""
    return os.pathsep.join(filter(None, (str(PACKAGE.parent), os.environ.get("PYTHONPATH"))))


def _scenario() -> Scenario:
    from abm.scenario import Scenario

    return Scenario(name="warm-up").with_overrides(**WORLD)


def rehearse() -> Snapshots:
    """Worlds before each phase of the first steps; for a Python that does not compile (NUMBA_DISABLE_JIT=1)."""
    from abm import quarter
    from abm.population import build

    scenario = _scenario()
    found: Snapshots = []
    with np.errstate(all="ignore"):
        state = build(scenario, 1)
        for _ in range(STEPS):
            for number, _ in enumerate(quarter.quarter(state, scenario)):
                found.append((number, _pickled(state)))
    return found


def compile_backwards(snapshots: Snapshots) -> None:
    """Call every phase on its worlds, the last first, then build a world: all that a run compiles."""
    from abm import quarter
    from abm.population import build

    scenario = _scenario()
    for number, state in reversed(snapshots):
        quarter.schedule()[number](pickle.loads(state), scenario)
    build(scenario, 1)


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


def main() -> int:
    """Rehearse in a process without compiler, compile here."""
    if "--rehearse" in sys.argv:
        sys.stdout.buffer.write(pickle.dumps(rehearse()))
        return 0
    threading.Thread(target=_end_with_parent, daemon=True).start()
    limit = threading.Timer(LONGEST, os._exit, (0,))
    limit.daemon = True
    limit.start()
    if hasattr(os, "nice"):
        os.nice(5)
    plain = subprocess.Popen(
        [sys.executable, "-m", "abm.results.warmup", "--rehearse"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
    )
    # Loaded meanwhile.
    import_module("abm.population")
    import_module("abm.quarter")
    compile_backwards(pickle.loads(plain.communicate()[0]))
    return 0


if __name__ == "__main__":
    # Under its own name, so that what is pickled here is found there.
    from abm.results import warmup

    sys.exit(warmup.main())
