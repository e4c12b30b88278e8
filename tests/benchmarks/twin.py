"""The columnar model against the same model in plain Mesa objects: same world, same draws."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median
from typing import NamedTuple

from abm import scenario as scenarios
from abm.scenario import Scenario
from abm.world.state import QUARTERS_A_YEAR
from tests.benchmarks.clock import country, seconds_a_step, students, warm, world
from tests.benchmarks.figures import Figure, shown
from tests.reference.model import time_per_step

SIZES = (20_000, 200_000)
"""Students of the worlds that the twin is timed on; the last takes it about a minute."""
QUICK_SIZES = (5_000, 10_000)
TARGET_SIZE = 1_000_000
STEPS = QUARTERS_A_YEAR
"""The first year: intake, graduation and the look at the communities once each."""
REPEATS = 5


class Pair(NamedTuple):
    """Both models on one world."""

    students: int
    twin: float
    """Seconds a step."""
    columns: float


def columns_only(scenario: Scenario) -> tuple[int, float]:
    """Students, and the median seconds a step of the first year over some repeats (each from a new world)."""
    times: list[float] = []
    for _ in range(REPEATS):
        state = world(scenario)
        n = students(state)
        times.append(seconds_a_step(state, scenario, STEPS))
    return n, median(times)


def pair(scenario: Scenario) -> Pair:
    """Time both on the same world; the twin once, it is slow enough to be steady."""
    warm(scenario)
    n, columns = columns_only(scenario)
    return Pair(n, time_per_step(world(scenario), scenario, STEPS), columns)


def measure(is_quick: bool) -> Iterator[Figure]:
    """Ratios where both ran, then at a million students with the twin's time extended along its last two sizes."""
    small = pair(scenarios.load("classroom"))
    yield _measured("classroom world", small)
    pairs = [pair(country(size)) for size in (QUICK_SIZES if is_quick else SIZES)]
    for measured in pairs:
        yield _measured("country", measured)
    n, columns = columns_only(country(TARGET_SIZE))
    (n1, t1, _), (n2, t2, _) = pairs
    each = (t2 - t1) / (n2 - n1)
    twin = t2 + each * (n - n2)
    note = (
        f"columns measured, {columns * 1e3:.1f} ms; twin {twin:.1f} s, extrapolated: {t2:.2f} s at {n2:,} students + "
    )
    note += f"{each * 1e6:.1f} us for each more (slope from {n1:,}; institutions in proportion)"
    yield Figure("twin", f"twin: ratio at {n:,} students", twin / columns, "x", 1000.0, at_least=True, note=note)


def _measured(name: str, p: Pair) -> Figure:
    note = f"both measured: twin {shown(p.twin * 1e3)} ms a step, columns {shown(p.columns * 1e3)} ms"
    return Figure("twin", f"twin: ratio in {name} with {p.students:,} students", p.twin / p.columns, "x", note=note)
