"""Phase 4, negotiation: four parties at each table (Eq. 19-25; paper 3, 5.4).

All tables of a step are negotiated at once, under the same knowledge. Where public money runs out,
the step's random order of priority decides. Every failed table explains itself (diagnosis.py).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from abm.machine.kernels import kernel, over_blocks, row_blocks
from abm.machine.streams import Stream, of_field, unit, words
from abm.quarter.negotiation.bargaining import (
    AIMS_COLLEGE,
    AIMS_ENTERPRISE,
    AIMS_GOVERNMENT,
    AIMS_STUDENTS,
    CREDITED,
    ENGAGEMENT,
    EVALUATION_REFORM,
    EVIDENCE,
    FINE_COLLEGE,
    FINE_ENTERPRISE,
    FIT_COLLEGE,
    FIT_ENTERPRISE,
    FIT_TRUE,
    MARKET_FIT,
    N_TERMS,
    NEWS_COLLEGE,
    NEWS_ENTERPRISE,
    PROPOSER,
    READING_COLLEGE,
    READING_ENTERPRISE,
    RELIEF,
    RESEARCH_FUNDING,
    RETENTION,
    STATUS_CREDIT,
    STUDENT_REFORM,
    SUBSIDY,
    TALK,
    TALK_INCONSISTENCY,
    TAX_CREDIT,
    TAX_DUE,
    TRUST_COLLEGE,
    TRUST_ENTERPRISE,
    WATCH,
    CommonTerms,
    Outcome,
    common_terms,
    evaluate,
)
from abm.quarter.negotiation.contracts import Signed, conclude, fund, sign, unspent
from abm.quarter.negotiation.diagnosis import Diagnosis, diagnose
from abm.quarter.negotiation.protocols import Protocol
from abm.quarter.negotiation.protocols import protocol as find_protocol
from abm.world.equations import N_AIMS, base_relief, community_strength, innovation_stake, overlap, talk_price
from abm.world.ledger import status_discount
from abm.world.levers import L
from abm.world.perception import CollegeSight, EnterpriseSight, assured_fit, sights
from abm.world.programmes import programme_row
from abm.world.public_money import public_money
from abm.world.state import ContractEvents, Floats, Ints, TableRecord, TableRules
from abm.world.vocabulary import (
    CAUSES,
    COLD_PARTNER,
    COLLEGE,
    DECLINED,
    ENTERPRISE,
    INNOVATION,
    LAPSED,
    MANDATE,
    N_MOVES,
    NO_COMMON_INTEREST,
    RENEWAL,
    RENEWED,
    REVIEW,
    REVIEWED,
    SIGNED,
    UNIDENTIFIED_INTEREST,
)

if TYPE_CHECKING:
    from abm.world.conditions import Conditions
    from abm.world.state import State

WRITES: tuple[str, ...] = (
    "contract_events",
    "tables",
    "ties.college",
    "ties.field",
    "ties.trust_enterprise",
    "ties.trust_college",
    "ties.evidence",
    "ties.joint_gain",
    "ties.level",
    "ties.cost_share",
    "ties.subsidy",
    "ties.tax_credit",
    "ties.talk",
    "ties.is_mandated",
    "ties.effort_enterprise",
    "ties.effort_college",
    "ties.substance",
    "ties.remaining",
    "ties.founded",
    "ties.cause_of_end",
    "enterprises.n_partners",
    "colleges.n_partners",
    "governments.spent_now",
    "governments.spent",
)

_L_SUBSIDY, _L_CREDIT = int(L.SUBSIDY_RATE), int(L.TAX_CREDIT)
_L_RESEARCH, _L_GUIDELINES, _L_STATUS = int(L.RESEARCH_FUNDING), int(L.GUIDELINES), int(L.STATUS_CREDIT)
_L_EVALUATION, _L_STUDENT = int(L.EVALUATION_REFORM), int(L.STUDENT_REFORM)
_L_PLATFORM, _L_CHARTER = int(L.PLATFORM), int(L.CHARTER)
_L_SUPERVISION, _L_PENALTY = int(L.SUPERVISION), int(L.PENALTY)
_READING = int(Stream.READING)


class Stand(NamedTuple):
    """Where the parties stand: what they want, what they expect, and under which rules."""

    levers: Floats  # [R, L]
    inconsistency: Floats  # [R, R]
    market_fit: Floats  # [R]
    known_fine: Floats  # [R]
    government_aims: Floats  # [R, M]
    enterprise_aims: Floats  # [N, M]
    retention: Floats  # [N]
    tax_due: Floats  # [N]
    enterprise_community: Ints  # [N]
    quarters_kept: Ints  # [N]
    credited: Floats  # [N]
    evidence: Floats  # [N, H]
    joint_gain: Floats  # [N, H]
    college_aims: Floats  # [C, M]
    student_aims: Floats  # [C, M]
    college_community: Ints  # [C]
    engagement: Floats  # [C]


def stand(state: State) -> Stand:
    """The columns that the terms of a table come from, beside those of perception."""
    g, e, c = state.governments, state.enterprises, state.colleges
    return Stand(
        g.levers, g.inconsistency, g.market_fit, g.known_fine, g.aims, e.aims, e.retention, e.tax_due, e.community,
        e.quarters_kept, e.credited, state.ties.evidence, state.ties.joint_gain, c.aims, c.student_aims, c.community,
        c.engagement,
    )  # fmt: skip


Bargain = Callable[[Ints, Floats, Protocol, CommonTerms, int], Outcome]
"""Who settles tables: rows of the agenda, their terms [T, N_TERMS], how the model would, on how many threads."""


def by_protocol(_rows: Ints, terms: Floats, protocol: Protocol, common: CommonTerms, threads: int) -> Outcome:
    """The model's own agents at all tables."""
    return evaluate(terms, protocol, common, threads)


