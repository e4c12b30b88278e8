"""The lag that matters: how old what students learn is, against how fast demand moves (paper 5.2 P2).

A plain example: one metric, its meaning, and a function from what is seen to the number.
"""

from __future__ import annotations

from operator import mul

from abm.quarter.measurement.metrics import Metric, Seen, share
from abm.world.levers import L
from abm.world.state import PROGRAMME_QUARTERS

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
    state, p, n_colleges = seen.state, seen.p, seen.nation.colleges
    intervals = state.governments.levers[:, L.REVISION_INTERVAL].tolist()
    interval = share(sum(map(mul, seen.regions.colleges.tolist(), intervals)), n_colleges)
    half_lives = [p.skill_half_life / (1.0 + p.technology_feedback * x) for x in state.sectors.joint_research.tolist()]
    return {"lag_ratio": (interval / 2 + PROGRAMME_QUARTERS) * len(half_lives) / sum(half_lives)}
