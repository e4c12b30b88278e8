"""The whole country one to one: all institutions, all sixteen million students, twenty years."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.figures import Figure
from tests.benchmarks.processes import python

STEPS = 80
QUICK_STEPS = 4
QUICK_SCALE = 0.05


def measure(is_quick: bool) -> Iterator[Figure]:
    """`abm run china --set scale=1` from shell to summary."""
    scale, steps = (QUICK_SCALE, QUICK_STEPS) if is_quick else (1, STEPS)
    # Kernels are compiled (and kept) before the clock starts; scale 1 and this one have the same types.
    python("-m", "abm", "run", "china", "--steps", "8", "--no-report")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "phases.json"
        command = ("run", "china", "--set", f"scale={scale}", "--steps", str(steps))
        done = python("-m", "tests.benchmarks.timed_run", str(file), *command)
        spent = json.loads(file.read_text())
    world = f"whole country (scale {scale:g}, {steps} steps)"
    is_full = not is_quick
    yield Figure("country", f"{world}: shell to results folder", done.seconds, "s", 30.0 if is_full else None)
    yield Figure("country", f"{world}: peak memory", done.peak, "GB", 4.0 if is_full else None)
    steps_total = sum(spent.values())
    rest = done.seconds - steps_total
    yield Figure(
        "country", "  start, population, tables, report", rest, "s", note=f"{rest / done.seconds:.0%} of the run"
    )
    for name, seconds in spent.items():
        yield Figure("country", f"  {name}", seconds, "s", note=f"{seconds / done.seconds:.0%} of the run")
