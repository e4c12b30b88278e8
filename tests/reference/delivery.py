"""5.6 Delivery: effort, trust, blame, audits, and what cooperation leaves behind (Eq 26-36)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from abm.state import AIMS, BLAME
from abm.streams import Stream
from tests.reference import draws
from tests.reference.agents import SCALED, CollegeAgent, EnterpriseAgent, Happening, Tie, clip, overlap
from tests.reference.value import freed, sunk, yields


def logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x))


@dataclass
class Service:
    """One tie served in this quarter."""

    enterprise: EnterpriseAgent
    college: CollegeAgent
    tie: Tie
    effort_enterprise: float
    effort_college: float
    audited: bool = False
    is_over: bool = False
    was_entity: bool = False


def shared_strength(model, enterprise, college) -> float:
    """Strength of the community that both belong to, 0 without one."""
    if enterprise.community >= 0 and enterprise.community == college.community:
        return model.community_strength(enterprise.region)
    return 0.0


def efforts(model, enterprise, college, tie) -> tuple[float, float]:
    """Eq 26-27."""
    p, d = model.p, tie.depth
    y = yields(p, d)
    reform = college.region.levers["evaluation_reform"]
    college_aims = freed(college.aims, reform)
    value_e = sum(enterprise.aims[aim] * y[aim] * (enterprise.retention if aim == "talent" else 1.0) for aim in SCALED)
    value_c = sum(college_aims[aim] * y[aim] for aim in SCALED)
    watch = p.monitoring * shared_strength(model, enterprise, college)
    shadow = p.shadow_of_future * (p.mandate_shadow if tie.is_mandated else 1.0)
    f = overlap(enterprise.demand, college.curriculum)

    def fear(region) -> float:
        return region.levers["supervision"] * region.levers["penalty"]

    q_e, q_c = tie.trust_enterprise, tie.trust_college
    burden = p.effort_cost * (1 + p.standing_burden * college_aims["standing"])
    burden *= 1 - p.engagement_ease * college.engagement
    balance_e = 0.5 * f * q_e * value_e + d * (fear(enterprise.region) + shadow * q_e + watch - p.effort_cost)
    balance_c = 0.5 * f * q_c * value_c + d * (fear(college.region) + shadow * q_c + watch - burden)
    w = model.dice.words(Stream.EFFORT, enterprise.id, college.id)
    z_e, z_c = draws.normal(w[0], w[1]), draws.normal(w[2], w[3])
    return (
        logistic(balance_e / p.effort_temperature + p.effort_noise * z_e),
        logistic(balance_c / p.effort_temperature + p.effort_noise * z_c),
    )


def settle(model, service: Service) -> None:
    """What one quarter does to one tie (Eq 28, 29, 32, 34)."""
    p, tie, e, c = model.p, service.tie, service.enterprise, service.college
    tie.effort_enterprise, tie.effort_college = service.effort_enterprise, service.effort_college
    tie.trust_enterprise += p.trust_learning_rate * (tie.effort_college - tie.trust_enterprise)
    tie.trust_college += p.trust_learning_rate * (tie.effort_enterprise - tie.trust_college)
    tie.substance = tie.depth * math.sqrt(tie.effort_enterprise * tie.effort_college)
    tie.remaining -= 1
    gap = abs(tie.effort_enterprise - tie.effort_college)
    if tie.level >= 2 and gap > p.blame_gap:
        blamer = "enterprise" if tie.effort_enterprise > tie.effort_college else "college"
        blame = Happening(f"blamed by {blamer}", e.row, c.row, tie.level, "one_sided_effort", gap)
        model.happened.append(blame)
        if blamer == "enterprise":
            tie.trust_enterprise *= 1 - p.blame_trust_loss
            share = tie.cost_share
        else:
            tie.trust_college *= 1 - p.blame_trust_loss
            share = 1 - tie.cost_share
        assets_lost = share * sunk(p, tie.level) * (1 - tie.subsidy)
        is_worth_it = p.effort_cost * tie.depth * gap > assets_lost
        wants = model.dice.unit(Stream.BLAME, e.id, c.id) < p.blame_exit
        if wants and not tie.is_mandated and is_worth_it:
            model.happened.append(blame._replace(what="ended by blame"))
            service.is_over = True
            service.was_entity = tie.level == 5
            model.stranded += sunk(p, tie.level) * max(0, tie.remaining)
            tie.level, tie.substance, tie.subsidy, tie.tax_credit = 0, 0.0, 0.0, 0.0
            tie.cause_of_end = BLAME
            e.n_partners -= 1
            c.n_partners -= 1


def fine(model, services: list[Service]) -> None:
    """Eq 30: sides of audited ties that did less than the standard. Blames are told of later."""
    for s in services:
        s.audited = (
            model.dice.unit(Stream.AUDIT, s.enterprise.id, s.college.id) < s.enterprise.region.levers["supervision"]
        )
        for side, effort in (("enterprise", s.effort_enterprise), ("college", s.effort_college)):
            if s.audited and effort < model.p.audit_standard:
                told = f"{side} fined", s.enterprise.row, s.college.row, s.tie.level, "effort_below_standard", effort
                model.happened.append(Happening(*told))


def update_reputation(model, agent, own_efforts: list[float], fines: int) -> None:
    """Eq 31."""
    p = model.p
    if not own_efforts:
        agent.reputation += p.reputation_fade * (p.initial_reputation - agent.reputation)
        return
    n = len(own_efforts)
    agent.reputation += p.reputation_learning_rate * (sum(own_efforts) / n - agent.reputation)
    agent.reputation *= 1 - p.audit_reputation_loss * fines / n


def shock_others(model, services: list[Service]) -> None:
    """Eq 86: when a joint entity breaks up, the other partners of both sides take notice, and so does everybody."""
    kept = 1 - model.p.entity_fallout
    for broken in services:
        if not broken.was_entity:
            continue
        broken.enterprise.reputation *= kept
        broken.college.reputation *= kept
        for other in services:
            if other.is_over:
                continue
            if other.enterprise is broken.enterprise:
                other.tie.trust_college *= kept
            if other.college is broken.college:
                other.tie.trust_enterprise *= kept


def approach_aims(model, running: list[Service]) -> None:
    """Deep partners' aims draw together (Eq 33), all from where they stood before."""
    rate = model.p.identity_rate
    before = {one: dict(one.aims) for one in [*model.enterprises, *model.colleges]}
    for side in ("enterprise", "college"):
        other_side = "college" if side == "enterprise" else "enterprise"
        for one in model.enterprises if side == "enterprise" else model.colleges:
            mine = [s for s in running if getattr(s, side) is one]
            for aim in AIMS:
                pull = sum(s.tie.substance * (before[getattr(s, other_side)][aim] - before[one][aim]) for s in mine)
                if mine:
                    one.aims[aim] = before[one][aim] + rate * pull / len(mine)


