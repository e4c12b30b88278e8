"""A run that leaves nothing but the world at its end."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from abm.population import build
from abm.quarter import step

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from abm.world.state import State


def simulate(
    scenario: Scenario,
    seed: int,
    *,
    steps: int | None = None,
    threads: int = 1,
    after_step: Callable[[State], bool | None] | None = None,
) -> State:
    """Build the scenario's world and run it.

    ``after_step`` sees the state after every step (``state.step`` steps are done) and ends the run
    by returning True. Returns the last state.
    """
    state = build(scenario, seed, threads=threads)
    for _ in range(scenario.steps if steps is None else steps):
        step(state, scenario)
        if after_step is not None and after_step(state):
            break
    return state
