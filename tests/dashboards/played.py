"""Runs as views see them: a world, its history and every frame."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

from abm import quarter
from abm.population import build
from abm.scenario import load
from dashboards.live.frames import Frame, History, World, frame_of, world_of
from dashboards.live.scenes import Seen


class Played(NamedTuple):
    world: World
    history: History
    frames: list[Frame]

    def seen(self, step: int, language: str = "en") -> Seen:
        """The moment after ``step`` quarters."""
        return Seen(self.world, self.history, self.frames[step], step, language)


@cache
def played(name: str, steps: int) -> Played:
    """A scenario's first ``steps`` quarters; frames[0] is the moment before them."""
    scenario = load(name)
    state = build(scenario, scenario.seed)
    world, frames = world_of(scenario, state), [frame_of(state, scenario.p.related_fit)]
    history = History((), (), len(world.region_names))
    for _ in range(steps):
        quarter.step(state, scenario)
        frames.append(frame_of(state, scenario.p.related_fit))
        if not history.steps:
            history = History(tuple(frames[-1].metrics), tuple(frames[-1].regions), len(world.region_names))
        history.append(frames[-1])
    return Played(world, history, frames)
