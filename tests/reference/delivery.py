"""5.6 Delivery: effort, trust, blame, audits, and what cooperation leaves behind (Eq 26-36)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from abm.machine.streams import Stream
from abm.world.vocabulary import AIMS, BLAME
from tests.reference import draws
from tests.reference.agents import CollegeAgent, EnterpriseAgent, Happening, Tie, clip
from tests.reference.ledger import drive, early_end, effort_from, expected_effort, status_discount, with_status
from tests.reference.realised import sides
from tests.reference.value import cost, sunk


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


def efforts(model, enterprise, college, tie) -> tuple[float, float]:
    """Eq 26-27."""
    p, d = model.p, tie.depth
    of_enterprise, of_college = sides(model, enterprise, tie)
    own = cost(p, d) * (1 - tie.subsidy)
    paid_e, paid_c = tie.cost_share * own - enterprise.credited * tie.tax_credit, (1 - tie.cost_share) * own
    hangs = enterprise.region.levers["status_credit"] * status_discount(p, enterprise.quarters_kept)
    of_enterprise = with_status(p, of_enterprise, hangs * tie.tax_credit)
    b_e = expected_effort(p, tie.trust_enterprise, tie.evidence, d, college.region.news)
    b_c = expected_effort(p, tie.trust_college, tie.evidence, d, enterprise.region.news)
    x_e = drive(p, of_enterprise, paid_e, b_e, tie.remaining, tie.is_mandated == 1)
    x_c = drive(p, of_college, paid_c, b_c, tie.remaining, tie.is_mandated == 1)
    w = model.dice.words(Stream.EFFORT, enterprise.id, college.id, tie.programme.number)
    z_e, z_c = draws.normal(w[0], w[1]), draws.normal(w[2], w[3])
    return effort_from(p, x_e + p.effort_noise * z_e), effort_from(p, x_c + p.effort_noise * z_c)


def settle(model, service: Service) -> None:
    """What one quarter does to one tie (Eq 28, 29, 32, 34)."""
    p, tie, e, c = model.p, service.tie, service.enterprise, service.college
    tie.effort_enterprise, tie.effort_college = service.effort_enterprise, service.effort_college
    tie.evidence = (1 - p.trust_learning_rate) * tie.evidence + 1
    tie.trust_enterprise += (tie.effort_college - tie.trust_enterprise) / tie.evidence
    tie.trust_college += (tie.effort_enterprise - tie.trust_college) / tie.evidence
    tie.substance = tie.depth * math.sqrt(tie.effort_enterprise * tie.effort_college)
    joint = tie.substance if tie.level >= 4 else 0.0
    g = tie.joint_gain
    tie.joint_gain += p.research_gain * joint * (1 - g) - p.technology_decay * g * (1 - joint)
    tie.remaining -= 1
    gap = abs(tie.effort_enterprise - tie.effort_college)
    if tie.level >= 2 and gap > p.blame_gap:
        blamer = "enterprise" if tie.effort_enterprise > tie.effort_college else "college"
        blame = Happening(f"blamed by {blamer}", e.row, c.row, tie.programme.number, tie.level, "one_sided_effort", gap)
        model.happened.append(blame)
        if blamer == "enterprise":
            tie.trust_enterprise *= 1 - p.blame_trust_loss
        else:
            tie.trust_college *= 1 - p.blame_trust_loss
        chance = early_end(p, tie.level, tie.effort_enterprise, tie.effort_college)
        if not tie.is_mandated and model.dice.unit(Stream.BLAME, e.id, c.id, tie.programme.number) < chance:
            model.happened.append(blame._replace(what="ended by blame"))
            service.is_over = True
            service.was_entity = tie.level == 5
            model.stranded += sunk(p, tie.level) * max(0, tie.remaining)
            tie.level, tie.substance, tie.subsidy, tie.tax_credit, tie.talk = 0, 0.0, 0.0, 0.0, 0.0
            tie.cause_of_end = BLAME
            e.n_partners -= 1
            c.n_partners -= 1


def fine(model, services: list[Service]) -> None:
    """Eq 30: sides of audited ties that did less than the standard. Blames are told of later."""
    for s in services:
        u = model.dice.unit(Stream.AUDIT, s.enterprise.id, s.college.id, s.tie.programme.number)
        s.audited = u < s.enterprise.region.levers["supervision"]
        for side, effort in (("enterprise", s.effort_enterprise), ("college", s.effort_college)):
            if s.audited and effort < model.p.audit_standard:
                told = f"{side} fined", s.enterprise.row, s.college.row, s.tie.programme.number, s.tie.level
                model.happened.append(Happening(*told, "effort_below_standard", effort))


def update_reputation(model, agent, own_efforts: list[float], fines: int) -> None:
    """Eq 31."""
    p, n = model.p, len(own_efforts)
    told = min(1.0, n / max(1, agent.partner_limit))
    forgotten = p.reputation_fade * (1 - told) * (p.initial_reputation - agent.reputation)
    learnt = p.reputation_learning_rate * told * (sum(own_efforts) / n - agent.reputation) if n else 0.0
    agent.reputation += learnt + forgotten
    agent.reputation *= 1 - (p.audit_reputation_loss * told * fines / n if n else 0.0)


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


def keep_status(model, e) -> None:
    """Eq 111: depth kept up for long enough is a status; who does not keep it up begins anew."""
    best = max((tie.depth * tie.effort_enterprise for tie in e.active_ties()), default=-1.0)
    counts = e.region.levers["status_credit"] > 0 and best >= model.p.status_depth
    e.quarters_kept = e.quarters_kept + 1 if counts and best > 0 else 0


def approach_aims(model, running: list[Service]) -> None:
    """Deep partners' aims draw together, all from where they stood before, and roles draw them back (Eq 33)."""
    rate, by_research = model.p.identity_rate, model.p.identity_research * model.p.research_gain
    before = {one: dict(one.aims) for one in [*model.enterprises, *model.colleges]}
    for side in ("enterprise", "college"):
        other_side = "college" if side == "enterprise" else "enterprise"
        for one in model.enterprises if side == "enterprise" else model.colleges:
            mine = [s for s in running if getattr(s, side) is one]
            for aim in AIMS:
                pull = sum(s.tie.substance * (before[getattr(s, other_side)][aim] - before[one][aim]) for s in mine)
                together = [s for s in mine if s.tie.level >= 4]
                more = sum(s.tie.substance * (before[getattr(s, other_side)][aim] - before[one][aim]) for s in together)
                if mine:
                    one.aims[aim] = before[one][aim] + (rate * pull + by_research * more) / len(mine)
                one.aims[aim] += model.p.role_pull * (one.base_aims[aim] - one.aims[aim])