Explain = Callable[[Floats, Protocol, CommonTerms, int], Diagnosis]
"""Who says why tables failed, of their terms [T, N_TERMS]."""


def unexplained(terms: Floats, _protocol: Protocol, _common: CommonTerms, _threads: int) -> Diagnosis:
    """Nobody: where only what becomes of the world is wanted, which no explanation moves. It is half of a quarter."""
    n = len(terms)
    parts = np.zeros((n, len(CAUSES)))
    parts[:, NO_COMMON_INTEREST] = 1.0
    return Diagnosis(np.full(n, NO_COMMON_INTEREST, np.int8), np.full((n, N_MOVES), np.nan), parts)


def terms_of(state: State, scenario: Conditions, seen: tuple[EnterpriseSight, CollegeSight] | None = None) -> Floats:
    """Terms [T, N_TERMS] of the tables on the step's agenda: what each side knows (``seen``, where it is known
    already), and under which rules."""
    agenda = state.agenda
    assert agenda is not None
    enterprises, colleges = seen or sights(state, scenario.p)
    terms = np.empty((len(agenda.enterprise), N_TERMS))
    over_blocks(
        _terms, row_blocks(len(terms), state.threads), (state.seed, state.step), agenda, enterprises, colleges,
        stand(state), terms, scenario.parameter_record, threads=state.threads,
    )  # fmt: skip
    return terms


