"""Worlds ready to be timed, and the time that their steps take."""

from __future__ import annotations

import time

from abm import quarter
from abm import scenario as scenarios
from abm.population import build
from abm.population.provinces import students_enrolled
from abm.results import processors
from abm.results.simulate import simulate
from abm.scenario import Scenario
from abm.world.state import QUARTERS_A_YEAR, State


def country(n_students: int) -> Scenario:
    """The scenario `china` with about so many students, institutions in proportion."""
    return scenarios.load("china").with_overrides(scale=n_students / students_enrolled())


def students(state: State) -> int:
    """Students in training when the world begins."""
    return int(state.students.offsets[1:, -1].sum())


def warm(scenario: Scenario) -> None:
    """Compile or load every kernel that a run needs, the yearly ones too."""
    simulate(scenario, 1, steps=2 * QUARTERS_A_YEAR, threads=processors())


def seconds_a_step(state: State, scenario: Scenario, steps: int) -> float:
    """Mean seconds of the next steps; the state moves on."""
    begun = time.perf_counter()
    for _ in range(steps):
        quarter.step(state, scenario)
    return (time.perf_counter() - begun) / steps


def world(scenario: Scenario, seed: int = 1) -> State:
    """The scenario's world at step 0, for all cores."""
    return build(scenario, seed, threads=processors())
