"""A table and what each contract is worth to the four parties who sit at it (Eq. 19-23).

A table is a row of *terms*: what its parties know of each other and under which rules they meet.
From it follow the utilities of the 55 contracts and the reservation values; a protocol picks a
contract; talk has its price, and who would end below its reservation value walks away.
"""

from __future__ import annotations

from enum import IntEnum
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from abm.equations import (
    N_AIMS,
    STANDING,
    TALENT,
    is_scaled,
    reformed_weight,
    smaller,
    tax_relief,
)
from abm.kernels import kernel, over_blocks, plugged, row_blocks
from abm.levers import LEVERS, L
from abm.stakes import Stakes
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
PLAIN, SCALED, OF_TALENT, IN_ALL = range(4)
"""Kinds of what a level is worth: by aims that neither fit nor effort scales; by those that both scale, talent left
out; by talent; all together."""
_ROUNDING = 1e-9
"""Far more than the rounding errors of utilities."""
_SMALL = 256
"""Tables below which a second thread costs more than it gives."""


class Outcome(NamedTuple):
    """What T tables came to."""

    contract: Ints  # [T] (level - 1) * 11 + tenths of the enterprise's share; -1 = no agreement
    rounds: Floats  # [T] of talk
    binding: Bytes  # [T] party whose constraint stopped the deal, -1 = signed


@kernel
def contract_level(contract):
    """Formal level 1-5 of a contract number."""
    return contract // N_SHARES + 1


@kernel
def contract_share(contract):
    """Enterprise's share of the cost, 0-1, of a contract number."""
    return contract % N_SHARES / (N_SHARES - 1)


def agree(utility, reservation, proposer, patience, room, contract, time):
    """Stands for the rule of a protocol (abm.protocols); each protocol has its own copies of the loops that call it."""
    raise NotImplementedError


@cache
def _negotiate_with(protocol: Protocol) -> Any:
    return plugged(_negotiate, agree=protocol.agree)


def evaluate(terms: Floats, protocol: Protocol, common: Stakes, threads: int = 1) -> Outcome:
    """Negotiate T tables. Shape of ``terms`` [T, N_TERMS]."""
    n = len(terms)
    outcome = Outcome(np.empty(n, np.int64), np.empty(n), np.empty(n, np.int8))
    blocks = row_blocks(n, threads, _SMALL)
    over_blocks(_negotiate_with(protocol), blocks, terms, common, protocol.is_binding, *outcome, threads=threads)
    return outcome


def worths(terms: Floats, common: Stakes) -> tuple[Floats, Floats]:
    """Utilities of all contracts and reservation values, before the price of talk.

    Shape of ``terms`` [T, N_TERMS]; gives [T, 4, 55] and [T, 4], worth a quarter.
    """
    utility = np.empty((len(terms), N_PARTIES, N_CONTRACTS))
    reservation = np.empty((len(terms), N_PARTIES))
    _worths(terms, common, utility, reservation)
    return utility, reservation


@kernel
def _worths(terms, common, utility, reservation):
    yields, costs, assets, _, outside, _, public_funds_cost, student_cost, _ = common
    worth, one, floor, _, _, _, _ = open_table()
    for t in range(terms.shape[0]):
        wish(terms[t], yields, outside, worth, floor)
        appraise(terms[t], student_cost, worth)
        price(terms[t], costs, assets, public_funds_cost, worth, one)
        utility[t], reservation[t] = one[0], floor[0]


def _negotiate(lo, hi, terms, common, is_binding, contract, rounds, binding):
    """Outcomes of the tables lo..hi - 1, one after the other: utilities, agreement, the price of talk."""
    yields, costs, assets, _, outside, patience, public_funds_cost, student_cost, talk_rounds = common
    worth, utility, reservation, proposer, room, agreed, time = open_table()
    for t in range(lo, hi):
        row = terms[t]
        wish(row, yields, outside, worth, reservation)
        appraise(row, student_cost, worth)
        price(row, costs, assets, public_funds_cost, worth, utility)
        proposer[0] = row[PROPOSER]
        agree(utility, reservation, proposer, patience, room, agreed, time)
        rounds[t] = rounds_of_talk(talk_rounds, time)
        binding[t] = -1
        if agreed[0] < 0:
            binding[t] = _closest(utility, reservation)
        elif not is_binding:
            binding[t] = walks_away(row, rounds[t], agreed[0], utility, reservation)
        contract[t] = agreed[0] if binding[t] < 0 else -1


