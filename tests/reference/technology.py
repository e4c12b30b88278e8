"""7.3 Technology: the frontier and skill demand move; staff, data and joint research raise technology (Eq 6-8, 94-96,
117)."""

from __future__ import annotations

import math

from abm.machine.streams import Stream
from tests.reference.agents import overlap
from tests.reference.draws import Dice


def softmax(x: list[float]) -> list[float]:
    top = max(x)
    powers = [math.exp(value - top) for value in x]
    total = sum(powers)
    return [power / total for power in powers]


def rolled(x: list[float]) -> list[float]:
    """The profile moved on by one field: the last comes first."""
    return [x[-1], *x[:-1]]


def research_ties(enterprise) -> list:
    return [tie for tie in enterprise.memory if tie.level >= 4]


def counted(p, enterprise, tie) -> float:
    """Substantive depth of a tie with joint research, as far as it meets what the enterprise needs (Eq 109)."""
    own = next(one for one in tie.college.programmes if one.field is tie.college.field)
    turned = p.research_orientation
    asked = tie.programme.partner_demand
    can = [(1 - turned) * mine + turned * theirs for mine, theirs in zip(own.curriculum, asked, strict=True)]
    return tie.substance * (1 - p.research_fit * (1 - overlap(enterprise.demand, can)))


def research_depth(p, enterprise) -> float:
    """Joint research that counts, of the tie with most of it."""
    return max((counted(p, enterprise, tie) for tie in research_ties(enterprise)), default=0.0)


def diversity(enterprise) -> float:
    """Chance that two of the partners in research, drawn with replacement, have different main fields (Eq 110)."""
    fields = [tie.college.field for tie in research_ties(enterprise)]
    return 1 - sum((fields.count(one) / len(fields)) ** 2 for one in set(fields)) if fields else 0.0


def turn(profile: list[float], j: float) -> None:
    """Move a profile on by one field, a share j of the way."""
    profile[:] = [(1 - j) * old + j * new for old, new in zip(profile, rolled(profile), strict=True)]


def move_frontier(model) -> None:
    """Eq 94."""
    p = model.p
    model.frontier_jumps = 0
    if p.frontier_growth <= 0 and p.frontier_jump_rate <= 0:
        return
    for sector in model.sectors:
        pace = 2 * Dice(model.draw_seed, 0).unit(Stream.FRONTIER, sector.row, 0) - 1
        lift = 1 + p.frontier_growth * (1 + p.frontier_growth_spread * pace)
        if model.dice.unit(Stream.FRONTIER, sector.row, 1) < p.frontier_jump_rate:
            model.frontier_jumps += 1
            lift *= 1 + p.frontier_jump_size
            turn(sector.frontier_log_demand, p.frontier_jump_skills)
        sector.frontier *= lift
        for enterprise in model.enterprises:
            if enterprise.sector is sector:
                enterprise.technology /= lift


def taken_up(model, enterprise) -> float:
    """Share of the gap to the frontier that is closed in the quarter (Eq 95)."""
    p = model.p
    gain = p.research_gain * (1 + p.research_diversity * diversity(enterprise))
    by_staff_and_data = p.adoption_rate * enterprise.skilled + p.data_adoption * enterprise.data
    return min(1, gain * research_depth(p, enterprise) + by_staff_and_data)


def gather_data(model) -> None:
    """What enterprises have of data (Eq 117)."""
    for enterprise in model.enterprises if model.p.data_adoption > 0 else []:
        region = enterprise.region
        deepest = max((tie.substance for tie in enterprise.memory), default=0.0)
        beyond = (1 - region.link) * (1 - region.levers["platform"]) * (1 - deepest)
        enterprise.data += model.p.data_rate * ((1 - beyond) - enterprise.data)


def technology(model) -> None:
    p = model.p
    if p.technology_jump > 0 and model.t == int(p.technology_jump_step):
        for sector in model.sectors:
            for profile in (sector.mean_log_demand, sector.log_demand, sector.frontier_log_demand):
                turn(profile, p.technology_jump)
    move_frontier(model)
    for sector in model.sectors:
        half_life = p.skill_half_life / (1 + p.technology_feedback * sector.joint_research)
        phi = 0.5 ** (1 / half_life)
        for k, mean in enumerate(sector.mean_log_demand):
            noise = p.demand_spread * math.sqrt(1 - phi * phi) * model.dice.normal(Stream.TECHNOLOGY, sector.row, k)
            sector.log_demand[k] = mean + (sector.log_demand[k] - mean) * phi + noise
        sector.demand = softmax(sector.log_demand)

    gather_data(model)
    for enterprise in model.enterprises:
        own = p.own_skill_share
        asked = zip(enterprise.sector.demand, enterprise.own_skills, strict=True)
        enterprise.demand = [(1 - own) * common + own * mine for common, mine in asked]
        r = research_depth(p, enterprise)
        x = enterprise.technology
        enterprise.technology = x + taken_up(model, enterprise) * (1 - x) - p.technology_decay * x * (1 - r)

    for sector in model.sectors:
        members = [e for e in model.enterprises if e.sector is sector]
        sector.joint_research = average([research_depth(p, e) for e in members])
        pull = p.adopted_skills * average([taken_up(model, e) for e in members])
        towards = zip(sector.mean_log_demand, sector.frontier_log_demand, strict=True)
        sector.mean_log_demand = [mu + pull * (m - mu) for mu, m in towards]


def average(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0.0
