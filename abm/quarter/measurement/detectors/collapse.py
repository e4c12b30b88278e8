"""Collapse: cooperation loses half of its substance within two years."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abm.quarter.measurement.detectors import Detection

if TYPE_CHECKING:
    from abm.quarter.measurement.detectors import Trajectory
    from abm.world.parameters import Parameters

KIND = "collapse"
LABEL, LABEL_ZH = "collapse of substance", "实质合作崩溃"
MEANING = (
    "Substantive depth an enterprise falls by p.collapse_share or more within p.collapse_quarters; "
    "value = share lost, from the highest point to the lowest."
)
SOURCE = "Eq. 83"
METRIC = "substantive_depth_per_enterprise"
LEAST = 0.02
"""Depth an enterprise below which there is nothing to lose."""


def detect(trajectory: Trajectory, p: Parameters) -> list[Detection]:
    """All collapses. One ends where the fall within the window ends; the next starts after it."""
    found: list[Detection] = []
    values: list[float] = trajectory[METRIC].tolist() if METRIC in trajectory else []
    window, t = int(p.collapse_quarters), 1
    last = -1
    while t < len(values):
        earlier = range(max(last + 1, t - window), t)
        top = max(earlier, key=lambda s: (values[s], s), default=t)
        if values[top] >= LEAST and values[t] <= (1.0 - p.collapse_share) * values[top]:
            until = range(t, min(len(values), top + window + 1))
            last = min(until, key=lambda s: (values[s], s))
            found.append(Detection(KIND, METRIC, top, last, 1.0 - values[last] / values[top]))
            t = last
        t += 1
    return found


def said(detection: Detection) -> str:
    """What was lost."""
    return f"cooperation collapses: {detection.value:.0%} of its substantive depth is lost"