@kernel(inline=True)
def open_table():
    """Room for what is worked out at one table, in the shapes that protocols take.

    What levels are worth before money [4, 4, 6]: by kind, party and level (see PLAIN and the rest); utility
    [1, 4, 55], reservation [1, 4], proposer [1], room for the protocol [55], contract [1], time [1].
    """
    return (
        np.empty((4, N_PARTIES, N_LEVELS + 1)),
        np.empty((1, N_PARTIES, N_CONTRACTS)),
        np.empty((1, N_PARTIES)),
        np.empty(1),
        np.empty(N_CONTRACTS),
        np.empty(1, np.int64),
        np.empty(1),
    )


@kernel(inline=True)
def _wish(terms, first, reform, party, yields, worth):
    """What the levels give to a party by its weights, from column ``first`` on, after evaluation reform (Eq. 3, 19)."""
    for level in range(N_LEVELS + 1):
        worth[PLAIN, party, level] = worth[SCALED, party, level] = worth[OF_TALENT, party, level] = 0.0
    for m in range(N_AIMS):
        weight = reformed_weight(terms, first, m, reform)
        kind = OF_TALENT if m == TALENT else SCALED if is_scaled(m) else PLAIN
        for level in range(N_LEVELS + 1):
            worth[kind, party, level] += weight * yields[m, level]


@kernel(inline=True)
def wish(terms, yields, outside, worth, reservation):
    """What the parties want from each level (Eq. 3, 19), and their reservation values (Eq. 21)."""
    _wish(terms, AIMS_ENTERPRISE, 0.0, 0, yields, worth)
    _wish(terms, AIMS_GOVERNMENT, 0.0, 2, yields, worth)
    reservation[0, 0] = outside[0] * terms[AIMS_ENTERPRISE + TALENT] * terms[MARKET_FIT]
    reservation[0, 2] = outside[2]
    wish_as_evaluated(terms, yields, outside, worth, reservation)


@kernel(inline=True)
def wish_as_evaluated(terms, yields, outside, worth, reservation):
    """The part of it that evaluation reform moves: what college and students want (Eq. 19, 21)."""
    reform, student_reform = terms[EVALUATION_REFORM], terms[STUDENT_REFORM]
    _wish(terms, AIMS_COLLEGE, reform, 1, yields, worth)
    _wish(terms, AIMS_STUDENTS, student_reform, 3, yields, worth)
    reservation[0, 1] = outside[1] * reformed_weight(terms, AIMS_COLLEGE, STANDING, reform)
    reservation[0, 3] = outside[3] * reformed_weight(terms, AIMS_STUDENTS, STANDING, student_reform)


@kernel(inline=True)
def appraise(terms, student_cost, worth):
    """What each level is worth to each party before money (Eq. 4, 20): fit and effort scale what they want."""
    fit = 0.5 * (terms[FIT_ENTERPRISE] + terms[FIT_COLLEGE])
    trust = 0.5 * (terms[TRUST_ENTERPRISE] + terms[TRUST_COLLEGE])
    _appraise(0, terms[FIT_ENTERPRISE] * terms[TRUST_ENTERPRISE], terms[RETENTION], worth)
    _appraise(1, terms[FIT_COLLEGE] * terms[TRUST_COLLEGE], 1.0, worth)
    _appraise(2, fit * trust, 1.0, worth)
    _appraise(3, fit * trust, 1.0, worth)
    for level in range(N_LEVELS + 1):
        worth[IN_ALL, 3, level] -= student_cost * level / N_LEVELS


@kernel(inline=True)
def _appraise(party, scale, kept, worth):
    for level in range(N_LEVELS + 1):
        scaled = worth[SCALED, party, level] + kept * worth[OF_TALENT, party, level]
        worth[IN_ALL, party, level] = worth[PLAIN, party, level] + scale * scaled


