"""Phase 4, negotiation: four parties at each table (Eq. 19-25; paper 3, 5.4).

All tables of a step are negotiated at once, under the same knowledge. Where public money runs out,
the step's random order of priority decides. Every failed table explains itself (diagnosis.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from abm.bargaining import (
    AIMS_COLLEGE,
    AIMS_ENTERPRISE,
    AIMS_GOVERNMENT,
    AIMS_STUDENTS,
    EVALUATION_REFORM,
    FIT_COLLEGE,
    FIT_ENTERPRISE,
    FIT_TRUE,
    MARKET_FIT,
    N_TERMS,
    PROPOSER,
    RETENTION,
    STUDENT_REFORM,
    SUBSIDY,
    TALK,
    TALK_INCONSISTENCY,
    TAX_CREDIT,
    TAX_DUE,
    TRUST_COLLEGE,
    TRUST_ENTERPRISE,
    evaluate,
)
from abm.diagnosis import CAUSES, COLD_PARTNER, MANDATE, UNIDENTIFIED_INTEREST, diagnose
from abm.equations import N_AIMS, community_strength, overlap, talk_price
from abm.kernels import kernel, over_blocks, row_blocks
from abm.levers import L
from abm.phases._contracts import Purse, Signed, conclude, fund, sign, unspent
from abm.phases.search import perceived, sides
from abm.protocols import protocol as find_protocol
from abm.stakes import stakes
from abm.state import (
    DECLINED,
    LAPSED,
    RENEWAL,
    RENEWED,
    REVIEW,
    REVIEWED,
    SIGNED,
    ContractEvents,
    Floats,
    Ints,
    TableRecord,
)
from abm.streams import Stream

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from abm.state import State

WRITES: tuple[str, ...] = (
    "contract_events",
    "tables",
    "ties.college",
    "ties.trust_enterprise",
    "ties.trust_college",
    "ties.level",
    "ties.cost_share",
    "ties.subsidy",
    "ties.tax_credit",
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
_L_EVALUATION, _L_STUDENT = int(L.EVALUATION_REFORM), int(L.STUDENT_REFORM)
_L_PLATFORM, _L_CHARTER = int(L.PLATFORM), int(L.CHARTER)
_SEES_ENTERPRISE, _SEES_COLLEGE = int(Stream.PERCEPTION_ENTERPRISE), int(Stream.PERCEPTION_COLLEGE)


class Stand(NamedTuple):
    """Where the parties stand: what they want, what they expect, and under which rules."""

    levers: Floats  # [R, L]
    inconsistency: Floats  # [R, R]
    market_fit: Floats  # [R]
    government_aims: Floats  # [R, M]
    enterprise_aims: Floats  # [N, M]
    retention: Floats  # [N]
    tax_due: Floats  # [N]
    enterprise_community: Ints  # [N]
    college_aims: Floats  # [C, M]
    student_aims: Floats  # [C, M]
    college_community: Ints  # [C]


def stand(state: State) -> Stand:
    """The columns that the terms of a table come from, beside those of perception."""
    g, e, c = state.governments, state.enterprises, state.colleges
    return Stand(
        g.levers, g.inconsistency, g.market_fit, g.aims, e.aims, e.retention, e.tax_due, e.community,
        c.aims, c.student_aims, c.community,
    )  # fmt: skip


def negotiation(state: State, scenario: Scenario) -> None:
    """Settle the step's tables, sign what was agreed, and diagnose what failed."""
    p, agenda = scenario.p, state.agenda
    assert agenda is not None
    protocol = find_protocol(scenario.protocol)
    enterprises, colleges = sides(state)
    region = state.enterprises.region
    governments = state.governments
    purse = Purse(
        governments.budget, governments.spent, governments.spent_now, governments.paid_subsidy, governments.paid_credit,
        governments.levers,
    )  # fmt: skip
    terms = np.empty((len(agenda.enterprise), N_TERMS))
    over_blocks(
        _terms, row_blocks(len(terms), state.threads), (state.seed, state.step), agenda, enterprises, colleges,
        stand(state), terms, scenario.numbers, threads=state.threads,
    )  # fmt: skip
    common = stakes(p)
    contract, rounds, binding = evaluate(terms, protocol, common, state.threads)

    is_declined = agenda.kind == DECLINED
    is_turned_down = is_declined & (contract >= 0)
    contract[is_declined] = -1
    is_funded = np.ones(len(terms), np.int8)
    left, waiting = unspent(purse), np.flatnonzero(contract >= 0)
    # Three rounds at most: with all public money, without the subsidy, without any.
    while len(waiting):
        short = fund(agenda, region, purse, state.ties, common.costs, terms, contract, left, waiting)
        is_funded[short] = 0
        if len(short):
            contract[short], rounds[short], binding[short] = evaluate(terms[short], protocol, common)
        waiting = short[contract[short] >= 0]

    n = len(terms)
    signed = Signed(np.empty(n, np.int8), np.empty(n), np.empty(n, np.int8))
    conclude(agenda, region, governments.levers, contract, terms, signed, binding)

    moves = np.full((len(terms), len(CAUSES)), np.nan)
    cause = np.full(len(terms), -1, np.int8)
    failed = np.flatnonzero((signed.level == 0) & ~is_turned_down)
    moves[failed], cause[failed] = diagnose(terms[failed], protocol, common, state.threads)
    sight = (enterprises, colleges, p.acceptance_threshold)
    _explain_declined(agenda, sight, terms, is_turned_down, moves, cause, binding)

    state.contract_events.append(_contract_events(agenda, signed.level, signed.is_mandated, cause, state.ties.level))
    n_partners = (state.enterprises.n_partners, state.colleges.n_partners)
    sign(state.step, agenda, region, terms, signed, state.ties, n_partners, purse, (common.costs, common.quarters))
    state.tables = TableRecord(
        agenda.enterprise, agenda.college, region[agenda.enterprise], agenda.kind, signed.level, signed.share,
        rounds, signed.is_mandated, is_funded, cause, binding, terms, moves,
    )  # fmt: skip


