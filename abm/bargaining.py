"""A table and what each contract is worth to the four parties who sit at it (Eq. 19-23).

A table is a row of *terms*: what its parties know of each other and under which rules they meet.
From it follow the utilities of the 55 contracts and the reservation values; a protocol picks a
contract; talk has its price, and who would end below its reservation value walks away.
"""

from __future__ import annotations

from enum import IntEnum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from abm.equations import (
    N_AIMS,
    STANDING,
    TALENT,
    asset_cost,
    contract_quarters,
    cooperation_cost,
    is_scaled,
    tax_relief,
    yields_by_level,
)
from abm.kernels import kernel
from abm.levers import LEVERS, L
from abm.state import N_CONTRACTS, N_LEVELS, N_SHARES, PARTIES, Bytes, Floats, Ints

if TYPE_CHECKING:
    from abm.protocols import Protocol


class Term(IntEnum):
    """Column of a table's row of terms."""

    FIT_ENTERPRISE = 0
    """Skill fit as the enterprise sees it, 0-1."""
    FIT_COLLEGE = 1
    FIT_TRUE = 2
    TRUST_ENTERPRISE = 3
    """The enterprise's trust in the college's effort, 0-1."""
    TRUST_COLLEGE = 4
    RETENTION = 5
    """Share of trainees that the enterprise expects to keep, 0-1."""
    MARKET_FIT = 6
    """What the open labour market of its region gives, 0-1."""
    SUBSIDY = 7
    """Share of the cost that the government pays."""
    TAX_CREDIT = 8
    TAX_DUE = 9
    EVALUATION_REFORM = 10
    STUDENT_REFORM = 11
    TALK = 12
    """Price of a round of talk, without policy inconsistency."""
    TALK_INCONSISTENCY = 13
    """What policy inconsistency adds to it."""
    PROPOSER = 14
    """Party that called the table: 0 enterprise, 1 college."""
    AIMS_ENTERPRISE = 15
    """First of six weights; the other parties' follow."""
    AIMS_COLLEGE = 21
    AIMS_GOVERNMENT = 27
    AIMS_STUDENTS = 33


N_TERMS = 39
N_PARTIES = len(PARTIES)
SUBSIDY_CEILING = float(LEVERS[L.SUBSIDY_RATE].high)

FIT_ENTERPRISE, FIT_COLLEGE, FIT_TRUE = int(Term.FIT_ENTERPRISE), int(Term.FIT_COLLEGE), int(Term.FIT_TRUE)
TRUST_ENTERPRISE, TRUST_COLLEGE = int(Term.TRUST_ENTERPRISE), int(Term.TRUST_COLLEGE)
RETENTION, MARKET_FIT = int(Term.RETENTION), int(Term.MARKET_FIT)
SUBSIDY, TAX_CREDIT, TAX_DUE = int(Term.SUBSIDY), int(Term.TAX_CREDIT), int(Term.TAX_DUE)
EVALUATION_REFORM, STUDENT_REFORM = int(Term.EVALUATION_REFORM), int(Term.STUDENT_REFORM)
TALK, TALK_INCONSISTENCY, PROPOSER = int(Term.TALK), int(Term.TALK_INCONSISTENCY), int(Term.PROPOSER)
AIMS_ENTERPRISE, AIMS_COLLEGE = int(Term.AIMS_ENTERPRISE), int(Term.AIMS_COLLEGE)
AIMS_GOVERNMENT, AIMS_STUDENTS = int(Term.AIMS_GOVERNMENT), int(Term.AIMS_STUDENTS)


class Outcome(NamedTuple):
    """What T tables came to."""

    contract: Ints  # [T] (level - 1) * 11 + tenths of the enterprise's share; -1 = no agreement
    rounds: Floats  # [T] of talk
    binding: Bytes  # [T] party whose constraint stopped the deal, -1 = signed


def contract_level(contract: Any) -> Any:
    """Formal level 1-5 of a contract number; works on arrays."""
    return contract // N_SHARES + 1


def contract_share(contract: Any) -> Any:
    """Enterprise's share of the cost, 0-1, of a contract number; works on arrays."""
    return contract % N_SHARES / (N_SHARES - 1)


