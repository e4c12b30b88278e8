"""5.1 Technology: skill demand moves; joint research raises technology (Eq 6-8)."""

from __future__ import annotations

import math

from abm.machine.streams import Stream


def softmax(x: list[float]) -> list[float]:
    top = max(x)
    powers = [math.exp(value - top) for value in x]
    total = sum(powers)
    return [power / total for power in powers]


def rolled(x: list[float]) -> list[float]:
    """The profile moved on by one field: the last comes first."""
    return [x[-1], *x[:-1]]


def research_depth(enterprise) -> float:
    """Substantive depth of the deepest tie with joint research."""
    return max((tie.substance for tie in enterprise.memory if tie.level >= 4), default=0.0)


def technology(model) -> None:
    p = model.p
    for sector in model.sectors:
        if p.technology_jump > 0 and model.t == int(p.technology_jump_step):
            j = p.technology_jump
            for profile in (sector.mean_log_demand, sector.log_demand):
                profile[:] = [(1 - j) * old + j * new for old, new in zip(profile, rolled(profile), strict=True)]
        half_life = p.skill_half_life / (1 + p.technology_feedback * sector.joint_research)
        phi = 0.5 ** (1 / half_life)
        for k, mean in enumerate(sector.mean_log_demand):
            noise = p.demand_spread * math.sqrt(1 - phi * phi) * model.dice.normal(Stream.TECHNOLOGY, sector.row, k)
            sector.log_demand[k] = mean + (sector.log_demand[k] - mean) * phi + noise
        sector.demand = softmax(sector.log_demand)

    for enterprise in model.enterprises:
        own = p.own_skill_share
        asked = zip(enterprise.sector.demand, enterprise.own_skills, strict=True)
        enterprise.demand = [(1 - own) * common + own * mine for common, mine in asked]
        r = research_depth(enterprise)
        x = enterprise.technology
        enterprise.technology = x + p.research_gain * r * (1 - x) - p.technology_decay * x * (1 - r)

    for sector in model.sectors:
        depths = [research_depth(e) for e in model.enterprises if e.sector is sector]
        sector.joint_research = sum(depths) / len(depths) if depths else 0.0
