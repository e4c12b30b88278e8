"""The time left is right within 20 % after a tenth of the sweep."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from experiments.design import Design
from experiments.sweep import sweep
from tests.benchmarks.figures import Figure
from tests.promises.sweeps import classroom, folder, stand_in


def _error(design: Design, executor: str) -> tuple[float, str]:
    """Error of the first estimate after a tenth, in %, and how it came about."""
    seen: list[tuple[float, float]] = []
    is_over = threading.Event()

    def look(store: Path) -> None:
        while not seen and not is_over.wait(0.1):
            for path in store.rglob("progress.json"):
                about: dict[str, Any] = json.loads(path.read_text())
                if about["done"] >= about["runs"] / 10 and about["state"] == "running":
                    seen.append((time.perf_counter(), about["seconds_left"]))

    with folder() as store:
        watcher = threading.Thread(target=look, args=(store,))
        watcher.start()
        begun = time.perf_counter()
        sweep(design, store, 2, executor, True)
        end = time.perf_counter()
        is_over.set()
        watcher.join()
    when, left = seen[0]
    note = f"{left:.1f} s said, {end - when:.1f} s came, of {end - begun:.1f} s in all"
    return 100 * abs(left / (end - when) - 1), note


def measure(is_quick: bool) -> Iterator[Figure]:
    """Even runs, and the real model over points of very different cost."""
    error, note = _error(stand_in("sleeping_50_ms", replications=60 if is_quick else 250), "processes")
    yield Figure("9 time left", "even runs of 50 ms", error, "%", 20.0, note=note)
    vary = {"population.n_enterprises": [60, 180, 360], "communication_cost": {"low": 0.0, "high": 0.4, "n": 4}}
    design = classroom(steps=40, replications=6 if is_quick else 40, vary=vary)
    error, note = _error(design, "processes")
    yield Figure("9 time left", "classroom worlds of three sizes", error, "%", 20.0, note=note)
