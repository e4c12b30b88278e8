"""5.3 Search: who looks for whom, and who comes to a table (Eq 12-18)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from abm.state import DECLINED, NEW_BY_COLLEGE, NEW_BY_ENTERPRISE, RENEWAL, REVIEW
from abm.streams import Stream
from tests.reference.agents import CollegeAgent, EnterpriseAgent, Tie, clip, overlap


@dataclass
class Meeting:
    """One table to be held."""

    enterprise: EnterpriseAgent
    college: CollegeAgent
    tie: Tie | None
    kind: int
    priority: int
    inviter: str = ""
    """'enterprise' or 'college'; empty for contracts that already run."""

    @property
    def invited(self) -> str:
        return {"enterprise": "college", "college": "enterprise"}[self.inviter]


def platform_reach(model, region) -> float:
    return 1 + model.p.platform_reach * region.levers["platform"]


def perceived_fit_by_enterprise(model, enterprise, college) -> float:
    familiar = model.p.familiarity if enterprise.tie_with(college) else 0.0
    noise = model.p.perception_noise * (1 - enterprise.region.levers["platform"]) * (1 - familiar)
    z = model.dice.normal(Stream.PERCEPTION_ENTERPRISE, enterprise.id, college.id)
    return clip(overlap(enterprise.demand, college.curriculum) + noise * z)


def perceived_fit_by_college(model, enterprise, college) -> float:
    familiar = model.p.familiarity if enterprise.tie_with(college) else 0.0
    noise = model.p.perception_noise * (1 - college.region.levers["platform"]) * (1 - familiar)
    z = model.dice.normal(Stream.PERCEPTION_COLLEGE, enterprise.id, college.id)
    return clip(overlap(enterprise.demand, college.curriculum) + noise * z)


def expected_by_enterprise(enterprise, college) -> float:
    """The effort that the enterprise expects of the college."""
    tie = enterprise.tie_with(college)
    return tie.trust_enterprise if tie else college.reputation


def expected_by_college(enterprise, college) -> float:
    tie = enterprise.tie_with(college)
    return tie.trust_college if tie else enterprise.reputation


def attraction_to_enterprise(model, enterprise, college) -> float:
    """How much the enterprise sees in the college (Eq 14)."""
    return perceived_fit_by_enterprise(model, enterprise, college) * expected_by_enterprise(enterprise, college)


def attraction_to_college(model, enterprise, college) -> float:
    """How much the college sees in the enterprise (Eq 14)."""
    return perceived_fit_by_college(model, enterprise, college) * expected_by_college(enterprise, college)


def one_of(things: list, u: float):
    """The thing on which a uniform draw falls, None if there is none."""
    return things[math.floor(u * len(things))] if things else None


def college_seen(model, units, home):
    """The college that one glance of an enterprise falls on, or nobody."""
    region = home
    if units[0] < model.p.cross_region_search or not home.colleges:
        region = one_of([other for other in home.neighbours if other.colleges], units[1]) or home
    return one_of(region.colleges, units[2])


def is_under_contract(enterprise, college) -> bool:
    tie = enterprise.tie_with(college)
    return tie is not None and tie.is_active


def best(seen, attraction):
    """The first of those who attract most, if at all."""
    chosen, highest = None, 0.0
    for other in seen:
        value = attraction(other)
        if value > highest:
            chosen, highest = other, value
    return chosen


def enterprise_invitations(model) -> list[Meeting]:
    p, meetings = model.p, []
    for e in model.enterprises:
        u = model.dice.units(Stream.SEARCH, e.id)
        reach = platform_reach(model, e.region)
        if e.n_partners >= e.partner_limit or u[0] >= p.search_rate * reach:
            continue
        seen = []
        for a in range(math.floor(p.candidates * reach + u[1])):
            glance = model.dice.units(Stream.CANDIDATE, e.id, a)
            seen.append(college_seen(model, glance, e.region))
        seen += [tie.college for tie in e.memory if tie.college and tie.trust_enterprise >= p.remember_trust]
        seen = [c for c in seen if c and not is_under_contract(e, c)]
        college = best(seen, lambda c, e=e: attraction_to_enterprise(model, e, c))
        if college is None:
            continue
        is_cold = attraction_to_college(model, e, college) < p.acceptance_threshold
        meetings.append(meeting(model, e, college, DECLINED if is_cold else NEW_BY_ENTERPRISE, "enterprise"))
    return meetings


def college_invitations(model, invited: set) -> list[Meeting]:
    p, meetings = model.p, []
    for c in model.colleges:
        u = model.dice.units(Stream.COLLEGE_SEARCH, c.id)
        reach = platform_reach(model, c.region)
        if c.n_partners >= c.partner_limit or u[0] >= p.college_search_rate * reach:
            continue
        seen = []
        for a in range(math.floor(p.candidates * reach + u[1])):
            glance = model.dice.units(Stream.CANDIDATE, c.id + 2**31, a)
            seen.append(one_of(c.region.enterprises, glance[2]))
        seen = [e for e in seen if e and not is_under_contract(e, c)]
        enterprise = best(seen, lambda e, c=c: attraction_to_college(model, e, c))
        if enterprise is None or (enterprise, c) in invited:
            continue
        is_cold = attraction_to_enterprise(model, enterprise, c) < p.acceptance_threshold
        meetings.append(meeting(model, enterprise, c, DECLINED if is_cold else NEW_BY_COLLEGE, "college"))
    return meetings


def contract_meetings(model) -> list[Meeting]:
    """Renewals of contracts that run out, yearly reviews of those between parties that trust each other (Eq 17)."""
    p, meetings = model.p, []
    for e in model.enterprises:
        for tie in e.active_ties():
            if tie.remaining <= 0:
                meetings.append(meeting(model, e, tie.college, RENEWAL))
            elif (
                tie.level < 5
                and tie.founded < model.t
                and (model.t - tie.founded) % 4 == 0
                and tie.trust_enterprise >= p.review_trust
                and tie.trust_college >= p.review_trust
            ):
                meetings.append(meeting(model, e, tie.college, REVIEW))
    return meetings


def meeting(model, enterprise, college, kind: int, inviter: str = "") -> Meeting:
    w = model.dice.words(Stream.PRIORITY, enterprise.id, college.id)
    return Meeting(enterprise, college, enterprise.tie_with(college), kind, w[0] * 2**32 + w[1], inviter)


def search(model) -> None:
    invitations = enterprise_invitations(model)
    invitations += college_invitations(model, {(m.enterprise, m.college) for m in invitations})
    everything = sorted(contract_meetings(model) + invitations, key=lambda m: m.priority)
    model.agenda = []
    admitted: dict[object, int] = {}
    for m in everything:
        if m.kind in (NEW_BY_ENTERPRISE, NEW_BY_COLLEGE):
            both = (m.enterprise, m.college)
            if any(one.n_partners + admitted.get(one, 0) >= one.partner_limit for one in both):
                continue
            for one in both:
                admitted[one] = admitted.get(one, 0) + 1
        model.agenda.append(m)
