"""The lag that matters: how old what students learn is, against how fast demand moves (paper 5.2 P2).

A plain example: one metric, its meaning, and a function from what is seen to the number.
"""

from __future__ import annotations

from abm.levers import L
from abm.metrics import NAN, Metric, Seen
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
    colleges, sectors = seen.state.colleges, seen.state.sectors
    if not len(colleges.id):
        return {"lag_ratio": NAN}
    interval = seen.state.governments.levers[colleges.region, L.REVISION_INTERVAL].mean()
    half_life = (seen.p.skill_half_life / (1.0 + seen.p.technology_feedback * sectors.joint_research)).mean()
    return {"lag_ratio": float((interval / 2 + PROGRAMME_QUARTERS) / half_life)}
