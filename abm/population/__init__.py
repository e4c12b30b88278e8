"""Populations: from synthetic profiles, real provinces or a user's own tables to columns.

``tables(scenario)`` gives a population as people know it; ``build`` draws the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from abm.machine.errors import InputError, nearest
from abm.population.spec import SOURCES
from abm.population.tables import Tables

if TYPE_CHECKING:
    from abm.population.spec import Populated
    from abm.world.state import State

__all__ = ["Tables", "build", "start_state", "tables"]


def tables(scenario: Populated) -> Tables:
    """What is known of the scenario's population before anything is drawn: names, counts, adjacency."""
    spec = scenario.population
    if spec.source == "synthetic":
        from abm.population.synthetic import synthetic

        return synthetic(spec)
    if spec.source == "provinces":
        from abm.population.provinces import from_provinces

        return from_provinces(spec)
    if spec.source == "tables":
        from abm.population.reading import from_files

        return from_files(spec.path, spec.n_sectors, spec.n_skills)
    raise InputError(
        f"`source` = {spec.source!r}", place="the population", why="is unknown", mend=nearest(spec.source, SOURCES)
    )


def start_state(known: Tables, scenario: Populated, seed: int, threads: int = 1) -> State:
    """The world at step 0 of people who are known."""
    # Compiled loops are loaded when a world is built, not when a scenario is read.
    from abm.population.initial import start_state

    return start_state(known, scenario, seed, threads)


def build(scenario: Populated, seed: int, threads: int = 1) -> State:
    """The world of a scenario at step 0."""
    return start_state(tables(scenario), scenario, seed, threads)
