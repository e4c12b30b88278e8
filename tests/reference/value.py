"""What cooperation is worth (Eq 3-5, 19)."""

from __future__ import annotations

import math


def yields(p, d: float) -> dict[str, float]:
    """Yield of each aim at depth ``d`` (Eq 3)."""
    peak = p.profit_peak_depth
    return {
        "profit": d / peak * math.exp(1 - d / peak),
        "talent": d,
        "innovation": d**p.innovation_curvature,
        "standing": p.standing_cost * d * (d - p.standing_recovery_depth),
        "employment": math.sqrt(d),
        "development": d * (d - p.drudgery_depth) / (1 - p.drudgery_depth),
    }


def cost(p, d: float) -> float:
    """Cost of cooperation at depth ``d`` a quarter (Eq 5)."""
    return p.cost_linear * d + p.cost_quadratic * d * d


def sunk(p, level: int) -> float:
    """What of the cost a quarter goes into assets that are worth nothing outside the partnership (Eq 85)."""
    return p.specific_assets * p.cost_quadratic * (level / 5) ** 2 if level in (4, 5) else 0.0


def freed(aims: dict[str, float], reform: float) -> dict[str, float]:
    """Aims when a reform frees part of the weight on standing for the other aims (Eq 19)."""
    standing = aims["standing"]
    kept = standing * (1 - reform)
    others = sum(weight for aim, weight in aims.items() if aim != "standing")
    if others <= 0:
        return {aim: kept if aim == "standing" else weight for aim, weight in aims.items()}
    factor = 1 + standing * reform / others
    return {aim: kept if aim == "standing" else weight * factor for aim, weight in aims.items()}
