"""One table: what the four parties may sign, what each contract is worth to them, and whether they agree (Eq 20-23)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from abm.world.vocabulary import PARTIES
from tests.reference.ledger import (
    Side,
    as_read,
    chance_below_standard,
    college_side,
    drive,
    early_end,
    effort_from,
    enterprise_side,
    expected_effort,
    joint_output,
    staked,
    with_status,
    worth_of_aims,
)
from tests.reference.value import cost, freed, quarters, sunk

Utilities = dict[str, float]
TALKERS = ("enterprise", "college")
"""Those who pay for talk."""


@dataclass(frozen=True)
class Terms:
    """What the parties know and stand under at one table."""

    enterprise_aims: dict[str, float]
    college_aims: dict[str, float]
    government_aims: dict[str, float]
    student_aims: dict[str, float]
    fit_enterprise: float
    fit_college: float
    true_fit: float
    trust_enterprise: float
    trust_college: float
    evidence: float
    """What both trusts rest on."""
    joint_gain: float
    """What both gained together by joint research."""
    retention: float
    engagement: float
    market_fit: float
    news_enterprise: float
    """What of the fine in the enterprise's region is new."""
    news_college: float
    fine_enterprise: float
    """Expected fine for shirking, a unit of depth."""
    fine_college: float
    relief: float
    """Share of effort that the shared base of a common community takes off."""
    watch: float
    """What the eyes of a common community are worth, a unit of depth."""
    subsidy: float
    research_funding: float
    reading_enterprise: float
    """What the enterprise reads into what the college has to do (Eq 107)."""
    reading_college: float
    status_share: float
    """Share of the credit that hangs on the enterprise's status, discounted for the time until it has it."""
    credited: float
    """Share of the credit that it is paid now."""
    tax_credit: float
    tax_due: float
    reform: float
    student_reform: float
    talk: float
    """Price of a round of talk a level without what policy inconsistency adds."""
    inconsistency_talk: float
    """What policy inconsistency adds to it."""
    proposer: str
    mandate: int
    """Level that a mandate asks for."""

    @property
    def price(self) -> float:
        """Price of a round of talk for each level of the contract."""
        return self.talk + self.inconsistency_talk

    def public_share(self, level: int) -> float:
        """Share of the cost of a contract of this level that the government pays (Eq 20)."""
        return min(0.8, self.subsidy + self.research_funding) if level >= 4 else self.subsidy

    def but(self, **changes: float) -> Terms:
        return replace(self, **changes)


@dataclass
class Outcome:
    """How a table ended; level 0 = no agreement."""

    level: int
    share: float
    rounds: float
    binding: str | None
    credit: float


def contracts() -> list[tuple[int, int]]:
    """All levels with the enterprise's share of the cost in tenths, in order of the contract number."""
    return [(level, tenths) for level in range(1, 6) for tenths in range(11)]


def credit(p, terms: Terms, level: int, tenths: int) -> float:
    """Tax credit that a contract promises, money a quarter."""
    paid = tenths / 10 * cost(p, level / 5) * (1 - terms.public_share(level))
    return min(terms.tax_credit * paid, terms.tax_due)


def before_shares(p, one: Side, own_cost: float, expected: float) -> tuple[float, float]:
    """What a side foresees of a contract of one level before its cost is shared, and the effort it foresees (Eq 20).

    Its own effort it foresees as if the cost were shared evenly.
    """
    x = drive(p, one, own_cost / 2, expected, quarters(p, one.level))
    a = effort_from(p, x)
    return (
        one.rest
        + joint_output(p, a, expected) * one.output
        - one.effort_cost * a
        - one.fine * chance_below_standard(p, x)
    ), a


def offers_of(p, terms: Terms, level: int) -> list[Utilities]:
    """What the contracts of one level are worth to each party (Eq 20, 21)."""
    d = level / 5
    enterprise_aims = staked(p, terms.enterprise_aims, terms.joint_gain)
    college_aims = staked(p, freed(terms.college_aims, terms.reform), terms.joint_gain)
    student_aims = freed(terms.student_aims, terms.student_reform)
    b_e = expected_effort(p, terms.trust_enterprise, terms.evidence, d, terms.news_college)
    b_c = expected_effort(p, terms.trust_college, terms.evidence, d, terms.news_enterprise)
    b_e, b_c = as_read(b_e, terms.reading_enterprise), as_read(b_c, terms.reading_college)
    enterprise = enterprise_side(
        p,
        level,
        enterprise_aims,
        terms.fit_enterprise,
        terms.retention,
        terms.market_fit,
        terms.relief,
        fine=terms.fine_enterprise,
        watch=terms.watch,
    )
    college = college_side(
        p,
        level,
        college_aims,
        terms.fit_college,
        terms.engagement,
        terms.relief,
        fine=terms.fine_college,
        watch=terms.watch,
    )
    own = cost(p, d) * (1 - terms.public_share(level))
    enterprise = with_status(p, enterprise, terms.status_share * min(terms.tax_credit * own / 2, terms.tax_due))
    worth_e, a_e = before_shares(p, enterprise, own, b_e)
    worth_c, a_c = before_shares(p, college, own, b_c)
    stranded = sunk(p, level) * (1 - terms.public_share(level)) * quarters(p, level) / 2
    stranded_e, stranded_c = stranded * early_end(p, level, a_e, b_e), stranded * early_end(p, level, a_c, b_c)
    f, output = (terms.fit_enterprise + terms.fit_college) / 2, joint_output(p, b_c, b_e)
    others = {
        "government": worth_of_aims(p, terms.government_aims, d, f, output)
        - p.government_outside * d
        - (p.entity_contribution if level == 5 else 0.0),
        "students": worth_of_aims(p, student_aims, d, f, output)
        - (p.student_outside * student_aims["standing"] + p.student_cost) * d,
    }
    found = []
    for tenths in range(11):
        share = tenths / 10
        enterprise_has = worth_e - share * own - share * stranded_e + terms.credited * credit(p, terms, level, tenths)
        college_has = worth_c - (1 - share) * own - (1 - share) * stranded_c
        found.append({"enterprise": enterprise_has, "college": college_has, **others})
    return found


