"""The lag that matters: how old what students learn is, against how fast demand moves (paper 5.2 P2).

A plain example: one metric, its meaning, and a function from what is seen to the number.
"""

from __future__ import annotations

from abm.levers import L
from abm.metrics import Metric, Seen, share
from abm.state import PROGRAMME_QUARTERS

METRICS = (
    Metric(
        "lag_ratio",
        "training lag over half-life of demand",
        "培养滞后比",
        "1",
        0,
        100,
        "Half a revision interval and the programme, over the half-life of skill demand.",
        "paper 5.2 P2",
    ),
)


def measure(seen: Seen) -> dict[str, float]:
    """(revision_interval / 2 + 12) / half-life, means over colleges and sectors (Eq. 6)."""
    levers, research = seen.state.governments.levers, seen.state.sectors.joint_research
    intervals = (seen.regions.colleges * levers[:, L.REVISION_INTERVAL]).sum()
    half_life = (seen.p.skill_half_life / (1.0 + seen.p.technology_feedback * research)).sum() / len(research)
    return {
        "lag_ratio": share(intervals / 2 + PROGRAMME_QUARTERS * seen.nation.colleges, seen.nation.colleges * half_life)
    }
