"""The student kernel against the memory bus: bytes moved over time, and bytes held."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np

from abm.machine.blocks import college_blocks
from abm.machine.kernels import over_blocks
from abm.quarter.training.learning import Learning, teach
from abm.results import processors
from abm.scenario import Scenario
from abm.world.parameters import taken
from abm.world.state import Students
from tests.benchmarks.clock import students as count
from tests.benchmarks.clock import world
from tests.benchmarks.figures import Figure

ROWS = 10_000_000
QUICK_ROWS = 600_000
REPEATS = 7
FEATURES = ("population.n_regions", "population.n_colleges", "population.n_enterprises", "population.n_students")


def measure(is_quick: bool) -> Iterator[Figure]:
    """The quarter's teaching of all enrolled students, on all cores."""
    rows = QUICK_ROWS if is_quick else ROWS
    scenario = Scenario(name="students").with_overrides(**dict(zip(FEATURES, (31, 1554, 310, rows), strict=True)))
    state = world(scenario)
    p, students = scenario.p, state.students
    enrolled = (3, 2, 1)
    learning = taken(Learning, p)
    blocks = college_blocks(students.offsets[enrolled[0]], state.threads)
    seconds = _least(
        lambda: over_blocks(
            teach,
            blocks,
            students,
            state.colleges,
            state.programmes,
            state.governments.levers,
            learning,
            enrolled,
            threads=state.threads,
        )
    )
    n, n_skills = count(state), len(students.skills)
    # A row: motivation and ability are read; practice and every skill are read and written.
    moved = n * 4 * (2 + 2 + 2 * n_skills)
    bus = bandwidth(n * n_skills)
    speed = moved / seconds / 1e9
    note = f"{n:,} students, {speed:.1f} of {bus:.1f} GB/s (a += 1 over {4 * n * n_skills / 1e6:.0f} MB), "
    note += f"{seconds * 1e3:.1f} ms, {processors()} threads"
    if is_quick:
        note += "; so small a world fits into the cache, hence no target"
    target = None if is_quick else 50.0
    yield Figure("students", "teaching: share of in-place bandwidth", 100 * speed / bus, "%", target, True, note)
    held = bytes_a_student(students)
    yield Figure("students", "memory of a student", held, "B", 64.0, note="all columns of Students, a row")


def bytes_a_student(students: Students) -> float:
    """Bytes of all columns that have a row for each student, a row."""
    rows = students.motivation.size
    return sum(column.nbytes for column in students if column.size >= rows) / rows


def bandwidth(n: int) -> float:
    """GB/s of ``a += 1`` in place over n float32, read and written, on all cores."""
    a = np.ones(n, np.float32)
    threads = processors()
    cuts = np.linspace(0, n, threads + 1).astype(int).tolist()

    def add(lo: int, hi: int) -> None:
        a[lo:hi] += np.float32(1.0)

    return 8 * n / _least(lambda: over_blocks(add, list(pairwise(cuts)), threads=threads)) / 1e9


def _least(work: Callable[[], None]) -> float:
    """Least seconds over some repeats, after one that does not count."""
    work()
    times: list[float] = []
    for _ in range(REPEATS):
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
    return min(times)
