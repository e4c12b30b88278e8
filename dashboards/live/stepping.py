"""How a run goes on by a quarter: as the model has it, or as people played it where the run is a game of theirs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from abm import quarter

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from abm.world.state import State

Step = Callable[["State", "Scenario"], None]


class PlayedWorld(NamedTuple):
    """A world that people played, how it goes on, and the file in which their decisions are."""

    world: Scenario
    step: Step
    journal: Path | None


_PLAYED: list[PlayedWorld] = []


def _bare(scenario: Scenario) -> Scenario:
    """A scenario without what may become another while it runs: policies of later years, the horizon."""
    return replace(scenario, changes=(), steps=1)


def play_as(scenario: Scenario, step: Step, journal: Path | None = None) -> None:
    """From now on runs of this world, whatever is changed on the way, go on by ``step``: the decisions of people who
    played it are taken again, and go with what is taken along."""
    bare = _bare(scenario)
    _PLAYED[:] = [one for one in _PLAYED if one.world != bare] + [PlayedWorld(bare, step, journal)]


def step(state: State, scenario: Scenario) -> None:
    """Advance a world by one quarter, in place."""
    played = _played(scenario)
    (quarter.step if played is None else played.step)(state, scenario)


def journal_of(scenario: Scenario) -> Path | None:
    """The file with the decisions of people who played this world; None where the model's agents alone did."""
    played = _played(scenario)
    return None if played is None else played.journal


def _played(scenario: Scenario) -> PlayedWorld | None:
    if not _PLAYED:
        return None
    bare = _bare(scenario)
    return next((one for one in _PLAYED if one.world == bare), None)
