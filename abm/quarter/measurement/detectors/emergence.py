"""Emergence of integration communities: the first one, and when many institutions are inside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abm.quarter.measurement.detectors import Detection

if TYPE_CHECKING:
    from abm.quarter.measurement.detectors import Trajectory
    from abm.world.parameters import Parameters

KIND = "emergence"
LABEL, LABEL_ZH = "emergence of communities", "共同体涌现"
MEANING = (
    "The first established community (n_communities), and the first quarter with p.emergence_share of the "
    "institutions inside (community_share); value = the metric then."
)
SOURCE = "paper 5.2"


def detect(trajectory: Trajectory, p: Parameters) -> list[Detection]:
    """At most one detection for each of the two metrics."""
    found: list[Detection] = []
    for metric, least in (("n_communities", 1.0), ("community_share", p.emergence_share)):
        values: list[float] = trajectory[metric].tolist() if metric in trajectory else []
        first = next((t for t, value in enumerate(values) if value >= least), None)
        if first is not None:
            found.append(Detection(KIND, metric, first, first, values[first]))
    return found


def said(detection: Detection) -> str:
    """What emerged."""
    if detection.metric == "n_communities":
        return "the first integration community stands"
    return f"integration communities hold {detection.value:.0%} of enterprises and colleges"
