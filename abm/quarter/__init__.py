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

from collections.abc import Callable, Generator, Mapping
from functools import cache
from typing import TYPE_CHECKING

from abm.machine import plugins

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from abm.world.state import State

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

Phase = Callable[["State", "Scenario"], None]


@cache
def schedule() -> tuple[Phase, ...]:
    """The phases in their order. Loaded here, when a quarter is played, so that a scenario is read without them."""
    from abm.quarter.community import community
    from abm.quarter.delivery import delivery
    from abm.quarter.labour_market import labour_market
    from abm.quarter.measurement import measurement
    from abm.quarter.negotiation import negotiation
    from abm.quarter.policy import policy
    from abm.quarter.search import search
    from abm.quarter.technology import technology
    from abm.quarter.training import training

    return (technology, policy, search, negotiation, delivery, training, labour_market, community, measurement)


@plugins.kept
def replaced() -> dict[str, Phase]:
    """Phases that plug-ins play in place of the model's, by name: a file with ``PHASE`` and a function of that name.

    It may write what the phase in whose place it is played may.
    """
    found: dict[str, Phase] = {}
    for module in plugins.modules_with("PHASE"):
        name = module.PHASE
        if name not in PHASES:
            mend = f"phases are {', '.join(PHASES)}"
            raise plugins.refuse(module, "PHASE", f"the phase {name!r:.60}", "does not exist", mend)
        plugins.need(module, f"phase `{name}`", PHASE="a name", **{name: f"a function `{name}` of (state, scenario)"})
        if name in found:
            raise plugins.taken(module, "PHASE", "replaced phase", name)
        found[name] = getattr(module, name)
    return found


def quarter(state: State, scenario: Scenario, instead: Mapping[str, Phase] | None = None) -> Generator[str]:
    """Play one quarter, in place, and stop before each phase: gives its name, then plays it when asked to go on.

    ``instead`` has what is played in the place of phases, by name; else plug-ins may. This is the only loop over the
    phases.
    """
    state.events.clear()
    state.contract_events[:] = state.befallen
    state.befallen.clear()
    state.flows.clear()
    now = scenario.in_force(state.step)
    own = {**replaced(), **(instead or {})}
    for name, phase in zip(PHASES, schedule(), strict=True):
        yield name
        own.get(name, phase)(state, now)
    state.step += 1


def step(state: State, scenario: Scenario) -> None:
    """Advance the world by one quarter, in place."""
    for _ in quarter(state, scenario):
        pass
