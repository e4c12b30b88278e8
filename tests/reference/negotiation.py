"""5.4 Negotiation: tables in order of priority, public money, mandates, signatures (Eq 19-25)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from abm.machine.streams import Stream
from abm.world.vocabulary import DECLINED, NOT_RENEWED, ONGOING, RENEWAL, REVIEW
from tests.reference.agents import Happening, Tie, overlap
from tests.reference.bargaining import Outcome, Terms, negotiate
from tests.reference.diagnosis import diagnose
from tests.reference.ledger import status_discount
from tests.reference.search import (
    Meeting,
    assured_fit,
    expected_by_college,
    expected_by_enterprise,
)
from tests.reference.value import cost, quarters


@dataclass
class Table:
    """A meeting with its terms, its outcome and the reasons of its failure."""

    meeting: Meeting
    terms: Terms
    outcome: Outcome
    is_mandated: bool = False
    is_funded: bool = True
    cause: str | None = None
    adds: dict[str, float] | None = None
    parts: dict[str, float] | None = None
    expected_by_invited: float = 0.0
    """The effort that the invited side expected of the inviter, before anybody signed."""

    @property
    def is_signed(self) -> bool:
        return self.outcome.level > 0 and self.meeting.kind != DECLINED

    @property
    def signed_level(self) -> int:
        return self.outcome.level if self.is_signed else 0

    @property
    def signed_share(self) -> float:
        return self.outcome.share if self.is_signed else 0.0


def talk_prices(model, m: Meeting) -> tuple[float, float]:
    """Price of a round a level without policy inconsistency, and what inconsistency adds (Eq 23)."""
    p, e, c = model.p, m.enterprise, m.college
    is_known = m.kind in (RENEWAL, REVIEW)
    price = p.communication_cost * (1 - p.platform_talk * e.region.levers["platform"])
    price *= 1 - (p.familiarity if is_known else 0.0)
    price *= 1 - p.community_talk * model.shared_strength(e, c)
    across = p.cross_region_talk if e.region is not c.region else 0.0
    inconsistency = p.inconsistency_talk * e.region.inconsistency[c.region.row]
    return price * (1 + across), price * inconsistency


def terms_of(model, m: Meeting) -> Terms:
    p, e, c, tie = model.p, m.enterprise, m.college, m.tie
    talk, inconsistency_talk = talk_prices(model, m)
    shared = model.shared_strength(e, c)
    credit = p.initial_trust + shared * (1 - p.initial_trust)
    rules = e.region.levers
    vague = p.vagueness * (1 - rules["guidelines"])
    read = model.dice.units(Stream.READING, e.id, c.id, m.programme.number)
    return Terms(
        enterprise_aims=e.aims,
        college_aims=c.aims,
        government_aims=e.region.aims,
        student_aims=c.student_aims,
        fit_enterprise=assured_fit(model, m, e.region),
        fit_college=assured_fit(model, m, c.region),
        true_fit=overlap(e.demand, m.programme.curriculum),
        trust_enterprise=tie.trust_enterprise if tie else credit * c.reputation,
        trust_college=tie.trust_college if tie else credit * e.reputation,
        evidence=tie.evidence if tie else p.stranger_evidence,
        joint_gain=tie.joint_gain if tie else 0.0,
        retention=e.retention,
        engagement=c.engagement,
        market_fit=e.region.market_fit,
        news_enterprise=e.region.news,
        news_college=c.region.news,
        fine_enterprise=e.region.expected_fine,
        fine_college=c.region.expected_fine,
        watch=p.monitoring * shared,
        relief=model.relief(e, c),
        subsidy=e.region.levers["subsidy_rate"],
        research_funding=e.region.levers["research_funding"],
        reading_enterprise=vague * read[0],
        reading_college=vague * read[1],
        status_share=rules["status_credit"] * status_discount(p, e.quarters_kept),
        credited=e.credited,
        tax_credit=rules["tax_credit"],
        tax_due=e.tax_due,
        reform=c.region.levers["evaluation_reform"],
        student_reform=c.region.levers["student_reform"],
        talk=talk,
        inconsistency_talk=inconsistency_talk,
        proposer=m.inviter or "enterprise",
        mandate=math.floor(e.region.levers["mandate"]),
    )


def money(p, table: Table) -> tuple[float, float]:
    """Subsidy and tax credit that a table's agreement asks of the government a quarter."""
    level = table.outcome.level
    return table.terms.public_share(level) * cost(p, level / 5), table.terms.credited * table.outcome.credit


def paid_already(p, m: Meeting) -> tuple[float, float]:
    """Subsidy and tax credit that the contract under review was paid in this quarter."""
    if m.kind != REVIEW:
        return 0.0, 0.0
    region = m.enterprise.region
    credit = region.paid_credit * m.enterprise.credited * m.tie.tax_credit
    return region.paid_subsidy * m.tie.subsidy * cost(p, m.tie.depth), credit


