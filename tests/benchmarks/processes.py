"""Commands run as a person runs them: in a process of their own, with its time and its memory."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]


class Done(NamedTuple):
    """What a process took."""

    seconds: float
    """From its start to its end."""
    peak: float
    """Largest resident memory, GB."""
    output: str


def python(*words: str, **environment: str) -> Done:
    """Run this Python with these arguments, in an empty folder. RuntimeError with its output if it fails."""
    paths = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile("w+") as output:
        begun = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, *words], cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONPATH": paths, **environment},
        )  # fmt: skip
        # Not wait(): only wait4 tells what this one process used.
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read()
    if process.returncode:
        raise RuntimeError(f"{' '.join(words)} ended with {process.returncode}:\n{text}")
    unit = 1e9 if sys.platform == "darwin" else 1e6
    return Done(seconds, usage.ru_maxrss / unit, text)
