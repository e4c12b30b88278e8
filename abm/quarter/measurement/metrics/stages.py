"""Stages of integration of the regions (Yang et al. [6])."""

from __future__ import annotations

import numpy as np

from abm.quarter.measurement.metrics import Metric, Seen
from abm.world.state import Floats
from abm.world.vocabulary import STAGES

METRICS = tuple(
    Metric(
        f"stage_share_{name}",
        f"regions in {name.replace('_', ' ')}",
        f"处于{zh}的区域占比",
        "1",
        0,
        1,
        "Share of regions in this stage.",
        "[6]",
    )
    for name, zh in zip(STAGES, STAGES.labels("zh"), strict=True)
)

REGIONAL = (
    Metric(
        "stage",
        "stage",
        "融合阶段",
        "index",
        0,
        3,
        "Index of the stage of integration: " + ", ".join(STAGES) + ".",
        "[6]",
    ),
)


def measure(seen: Seen) -> dict[str, float]:
    """Share of regions in each stage."""
    stage = seen.state.governments.stage
    counts = np.bincount(stage, minlength=len(STAGES)).tolist()
    return {metric.name: n / len(stage) for metric, n in zip(METRICS, counts, strict=True)}


def by_region(seen: Seen) -> dict[str, Floats]:
    """The stage of each region."""
    return {"stage": seen.state.governments.stage.astype(np.float64)}
