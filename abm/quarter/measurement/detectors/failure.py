"""Episodes of coordination failure: most tables fail for a year or longer.

A plain example of a detector.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from abm.quarter.measurement.detectors import Detection

if TYPE_CHECKING:
    from abm.quarter.measurement.detectors import Trajectory
    from abm.world.parameters import Parameters

KIND = "failure_episode"
LABEL, LABEL_ZH = "failure episode", "协调失败期"
MEANING = "The failed share of tables stays above p.failure_share for p.failure_quarters or longer; value = its mean."
SOURCE = "paper 3.2"
METRIC = "failed_share"


def detect(trajectory: Trajectory, p: Parameters) -> list[Detection]:
    """All episodes. Quarters without a table (NaN) end one."""
    found: list[Detection] = []
    values: list[float] = trajectory[METRIC].tolist() if METRIC in trajectory else []
    start = 0
    for t in range(len(values) + 1):
        if t < len(values) and values[t] > p.failure_share:
            continue
        if t - start >= p.failure_quarters and t > start:
            found.append(Detection(KIND, METRIC, start, t - 1, sum(values[start:t]) / (t - start)))
        start = t + 1
    return found


def said(detection: Detection) -> str:
    """How much failed."""
    return f"coordination fails: {detection.value:.0%} of negotiations without a contract"