def negotiation(
    state: State, scenario: Conditions, bargain: Bargain = by_protocol, explain: Explain = diagnose
) -> None:
    """Settle the step's tables, sign what was agreed, and diagnose what failed.

    ``bargain``: who settles them, such as people in a game. ``explain``: who says why the others failed.
    """
    p, agenda = scenario.p, state.agenda
    assert agenda is not None
    protocol = find_protocol(scenario.protocol)
    enterprises, colleges = seen = sights(state, scenario.p)
    region = state.enterprises.region
    money = public_money(state)
    terms, common = terms_of(state, scenario, seen), common_terms(p)
    contract, rounds, binding = bargain(np.arange(len(terms)), terms, protocol, common, state.threads)

    is_declined = agenda.kind == DECLINED
    is_turned_down = is_declined & (contract >= 0)
    contract[is_declined] = -1
    is_funded = np.ones(len(terms), np.int8)
    left, waiting = unspent(money), np.flatnonzero(contract >= 0)
    # Three rounds at most: with all public money, without the subsidy, without any.
    while len(waiting):
        short = fund(agenda, region, money, state.ties, common.levels.costs, terms, contract, left, waiting)
        is_funded[short] = 0
        if len(short):
            contract[short], rounds[short], binding[short] = bargain(short, terms[short], protocol, common, 1)
        waiting = short[contract[short] >= 0]

    n = len(terms)
    signed = Signed(np.empty(n, np.int8), np.empty(n), np.empty(n, np.int8))
    conclude(agenda, region, money.levers, contract, terms, signed, binding)

    adds, parts = np.full((n, N_MOVES), np.nan), np.zeros((n, len(CAUSES)))
    cause = np.full(n, -1, np.int8)
    failed = np.flatnonzero((signed.level == 0) & ~is_turned_down)
    cause[failed], adds[failed], parts[failed] = explain(terms[failed], protocol, common, state.threads)
    sight = (enterprises, colleges, p.acceptance_threshold)
    _explain_declined(agenda, sight, terms, is_turned_down, parts, cause, binding)

    state.contract_events.append(_contract_events(agenda, signed.level, signed.is_mandated, cause, state.ties.level))
    n_partners = (state.enterprises.n_partners, state.colleges.n_partners)
    sign(state.step, agenda, region, terms, signed, rounds, state.ties, n_partners, money, common.levels)
    state.tables = TableRecord(
        agenda.enterprise, agenda.college, agenda.field, region[agenda.enterprise], agenda.kind, signed.level,
        signed.share, rounds, signed.is_mandated, is_funded, cause, binding, terms, adds, parts,
        is_turned_down.astype(np.int8),
    )  # fmt: skip
    state.table_rules = TableRules(scenario.protocol, p)


@kernel
def _contract_events(agenda, level, is_mandated, cause, running):
    """What the step's tables did to contracts; ``running`` [N, H] are the levels before signing."""
    n = np.sum((level > 0) | (agenda.kind == RENEWAL))
    what, levels, causes = np.empty(n, np.int8), np.empty(n, np.int8), np.empty(n, np.int8)
    enterprise, college, field = np.empty(n, np.int32), np.empty(n, np.int32), np.empty(n, np.int8)
    i = 0
    for t in range(level.shape[0]):
        kind = agenda.kind[t]
        if level[t] > 0:
            what[i] = RENEWED if kind == RENEWAL else REVIEWED if kind == REVIEW else SIGNED
            levels[i], causes[i] = level[t], MANDATE if is_mandated[t] else -1
        elif kind == RENEWAL:
            what[i], levels[i], causes[i] = LAPSED, running[agenda.enterprise[t], agenda.slot[t]], cause[t]
        else:
            continue
        enterprise[i], college[i], field[i] = agenda.enterprise[t], agenda.college[t], agenda.field[t]
        i += 1
    return ContractEvents(what, enterprise, college, field, levels, causes, np.full(n, np.nan))