@kernel
def _contract_events(agenda, level, is_mandated, cause, running):
    """What the step's tables did to contracts; ``running`` [N, H] are the levels before signing."""
    n = np.sum((level > 0) | (agenda.kind == RENEWAL))
    what, levels, causes = np.empty(n, np.int8), np.empty(n, np.int8), np.empty(n, np.int8)
    enterprise, college = np.empty(n, np.int32), np.empty(n, np.int32)
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
        enterprise[i], college[i] = agenda.enterprise[t], agenda.college[t]
        i += 1
    return ContractEvents(what, enterprise, college, levels, causes, np.full(n, np.nan))


@kernel
def _terms(lo, hi, moment, agenda, enterprises, colleges, stand, terms, numbers):
    """Terms [T, N_TERMS] of the tables lo..hi - 1: what each side knows, and under which rules.

    ``moment``: seed and step.
    """
    p = numbers[0]
    seed, step = moment
    for t in range(lo, hi):
        e, c, h = agenda.enterprise[t], agenda.college[t], agenda.slot[t]
        row = terms[t]
        e_id, c_id = enterprises.id[e], colleges.id[c]
        r, home = enterprises.region[e], colleges.region[c]
        platform = stand.levers[r, _L_PLATFORM]
        is_known = h >= 0
        fit = overlap(enterprises.demand, e, colleges.curriculum, c)
        row[FIT_TRUE] = fit
        row[FIT_ENTERPRISE] = perceived(seed, _SEES_ENTERPRISE, step, e_id, c_id, fit, platform, is_known, p)
        row[FIT_COLLEGE] = perceived(
            seed, _SEES_COLLEGE, step, e_id, c_id, fit, stand.levers[home, _L_PLATFORM], is_known, p
        )
        row[RETENTION] = stand.retention[e]
        row[MARKET_FIT] = stand.market_fit[r]
        row[SUBSIDY] = stand.levers[r, _L_SUBSIDY]
        row[TAX_CREDIT] = stand.levers[r, _L_CREDIT]
        row[TAX_DUE] = stand.tax_due[e]
        row[EVALUATION_REFORM] = stand.levers[home, _L_EVALUATION]
        row[STUDENT_REFORM] = stand.levers[home, _L_STUDENT]
        strength = 0.0
        if stand.enterprise_community[e] >= 0 and stand.enterprise_community[e] == stand.college_community[c]:
            strength = community_strength(p, stand.levers[r, _L_CHARTER])
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
        for m in range(N_AIMS):
            row[AIMS_ENTERPRISE + m] = stand.enterprise_aims[e, m]
            row[AIMS_COLLEGE + m] = stand.college_aims[c, m]
            row[AIMS_GOVERNMENT + m] = stand.government_aims[r, m]
            row[AIMS_STUDENTS + m] = stand.student_aims[c, m]


@kernel
def _explain_declined(agenda, sight, terms, is_turned_down, moves, cause, binding):
    """Who declined an invitation bound the table. One that would have closed failed because the invited misjudged
    the fit, or else because it was cold: would it come if it saw the true fit (Eq. 15)?

    ``sight``: columns of perception of both sides, and the threshold of acceptance.
    """
    enterprises, colleges, threshold = sight
    for t in range(cause.shape[0]):
        if agenda.kind[t] != DECLINED:
            continue
        binding[t] = 1 - agenda.inviter[t]
        if not is_turned_down[t]:
            continue
        e, c, h = agenda.enterprise[t], agenda.college[t], agenda.slot[t]
        if agenda.inviter[t] == 0:
            trust = enterprises.trusted[e, h] if h >= 0 else enterprises.reputation[e]
        else:
            trust = enterprises.trust[e, h] if h >= 0 else colleges.reputation[c]
        cause[t] = UNIDENTIFIED_INTEREST if terms[t, FIT_TRUE] * trust >= threshold else COLD_PARTNER
        moves[t, cause[t]] = 1.0
