"""5.5 Diagnosis: what would have closed a table that failed, and what it adds to the gain of who was short."""

from __future__ import annotations

import math
from itertools import combinations

from abm.world.vocabulary import DECLINED, PARTIES
from tests.reference.agents import overlap
from tests.reference.bargaining import TALKERS, Terms, all_offers, contracts, negotiate
from tests.reference.value import quarters

CHANGES = (
    "unidentified_interest",
    "communication_cost",
    "policy_inconsistency",
    "distrust",
    "funding",
    "evaluation",
    "skill_mismatch",
    "poaching",
)


def toward(value: float, goal: float, x: float) -> float:
    return value + x * (goal - value)


def changed(terms: Terms, change: str, x: float) -> Terms:
    """The same table with one thing moved by the share ``x`` of the way that it can go."""
    if change == "unidentified_interest":
        return terms.but(
            fit_enterprise=toward(terms.fit_enterprise, terms.true_fit, x),
            fit_college=toward(terms.fit_college, terms.true_fit, x),
        )
    if change == "communication_cost":
        return terms.but(talk=terms.talk * (1 - x))
    if change == "policy_inconsistency":
        return terms.but(inconsistency_talk=terms.inconsistency_talk * (1 - x))
    if change == "distrust":
        return terms.but(
            trust_enterprise=toward(terms.trust_enterprise, 1.0, x), trust_college=toward(terms.trust_college, 1.0, x)
        )
    if change == "funding":
        return terms.but(subsidy=toward(terms.subsidy, 0.8, x))
    if change == "evaluation":
        return terms.but(reform=toward(terms.reform, 1.0, x), student_reform=toward(terms.student_reform, 1.0, x))
    if change == "skill_mismatch":
        better = toward(terms.true_fit, 1.0, x) / terms.true_fit if terms.true_fit > 0 else 1.0
        return terms.but(
            fit_enterprise=terms.fit_enterprise * better,
            fit_college=terms.fit_college * better,
            true_fit=terms.true_fit * better,
        )
    return terms.but(retention=toward(terms.retention, 1.0, x))


def smallest_move(p, protocol: str, terms: Terms, change: str) -> float:
    """Smallest share of the way that closes the deal; NaN if going all the way does not."""

    def closes(x: float) -> bool:
        return negotiate(p, protocol, changed(terms, change, x)).level > 0

    if not closes(1.0):
        return math.nan
    low, high = 0.0, 1.0
    for _ in range(5):
        middle = (low + high) / 2
        if closes(middle):
            high = middle
        else:
            low = middle
    return high


def is_attractive_in_truth(model, table) -> bool:
    """Would the invited have come, had it seen how well the two really fit?"""
    e, programme = table.meeting.enterprise, table.meeting.programme
    expected = table.expected_by_invited
    return overlap(e.demand, programme.curriculum) * expected >= model.p.acceptance_threshold


def net_gain(p, terms: Terms, offers, k: int, party: str) -> float:
    """What a party gains a quarter by contract ``k``, a round of talk paid by those who talk."""
    level = contracts()[k][0]
    return offers[k][party] - (terms.price * level / quarters(p, level) if party in TALKERS else 0.0)


def nearest(p, terms: Terms) -> tuple[list, int]:
    """All offers of a table, and the one that leaves most to the party that it leaves least."""
    offers = all_offers(p, terms)
    least = [min(net_gain(p, terms, offers, k, party) for party in PARTIES) for k in range(len(offers))]
    return offers, least.index(max(least))


def who_was_short(p, terms: Terms) -> tuple[str, float]:
    """The party with the smallest net gain at the nearest contract, and that gain."""
    offers, k = nearest(p, terms)
    gains = {party: net_gain(p, terms, offers, k, party) for party in PARTIES}
    party = min(PARTIES, key=gains.get)
    return party, gains[party]


def gain_when(p, protocol: str, terms: Terms, changes, party: str) -> float | None:
    """Net gain of a party at the nearest contract with these changes made all the way; None if the table fails."""
    for change in changes:
        terms = changed(terms, change, 1.0)
    if negotiate(p, protocol, terms).level == 0:
        return None
    offers, k = nearest(p, terms)
    return net_gain(p, terms, offers, k, party)


def smallest_set(p, protocol: str, terms: Terms) -> set[str]:
    """The smallest set of changes that closes the deal; of one size the one that leaves most to who was short."""
    party, _ = who_was_short(p, terms)
    for size in range(1, len(CHANGES) + 1):
        found = {changes: gain_when(p, protocol, terms, changes, party) for changes in combinations(CHANGES, size)}
        closing = {changes: gain for changes, gain in found.items() if gain is not None}
        if closing:
            return set(max(closing, key=closing.get))
    return set()


def diagnose(model, table) -> tuple[str, dict[str, float], dict[str, float]]:
    """Primary cause of failure, what each change that closes the deal adds, and the parts of the failure."""
    p, protocol, terms = model.p, model.protocol, table.terms
    if table.meeting.kind == DECLINED and table.outcome.level > 0:
        cause = "unidentified_interest" if is_attractive_in_truth(model, table) else "cold_partner"
        return cause, {}, {cause: 1.0}
    party, gain = who_was_short(p, terms)
    then = {change: gain_when(p, protocol, terms, [change], party) for change in CHANGES}
    adds = {change: value - gain for change, value in then.items() if value is not None}
    if not adds:
        cause = "no_common_interest" if gain_when(p, protocol, terms, CHANGES, party) is None else "several"
        return cause, {}, {cause: 1.0}
    most = max(adds.values())
    sharing = [change for change in adds if adds[change] >= 0.9 * most]
    return max(adds, key=adds.get), adds, {change: 1 / len(sharing) for change in sharing}