@kernel(borrows=True)
def _terms(lo, hi, now, agenda, enterprises, colleges, stand, terms, parameter_record):
    """Terms [T, N_TERMS] of the tables lo..hi - 1: what each side knows, and under which rules. ``now``: seed, step."""
    p = parameter_record[0]
    for t in range(lo, hi):
        e, c, s, h = agenda.enterprise[t], agenda.college[t], agenda.field[t], agenda.slot[t]
        row = terms[t]
        r, home = enterprises.region[e], colleges.region[c]
        platform = stand.levers[r, _L_PLATFORM]
        is_known = h >= 0
        fit = overlap(enterprises.demand, e, colleges.curriculum, programme_row(c, s, colleges.n_fields))
        row[FIT_TRUE] = fit
        row[FIT_ENTERPRISE] = assured_fit(fit, enterprises.sight[r], is_known, p)
        row[FIT_COLLEGE] = assured_fit(fit, enterprises.sight[home], is_known, p)
        row[RETENTION] = stand.retention[e]
        row[MARKET_FIT] = stand.market_fit[r]
        row[SUBSIDY] = stand.levers[r, _L_SUBSIDY]
        row[RESEARCH_FUNDING] = stand.levers[r, _L_RESEARCH]
        row[TAX_CREDIT] = stand.levers[r, _L_CREDIT]
        row[TAX_DUE] = stand.tax_due[e]
        row[CREDITED], row[STATUS_CREDIT], hangs = stand.credited[e], 0.0, stand.levers[r, _L_STATUS]
        if hangs > 0.0:
            row[STATUS_CREDIT] = hangs * status_discount(stand.quarters_kept[e], p)
        row[READING_ENTERPRISE], row[READING_COLLEGE] = 0.0, 0.0
        vague = p.vagueness * (1.0 - stand.levers[r, _L_GUIDELINES])
        if vague > 0.0:
            by_enterprise, by_college, _, _ = words(
                now[0], _READING, of_field(now[1], s), enterprises.id[e], colleges.id[c]
            )
            row[READING_ENTERPRISE], row[READING_COLLEGE] = vague * unit(by_enterprise), vague * unit(by_college)
        row[EVALUATION_REFORM] = stand.levers[home, _L_EVALUATION]
        row[STUDENT_REFORM] = stand.levers[home, _L_STUDENT]
        strength, row[RELIEF] = 0.0, 0.0
        if stand.enterprise_community[e] >= 0 and stand.enterprise_community[e] == stand.college_community[c]:
            strength = community_strength(p, stand.levers[r, _L_CHARTER])
            row[RELIEF] = base_relief(p, stand.levers[r, _L_CHARTER])
        # Members share reputations: what is said of a stranger in the same community is believed more.
        credit = p.initial_trust + strength * (1.0 - p.initial_trust)
        row[TRUST_ENTERPRISE] = enterprises.trust[e, h] if is_known else credit * colleges.reputation[c]
        row[TRUST_COLLEGE] = enterprises.trusted[e, h] if is_known else credit * enterprises.reputation[e]
        runs = agenda.kind[t] == RENEWAL or agenda.kind[t] == REVIEW
        row[TALK] = talk_price(p, 0.0, r != home, platform, runs, strength)
        row[TALK_INCONSISTENCY] = (
            talk_price(p, stand.inconsistency[r, home], r != home, platform, runs, strength) - row[TALK]
        )
        row[PROPOSER] = agenda.inviter[t]
        row[EVIDENCE] = stand.evidence[e, h] if is_known else p.stranger_evidence
        row[ENGAGEMENT] = stand.engagement[c]
        row[FINE_ENTERPRISE] = stand.levers[r, _L_SUPERVISION] * stand.levers[r, _L_PENALTY]
        row[FINE_COLLEGE] = stand.levers[home, _L_SUPERVISION] * stand.levers[home, _L_PENALTY]
        row[NEWS_ENTERPRISE] = row[FINE_ENTERPRISE] - stand.known_fine[r]
        row[NEWS_COLLEGE] = row[FINE_COLLEGE] - stand.known_fine[home]
        row[WATCH] = p.monitoring * strength
        for m in range(N_AIMS):
            row[AIMS_ENTERPRISE + m] = stand.enterprise_aims[e, m]
            row[AIMS_COLLEGE + m] = stand.college_aims[c, m]
            row[AIMS_GOVERNMENT + m] = stand.government_aims[r, m]
            row[AIMS_STUDENTS + m] = stand.student_aims[c, m]
        if is_known:
            stake = innovation_stake(stand.joint_gain[e, h], p)
            row[AIMS_ENTERPRISE + INNOVATION] *= stake
            row[AIMS_COLLEGE + INNOVATION] *= stake


@kernel(borrows=True)
def _explain_declined(agenda, sight, terms, is_turned_down, parts, cause, binding):
    """Who declined an invitation bound the table. One that would have closed failed because the invited misjudged
    the fit, or else because it was cold: would it come if it saw the true fit (Eq. 15)?

    ``sight``: columns of perception of both sights, and the threshold of acceptance.
    """
    enterprises, colleges, threshold = sight
    for t in range(cause.shape[0]):
        if agenda.kind[t] != DECLINED:
            continue
        binding[t] = COLLEGE if agenda.inviter[t] == ENTERPRISE else ENTERPRISE
        if not is_turned_down[t]:
            continue
        e, c, h = agenda.enterprise[t], agenda.college[t], agenda.slot[t]
        if agenda.inviter[t] == ENTERPRISE:
            trust = enterprises.trusted[e, h] if h >= 0 else enterprises.reputation[e]
        else:
            trust = enterprises.trust[e, h] if h >= 0 else colleges.reputation[c]
        cause[t] = UNIDENTIFIED_INTEREST if terms[t, FIT_TRUE] * trust >= threshold else COLD_PARTNER
        parts[t, cause[t]] = 1.0
