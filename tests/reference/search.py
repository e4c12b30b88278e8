"""5.3 Search: who looks for whom, and who comes to a table (Eq 12-18)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from abm.machine.streams import Stream
from abm.world.vocabulary import DECLINED, NEW_BY_COLLEGE, NEW_BY_ENTERPRISE, RENEWAL, REVIEW
from tests.reference.agents import CollegeAgent, EnterpriseAgent, Programme, Tie, clip, overlap


@dataclass
class Meeting:
    """One table to be held."""

    enterprise: EnterpriseAgent
    programme: Programme
    tie: Tie | None
    kind: int
    priority: int
    inviter: str = ""
    """'enterprise' or 'college'; empty for contracts that already run."""

    @property
    def college(self) -> CollegeAgent:
        return self.programme.college

    @property
    def invited(self) -> str:
        return {"enterprise": "college", "college": "enterprise"}[self.inviter]


def platform_reach(model, region) -> float:
    return 1 + model.p.platform_reach * region.levers["platform"]


def doubt(model, tie, region) -> float:
    """How badly a side of this region sees the fit of a pair, with or without a memory of it (Eq 13)."""
    familiar = model.p.familiarity if tie else 0.0
    unseen = (1 - region.levers["platform"]) * (1 - model.p.digital_sight * region.link)
    return model.p.perception_noise * unseen * (1 - familiar)


def seen_fit(model, stream, enterprise, programme, region) -> float:
    """The fit of a pair as a side of this region sees it (Eq 13)."""
    z = model.dice.normal(stream, enterprise.id, programme.college.id, programme.number)
    error = doubt(model, enterprise.tie_with(programme), region) * z
    return clip(overlap(enterprise.demand, programme.curriculum) + error)


def assured_fit(model, m: Meeting, region) -> float:
    """The fit that a side of this region reckons with at the table: less the less sure it is (Eq 20)."""
    caution = model.p.fit_caution * doubt(model, m.tie, region)
    return overlap(m.enterprise.demand, m.programme.curriculum) * max(0.0, 1 - caution)


def perceived_fit_by_enterprise(model, enterprise, programme) -> float:
    return seen_fit(model, Stream.PERCEPTION_ENTERPRISE, enterprise, programme, enterprise.region)


def perceived_fit_by_college(model, enterprise, programme) -> float:
    return seen_fit(model, Stream.PERCEPTION_COLLEGE, enterprise, programme, programme.college.region)


def expected_by_enterprise(enterprise, programme) -> float:
    """The effort that the enterprise expects of the college."""
    tie = enterprise.tie_with(programme)
    return tie.trust_enterprise if tie else programme.college.reputation


def expected_by_college(enterprise, programme) -> float:
    tie = enterprise.tie_with(programme)
    return tie.trust_college if tie else enterprise.reputation


def attraction_to_enterprise(model, enterprise, programme) -> float:
    """How much the enterprise sees in the programme (Eq 14)."""
    return perceived_fit_by_enterprise(model, enterprise, programme) * expected_by_enterprise(enterprise, programme)


def attraction_to_college(model, enterprise, programme) -> float:
    """How much the college sees in the enterprise (Eq 14)."""
    return perceived_fit_by_college(model, enterprise, programme) * expected_by_college(enterprise, programme)


def one_of(things: list, u: float):
    """The thing on which a uniform draw falls, None if there is none."""
    return things[math.floor(u * len(things))] if things else None


def owner_of_free_place(partners: list, u: float):
    """Whose place for partners a glance falls on; nobody's if it is taken."""
    places = [(one, number) for one in partners for number in range(one.partner_limit)]
    found = one_of(places, u)
    return found[0] if found and found[1] >= found[0].n_partners else None


def college_seen(model, units, home):
    """The college that one glance of an enterprise falls on, or nobody."""
    region = home
    if units[0] < model.p.cross_region_search or not home.colleges:
        region = one_of([other for other in home.neighbours if other.colleges], units[1]) or home
    return owner_of_free_place(region.colleges, units[2])


def best_programme(college, sector):
    """Of what the college offers, what covers most of what the sector asks for (Eq 87)."""
    offered = [one for one in college.programmes if one.seats > 0]
    return max(offered, key=lambda one: overlap(sector.demand, one.curriculum), default=None)