def update_college(model, college: CollegeAgent, mine: list[Service]) -> None:
    """Faculty (Eq 35), and what partners tell and offer its programmes."""
    p = model.p
    depth = sum(s.tie.substance for s in mine)
    mean = depth / len(mine) if mine else 0.0
    levers = college.region.levers
    sent_out = p.dual_programme_gain * levers["dual_programme"] + p.exchange_gain * levers["staff_exchange"]
    target = clip(p.dual_base + p.dual_tie_gain * mean + sent_out)
    college.engagement += p.engagement_rate * (mean - college.engagement)
    college.dual_qualified += p.dual_rate * (target - college.dual_qualified)
    for programme in college.programmes:
        update_programme(model, programme, [s for s in mine if s.tie.programme is programme])


def access(college: CollegeAgent) -> float:
    """How far the equipment of a shared base is open to a college (Eq 123)."""
    ways = [0.0]
    if college.community >= 0:
        ways.append(college.region.levers["charter"])
    if college.n_partners > 0:
        ways.append(college.region.levers["platform"])
    return max(ways)


def update_programme(model, programme, mine: list[Service]) -> None:
    """What its partners tell and offer a programme (Eq 36)."""
    p, college = model.p, programme.college
    depth = programme.partner_depth = sum(s.tie.substance for s in mine)
    if depth > 0:
        # What a contract asks for holds as it was agreed on, as far as terms are fixed (Eq 113).
        told = [s.tie.substance * (1 if s.tie.founded == model.t else 1 - p.fixed_terms) for s in mine]
        for k, before in enumerate(programme.partner_demand):
            heard = sum(weight * s.enterprise.demand[k] for weight, s in zip(told, mine, strict=True))
            programme.partner_demand[k] = (heard + (depth - sum(told)) * before) / depth
    hosted = sum(s.tie.substance * s.enterprise.size for s in mine)
    offer = p.practice_per_depth * hosted / programme.places if programme.places > 0 else 0.0
    if college.community >= 0:
        offer *= 1 + p.pooled_training * model.community_strength(college.region)
    offer += p.shared_base * access(college)
    programme.practice_offer = min(1.0, offer) * (0.5 + 0.5 * college.dual_qualified)


def delivery(model) -> None:
    services = [
        Service(e, tie.college, tie, *efforts(model, e, tie.college, tie))
        for e in model.enterprises
        for tie in e.active_ties()
    ]
    model.stranded = 0.0
    model.served = len(services)
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
    for e in model.enterprises:
        keep_status(model, e)
    approach_aims(model, running)
    for c in model.colleges:
        update_college(model, c, [s for s in running if s.college is c])
    for region in model.governments:
        region.known_fine += model.p.trust_learning_rate * (region.expected_fine - region.known_fine)
