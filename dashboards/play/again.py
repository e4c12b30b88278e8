"""A game that was played, run again from its results folder: the ledger, a dashboard and an export show the game
itself, not what the model's agents would have made of its world."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from abm import quarter
from abm.results import Results
from abm.results.recording import Recorder
from abm.results.saved import saved
from abm.world.state import QUARTERS_A_YEAR
from dashboards.live.played import PlayedWorld
from dashboards.play import journal
from dashboards.play.game import Game
from dashboards.play.world import NO_YEAR, World, Year

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from abm.population import Tables
    from abm.scenario import Scenario
    from abm.world.state import State


def is_game(results: Path) -> bool:
    """Whether a results folder is that of a game."""
    return (results / journal.FILE).is_file()


@dataclass(frozen=True)
class Played:
    """What people decided in each year of a game."""

    scenario: Scenario
    known: Tables
    years: tuple[Year, ...]
    journal: Path

    def world(self) -> PlayedWorld:
        """The same for a dashboard, which goes on with it by quarters."""
        return PlayedWorld(self.scenario, self.step, self.journal)

    def step(self, state: State, scenario: Scenario) -> None:
        """Advance the world by one quarter, with what people decided."""
        year, q = divmod(state.step, QUARTERS_A_YEAR)
        world = World(scenario, known=self.known, state=state)
        world.take(self.years[year] if year < len(self.years) else NO_YEAR, is_first=q == 0)
        for phase in quarter.quarter(state, scenario, world.phases(is_first=q == 0)):
            if phase == "negotiation":
                world.sit_down()

    def run(self, n: int, after_step: Callable[[State], bool] | None = None) -> Results:
        """Its first ``n`` quarters, or fewer where ``after_step`` says True."""
        world, recorder = World(self.scenario, known=self.known), Recorder()
        while world.state.step < n:
            self.step(world.state, self.scenario)
            recorder.record(world.state)
            if after_step is not None and after_step(world.state):
                break
        names = self.known.regions.name
        return Results(self.scenario, recorder.steps, names, recorder.columns(names), 0.0, self.known)


def played(results: Path) -> Played:
    """The game of a results folder, from the journal in it. InputError for one that is not whole."""
    header, entries = journal.read(results)
    game = Game(header.plan())
    for entry in entries:
        game.apply(entry)
    return Played(saved(results).scenario, game.world.known, tuple(game.world.years), results / journal.FILE)


def found(results: Path) -> Played | None:
    """The game of a results folder; None for a folder of another run."""
    return played(results) if is_game(results) else None


def replayed(results: Path, steps: int, after_step: Callable[[State], bool] | None = None) -> Results | None:
    """A game's results folder run again (abm.commands._again); None for a folder of another run."""
    game = found(results)
    return None if game is None else game.run(steps, after_step)
