"""How a run goes on by a quarter: as the model has it, or as people played it where the run is a game of theirs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from abm import quarter

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from abm.world.state import State

Step = Callable[["State", "Scenario"], None]
_PLAYED: list[tuple[Scenario, Step]] = []


def _bare(scenario: Scenario) -> Scenario:
    """A scenario without what may become another while it runs: policies of later years, the horizon."""
    return replace(scenario, changes=(), steps=1)


def play_as(scenario: Scenario, step: Step) -> None:
    """From now on runs of this world, whatever is changed on the way, go on by ``step``: the decisions of people who
    played it are taken again."""
    _PLAYED[:] = [one for one in _PLAYED if one[0] != _bare(scenario)] + [(_bare(scenario), step)]


def step(state: State, scenario: Scenario) -> None:
    """Advance a world by one quarter, in place."""
    if _PLAYED:
        bare = _bare(scenario)
        for world, played in _PLAYED:
            if world == bare:
                played(state, scenario)
                return
    quarter.step(state, scenario)
