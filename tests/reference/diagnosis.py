"""5.5 Diagnosis: what alone would have closed a table that failed, and by how much it must move."""

from __future__ import annotations

import math

from abm.world.vocabulary import DECLINED
from tests.reference.agents import overlap
from tests.reference.bargaining import Terms, negotiate

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


def diagnose(model, table) -> tuple[str, dict[str, float]]:
    """Primary cause of failure, and the moves by cause."""
    p, protocol, terms = model.p, model.protocol, table.terms
    if table.meeting.kind == DECLINED and table.outcome.level > 0:
        cause = "unidentified_interest" if is_attractive_in_truth(model, table) else "cold_partner"
        return cause, {cause: 1.0}
    moves = {change: smallest_move(p, protocol, terms, change) for change in CHANGES}
    helping = [change for change in CHANGES if not math.isnan(moves[change])]
    return (min(helping, key=moves.get) if helping else "no_common_interest"), moves
