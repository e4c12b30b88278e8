"""New quality productive forces, and how far education goes with them: the index, and both coordination degrees D
beside each other, that of education and industry and that of education and productive forces."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.quarter.measurement.metrics import catalogue
from dashboards.live.scenes import Scene, Seen, Table
from dashboards.views.live_view import view
from dashboards.words.vocabulary import words

if TYPE_CHECKING:
    from dashboards.live.frames import World

KIND = "forces"
METRICS = ("productive_forces", "coordination", "forces_coordination")
"""From the line that is drawn strongest to the finest."""


def names(language: str) -> list[str]:
    """What the catalogue calls the lines."""
    of = (catalogue()[name] for name in METRICS)
    return [one.label_zh if language == "zh" else one.label for one in of]


def ground(world: World, language: str) -> Scene:
    """Names of the lines, and how long the run may become."""
    return Scene(words={"horizon": world.scenario.steps, "names": names(language)})


def scene(seen: Seen) -> Scene:
    """The three lines, all 0-1."""
    spoken = words(seen.language)
    lines = np.array([seen.metric(name) for name in METRICS])

    def table() -> Table:
        years = range(3, seen.step, 4)
        return [spoken["year"], *names(seen.language)], [
            [(t + 1) // 4, *(f"{value:.2f}" for value in lines[:, t])] for t in years
        ]

    arrays = {f"line_{i}": line for i, line in enumerate(lines)}
    if not seen.step or not np.isfinite(lines[0, -1]):
        return Scene(spoken["forces_none"], {"step": seen.step}, arrays, table)
    forces, industry, both = (f"{seen.last(name):.2f}" for name in METRICS)
    label = spoken["forces_label"].format(forces=forces, industry=industry, both=both)
    return Scene(label, {"step": seen.step}, arrays, table)


View = view(KIND, scene, ground)