class Stakes(NamedTuple):
    """What every table of a step has in common, worked out once (Eq. 3, 5, 21, 23)."""

    yields: Floats  # [M, 6] of the aims by level
    costs: Floats  # [6] of cooperation by level, both sides together, a quarter
    assets: Floats  # [6] of the costs, what is sunk in specific assets (Eq. 85)
    quarters: Floats  # [6] length of a contract by level
    outside: Floats  # [4] outside options of the parties
    prices: Floats  # [3] public funds, students' practice, rounds of talk to concede everything
    patience: Floats  # [4] concession exponents


@lru_cache(maxsize=64)
def stakes(p: Any) -> Stakes:
    """Stakes under the parameters ``p``."""
    yields, costs, assets, quarters = _by_level(p)
    return Stakes(
        yields,
        costs,
        assets,
        quarters,
        np.array([p.enterprise_outside, p.college_outside, p.government_outside, p.student_outside]),
        np.array([p.public_funds_cost, p.student_cost, p.talk_rounds]),
        np.array([p.patience_enterprise, p.patience_college, p.patience_government, p.patience_students]),
    )


def evaluate(terms: Floats, protocol: Protocol, common: Stakes, *, names_binding: bool = True) -> Outcome:
    """Negotiate T tables. Shape of ``terms`` [T, N_TERMS].

    Without ``names_binding`` only whether a party stopped the deal is worked out, not which (then 0).
    """
    n = len(terms)
    utility, reservation = worths(terms, common)
    contract, time, rounds = np.empty(n, np.int64), np.empty(n), np.empty(n)
    binding = np.empty(n, np.int8)
    protocol.agree(utility, reservation, terms[:, PROPOSER], common.patience, contract, time)
    _settle(terms, utility, reservation, (protocol.is_binding, names_binding), common.prices, contract, time, rounds,
            binding)  # fmt: skip
    return Outcome(contract, rounds, binding)


def worths(terms: Floats, common: Stakes) -> tuple[Floats, Floats]:
    """Utilities of all contracts and reservation values, before the price of talk.

    Shape of ``terms`` [T, N_TERMS]; gives [T, 4, 55] and [T, 4], worth a quarter.
    """
    utility = np.empty((len(terms), N_PARTIES, N_CONTRACTS))
    reservation = np.empty((len(terms), N_PARTIES))
    _utilities(terms, common.yields, (common.costs, common.assets), common.outside, common.prices, utility, reservation)
    return utility, reservation


@kernel
def _by_level(p):
    """By level: yields of the aims (Eq. 3) [M, 6], costs (Eq. 5), what of them is sunk (Eq. 85) and lengths of
    contracts [6]; level 0 is none."""
    costs, assets, quarters = np.zeros(N_LEVELS + 1), np.zeros(N_LEVELS + 1), np.zeros(N_LEVELS + 1)
    for level in range(1, N_LEVELS + 1):
        costs[level] = cooperation_cost(level / N_LEVELS, p)
        assets[level] = asset_cost(level, p)
        quarters[level] = contract_quarters(level, p)
    return yields_by_level(p), costs, assets, quarters


@kernel(inline=True)
def _reform(terms, first, reform, weights):
    """The six weights from column ``first`` on, after evaluation reform (Eq. 19), into ``weights``."""
    standing = terms[first + STANDING]
    rest = 1.0 - standing
    for m in range(N_AIMS):
        if rest > 0.0:
            weights[m] = terms[first + m] * (1.0 + reform * standing / rest)
        else:
            weights[m] = reform / (N_AIMS - 1)
    weights[STANDING] = standing * (1.0 - reform)


@kernel(inline=True)
def _worth(weights, fit, trust, retention, yields, level):
    """Sum over the aims of weight x yield x scale at one level (Eq. 4, 20)."""
    worth = 0.0
    for m in range(N_AIMS):
        value = weights[m] * yields[m, level]
        if is_scaled(m):
            value *= fit * trust
        if m == TALENT:
            value *= retention
        worth += value
    return worth