def fund(model, tables: list[Table]) -> None:
    """Eq 24: agreements are funded in order of priority; who comes too late asks for less and comes again."""
    p = model.p
    left, for_subsidies = {}, {}
    for region in model.governments:
        left[region] = region.money - sum(region.spent_now.values())
        for_subsidies[region] = region.levers["subsidy_budget"] * region.money - region.spent_now["subsidy"]
    asking = [table for table in tables if table.meeting.kind != DECLINED]
    while asking:
        again = []
        for table in asking:
            region = table.meeting.enterprise.region
            if table.outcome.level == 0:
                continue
            subsidy, relief = money(p, table)
            subsidy_before, relief_before = paid_already(p, table.meeting)
            more_subsidy = subsidy - subsidy_before
            more = more_subsidy + (relief - relief_before)
            if subsidy + relief > 0 and more > max(0.0, left[region]):
                table.terms = table.terms.but(subsidy=0.0, research_funding=0.0, tax_credit=0.0)
            elif subsidy > 0 and more_subsidy > max(0.0, for_subsidies[region]):
                table.terms = table.terms.but(subsidy=0.0, research_funding=0.0)
            else:
                left[region] -= more
                for_subsidies[region] -= more_subsidy
                continue
            table.is_funded = False
            table.outcome = negotiate(p, model.protocol, table.terms)
            again.append(table)
        asking = again


def impose(table: Table) -> None:
    """Eq 25: a mandate signs where the parties would have signed less."""
    if table.meeting.kind in (REVIEW, DECLINED):
        return
    if table.terms.mandate > table.outcome.level:
        table.is_mandated = True
        table.outcome.level, table.outcome.share, table.outcome.credit = table.terms.mandate, 0.5, 0.0
        table.outcome.binding = None


def slot_for_stranger(enterprise) -> int | None:
    for number, tie in enumerate(enterprise.memory):
        if tie.programme is None:
            return number
    inactive = [number for number, tie in enumerate(enterprise.memory) if not tie.is_active]
    return min(inactive, key=lambda number: enterprise.memory[number].trust_enterprise, default=None)


def sign(model, table: Table) -> None:
    p, m, e = model.p, table.meeting, table.meeting.enterprise
    tie = e.tie_with(m.programme)
    if tie is None:
        tie = Tie(
            programme=m.programme,
            trust_enterprise=table.terms.trust_enterprise,
            trust_college=table.terms.trust_college,
            evidence=table.terms.evidence,
        )
        e.memory[slot_for_stranger(e)] = tie
    subsidy_before, credit_before = paid_already(p, m)
    if not tie.is_active:
        e.n_partners += 1
        m.college.n_partners += 1
        tie.effort_enterprise = tie.effort_college = tie.substance = 0.0
    tie.level = table.outcome.level
    tie.cost_share = table.outcome.share
    tie.subsidy = 0.0 if table.is_mandated else table.terms.public_share(tie.level)
    tie.tax_credit = table.outcome.credit
    tie.is_mandated = int(table.is_mandated)
    tie.talk = 0.0 if table.is_mandated else table.terms.price * tie.level * table.outcome.rounds
    tie.remaining = quarters(p, tie.level)
    tie.founded = model.t
    tie.cause_of_end = ONGOING
    for spent in (e.region.spent_now, e.region.spent):
        spent["subsidy"] += tie.subsidy * cost(p, tie.depth) - subsidy_before
        spent["tax_credit"] += e.credited * tie.tax_credit - credit_before


def end(meeting: Meeting) -> None:
    """A renewal that failed."""
    tie = meeting.tie
    tie.level, tie.substance, tie.subsidy, tie.tax_credit, tie.talk = 0, 0.0, 0.0, 0.0, 0.0
    tie.cause_of_end = NOT_RENEWED
    meeting.enterprise.n_partners -= 1
    meeting.college.n_partners -= 1


def negotiation(model) -> None:
    p, tables = model.p, []
    for m in model.agenda:
        terms = terms_of(model, m)
        table = Table(m, terms, negotiate(p, model.protocol, terms))
        if m.inviter:
            expected = expected_by_college if m.invited == "college" else expected_by_enterprise
            table.expected_by_invited = expected(m.enterprise, m.programme)
        tables.append(table)
    fund(model, tables)
    for table in tables:
        impose(table)
    model.tables, model.happened = tables, []
    for table in tables:
        e, c, s = table.meeting.enterprise, table.meeting.college, table.meeting.programme.number
        kind = table.meeting.kind
        if table.is_signed:
            what = {RENEWAL: "renewed", REVIEW: "reviewed"}.get(kind, "signed")
            cause = "mandate" if table.is_mandated else ""
            model.happened.append(Happening(what, e.row, c.row, s, table.signed_level, cause))
            sign(model, table)
            continue
        table.cause, table.adds, table.parts = diagnose(model, table)
        if kind == DECLINED:
            table.outcome.binding = table.meeting.invited
        elif kind == RENEWAL:
            model.happened.append(Happening("not renewed", e.row, c.row, s, table.meeting.tie.level, table.cause))
            end(table.meeting)
