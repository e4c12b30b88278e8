"""Phase 4, negotiation: four parties at each table (Eq. 19-25; paper 3, 5.4).

All tables of a step are negotiated at once, under the same knowledge. Where public money runs out,
the step's random order of priority decides. Every failed table explains itself (diagnosis.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    contract_level,
    contract_share,
    Outcome,
    Stakes,
    evaluate,
    stakes,
)
from abm.diagnosis import BLOCK, CAUSES, COLD_PARTNER, UNIDENTIFIED_INTEREST, diagnose
from abm.equations import N_AIMS, community_strength, cooperation_cost, overlap, talk_price, tax_relief
from abm.kernels import kernel, over_blocks
from abm.levers import F, L
from abm.phases.search import seen_by_college, seen_by_enterprise, trust_in_college, trust_in_enterprise
from abm.protocols import protocol as find_protocol
from abm.state import TableRecord

if TYPE_CHECKING:
    from abm.protocols import Protocol
    from abm.scenario import Scenario
    from abm.state import Floats, State

WRITES: tuple[str, ...] = (
    "tables",
    "flows",
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

_L_SUBSIDY, _L_CREDIT, _L_MANDATE = int(L.SUBSIDY_RATE), int(L.TAX_CREDIT), int(L.MANDATE)
_L_EVALUATION, _L_STUDENT = int(L.EVALUATION_REFORM), int(L.STUDENT_REFORM)
_L_PLATFORM, _L_CHARTER = int(L.PLATFORM), int(L.CHARTER)
_F_SUBSIDY, _F_CREDIT = int(F.SUBSIDY), int(F.TAX_CREDIT)
_RENEWAL, _REVIEW, _DECLINED = 2, 3, 4
_NOT_RENEWED = 3
_MANDATED_SHARE = 0.5


def negotiation(state: State, scenario: Scenario) -> None:
    """Settle the step's tables, sign what was agreed, and diagnose what failed."""
    p, agenda = scenario.p, state.agenda
    assert agenda is not None
    protocol = find_protocol(scenario.protocol)
    terms = _terms(
        state.seed, state.step, agenda, state.governments, state.colleges, state.enterprises, state.ties, p
    )
    common = stakes(p)
    contract, rounds, binding = _negotiate(terms, protocol, common, state.threads)

    would_close = contract >= 0
    is_declined = agenda.kind == _DECLINED
    contract[is_declined] = -1
    is_funded = np.ones(len(terms), np.int8)
    _fund(agenda, state.governments, state.enterprises, state.ties, p, terms, contract, is_funded)
    short = np.flatnonzero(is_funded == 0)
    if len(short):
        terms[short, SUBSIDY] = 0.0
        terms[short, TAX_CREDIT] = 0.0
        contract[short], rounds[short], binding[short] = evaluate(terms[short], protocol, common)

    level = np.where(contract >= 0, contract_level(contract), 0).astype(np.int8)
    share = np.where(contract >= 0, contract_share(contract), 0.0)
    is_mandated = np.zeros(len(terms), np.int8)
    _order(agenda, state.governments, state.enterprises, terms, level, share, is_mandated, binding)

    moves = np.full((len(terms), len(CAUSES)), np.nan)
    cause = np.full(len(terms), -1, np.int8)
    failed = np.flatnonzero(level == 0)
    moves[failed], cause[failed] = diagnose(terms[failed], protocol, common, state.threads)
    # A declined table that would have closed: did the invited misjudge the fit, or was it cold?
    would_accept = _would_accept(agenda, state.colleges, state.enterprises, state.ties, p)
    turned_down = np.flatnonzero(is_declined & would_close)
    moves[turned_down] = np.nan
    cause[turned_down] = np.where(would_accept[turned_down], UNIDENTIFIED_INTEREST, COLD_PARTNER)
    moves[turned_down, cause[turned_down]] = 1.0
    binding[is_declined] = 1 - agenda.inviter[is_declined]

    _sign(state.step, agenda, terms, level, share, is_mandated, state.governments, state.colleges, state.enterprises,
          state.ties, p)
    state.tables = TableRecord(
        agenda.enterprise, agenda.college, state.enterprises.region[agenda.enterprise], agenda.kind, level, share,
        rounds, is_mandated, is_funded, cause, binding, terms, moves,
    )  # fmt: skip


def _negotiate(terms: Floats, protocol: Protocol, common: Stakes, threads: int) -> Outcome:
    """Outcomes of all tables, in blocks whose utilities stay in the cache."""
    n = len(terms)
    outcome = Outcome(np.empty(n, np.int64), np.empty(n), np.empty(n, np.int8))

    def block(lo: int, hi: int) -> None:
        for whole, part in zip(outcome, evaluate(terms[lo:hi], protocol, common), strict=True):
            whole[lo:hi] = part

    over_blocks(block, [(lo, min(lo + BLOCK, n)) for lo in range(0, n, BLOCK)], threads=threads)
    return outcome


