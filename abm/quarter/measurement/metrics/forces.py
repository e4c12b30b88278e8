"""New quality productive forces of a region and of the nation (Eq. 98), and how far education goes with them (Eq. 99).

The paper's words are high technology, high efficiency and high quality [1]. Bounds are fixed in the catalogue, as those
of education and industry are.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from abm.machine.kernels import kernel
from abm.quarter.measurement.metrics import Metric, Seen
from abm.quarter.measurement.metrics.coupling import coupled
from abm.quarter.measurement.tally import Sums
from abm.world.parameters import Parameters
from abm.world.state import Floats

PARTS = ("technology", "efficiency", "quality")
"""Parts of the index, by the names of their bounds in the catalogue: forces_<name>_low, forces_<name>_high."""

REGIONAL = (
    Metric(
        "high_technology",
        "high technology",
        "高科技",
        "1",
        0,
        1,
        "Mean technology of enterprises relative to the frontier of their sector, between its bounds.",
        "[1]",
    ),
    Metric(
        "high_efficiency",
        "high efficiency",
        "高效能",
        "1",
        0,
        1,
        "Technology times fit of an employed graduate, mean half a year after graduation, between its bounds.",
        "[1]",
    ),
    Metric(
        "high_quality",
        "high quality",
        "高质量",
        "1",
        0,
        1,
        "Employed graduates in related work with an employer near the frontier, share between its bounds.",
        "[1]",
    ),
    Metric(
        "productive_forces",
        "new quality productive forces",
        "新质生产力指数",
        "1",
        0,
        1,
        "Mean of high technology, high efficiency and high quality.",
        "[1]",
    ),
    Metric(
        "forces_coordination",
        "coordination D of education and productive forces",
        "职业教育与新质生产力耦合协调度D",
        "1",
        0,
        1,
        "sqrt(C T) with the productive forces in the place of industry.",
        "[3, 20]",
    ),
)

METRICS = (
    *REGIONAL,
    Metric(
        "frontier",
        "technological frontier",
        "技术前沿水平",
        "1",
        0,
        1e300,
        "Mean frontier of the sectors, 1 at the start.",
        "[1]",
    ),
    Metric(
        "frontier_jumps",
        "jumps of the frontier",
        "前沿跃升的行业数",
        "sectors/quarter",
        0,
        1e6,
        "Sectors whose frontier jumped this quarter.",
        "[1]",
    ),
)

_NAMES = tuple(metric.name for metric in REGIONAL)
_OF_SUMS = np.array(
    [
        (Sums._fields.index(part), Sums._fields.index(whole))
        for part, whole in (("technology", "enterprises"), ("output", "recorded"), ("frontier_related", "recorded"))
    ]
)


@kernel
def productive_forces(sums, rows, education, low, high):
    """Parts and index of the productive forces (Eq. 98) and D with ``education`` (Eq. 99), for n places.

    ``sums`` [n, N_SUMS], ``rows`` [3, 2] of part and whole, ``education`` [n] U1, bounds [3] -> [5, n]; NaN where there
    is nobody to measure.
    """
    n = sums.shape[0]
    out = np.empty((5, n))
    for j in range(n):
        index = 0.0
        for i in range(3):
            part, whole = sums[j, rows[i, 0]], sums[j, rows[i, 1]]
            x = (part / whole - low[i]) / (high[i] - low[i]) if whole > 0.0 else math.nan
            out[i, j] = x if math.isnan(x) else min(1.0, max(0.0, x))
            index += out[i, j] / 3.0
        out[3, j] = index
        # sqrt(C T) with C = 2 sqrt(U1 U2) / (U1 + U2) and T = (U1 + U2) / 2 is the fourth root of U1 U2.
        out[4, j] = math.sqrt(math.sqrt(education[j] * index))
    return out


@lru_cache(maxsize=8)
def bounds(p: Parameters) -> tuple[Floats, Floats]:
    """Lower and upper bounds of the three parts. Shape [3] each."""
    return (
        np.array([getattr(p, f"forces_{name}_low") for name in PARTS]),
        np.array([getattr(p, f"forces_{name}_high") for name in PARTS]),
    )


def _forces(seen: Seen) -> Floats:
    """All five numbers by region, the nation last; worked out once a step. Shape [5, R + 1]."""
    if "forces" not in seen.memo:
        seen.memo["forces"] = productive_forces(seen.sums, _OF_SUMS, coupled(seen)[0], *bounds(seen.p))
    return seen.memo["forces"]


def measure(seen: Seen) -> dict[str, float]:
    """Of the nation."""
    found = dict(zip(_NAMES, _forces(seen)[:, -1].tolist(), strict=True))
    frontier = seen.state.sectors.frontier.tolist()
    found["frontier"] = sum(frontier) / len(frontier)
    found["frontier_jumps"] = seen.state.flows.get("frontier_jumps", 0.0)
    return found


def by_region(seen: Seen) -> dict[str, Floats]:
    """Of each region."""
    return dict(zip(_NAMES, _forces(seen)[:, :-1].copy(), strict=True))
