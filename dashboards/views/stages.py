"""How far each region has come: its stage of integration over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dashboards.live.scenes import Scene, Seen, Table
from dashboards.views.live_view import view
from dashboards.views.tile_map import short
from dashboards.words.vocabulary import stage_names, words

if TYPE_CHECKING:
    from dashboards.live.frames import World

KIND = "stages"


def ground(world: World, language: str) -> Scene:
    """Names of regions and stages, and how long the run may become."""
    names = [short(world.region_label(r, language)) for r in range(len(world.region_names))]
    return Scene(words={"names": names, "stage_names": stage_names(language), "horizon": world.scenario.steps})


def scene(seen: Seen) -> Scene:
    """Stage of each region at each step."""
    spoken, stages = words(seen.language), seen.regional("stage").astype(np.int8)
    names = stage_names(seen.language)
    deep = int((stages[-1] == len(names) - 1).sum()) if len(stages) else 0

    def table() -> Table:
        if not len(stages):
            return [spoken["region"], spoken["stage"]], []
        return [spoken["region"], spoken["stage"], spoken["stages_since"]], [
            [seen.world.region_label(r, seen.language), f"{row[-1] + 1} {names[row[-1]]}", _since(row, spoken)]
            for r, row in enumerate(stages.T)
        ]

    label = spoken["stages_label"].format(n=deep, all=len(seen.world.region_names))
    return Scene(label, {"step": seen.step}, {"stages": np.ascontiguousarray(stages.T)}, table)


def _since(row: np.ndarray, spoken: dict[str, str]) -> str:
    """The quarter since which the last value holds, in words."""
    other = np.flatnonzero(row != row[-1])
    quarter = int(other[-1]) + 1 if len(other) else 0
    return spoken["when"].format(year=quarter // 4 + 1, quarter=quarter % 4 + 1)


View = view(KIND, scene, ground)