@kernel
def _terms(seed, step, agenda, governments, colleges, enterprises, ties, p):
    """Rows of terms of all tables: what each side knows, and under which rules. Shape [T, N_TERMS]."""
    n = agenda.enterprise.shape[0]
    terms = np.empty((n, N_TERMS))
    for t in range(n):
        e, c, h = agenda.enterprise[t], agenda.college[t], agenda.slot[t]
        row = terms[t]
        r, home = enterprises.region[e], colleges.region[c]
        levers = governments.levers[r]
        is_known = h >= 0
        row[FIT_TRUE] = overlap(enterprises.demand, e, colleges.curriculum, c)
        row[FIT_ENTERPRISE] = seen_by_enterprise(seed, step, governments, colleges, enterprises, e, c, is_known, p)
        row[FIT_COLLEGE] = seen_by_college(seed, step, governments, colleges, enterprises, e, c, is_known, p)
        row[TRUST_ENTERPRISE] = (
            trust_in_college(ties, colleges, e, c, h) if is_known else p.initial_trust * colleges.reputation[c]
        )
        row[TRUST_COLLEGE] = (
            trust_in_enterprise(ties, enterprises, e, h) if is_known else p.initial_trust * enterprises.reputation[e]
        )
        row[RETENTION] = enterprises.retention[e]
        row[MARKET_FIT] = governments.market_fit[r]
        row[SUBSIDY] = levers[_L_SUBSIDY]
        row[TAX_CREDIT] = levers[_L_CREDIT]
        row[TAX_DUE] = enterprises.tax_due[e]
        row[EVALUATION_REFORM] = governments.levers[home, _L_EVALUATION]
        row[STUDENT_REFORM] = governments.levers[home, _L_STUDENT]
        strength = 0.0
        if enterprises.community[e] >= 0 and enterprises.community[e] == colleges.community[c]:
            strength = community_strength(p, levers[_L_CHARTER])
        is_renewal = agenda.kind[t] == _RENEWAL or agenda.kind[t] == _REVIEW
        row[TALK] = talk_price(p, 0.0, r != home, levers[_L_PLATFORM], is_renewal, strength)
        row[TALK_INCONSISTENCY] = (
            talk_price(p, governments.inconsistency[r, home], r != home, levers[_L_PLATFORM], is_renewal, strength)
            - row[TALK]
        )
        row[PROPOSER] = agenda.inviter[t]
        for m in range(N_AIMS):
            row[AIMS_ENTERPRISE + m] = enterprises.aims[e, m]
            row[AIMS_COLLEGE + m] = colleges.aims[c, m]
            row[AIMS_GOVERNMENT + m] = governments.aims[r, m]
            row[AIMS_STUDENTS + m] = colleges.student_aims[c, m]
    return terms


@kernel
def _would_accept(agenda, colleges, enterprises, ties, p):
    """Whether the invited of each table would come if it saw the true fit (Eq. 15). Shape [T]."""
    n = agenda.enterprise.shape[0]
    accepts = np.empty(n, np.bool_)
    for t in range(n):
        e, c, h = agenda.enterprise[t], agenda.college[t], agenda.slot[t]
        fit = overlap(enterprises.demand, e, colleges.curriculum, c)
        if agenda.inviter[t] == 0:
            value = fit * trust_in_enterprise(ties, enterprises, e, h)
        else:
            value = fit * trust_in_college(ties, colleges, e, c, h)
        accepts[t] = value >= p.acceptance_threshold
    return accepts


@kernel(inline=True)
def _public_money(terms, level, share, p):
    """Subsidy and tax credit a quarter of a signed contract (Eq. 20)."""
    cost = cooperation_cost(0.2 * level, p)
    subsidy = terms[SUBSIDY] * cost
    return subsidy, tax_relief(terms[TAX_CREDIT], share * (cost - subsidy), terms[TAX_DUE])


@kernel(inline=True)
def _promised(ties, e, h, p):
    """Public money a quarter that the running contract was promised."""
    return ties.subsidy[e, h] * cooperation_cost(0.2 * ties.level[e, h], p) + ties.tax_credit[e, h]


