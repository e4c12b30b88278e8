"""Time per step as the country grows from ten thousand to ten million students."""

from __future__ import annotations

from collections.abc import Iterator

from tests.benchmarks.clock import country, seconds_a_step, students, warm, world
from tests.benchmarks.figures import Figure

SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
QUICK_SIZES = (10_000, 100_000)
STEPS = 8
"""The same two years at every size: later years have more contracts and cost more."""


def measure(is_quick: bool) -> Iterator[Figure]:
    """Mean step of whole years from the start; institutions in proportion to students."""
    warm(country(100_000))
    base = 0.0
    for size in QUICK_SIZES if is_quick else SIZES:
        scenario = country(size)
        state = world(scenario)
        n = students(state)
        seconds = seconds_a_step(state, scenario, STEPS)
        each = seconds / n * 1e9
        base = base or each
        note = f"{each:.1f} ns a student ({each / base:.2f} of the first); {len(state.enterprises.id):,} enterprises, "
        note += f"{len(state.colleges.id):,} colleges, {STEPS} steps"
        yield Figure("growth", f"growth: a step with {n:,} students", seconds * 1e3, "ms", note=note)
        del state
