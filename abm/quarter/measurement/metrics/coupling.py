"""Coupling coordination of vocational education (U1) and industry (U2) (Eq. 77, 78).

Bounds of the indicators are fixed in the catalogue, never taken from a run; U1, U2, C and T always
stand beside D, because the choice of the formula alone can move D by 0.1.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from abm.machine.kernels import kernel
from abm.quarter.measurement.metrics import Metric, Seen
from abm.quarter.measurement.tally import Sums
from abm.world.parameters import Parameters
from abm.world.state import Floats

EDUCATION = ("related", "dual", "curriculum", "practice")
INDUSTRY = ("technology", "filled", "retention", "engaged")
"""Indicators of U1 and U2, by the names of their bounds in the catalogue: u_<name>_low, u_<name>_high."""
_WANG = "Wang, Kong, Ren et al. 2021"

METRICS = (
    Metric(
        "u1",
        "vocational education",
        "职业教育综合水平",
        "1",
        0,
        1,
        "Mean of normalised field-related jobs, dual-qualified teachers, fit of curricula, take-up of practice.",
    ),
    Metric(
        "u2",
        "industry",
        "产业综合水平",
        "1",
        0,
        1,
        "Mean of normalised technology, filled vacancies, retention, enterprises in serious cooperation.",
    ),
    Metric("coupling", "coupling C", "耦合度C", "1", 0, 1, "2 sqrt(U1 U2) / (U1 + U2)."),
    Metric("coordination_level", "level T", "综合协调指数T", "1", 0, 1, "(U1 + U2) / 2."),
    Metric("coordination", "coupling coordination D", "耦合协调度D", "1", 0, 1, "sqrt(C T)."),
    Metric(
        "coupling_corrected",
        "corrected coupling C",
        "修正耦合度C",
        "1",
        0,
        1,
        "sqrt((1 - (Umax - Umin)) Umin / Umax).",
        _WANG,
    ),
    Metric(
        "coordination_corrected",
        "coupling coordination D, corrected",
        "修正耦合协调度D",
        "1",
        0,
        1,
        "sqrt(C T) with the corrected C.",
        _WANG,
    ),
    Metric(
        "coordination_grade",
        "grade of D",
        "协调等级",
        "grade",
        1,
        10,
        "Ten grades of width 0.1; 1 = extreme discoordination, 10 = superior coordination.",
    ),
)

REGIONAL = (
    Metric("coordination", "coupling coordination D", "耦合协调度D", "1", 0, 1, "sqrt(C T) of the region's U1 and U2."),
)

_MEANS = (
    (1, "dual_qualified", "colleges"),
    (2, "curriculum_fit", "seats"),
    (4, "technology", "enterprises"),
    (6, "retention", "enterprises"),
    (7, "engaged", "enterprises"),
)
"""Indicators that are means over institutions or places, and the sums behind them."""
_OF_SUMS = np.array([(i, Sums._fields.index(part), Sums._fields.index(whole)) for i, part, whole in _MEANS])
_NAMES = tuple(metric.name for metric in METRICS)


@kernel
def couple(indicators, low, high):
    """U1, U2, C, T, D, corrected C and D, grade, for n places.

    ``indicators`` [8, n] in the order of EDUCATION and INDUSTRY, bounds [8] -> [8, n]; NaN where an
    indicator is NaN. Where neither side has anything, C and D are 0.
    """
    n = indicators.shape[1]
    out = np.empty((8, n))
    for j in range(n):
        u = np.zeros(2)
        for i in range(8):
            x = (indicators[i, j] - low[i]) / (high[i] - low[i])
            u[i // 4] += (x if math.isnan(x) else min(1.0, max(0.0, x))) / 4.0
        smaller, larger, level = min(u[0], u[1]), max(u[0], u[1]), 0.5 * (u[0] + u[1])
        if math.isnan(level):
            out[:, j] = math.nan
            continue
        coupling, corrected = 0.0, 0.0
        if larger > 0.0:
            coupling = math.sqrt(u[0] * u[1]) / level
            corrected = math.sqrt((1.0 - (larger - smaller)) * smaller / larger)
        degree = math.sqrt(coupling * level)
        out[0, j], out[1, j], out[2, j], out[3, j], out[4, j] = u[0], u[1], coupling, level, degree
        out[5, j], out[6, j] = corrected, math.sqrt(corrected * level)
        out[7, j] = min(10.0, math.floor(10.0 * degree + 1e-9) + 1.0)
    return out


@lru_cache(maxsize=8)
def bounds(p: Parameters) -> tuple[Floats, Floats]:
    """Lower and upper bounds of the eight indicators. Shape [8] each."""
    names = EDUCATION + INDUSTRY
    return (
        np.array([getattr(p, f"u_{name}_low") for name in names]),
        np.array([getattr(p, f"u_{name}_high") for name in names]),
    )


def indicators(seen: Seen) -> Floats:
    """The eight indicators by region, the nation last. Shape [8, R + 1]."""
    n_regions = seen.sums.shape[0] - 1
    regional, state = seen.state.regional, seen.state
    found = np.full((8, n_regions + 1), np.nan)
    for i, name in ((0, "field_related_share"), (3, "take_up"), (5, "fill_rate")):
        if name in regional:
            found[i, :-1] = regional[name]
    found[0, -1] = state.measured.get("field_related_share", np.nan)
    found[3, -1] = seen.flow("take_up")
    found[5, -1] = min(1.0, seen.nation.staff / seen.nation.posted) if seen.nation.posted > 0 else np.nan
    _add_means(seen.sums, _OF_SUMS, found)
    return found


@kernel(borrows=True)
def _add_means(sums, rows, found):
    """Means by place into ``found``: ``sums`` [R + 1, N_SUMS], ``rows`` [n, 3] of indicator, part and whole."""
    for n in range(rows.shape[0]):
        indicator, part, whole = rows[n]
        for r in range(sums.shape[0]):
            found[indicator, r] = sums[r, part] / sums[r, whole] if sums[r, whole] > 0.0 else math.nan


def coupled(seen: Seen) -> Floats:
    """All eight numbers by region, the nation last; worked out once a step."""
    if "coupled" not in seen.memo:
        seen.memo["coupled"] = couple(indicators(seen), *bounds(seen.p))
    return seen.memo["coupled"]


def measure(seen: Seen) -> dict[str, float]:
    """Of the nation."""
    return dict(zip(_NAMES, coupled(seen)[:, -1].tolist(), strict=True))


def by_region(seen: Seen) -> dict[str, Floats]:
    """D of each region."""
    return {"coordination": coupled(seen)[4, :-1].copy()}