@kernel
def _fund(agenda, governments, enterprises, ties, p, terms, contract, is_funded):
    """Mark the agreements that what is left of the region's budget cannot carry (Eq. 24)."""
    left = governments.budget.copy()
    for r in range(left.shape[0]):
        for f in range(governments.spent_now.shape[1]):
            left[r] -= governments.spent_now[r, f]
    for t in range(contract.shape[0]):
        if contract[t] < 0:
            continue
        e = agenda.enterprise[t]
        r = enterprises.region[e]
        subsidy, credit = _public_money(terms[t], contract[t] // 11 + 1, contract[t] % 11 / 10.0, p)
        need = subsidy + credit
        if need <= 0.0:
            continue
        if agenda.kind[t] == _REVIEW:
            need -= _promised(ties, e, agenda.slot[t], p)
        if need > left[r]:
            is_funded[t] = 0
        else:
            left[r] -= need


@kernel
def _order(agenda, governments, enterprises, terms, level, share, is_mandated, binding):
    """Sign by order where a mandate asks for more than the parties agreed on (Eq. 25)."""
    for t in range(level.shape[0]):
        if agenda.kind[t] == _REVIEW or agenda.kind[t] == _DECLINED:
            continue
        r = enterprises.region[agenda.enterprise[t]]
        ordered = int(governments.levers[r, _L_MANDATE])
        if ordered > level[t]:
            level[t], share[t], is_mandated[t], binding[t] = ordered, _MANDATED_SHARE, 1, -1
            terms[t, SUBSIDY], terms[t, TAX_CREDIT] = 0.0, 0.0


@kernel(inline=True)
def contract_quarters(level):
    """Length of a contract in quarters: the deeper, the longer (section 4)."""
    if level <= 1:
        return 2
    if level == 2:
        return 4
    if level == 3:
        return 12
    return 16 if level == 4 else 24


@kernel(inline=True)
def _new_slot(ties, e):
    """An empty slot, or the memory that is worth least; contracts are never forgotten."""
    worst, least = -1, np.inf
    for h in range(ties.college.shape[1]):
        if ties.college[e, h] < 0:
            return h
        if ties.level[e, h] == 0 and ties.trust_enterprise[e, h] < least:
            worst, least = h, ties.trust_enterprise[e, h]
    return worst


@kernel
def _sign(step, agenda, terms, level, share, is_mandated, governments, colleges, enterprises, ties, p):
    """Write signed contracts into the ties, end what was not renewed, and pay the first quarter."""
    for t in range(level.shape[0]):
        e, c, h, kind = agenda.enterprise[t], agenda.college[t], agenda.slot[t], agenda.kind[t]
        is_running = kind == _RENEWAL or kind == _REVIEW
        if level[t] == 0:
            if kind == _RENEWAL:
                ties.level[e, h] = 0
                ties.substance[e, h] = 0.0
                ties.subsidy[e, h] = 0.0
                ties.tax_credit[e, h] = 0.0
                ties.cause_of_end[e, h] = _NOT_RENEWED
                enterprises.n_partners[e] -= 1
                colleges.n_partners[c] -= 1
            continue
        promised = _promised(ties, e, h, p) if kind == _REVIEW else 0.0
        # Two tables of one step may concern the same memory: the first of them has moved it.
        if not is_running:
            h = -1
            for i in range(ties.college.shape[1]):
                if ties.college[e, i] == c:
                    h = i
            if h < 0:
                h = _new_slot(ties, e)
                ties.college[e, h] = c
                ties.trust_enterprise[e, h] = terms[t, TRUST_ENTERPRISE]
                ties.trust_college[e, h] = terms[t, TRUST_COLLEGE]
            enterprises.n_partners[e] += 1
            colleges.n_partners[c] += 1
            ties.effort_enterprise[e, h] = 0.0
            ties.effort_college[e, h] = 0.0
            ties.substance[e, h] = 0.0
        subsidy, credit = _public_money(terms[t], level[t], share[t], p)
        ties.level[e, h] = level[t]
        ties.cost_share[e, h] = share[t]
        ties.subsidy[e, h] = terms[t, SUBSIDY]
        ties.tax_credit[e, h] = credit
        ties.is_mandated[e, h] = is_mandated[t]
        ties.remaining[e, h] = contract_quarters(level[t])
        ties.founded[e, h] = step
        ties.cause_of_end[e, h] = 0
        r = enterprises.region[e]
        extra = subsidy + credit - promised
        part = subsidy / (subsidy + credit) if subsidy + credit > 0.0 else 1.0
        governments.spent_now[r, _F_SUBSIDY] += extra * part
        governments.spent[r, _F_SUBSIDY] += extra * part
        governments.spent_now[r, _F_CREDIT] += extra * (1.0 - part)
        governments.spent[r, _F_CREDIT] += extra * (1.0 - part)

