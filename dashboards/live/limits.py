"""How much one visitor may ask of the server: sizes of worlds, runs at a time.

The only thing that visitors have in common is the count of their runs; it holds no run.
"""

from __future__ import annotations

import math
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from abm.machine.errors import InputError
from abm.population import tables
from dashboards.words import say

if TYPE_CHECKING:
    from abm.population.tables import Tables
    from abm.scenario import Scenario

MOST_INSTITUTIONS = 60_000
MOST_STUDENTS = 6_000_000
"""People in all three years; `china` at default scale has half of it."""
MOST_REGIONS = 200
MOST_STEPS = 800
MOST_SLOTS = 16
RUNS_A_VISITOR = 6
"""Two tabs, each with a Lab and a comparison."""
CHECKPOINTS_A_RUN = 192 * 1024**2
"""Bytes of past states kept for one run, from which any moment is reached again: three of `china`, hundreds of the
classroom world."""
CHECKPOINTS_IN_ALL = 768 * 1024**2
"""The same for all runs that there are: each may keep an even share."""
MEMORY_A_RUN = 128 * 1024**2
"""Bytes of a run of `china` besides its past states; the classroom world takes a sixth of it."""
MEMORY_LEFT = 512 * 1024**2
"""For the server itself and whatever else the machine does."""
SECONDS_A_QUARTER = 20e-6
"""That a quarter takes for each institution: in worlds of some thousands 9 to 28 millionths of a second were measured,
by what else the machine did (small worlds take more for each, and little in all)."""
MOST_MINUTES = 5
"""That a test may take which is worked out beside a run: others wait for it."""
FEWEST_RUNS, MOST_RUNS = 6, 240
"""In all: one visitor's, and as many as a server of two cores still moves."""


def memory() -> int:
    """Bytes that this process may still take: what the machine has free, or what a container or service is held to."""
    left = psutil.virtual_memory().available
    for path in limit_files():
        with suppress(OSError, ValueError):
            left = min(left, int(path.read_text("ascii")) - psutil.Process().memory_info().rss)
    return left


def limit_files(root: Path = Path("/sys/fs/cgroup"), about: Path = Path("/proc/self/cgroup")) -> Iterator[Path]:
    """Files in which Linux says how much memory the groups of this process may take ("max": all)."""
    with suppress(OSError):
        own = about.read_text("utf-8").strip().rpartition("::/")[2]
        folder = root / own
        while folder != root:
            yield folder / "memory.max"
            folder = folder.parent
    yield root / "memory.max"


def runs_for(left: int) -> int:
    """Runs for which there is room in so many bytes."""
    room = (left - MEMORY_LEFT - CHECKPOINTS_IN_ALL) // MEMORY_A_RUN
    return min(max(room, FEWEST_RUNS), MOST_RUNS)


RUNS_IN_ALL = runs_for(memory())


def check_size(scenario: Scenario) -> None:
    """Raise an InputError if the world is larger than the dashboard plays; reads tables, draws nothing."""
    spec = scenario.population
    if spec.source == "synthetic":
        # Counts first: tables of an absurd size should not even be made.
        institutions = (spec.n_colleges + spec.n_enterprises) * spec.scale
        _check("institutions", institutions, MOST_INSTITUTIONS)
        _check("students", spec.n_students * spec.scale, MOST_STUDENTS)
    _check("slots", spec.n_slots, MOST_SLOTS)
    _check("steps", scenario.steps, MOST_STEPS)
    if spec.source == "provinces":
        _check("institutions", spec.scale * 100_000, MOST_INSTITUTIONS * 4)
    check_tables(tables(scenario))


def check_tables(known: Tables) -> None:
    """The same for a population that has been read."""
    _check("regions", len(known.regions.name), MOST_REGIONS)
    _check("institutions", len(known.colleges.id) + len(known.enterprises.id), MOST_INSTITUTIONS)
    _check("students", 3 * int(known.regions.entrants.sum()), MOST_STUDENTS)


def check_work(scenario: Scenario, quarters: int, command: str) -> None:
    """Raise an InputError if it would take too long to play so many quarters of a world beside the run that is shown.
    ``command``: does the same without a limit."""
    known = tables(scenario)
    size = len(known.colleges.id) + len(known.enterprises.id)
    minutes = size * quarters * SECONDS_A_QUARTER / 60
    if minutes > MOST_MINUTES:
        raise InputError(
            say("en", "limits.too_long", n=f"{quarters:,}", size=f"{size:,}", time=f"{math.ceil(minutes):,}",
                most=MOST_MINUTES, command=command)
        )  # fmt: skip


def _check(what: str, n: float, most: int) -> None:
    if n > most:
        name = say("en", f"limits.{what}")
        raise InputError(say("en", "limits.too_large", n=f"{n:,.0f}", what=name, most=f"{most:,}"))


class Places:
    """Places for runs: so many a visitor, so many in all."""

    def __init__(self, a_visitor: int = RUNS_A_VISITOR, in_all: int = RUNS_IN_ALL) -> None:
        self.a_visitor, self.in_all = a_visitor, in_all
        self._taken: Counter[str] = Counter()
        self._lock = threading.Lock()

    def take(self, visitor: str) -> None:
        """Take a place; InputError if there is none left."""
        with self._lock:
            if self._taken[visitor] >= self.a_visitor:
                raise InputError(say("en", "limits.too_many_runs", n=self.a_visitor))
            if self._taken.total() >= self.in_all:
                raise InputError(say("en", "limits.server_full", n=self.in_all))
            self._taken[visitor] += 1

    def are_full(self) -> bool:
        """Whether no visitor can have another."""
        return self.taken() >= self.in_all

    def taken(self) -> int:
        """Runs that there are now, of all visitors."""
        with self._lock:
            return self._taken.total()

    def give_back(self, visitor: str) -> None:
        """A run of this visitor has ended."""
        with self._lock:
            self._taken[visitor] -= 1
            self._taken += Counter()


PLACES = Places()


def checkpoint_bytes() -> int:
    """Bytes of checkpoints that one run may keep now."""
    return min(CHECKPOINTS_A_RUN, CHECKPOINTS_IN_ALL // max(1, PLACES.taken()))