def update_college(model, college: CollegeAgent, mine: list[Service]) -> None:
    """Faculty, and what partners tell and offer the college (Eq 35-36)."""
    p = model.p
    depth = sum(s.tie.substance for s in mine)
    mean = depth / len(mine) if mine else 0.0
    target = clip(
        p.dual_base + p.dual_tie_gain * mean + p.dual_programme_gain * college.region.levers["dual_programme"]
    )
    college.engagement += p.engagement_rate * (mean - college.engagement)
    college.dual_qualified += p.dual_rate * (target - college.dual_qualified)
    college.partner_depth = depth
    if depth > 0:
        for k in range(len(college.partner_demand)):
            college.partner_demand[k] = sum(s.tie.substance * s.enterprise.demand[k] for s in mine) / depth
    hosted = sum(s.tie.substance * s.enterprise.size for s in mine)
    places = p.practice_per_depth * hosted / max(1, college.partner_limit)
    if college.community >= 0:
        places *= 1 + p.pooled_training * model.community_strength(college.region)
    college.practice_offer = min(1.0, places) * (0.5 + 0.5 * college.dual_qualified)


def delivery(model) -> None:
    services = [
        Service(e, tie.college, tie, *efforts(model, e, tie.college, tie))
        for e in model.enterprises
        for tie in e.active_ties()
    ]
    model.stranded = 0.0
    fine(model, services)
    for service in services:
        settle(model, service)
    standard = model.p.audit_standard
    for e in model.enterprises:
        mine = [s for s in services if s.enterprise is e]
        fines = sum(s.audited and s.effort_enterprise < standard for s in mine)
        update_reputation(model, e, [s.effort_enterprise for s in mine], fines)
    for c in model.colleges:
        mine = [s for s in services if s.college is c]
        fines = sum(s.audited and s.effort_college < standard for s in mine)
        update_reputation(model, c, [s.effort_college for s in mine], fines)
    shock_others(model, services)
    running = [s for s in services if not s.is_over]
    approach_aims(model, running)
    for c in model.colleges:
        update_college(model, c, [s for s in running if s.college is c])
