"""A world that people played: how a run of it goes on, and where their decisions are.

It belongs to the world of a results folder that was opened, and goes with that world: the same scenario that comes from
somewhere else, from another visitor's link or file, is the model's own run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from abm import quarter

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from abm.world.state import State

Step = Callable[["State", "Scenario"], None]
"""Advances a world by one quarter, in place."""


@dataclass(frozen=True)
class PlayedWorld:
    """What people decided in a world, as a step that decides so again."""

    scenario: Scenario
    """Of the world as it was begun."""
    step: Step
    journal: Path
    """The file with their decisions."""

    def is_of(self, scenario: Scenario) -> bool:
        """Whether a run of a scenario is of this world: policies may become others on the way, and it may be longer."""
        return _bare(scenario) == _bare(self.scenario)


def step_of(played: PlayedWorld | None) -> Step:
    """How a run goes on by a quarter: as people played it, or as the model has it."""
    return quarter.step if played is None else played.step


def _bare(scenario: Scenario) -> Scenario:
    return replace(scenario, changes=(), steps=1)
