"""Help with the first run's compilation: it covers what a run needs, and goes with the run that it helps."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from abm.results import warmup

COVERS = """
import os, pickle, subprocess, sys
from numba.core.registry import CPUDispatcher
from abm import scenario
from abm.results.simulate import simulate
from abm.results import warmup

plain = {**os.environ, "NUMBA_DISABLE_JIT": "1"}
rehearsal = [sys.executable, "-m", "abm.results.warmup", "--rehearse"]
done = subprocess.run(rehearsal, env=plain, stdout=subprocess.PIPE, check=True)
warmup.compile_backwards(pickle.loads(done.stdout))

def compiled():
    modules = [module for name, module in sys.modules.items() if name.startswith("abm.")]
    found = {id(x): x for module in modules for x in vars(module).values() if isinstance(x, CPUDispatcher)}
    names = {key: x.py_func.__module__ + "." + x.py_func.__name__ for key, x in found.items()}
    return {(names[key], signature) for key, x in found.items() for signature in x.signatures}

before = compiled()
simulate(scenario.load("classroom"), 1, steps=8)
print(len(before), *sorted({name for name, _ in compiled() - before}))
"""


def test_covers_what_a_run_compiles() -> None:
    done = subprocess.run([sys.executable, "-c", COVERS], capture_output=True, text=True, cwd=Path(__file__).parents[2])
    assert done.returncode == 0, done.stderr
    n, *missed = done.stdout.split()
    assert int(n) > 50
    # In so small a world no cluster is worth rewiring the network for.
    assert set(missed) <= {
        "abm.quarter.community.network.rewire",
        "abm.quarter.community.network._is_linked",
        "abm.machine.streams.words",
    }


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[int]:
    """Starts of the second process, which is replaced by nothing; no run has been completed."""
    calls: list[int] = []
    monkeypatch.setattr(warmup, "_start", lambda: calls.append(1))
    monkeypatch.setattr(warmup, "_marker", lambda: tmp_path / "complete")
    monkeypatch.delenv("ABM_WARMUP", raising=False)
    return calls


def test_helps_until_a_run_is_completed(started: list[int]) -> None:
    for _ in range(2):
        with warmup.in_background(2):
            pass
    warmup.everything_is_compiled()
    with warmup.in_background(2):
        pass
    assert len(started) == 2


def test_does_not_help_on_one_core_or_when_told_not_to(started: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    with warmup.in_background(1):
        pass
    monkeypatch.setenv("ABM_WARMUP", "0")
    with warmup.in_background(2):
        pass
    assert not started


def test_other_code_has_another_marker(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(warmup, "kernels_folder", lambda: tmp_path / "one")
    first = warmup._marker()
    assert warmup._marker() == first
    monkeypatch.setattr(warmup, "kernels_folder", lambda: tmp_path / "another")
    assert warmup._marker() != first


def _is_alive(pid: int) -> bool:
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True).stdout
    return bool(state.strip()) and not state.startswith("Z")


@pytest.mark.skipif(shutil.which("ps") is None, reason="looks for the process with ps")
@pytest.mark.parametrize("end", ["done", "killed", "interrupted"])
def test_ends_with_the_run_that_it_helps(end: str, tmp_path: Path) -> None:
    code = (
        # Where the tests run in the background of a shell, Ctrl-C is ignored unless it is asked for.
        "import signal, sys\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from abm.results import warmup\nstart, found = warmup._start, []\n"
        "def begin():\n    found.append(start())\n    return found[0]\n"
        "warmup._start = begin\n"
        "with warmup.in_background(2):\n    print(found[0].pid, flush=True)\n    sys.stdin.readline()\n"
    )
    environment = {name: value for name, value in os.environ.items() if name != "ABM_WARMUP"}
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        text=True, cwd=Path(__file__).parents[2], env={**environment, "ABM_CACHE_DIR": str(tmp_path)},
    ) as run:  # fmt: skip
        assert run.stdout is not None and run.stdin is not None
        pid = int(run.stdout.readline())
        assert _is_alive(pid)
        if end == "done":
            run.stdin.write("\n")
            run.stdin.close()
        else:
            run.send_signal(signal.SIGKILL if end == "killed" else signal.SIGINT)
        run.wait()
        for _ in range(300):
            if not _is_alive(pid):
                return
            time.sleep(0.1)
    os.kill(pid, signal.SIGKILL)
    pytest.fail("the second process outlived its run")