def all_offers(p, terms: Terms) -> list[Utilities]:
    return [u for level in range(1, 6) for u in offers_of(p, terms, level)]


def acceptable(offers: list[Utilities]) -> list[int]:
    """Contracts that leave nobody with less than it has without them (Eq 22)."""
    return [k for k, u in enumerate(offers) if all(u[party] >= 0 for party in PARTIES)]


def concession_times(offers: list[Utilities], possible: list[int], patience: dict[str, float]) -> dict[int, float]:
    """The time at which the last of the parties concedes each acceptable contract (Eq 22)."""
    top = {party: max(offers[k][party] for k in possible) for party in PARTIES} if possible else {}
    asking = [party for party in top if top[party] > 1e-9]

    def time(u: Utilities, party: str) -> float:
        return max(0.0, (top[party] - u[party]) / top[party]) ** patience[party]

    return {k: max((time(offers[k], party) for party in asking), default=0.0) for k in possible}


def patient(p) -> dict[str, float]:
    return {party: getattr(p, f"patience_{party}") for party in PARTIES}


def gain_product(u: Utilities) -> float:
    product = 1.0
    for party in PARTIES:
        product *= u[party]
    return product


def concession(p, terms, offers) -> tuple[int | None, float]:
    """The contract that all concede first; ties by the larger product of gains, then the smaller number."""
    times = concession_times(offers, acceptable(offers), patient(p))
    if not times:
        return None, 1.0
    tied = [k for k, t in times.items() if t <= min(times.values()) + 1e-12]
    best = max(tied, key=lambda k: (gain_product(offers[k]), -k))
    return best, min(1.0, times[best])


def nash(p, terms, offers) -> tuple[int | None, float]:
    """The acceptable contract with the largest product of gains; talk as under linear concession."""
    possible = acceptable(offers)
    if not possible:
        return None, 1.0
    best = max(possible, key=lambda k: (gain_product(offers[k]), -k))
    return best, min(1.0, concession_times(offers, possible, dict.fromkeys(PARTIES, 1.0))[best])


def take_it_or_leave_it(p, terms, offers) -> tuple[int | None, float]:
    """The acceptable contract that its proposer likes best, without bargaining."""
    return max(acceptable(offers), key=lambda k: (offers[k][terms.proposer], -k), default=None), 0.0


def mandated(p, terms, offers) -> tuple[int | None, float]:
    """The government's best contract, cost split as evenly as can be, whatever the others think."""
    unevenness = [abs(tenths - 5) for _, tenths in contracts()]
    return max(range(len(offers)), key=lambda k: (offers[k]["government"], -unevenness[k], -k)), 0.0


PROTOCOLS = {
    "concession": concession,
    "nash": nash,
    "take_it_or_leave_it": take_it_or_leave_it,
    "mandated": mandated,
}


def gain(p, offers: list[Utilities], k: int) -> float:
    """What the talker who gains less has of a contract over all its time (Eq 23)."""
    return min(offers[k][party] for party in TALKERS) * quarters(p, contracts()[k][0])


def talk(p, terms: Terms, k: int, time: float) -> float:
    """What each talker pays for agreeing on contract ``k`` at this time (Eq 23)."""
    return terms.price * contracts()[k][0] * (1 + p.talk_rounds * time)


def settle_on_another(p, terms: Terms, offers: list[Utilities]) -> tuple[int | None, float]:
    """What is still worth its talk where the protocol's agreement is not; else the last call (Eq 23)."""
    possible = acceptable(offers)
    times = concession_times(offers, possible, patient(p))
    paid = [k for k in possible if gain(p, offers, k) >= talk(p, terms, k, times[k])]
    if paid:
        best = min(paid, key=lambda k: (times[k], k))
        return best, times[best]
    paid = [k for k in possible if gain(p, offers, k) >= talk(p, terms, k, 0.0)]
    return max(paid, key=lambda k: (gain(p, offers, k) / contracts()[k][0], -k), default=None), 0.0


def binding(p, terms: Terms, offers: list[Utilities]) -> str:
    """For whom there was too little in it (Eq 23)."""
    possible = acceptable(offers)
    if possible:
        closest = max(possible, key=lambda k: (gain(p, offers, k) - talk(p, terms, k, 0.0), -k))
        return min(TALKERS, key=lambda party: offers[closest][party])
    closest = min(offers, key=lambda u: max(-u[party] for party in PARTIES))
    return min(PARTIES, key=lambda party: closest[party])


def negotiate(p, protocol: str, terms: Terms) -> Outcome:
    """Hold one table (Eq 20-23)."""
    offers = all_offers(p, terms)
    k, time = PROTOCOLS[protocol](p, terms, offers)
    if k is not None and protocol != "mandated" and gain(p, offers, k) < talk(p, terms, k, time):
        k, time = settle_on_another(p, terms, offers)
    rounds = 1 + p.talk_rounds * time
    if k is None:
        return Outcome(0, 0.0, rounds, binding(p, terms, offers), 0.0)
    level, tenths = contracts()[k]
    return Outcome(level, tenths / 10, rounds, None, credit(p, terms, level, tenths))