@kernel(inline=True)
def price(terms, costs, assets, public_funds_cost, worth, utility):
    """Utilities of all contracts, from what their levels are worth and what they cost whom (Eq. 20)."""
    subsidy, credit_rate, tax_due = terms[SUBSIDY], terms[TAX_CREDIT], terms[TAX_DUE]
    for level in range(1, N_LEVELS + 1):
        own = costs[level] * (1.0 - subsidy)
        subsidised = subsidy * costs[level]
        # Who does not trust its partner reckons with an early end, and with what it would strand.
        sunk = assets[level] * (1.0 - subsidy)
        risk_enterprise = sunk * (1.0 - terms[TRUST_ENTERPRISE])
        risk_college = sunk * (1.0 - terms[TRUST_COLLEGE])
        first = (level - 1) * N_SHARES
        for tenth in range(N_SHARES):
            share = tenth / (N_SHARES - 1)
            paid = share * own
            credit = tax_relief(credit_rate, paid, tax_due)
            utility[0, 0, first + tenth] = worth[IN_ALL, 0, level] - paid - share * risk_enterprise + credit
            utility[0, 1, first + tenth] = worth[IN_ALL, 1, level] - (own - paid) - (1.0 - share) * risk_college
            utility[0, 2, first + tenth] = worth[IN_ALL, 2, level] - public_funds_cost * (subsidised + credit)
            utility[0, 3, first + tenth] = worth[IN_ALL, 3, level]


@kernel(inline=True)
def may_close(terms, costs, public_funds_cost, worth, reservation):
    """False where no contract can leave all four at their reservation values after one round of talk.

    A bound on Eq. 20-23 from the worth of levels alone: it compares the best that a level can be to each
    party, and to enterprise and college together. What it lets pass may still fail; what it stops cannot close.
    """
    talk = terms[TALK] + terms[TALK_INCONSISTENCY]
    found = False
    for level in range(1, N_LEVELS + 1):
        subsidised = terms[SUBSIDY] * costs[level]
        own = costs[level] - subsidised
        # Nobody can have more: one pays nothing and has nothing to lose, the government gives no credit.
        enterprise = worth[IN_ALL, 0, level] - talk - reservation[0, 0]
        college = worth[IN_ALL, 1, level] - talk - reservation[0, 1]
        government = worth[IN_ALL, 2, level] - public_funds_cost * subsidised - reservation[0, 2]
        students = worth[IN_ALL, 3, level] - reservation[0, 3]
        both = enterprise + college - (own - tax_relief(terms[TAX_CREDIT], own, terms[TAX_DUE]))
        found |= smaller(smaller(enterprise, college), smaller(smaller(government, students), both)) >= -_ROUNDING
    return found


@kernel(inline=True)
def _closest(utility, reservation):
    """The party furthest below its reservation value in the contract that comes closest to all four."""
    best_short, party = np.inf, 0
    for k in range(N_CONTRACTS):
        short, who = -np.inf, 0
        for q in range(N_PARTIES):
            if reservation[0, q] - utility[0, q, k] > short:
                short, who = reservation[0, q] - utility[0, q, k], q
        if short < best_short:
            best_short, party = short, who
    return party


@kernel(inline=True)
def rounds_of_talk(talk_rounds, time):
    """Rounds that an agreement takes: the more, the further all had to concede (Eq. 23)."""
    return 1.0 + talk_rounds * time[0]


@kernel(inline=True)
def walks_away(terms, rounds, contract, utility, reservation):
    """Party whom the price of talk makes walk away from the agreed contract, -1 = none (Eq. 23)."""
    talk = (terms[TALK] + terms[TALK_INCONSISTENCY]) * rounds
    left_enterprise = utility[0, 0, contract] - talk - reservation[0, 0]
    left_college = utility[0, 1, contract] - talk - reservation[0, 1]
    if smaller(left_enterprise, left_college) >= 0.0:
        return -1
    return 0 if left_enterprise <= left_college else 1
