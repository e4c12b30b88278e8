"""One table: what the four parties may sign, what each contract is worth to them, and whether they agree (Eq 20-23)."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from abm.state import PARTIES
from tests.reference.value import cost, freed, sunk, yields

Utilities = dict[str, float]


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
    retention: float
    market_fit: float
    subsidy: float
    tax_credit: float
    tax_due: float
    reform: float
    student_reform: float
    talk: float
    """Price of a round of talk without what policy inconsistency adds."""
    inconsistency_talk: float
    """What policy inconsistency adds to it."""
    proposer: str
    mandate: int
    """Level that a mandate asks for."""

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
    """Tax credit of a contract, money a quarter."""
    paid = tenths / 10 * cost(p, level / 5) * (1 - terms.subsidy)
    return min(terms.tax_credit * paid, terms.tax_due)


def utilities(p, terms: Terms, level: int, tenths: int) -> Utilities:
    """What one contract is worth to each party (Eq 20)."""
    d = level / 5
    y = yields(p, d)
    c = cost(p, d)
    own = c * (1 - terms.subsidy)
    paid = tenths / 10 * own
    credited = credit(p, terms, level, tenths)
    at_risk = sunk(p, level) * (1 - terms.subsidy)

    def joy(aims: dict[str, float], f: float, q: float, retention: float = 1.0) -> float:
        scale = {aim: 1.0 if aim in ("profit", "standing") else f * q for aim in aims}
        scale["talent"] *= retention
        return sum(aims[aim] * y[aim] * scale[aim] for aim in aims)

    f_mean = (terms.fit_enterprise + terms.fit_college) / 2
    q_mean = (terms.trust_enterprise + terms.trust_college) / 2
    college_aims = freed(terms.college_aims, terms.reform)
    student_aims = freed(terms.student_aims, terms.student_reform)
    return {
        "enterprise": joy(terms.enterprise_aims, terms.fit_enterprise, terms.trust_enterprise, terms.retention)
        - paid
        - tenths / 10 * at_risk * (1 - terms.trust_enterprise)
        + credited,
        "college": joy(college_aims, terms.fit_college, terms.trust_college)
        - (own - paid)
        - (1 - tenths / 10) * at_risk * (1 - terms.trust_college),
        "government": joy(terms.government_aims, f_mean, q_mean) - p.public_funds_cost * (terms.subsidy * c + credited),
        "students": joy(student_aims, f_mean, q_mean) - p.student_cost * d,
    }


def reservations(p, terms: Terms) -> Utilities:
    """What each party has without the others (Eq 21)."""
    return {
        "enterprise": p.enterprise_outside * terms.enterprise_aims["talent"] * terms.market_fit,
        "college": p.college_outside * terms.college_aims["standing"] * (1 - terms.reform),
        "government": p.government_outside,
        "students": p.student_outside * terms.student_aims["standing"] * (1 - terms.student_reform),
    }


def concession_times(p, offers: list[Utilities], floor: Utilities) -> list[float]:
    """The time at which the last of the parties concedes each contract; infinite if one never does (Eq 22)."""
    top = {party: max(u[party] for u in offers) for party in PARTIES}
    times = []
    for u in offers:
        latest = 0.0
        for party in PARTIES:
            if u[party] < floor[party]:
                latest = math.inf
            elif top[party] <= floor[party]:
                latest = max(latest, 1.0)
            else:
                share = (u[party] - floor[party]) / (top[party] - floor[party])
                latest = max(latest, max(0.0, 1 - share) ** getattr(p, f"patience_{party}"))
        times.append(latest)
    return times


def gain_product(u: Utilities, floor: Utilities) -> float:
    product = 1.0
    for party in PARTIES:
        product *= u[party] - floor[party]
    return product


def concession(p, terms, offers, floor) -> tuple[int | None, float]:
    """The contract that all concede first; ties by the larger product of gains, then the smaller number."""
    times = concession_times(p, offers, floor)
    earliest = min(times)
    if math.isinf(earliest):
        return None, 1.0
    tied = [k for k, t in enumerate(times) if t <= earliest + 1e-12]
    best = max(tied, key=lambda k: (gain_product(offers[k], floor), -k))
    return best, times[best]


def acceptable(offers: list[Utilities], floor: Utilities) -> list[int]:
    """Contracts that leave nobody below its reservation value."""
    return [k for k, u in enumerate(offers) if all(u[party] >= floor[party] for party in PARTIES)]


def nash(p, terms, offers, floor) -> tuple[int | None, float]:
    """The acceptable contract with the largest product of gains; talk as under linear concession."""
    possible = acceptable(offers, floor)
    if not possible:
        return None, 1.0
    best = max(possible, key=lambda k: (gain_product(offers[k], floor), -k))
    time = 0.0
    for party in PARTIES:
        top = max(u[party] for u in offers)
        if top > floor[party]:
            time = max(time, (top - offers[best][party]) / (top - floor[party]))
    return best, min(1.0, time)


def take_it_or_leave_it(p, terms, offers, floor) -> tuple[int | None, float]:
    """The acceptable contract that its proposer likes best, without bargaining."""
    possible = acceptable(offers, floor)
    return max(possible, key=lambda k: (offers[k][terms.proposer], -k), default=None), 0.0


def mandated(p, terms, offers, floor) -> tuple[int | None, float]:
    """The government's best contract, cost split as evenly as can be, whatever the others think."""
    unevenness = [abs(tenths - 5) for _, tenths in contracts()]
    return max(range(len(offers)), key=lambda k: (offers[k]["government"], -unevenness[k], -k)), 0.0


PROTOCOLS = {
    "concession": concession,
    "nash": nash,
    "take_it_or_leave_it": take_it_or_leave_it,
    "mandated": mandated,
}


def binding_before_talk(offers: list[Utilities], floor: Utilities) -> str:
    """Who is furthest below its reservation value in the contract that comes closest to all of them (Eq 23)."""
    closest = min(offers, key=lambda u: max(floor[party] - u[party] for party in PARTIES))
    return max(PARTIES, key=lambda party: floor[party] - closest[party])


def negotiate(p, protocol: str, terms: Terms) -> Outcome:
    """Hold one table (Eq 20-23)."""
    offers = [utilities(p, terms, level, tenths) for level, tenths in contracts()]
    floor = reservations(p, terms)
    k, time = PROTOCOLS[protocol](p, terms, offers, floor)
    rounds = 1 + p.talk_rounds * time
    if k is None:
        return Outcome(0, 0.0, rounds, binding_before_talk(offers, floor), 0.0)
    price = terms.talk + terms.inconsistency_talk
    left = {party: offers[k][party] - price * rounds - floor[party] for party in ("enterprise", "college")}
    if min(left.values()) < 0 and protocol != "mandated":
        return Outcome(0, 0.0, rounds, "college" if left["college"] < left["enterprise"] else "enterprise", 0.0)
    level, tenths = contracts()[k]
    return Outcome(level, tenths / 10, rounds, None, credit(p, terms, level, tenths))
