"""Populations: from synthetic profiles, real provinces or a user's own tables to columns.

``tables(scenario)`` gives a population as people know it; ``build`` draws the rest.
"""

from __future__ import annotations

from typing import Any

from abm.population.initial import start_state
from abm.population.synthetic import synthetic
from abm.population.tables import Tables
from abm.state import State

__all__ = ["Tables", "build", "tables"]


def tables(scenario: Any) -> Tables:
    """What is known of the scenario's population before anything is drawn: names, counts, adjacency."""
    return synthetic(scenario.population)


def build(scenario: Any, seed: int, threads: int = 1) -> State:
    """The world of a scenario at step 0."""
    return start_state(tables(scenario), scenario.p, seed, scenario.population.n_slots, threads)
