"""The classroom world and the shipped country in one process: what a step costs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from statistics import median

from abm import scenario as scenarios
from tests.benchmarks.clock import seconds_a_step, warm, world
from tests.benchmarks.figures import Figure

RUNS = 15
QUICK_RUNS = 3


def measure(is_quick: bool) -> Iterator[Figure]:
    """Median over runs of the mean step of a whole run, all metrics measured."""
    runs = QUICK_RUNS if is_quick else RUNS
    classroom = scenarios.load("classroom")
    warm(classroom)
    times: list[float] = []
    work: list[float] = []
    for seed in range(1, runs + 1):
        state = world(classroom, seed)
        begun = time.process_time()
        times.append(seconds_a_step(state, classroom, classroom.steps))
        work.append((time.process_time() - begun) / classroom.steps)
    typical = median(times)
    note = f"median of {runs} runs of {classroom.steps} steps; fastest {min(times) * 1e6:.0f}, "
    note += f"slowest {max(times) * 1e6:.0f}; processor time {median(work) * 1e6:.0f}"
    yield Figure("classroom", "classroom: a step with all metrics", typical * 1e6, "us", 1000.0, note=note)
    yield Figure("classroom", "classroom: speed", 1.0 / typical, "steps/s")
    china = scenarios.load("china")
    steps = 8 if is_quick else china.steps
    warm(china)
    speed = 1.0 / seconds_a_step(world(china), china, steps)
    yield Figure(
        "classroom",
        f"china as shipped (scale {china.population.scale:g}): speed",
        speed,
        "steps/s",
        note=f"{steps} steps",
    )
