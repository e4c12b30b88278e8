"""Formal or real: formal against substantive depth over time. The gap is the formalism."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from dashboards.live.scenes import Scene, Seen, Table
from dashboards.views.live_view import view
from dashboards.words.vocabulary import words

if TYPE_CHECKING:
    from dashboards.live.frames import World

KIND = "depth"


def ground(world: World, language: str) -> Scene:
    """How long the run may become."""
    return Scene(words={"horizon": world.scenario.steps})


def scene(seen: Seen) -> Scene:
    """Mean formal and substantive depth of running contracts, both 0-1."""
    spoken = words(seen.language)
    formal, real = seen.metric("mean_formal_depth"), seen.metric("mean_substantive_depth")

    def table() -> Table:
        years = range(3, seen.step, 4)
        head = [spoken[key] for key in ("year", "depth_formal", "depth_real", "depth_gap")]
        return head, [[(t + 1) // 4, f"{formal[t]:.2f}", f"{real[t]:.2f}", f"{formal[t] - real[t]:.2f}"] for t in years]

    if not len(formal) or not np.isfinite(formal[-1]):
        return Scene(spoken["depth_none"], {"step": seen.step}, {"formal": formal, "real": real}, table)
    label = spoken["depth_label"].format(formal=f"{formal[-1]:.2f}", real=f"{real[-1]:.2f}")
    return Scene(label, {"step": seen.step}, {"formal": formal, "real": real}, table)


View = view(KIND, scene, ground)
