"""The whole model without Mesa: one step is nine phases in this order.

1. technology     skill demand moves; joint R&D raises technology
2. policy         rules become levers; running contracts and programmes are paid
3. search         who looks for whom; who comes to a table
4. negotiation    four parties agree on a contract or fail, and the failure explains itself
5. delivery       effort, audits, blame, trust; what cooperation leaves behind
6. training       intake, curriculum revision, learning and practice
7. labour_market  graduation, quits, hosts, vacancies, migration
8. community      once a year: communities form, divide their surplus, lose members, die
9. measurement    metrics, stages, events
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from abm.state import State

PHASES = (
    "technology",
    "policy",
    "search",
    "negotiation",
    "delivery",
    "training",
    "labour_market",
    "community",
    "measurement",
)

SCHEDULE: tuple[Callable[[State, Scenario], None], ...] = tuple(
    getattr(import_module(f"abm.phases.{name}"), name) for name in PHASES
)


def step(state: State, scenario: Scenario) -> None:
    """Advance the world by one quarter, in place."""
    state.events.clear()
    state.contract_events[:] = state.befallen
    state.befallen.clear()
    state.flows.clear()
    for phase in SCHEDULE:
        phase(state, scenario)
    state.step += 1


def run(
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
    from abm.population import build

    state = build(scenario, seed, threads=threads)
    for _ in range(scenario.steps if steps is None else steps):
        step(state, scenario)
        if after_step is not None and after_step(state):
            break
    return state
