"""Contracts: what public money they take, what is signed by order, and how they are signed and ended
(Eq. 24, 25)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from abm.machine.kernels import kernel
from abm.quarter.negotiation.bargaining import (
    CREDITED,
    EVIDENCE,
    RESEARCH_FUNDING,
    SUBSIDY,
    TALK,
    TALK_INCONSISTENCY,
    TAX_CREDIT,
    TAX_DUE,
    TRUST_COLLEGE,
    TRUST_ENTERPRISE,
    contract_level,
    contract_share,
    public_share,
)
from abm.world.contracts import end_contract
from abm.world.equations import tax_relief
from abm.world.levers import F, L
from abm.world.state import Bytes, Floats
from abm.world.vocabulary import DECLINED, NOT_RENEWED, RENEWAL, REVIEW

_L_MANDATE, _L_SUBSIDY_BUDGET = int(L.MANDATE), int(L.SUBSIDY_BUDGET)
_F_SUBSIDY, _F_CREDIT = int(F.SUBSIDY), int(F.TAX_CREDIT)
_MANDATED_SHARE = 0.5


class Signed(NamedTuple):
    """What is signed at T tables."""

    level: Bytes  # [T] 0 = failed
    share: Floats  # [T]
    is_mandated: Bytes  # [T]


@kernel(inline=True, borrows=True)
def subsidy_and_credit(terms, level, cost, share):
    """Subsidy and tax credit a quarter that a contract of a level, which costs ``cost``, promises (Eq. 20)."""
    subsidy = public_share(terms, level) * cost
    return subsidy, tax_relief(terms[TAX_CREDIT], share * (cost - subsidy), terms[TAX_DUE])


@kernel
def unspent(money):
    """What is left for subsidies, and in all. Shape [2, R]."""
    left = np.empty((2, money.budget.shape[0]))
    for r in range(money.budget.shape[0]):
        spent = 0.0
        for f in range(money.spent_now.shape[1]):
            spent += money.spent_now[r, f]
        ceiling = money.levers[r, _L_SUBSIDY_BUDGET] * money.budget[r]
        left[0, r], left[1, r] = ceiling - money.spent_now[r, _F_SUBSIDY], money.budget[r] - spent
    return left


@kernel
def fund(agenda, region, money, ties, costs, terms, contract, left, waiting):
    """Set public money aside for the agreements ``waiting`` (rows, in order of priority), and take out of
    the terms what cannot be had (Eq. 24). ``left`` [2, R] as of ``unspent``. Returns the rows so changed."""
    for_subsidies, in_all = left
    short = np.empty(waiting.shape[0], np.int64)
    n = 0
    for t in waiting:
        e, h = agenda.enterprise[t], agenda.slot[t]
        r = region[e]
        level = contract_level(contract[t])
        subsidy, credit = subsidy_and_credit(terms[t], level, costs[level], contract_share(contract[t]))
        credit *= terms[t, CREDITED]
        more_subsidy, more_credit = subsidy, credit
        if agenda.kind[t] == REVIEW:
            # What the running contract was paid this quarter is free again; a promise not kept frees nothing.
            more_subsidy -= money.paid_subsidy[r] * ties.subsidy[e, h] * costs[ties.level[e, h]]
            more_credit -= money.paid_credit[r] * terms[t, CREDITED] * ties.tax_credit[e, h]
        is_beyond = subsidy + credit > 0.0 and more_subsidy + more_credit > max(0.0, in_all[r])
        if is_beyond or (subsidy > 0.0 and more_subsidy > max(0.0, for_subsidies[r])):
            terms[t, SUBSIDY], terms[t, RESEARCH_FUNDING] = 0.0, 0.0
            if is_beyond:
                terms[t, TAX_CREDIT] = 0.0
            short[n] = t
            n += 1
        else:
            for_subsidies[r] -= more_subsidy
            in_all[r] -= more_subsidy + more_credit
    return short[:n]


@kernel(borrows=True)
def conclude(agenda, region, levers, contract, terms, signed, binding):
    """What is signed at each table: the contract agreed on, or one by order where a mandate asks for more (Eq. 25)."""
    level, share, is_mandated = signed
    for t in range(contract.shape[0]):
        level[t], share[t], is_mandated[t] = 0, 0.0, 0
        if contract[t] >= 0:
            level[t], share[t] = contract_level(contract[t]), contract_share(contract[t])
        if agenda.kind[t] == REVIEW or agenda.kind[t] == DECLINED:
            continue
        ordered = int(levers[region[agenda.enterprise[t]], _L_MANDATE])
        if ordered > level[t]:
            level[t], share[t], is_mandated[t], binding[t] = ordered, _MANDATED_SHARE, 1, -1
            terms[t, SUBSIDY], terms[t, RESEARCH_FUNDING], terms[t, TAX_CREDIT] = 0.0, 0.0, 0.0


@kernel(inline=True, borrows=True)
def _slot_for(ties, e, c, s):
    """The slot that remembers the college's programme; else an empty one; else the memory that is worth least.
    Contracts are never forgotten."""
    college, level, trust = ties.college, ties.level, ties.trust_enterprise
    worst, least = -1, np.inf
    for h in range(college.shape[1]):
        if college[e, h] == c and ties.field[e, h] == s:
            return h
    for h in range(college.shape[1]):
        if college[e, h] < 0:
            return h
        if level[e, h] == 0 and trust[e, h] < least:
            worst, least = h, trust[e, h]
    return worst


@kernel(borrows=True)
def sign(step, agenda, region, terms, signed, rounds, ties, n_partners, money, levels):
    """Write signed contracts into the ties, end what was not renewed, and pay the first quarter."""
    enterprise_partners, college_partners = n_partners
    costs, quarters = levels.costs, levels.quarters
    for t in range(signed.level.shape[0]):
        e, c, h, kind, level = agenda.enterprise[t], agenda.college[t], agenda.slot[t], agenda.kind[t], signed.level[t]
        if level == 0 and kind != RENEWAL:
            continue
        if level == 0:
            end_contract(ties, e, h, NOT_RENEWED)
            enterprise_partners[e] -= 1
            college_partners[c] -= 1
            continue
        r, freed_subsidy, freed_credit = region[e], 0.0, 0.0
        if kind == REVIEW:
            freed_subsidy = money.paid_subsidy[r] * ties.subsidy[e, h] * costs[ties.level[e, h]]
            freed_credit = money.paid_credit[r] * terms[t, CREDITED] * ties.tax_credit[e, h]
        elif kind != RENEWAL:
            s = agenda.field[t]
            h = _slot_for(ties, e, c, s)
            if ties.college[e, h] != c or ties.field[e, h] != s:
                ties.college[e, h], ties.field[e, h] = c, s
                ties.trust_enterprise[e, h] = terms[t, TRUST_ENTERPRISE]
                ties.trust_college[e, h] = terms[t, TRUST_COLLEGE]
                ties.evidence[e, h] = terms[t, EVIDENCE]
                ties.joint_gain[e, h] = 0.0
            enterprise_partners[e] += 1
            college_partners[c] += 1
            ties.effort_enterprise[e, h] = 0.0
            ties.effort_college[e, h] = 0.0
            ties.substance[e, h] = 0.0
        subsidy, credit = subsidy_and_credit(terms[t], level, costs[level], signed.share[t])
        ties.level[e, h] = level
        ties.cost_share[e, h] = signed.share[t]
        ties.subsidy[e, h] = public_share(terms[t], level)
        ties.tax_credit[e, h] = credit
        credit *= terms[t, CREDITED]
        price = (terms[t, TALK] + terms[t, TALK_INCONSISTENCY]) * level
        ties.talk[e, h] = 0.0 if signed.is_mandated[t] == 1 else price * rounds[t]
        ties.is_mandated[e, h] = signed.is_mandated[t]
        ties.remaining[e, h] = int(quarters[level])
        ties.founded[e, h] = step
        ties.cause_of_end[e, h] = 0
        money.spent_now[r, _F_SUBSIDY] += subsidy - freed_subsidy
        money.spent[r, _F_SUBSIDY] += subsidy - freed_subsidy
        money.spent_now[r, _F_CREDIT] += credit - freed_credit
        money.spent[r, _F_CREDIT] += credit - freed_credit
