"""Populations: from synthetic profiles, real provinces or a user's own tables to columns.

``tables(scenario)`` gives a population as people know it; ``build`` draws the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from abm.errors import InputError, nearest
from abm.population.initial import start_state
from abm.population.provinces import from_provinces
from abm.population.synthetic import synthetic
from abm.population.tables import Tables
from abm.population_spec import SOURCES
from abm.state import State

if TYPE_CHECKING:
    from abm.scenario import Scenario

__all__ = ["Tables", "build", "tables"]


def tables(scenario: Scenario) -> Tables:
    """What is known of the scenario's population before anything is drawn: names, counts, adjacency."""
    spec = scenario.population
    if spec.source == "synthetic":
        return synthetic(spec)
    if spec.source == "provinces":
        return from_provinces(spec)
    if spec.source == "tables":
        from abm.population.reading import from_files

        return from_files(spec.path, spec.n_sectors, spec.n_skills)
    raise InputError(
        f"`source` = {spec.source!r}", place="the population", why="is unknown", mend=nearest(spec.source, SOURCES)
    )


def build(scenario: Scenario, seed: int, threads: int = 1) -> State:
    """The world of a scenario at step 0."""
    return start_state(tables(scenario), scenario, seed, threads)
