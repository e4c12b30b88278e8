"""What cooperation yields and costs, and how long it is agreed for (Eq 3, 5, 19, 74, 85)."""

from __future__ import annotations

import math

PRACTICE = {1: "contact", 2: "placement", 3: "order_based", 4: "co_built", 5: "entity"}
"""What each level is called; the catalogue's `quarters_...` say how long its contracts last."""


def yields(p, d: float) -> dict[str, float]:
    """Yield of each aim at depth ``d`` (Eq 3)."""
    peak, late = p.profit_peak_depth, p.innovation_curvature
    return {
        "profit": p.productive_return * d / peak * math.exp(1 - d / peak),
        "talent": d,
        "innovation": d**late * (1 + late * (1 - d)),
        "standing": p.standing_cost * d * (d - p.standing_recovery_depth),
        "employment": math.sqrt(d),
        "development": d * (d - p.drudgery_depth) / (1 - p.drudgery_depth),
    }


def cost(p, d: float) -> float:
    """Cost of cooperation at depth ``d`` a quarter (Eq 5)."""
    return p.cost_linear * d + p.cost_quadratic * d * d


def quarters(p, level: int) -> int:
    """How long a contract lasts (Eq 74)."""
    return int(getattr(p, f"quarters_{PRACTICE[level]}"))


def sunk(p, level: int) -> float:
    """What of the cost a quarter goes into assets that are worth nothing outside the partnership (Eq 85)."""
    return p.specific_assets * p.cost_quadratic * (level / 5) ** 2 if level in (4, 5) else 0.0


def freed(aims: dict[str, float], reform: float) -> dict[str, float]:
    """Aims when a reform frees part of the weight on standing for the other aims (Eq 19)."""
    standing = aims["standing"]
    kept = standing * (1 - reform)
    others = sum(weight for aim, weight in aims.items() if aim != "standing")
    if others <= 0:
        spread = standing * reform / (len(aims) - 1)
        return {aim: kept if aim == "standing" else spread for aim in aims}
    factor = 1 + standing * reform / others
    return {aim: kept if aim == "standing" else weight * factor for aim, weight in aims.items()}