def is_under_contract(enterprise, programme) -> bool:
    tie = enterprise.tie_with(programme)
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
            college = college_seen(model, model.dice.units(Stream.CANDIDATE, e.id, a), e.region)
            seen.append(best_programme(college, e.sector) if college else None)
        seen += [tie.programme for tie in e.memory if tie.programme and tie.trust_enterprise >= p.remember_trust]
        seen = [one for one in seen if one and one.seats > 0 and not is_under_contract(e, one)]
        programme = best(seen, lambda one, e=e: attraction_to_enterprise(model, e, one))
        if programme is None:
            continue
        is_cold = attraction_to_college(model, e, programme) < p.acceptance_threshold
        meetings.append(meeting(model, e, programme, DECLINED if is_cold else NEW_BY_ENTERPRISE, "enterprise"))
    return meetings


def number_of_searches(model, college) -> int:
    """Eq 16: the more places are free, the more often a college looks for partners."""
    p, free = model.p, college.partner_limit - college.n_partners
    if free <= 0 or p.college_partners <= 0:
        return 0
    expected = p.college_search_rate * platform_reach(model, college.region) * free / p.college_partners
    return min(free, math.floor(expected + model.dice.unit(Stream.COLLEGE_SEARCH, college.id)))


def college_invitations(model, invited: set) -> list[Meeting]:
    p, meetings = model.p, []
    for c in model.colleges:
        asked = set()
        reach = platform_reach(model, c.region)
        for i in range(number_of_searches(model, c)):
            more = model.dice.units(Stream.COLLEGE_SEARCH, c.id, 1 + i)[1]
            seen = []
            for a in range(math.floor(p.candidates * reach + more)):
                glance = model.dice.units(Stream.CANDIDATE, c.id + 2**31, 1024 * i + a)
                e = owner_of_free_place(c.region.enterprises, glance[2])
                programme = best_programme(c, e.sector) if e else None
                if programme and e not in asked and not is_under_contract(e, programme):
                    seen.append((e, programme))
            pair = best(seen, lambda pair: attraction_to_college(model, *pair))
            if pair is None or pair in invited:
                continue
            asked.add(pair[0])
            is_cold = attraction_to_enterprise(model, *pair) < p.acceptance_threshold
            meetings.append(meeting(model, *pair, DECLINED if is_cold else NEW_BY_COLLEGE, "college"))
    return meetings


def contract_meetings(model) -> list[Meeting]:
    """Renewals of contracts that run out, yearly reviews of those between parties that trust each other (Eq 17)."""
    p, meetings = model.p, []
    for e in model.enterprises:
        for tie in e.active_ties():
            if tie.remaining <= 0:
                meetings.append(meeting(model, e, tie.programme, RENEWAL))
            elif tie.founded < model.t and (model.t - tie.founded) % 4 == 0:
                has_moved = overlap(e.demand, tie.programme.partner_demand) < p.revision_of_terms
                are_sure = tie.trust_enterprise >= p.review_trust and tie.trust_college >= p.review_trust
                if has_moved or (tie.level < 5 and are_sure):
                    meetings.append(meeting(model, e, tie.programme, REVIEW))
    return meetings


def meeting(model, enterprise, programme, kind: int, inviter: str = "") -> Meeting:
    w = model.dice.words(Stream.PRIORITY, enterprise.id, programme.college.id, programme.number)
    return Meeting(enterprise, programme, enterprise.tie_with(programme), kind, w[0] * 2**32 + w[1], inviter)


def search(model) -> None:
    invitations = enterprise_invitations(model)
    invitations += college_invitations(model, {(m.enterprise, m.programme) for m in invitations})
    everything = sorted(contract_meetings(model) + invitations, key=lambda m: m.priority)
    model.agenda = []
    model.no_room = []
    admitted: dict[object, int] = {}
    for m in everything:
        if m.kind in (NEW_BY_ENTERPRISE, NEW_BY_COLLEGE):
            both = (m.enterprise, m.college)
            if any(one.n_partners + admitted.get(one, 0) >= one.partner_limit for one in both):
                model.no_room.append(m)
                continue
            for one in both:
                admitted[one] = admitted.get(one, 0) + 1
        model.agenda.append(m)
