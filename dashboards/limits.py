"""How much one visitor may ask of the server: sizes of worlds, runs at a time.

The only thing that visitors have in common is the count of their runs; it holds no run.
"""

from __future__ import annotations

import threading
from collections import Counter
from typing import TYPE_CHECKING

from abm.errors import InputError
from abm.population import tables
from dashboards.i18n import say

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
RUNS_IN_ALL = 24
CHECKPOINTS_A_RUN = 192 * 1024**2
"""Bytes of past states kept for one run, from which any moment is reached again: three of `china`, hundreds of the
classroom world."""
CHECKPOINTS_IN_ALL = 768 * 1024**2
"""The same for all runs that there are: each may keep an even share."""


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