@kernel
def _utilities(tables, yields, by_level, outside, prices, utility, reservation):
    """Utilities [T, 4, 55] and reservation values [T, 4] of all contracts (Eq. 20, 21)."""
    weights = np.empty((N_PARTIES, N_AIMS))
    public_funds_cost, student_cost = prices[0], prices[1]
    costs, assets = by_level
    for t in range(tables.shape[0]):
        terms = tables[t]
        fit = 0.5 * (terms[FIT_ENTERPRISE] + terms[FIT_COLLEGE])
        trust = 0.5 * (terms[TRUST_ENTERPRISE] + terms[TRUST_COLLEGE])
        subsidy, credit_rate, tax_due = terms[SUBSIDY], terms[TAX_CREDIT], terms[TAX_DUE]
        _reform(terms, AIMS_ENTERPRISE, 0.0, weights[0])
        _reform(terms, AIMS_COLLEGE, terms[EVALUATION_REFORM], weights[1])
        _reform(terms, AIMS_GOVERNMENT, 0.0, weights[2])
        _reform(terms, AIMS_STUDENTS, terms[STUDENT_REFORM], weights[3])
        for level in range(1, N_LEVELS + 1):
            cost = costs[level]
            own = cost * (1.0 - subsidy)
            # Who does not trust its partner reckons with an early end, and with what it would strand.
            sunk = assets[level] * (1.0 - subsidy)
            risk_enterprise = sunk * (1.0 - terms[TRUST_ENTERPRISE])
            risk_college = sunk * (1.0 - terms[TRUST_COLLEGE])
            for_enterprise = _worth(
                weights[0], terms[FIT_ENTERPRISE], terms[TRUST_ENTERPRISE], terms[RETENTION], yields, level
            )
            for_college = _worth(weights[1], terms[FIT_COLLEGE], terms[TRUST_COLLEGE], 1.0, yields, level)
            for_government = _worth(weights[2], fit, trust, 1.0, yields, level)
            for_students = _worth(weights[3], fit, trust, 1.0, yields, level) - student_cost * level / N_LEVELS
            for tenth in range(N_SHARES):
                k = (level - 1) * N_SHARES + tenth
                share = tenth / (N_SHARES - 1)
                paid = share * own
                credit = tax_relief(credit_rate, paid, tax_due)
                utility[t, 0, k] = for_enterprise - paid - share * risk_enterprise + credit
                utility[t, 1, k] = for_college - (own - paid) - (1.0 - share) * risk_college
                utility[t, 2, k] = for_government - public_funds_cost * (subsidy * cost + credit)
                utility[t, 3, k] = for_students
        reservation[t, 0] = outside[0] * weights[0, TALENT] * terms[MARKET_FIT]
        reservation[t, 1] = outside[1] * weights[1, STANDING]
        reservation[t, 2] = outside[2]
        reservation[t, 3] = outside[3] * weights[3, STANDING]


@kernel(inline=True)
def _closest(utility, reservation):
    """The party furthest below its reservation value in the contract that comes closest to all four."""
    best_short, party = np.inf, 0
    for k in range(utility.shape[1]):
        short, who = -np.inf, 0
        for q in range(utility.shape[0]):
            if reservation[q] - utility[q, k] > short:
                short, who = reservation[q] - utility[q, k], q
        if short < best_short:
            best_short, party = short, who
    return party


@kernel
def _settle(terms, utility, reservation, how, prices, contract, time, rounds, binding):
    """Price of talk and walking away (Eq. 23); names the party that stopped the deal.
    ``how``: whether nobody may walk away, and whether the party is asked for."""
    is_binding, names_binding = how
    for t in range(terms.shape[0]):
        k = contract[t]
        binding[t] = -1
        rounds[t] = 1.0 + prices[2] * time[t]
        if k < 0:
            binding[t] = _closest(utility[t], reservation[t]) if names_binding else 0
        elif not is_binding:
            talk = (terms[t, TALK] + terms[t, TALK_INCONSISTENCY]) * rounds[t]
            left_enterprise = utility[t, 0, k] - talk - reservation[t, 0]
            left_college = utility[t, 1, k] - talk - reservation[t, 1]
            if min(left_enterprise, left_college) < 0.0:
                binding[t] = 0 if left_enterprise <= left_college else 1
        if binding[t] >= 0:
            contract[t] = -1
