"""Why a table failed, and what would have closed it (Eq. 72; paper 3.2-3.4).

Every failed table is negotiated again with one thing changed all the way. Of the changes that close it alone, the one
that adds most to the gain of the party that was short is its primary cause; others that add nearly as much share the
failure. Where no single change closes it but all together do, several things failed it. Nothing here is correlation:
it is the decision rule itself, asked again. How small a move would do, and which smallest set of changes,
is found for the tables that somebody looks at.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from abm.machine.kernels import kernel, kernel_of_parts, over_blocks, row_blocks
from abm.quarter.negotiation.bargaining import (
    EVALUATION_REFORM,
    FIT_COLLEGE,
    FIT_ENTERPRISE,
    FIT_TRUE,
    N_EXPECTED,
    N_KINDS,
    N_TERMS,
    PROPOSER,
    RETENTION,
    STUDENT_REFORM,
    SUBSIDY,
    SUBSIDY_CEILING,
    TALK,
    TALK_INCONSISTENCY,
    TRUST_COLLEGE,
    TRUST_ENTERPRISE,
    common_terms,
    contract_level,
    contract_utilities,
    expect_of_partners,
    foresee,
    foresees_a_deal,
    nearest,
    pay_a_round,
    pays_a_round,
    price_a_matter,
    price_of_talk,
    table_workspace,
    talkers_gains,
    weigh_aims,
    weigh_aims_as_evaluated,
)
from abm.quarter.negotiation.protocols import protocol as find_protocol
from abm.world.vocabulary import (
    CAUSES,
    COLLEGE,
    COMMUNICATION_COST,
    DISTRUST,
    ENTERPRISE,
    EVALUATION,
    FUNDING,
    N_LEVELS,
    N_MOVES,
    N_PARTIES,
    NO_COMMON_INTEREST,
    POACHING,
    POLICY_INCONSISTENCY,
    SEVERAL,
    SKILL_MISMATCH,
    UNIDENTIFIED_INTEREST,
)

if TYPE_CHECKING:
    from abm.quarter.negotiation.bargaining import CommonTerms
    from abm.quarter.negotiation.protocols import Protocol
    from abm.world.state import Bytes, Floats, TableRecord, TableRules

_SMALL = 64
"""Failed tables below which a second thread costs more than it gives."""
BISECTIONS = 5
"""The smallest move is known to 1 part in 32."""
SHARED_WITHIN = 0.1
"""Causes that add less than the primary one by this share at most have an equal part in the failure."""
_BOTH = (True, True)
_ALL = (1 << N_MOVES) - 1
_TALK = (COMMUNICATION_COST, POLICY_INCONSISTENCY)
_TALK_FIRST = np.array([*_TALK, *(cause for cause in range(N_MOVES) if cause not in _TALK)])
"""Changes in the order in which they are tried: cheaper talk while all contracts are worth what they were."""
SETS = np.array(sorted(range(1, _ALL + 1), key=lambda mask: (mask.bit_count(), mask)))
"""Sets of changes as bits, the small ones first."""


@kernel(borrows=True)
def move(terms, cause, x):
    """Change one thing of a table's terms by the share ``x`` of the way it can go."""
    if cause == UNIDENTIFIED_INTEREST:
        terms[FIT_ENTERPRISE] += x * (terms[FIT_TRUE] - terms[FIT_ENTERPRISE])
        terms[FIT_COLLEGE] += x * (terms[FIT_TRUE] - terms[FIT_COLLEGE])
    elif cause == COMMUNICATION_COST:
        terms[TALK] *= 1.0 - x
    elif cause == POLICY_INCONSISTENCY:
        terms[TALK_INCONSISTENCY] *= 1.0 - x
    elif cause == DISTRUST:
        terms[TRUST_ENTERPRISE] += x * (1.0 - terms[TRUST_ENTERPRISE])
        terms[TRUST_COLLEGE] += x * (1.0 - terms[TRUST_COLLEGE])
    elif cause == FUNDING:
        terms[SUBSIDY] += x * (SUBSIDY_CEILING - terms[SUBSIDY])
    elif cause == EVALUATION:
        terms[EVALUATION_REFORM] += x * (1.0 - terms[EVALUATION_REFORM])
        terms[STUDENT_REFORM] += x * (1.0 - terms[STUDENT_REFORM])
    elif cause == SKILL_MISMATCH:
        # The fit that there is: how unsure they are of it stays.
        better = 1.0 + x * (1.0 / terms[FIT_TRUE] - 1.0) if terms[FIT_TRUE] > 0.0 else 1.0
        terms[FIT_ENTERPRISE] *= better
        terms[FIT_COLLEGE] *= better
        terms[FIT_TRUE] *= better
    else:
        terms[RETENTION] += x * (1.0 - terms[RETENTION])


@kernel(borrows=True)
def _change(usual, cause, x, changed):
    """Terms ``usual`` with one thing moved, into ``changed``."""
    for i in range(N_TERMS):
        changed[i] = usual[i]
    move(changed, cause, x)


@kernel(inline=True, borrows=True)
def _is_about_talk(cause):
    """Whether a change makes talk cheaper and touches nobody's utility."""
    return COMMUNICATION_COST <= cause <= POLICY_INCONSISTENCY


class Diagnosis(NamedTuple):
    """Why T tables failed."""

    cause: Bytes  # [T] primary cause, index of CAUSES
    adds: Floats  # [T, N_MOVES] what a change that closes the deal alone adds to the gain of the party short; else NaN
    parts: Floats  # [T, len(CAUSES)] part of the failure that each cause has; rows add up to 1


@kernel(inline=True, borrows=True)
def _net(terms, common, work, party, k):
    """Gain of a party from contract ``k``, a quarter, net of one round of talk for those who pay it."""
    gain, level = work.utility[0, party, k] - work.reservation[0, party], contract_level(k)
    if party in (ENTERPRISE, COLLEGE):
        gain -= price_of_talk(terms, level) / common.levels.quarters[level]
    return gain


@kernel(inline=True, borrows=True)
def _nearest(terms, common, work):
    """The contract that leaves most to the party that it leaves least, and that party."""
    return nearest(price_a_matter(terms), common, work)


@kernel(inline=True, borrows=True)
def _pays(terms, common, work, anew):
    """Whether some contract under these terms pays a round of talk; if so, what all are worth is left in ``work``.
    ``anew``: see ``foresees_a_deal``."""
    if not foresees_a_deal(terms, common, work, anew):
        return False
    contract_utilities(terms, common, work)
    return pays_a_round(terms, common, work)


@kernel(borrows=True)
def _change_all(usual, causes, changed):
    """Terms ``usual`` with all of ``causes``, bits of a number, moved all the way, into ``changed``."""
    for i in range(N_TERMS):
        changed[i] = usual[i]
    for cause in range(N_MOVES):
        if causes >> cause & 1:
            move(changed, cause, 1.0)


class _Levels(NamedTuple):
    """What a workspace holds of levels."""

    expected: Floats
    joint: Floats
    worth: Floats
    risk: Floats


@kernel(inline=True)
def _levels(work):
    """Room for what a workspace holds of levels."""
    return _Levels(
        np.empty_like(work.expected), np.empty_like(work.joint), np.empty_like(work.worth), np.empty_like(work.risk)
    )


@kernel(inline=True, borrows=True)
def _copy(seen, into):
    """What levels are worth, from one place into another."""
    for level in range(N_LEVELS + 1):
        into.joint[level] = seen.joint[level]
        for side in (ENTERPRISE, COLLEGE):
            into.risk[side, level] = seen.risk[side, level]
            for i in range(N_EXPECTED):
                into.expected[side, level, i] = seen.expected[side, level, i]
    for kind in range(N_KINDS):
        for q in range(N_PARTIES):
            for level in range(N_LEVELS + 1):
                into.worth[kind, q, level] = seen.worth[kind, q, level]


@kernel(inline=True, borrows=True)
def _closes_by(cause, changed, usual, common, work):
    """Whether a failed table closes on terms in which one thing is changed; if so, what contracts are worth is left in
    ``work``. ``usual``: what levels are worth without the change; talk is not part of it, and leaves the gains that
    ``work`` came with."""
    if _is_about_talk(cause):
        return pay_a_round(changed, work)
    _copy(usual, work)
    if cause == EVALUATION:
        weigh_aims_as_evaluated(changed, common, work)
    elif cause == DISTRUST:
        expect_of_partners(changed, common, work)
    # Reform touches no enterprise, and whom an enterprise keeps no college.
    return _pays(changed, common, work, (cause != EVALUATION, cause != POACHING))


@kernel(borrows=True)
def _sit_down(usual, common, work):
    """What the contracts of a failed table are worth, and what they leave to talkers, into ``work``; returns who was
    short, and its gain."""
    weigh_aims(usual, common, work)
    expect_of_partners(usual, common, work)
    foresee(usual, common, work)
    contract_utilities(usual, common, work)
    work.proposer[0] = usual[PROPOSER]
    talkers_gains(common, work)
    nearest, short = _nearest(usual, common, work)
    return short, _net(usual, common, work, short, nearest)


@kernel(borrows=True)
def _agrees(utility, reservation, proposer, patience, workspace, contract, time):
    """What stands for a protocol that always agrees where it is known that it can: some contract, at once."""
    contract[0], time[0] = 0, 0.0


def _whether_it_agrees(protocol: Protocol) -> Any:
    """A kernel that tells of a table with a contract that all accept whether the protocol agrees on one."""
    return _agrees if protocol.always_agrees else protocol.agree


@cache
def weigh_changes_under(agree: Any) -> Any:
    """What each change adds, compiled with a protocol's ``agree``."""

    def weigh_changes(lo, hi, terms, common, found):
        """Causes, additions and parts of the failed tables lo..hi - 1, into ``found``, a ``Diagnosis`` (Eq. 72)."""
        work, changed = table_workspace(), np.empty(N_TERMS)
        utility, reservation, proposer, space = work.utility, work.reservation, work.proposer, work.protocol
        chosen, time, patience = work.contract, work.time, common.patience
        levels = _levels(work)
        for t in range(lo, hi):
            usual = terms[t]
            short, gain = _sit_down(usual, common, work)
            _copy(work, levels)
            for cause in _TALK_FIRST:
                _change(usual, cause, 1.0, changed)
                found.adds[t, cause], chosen[0] = np.nan, -1
                if _closes_by(cause, changed, levels, common, work):
                    agree(utility, reservation, proposer, patience, space, chosen, time)
                if chosen[0] >= 0:
                    k, _ = _nearest(changed, common, work)
                    found.adds[t, cause] = _net(changed, common, work, short, k) - gain
            best, most = -1, -np.inf
            for cause in range(N_MOVES):
                if found.adds[t, cause] > most:
                    best, most = cause, found.adds[t, cause]
            if best < 0:
                _change_all(usual, _ALL, changed)
                weigh_aims_as_evaluated(changed, common, work)
                expect_of_partners(changed, common, work)
                chosen[0] = -1
                if _pays(changed, common, work, _BOTH):
                    agree(utility, reservation, proposer, patience, space, chosen, time)
                best = SEVERAL if chosen[0] >= 0 else NO_COMMON_INTEREST
            found.cause[t] = best
            _share_out(found.adds[t], best, found.parts[t])

    return kernel_of_parts(weigh_changes)


@kernel(inline=True, borrows=True)
def _share_out(adds, best, parts):
    """Equal parts of a failure for all changes that add nearly as much as the primary cause."""
    parts[:] = 0.0
    n = 0
    if best < N_MOVES:
        for cause in range(N_MOVES):
            if adds[cause] >= (1.0 - SHARED_WITHIN) * adds[best]:
                n += 1
        for cause in range(N_MOVES):
            if adds[cause] >= (1.0 - SHARED_WITHIN) * adds[best]:
                parts[cause] = 1.0 / n
    else:
        parts[best] = 1.0


def diagnose(terms: Floats, protocol: Protocol, common: CommonTerms, threads: int = 1) -> Diagnosis:
    """Why T failed tables failed. Shape of ``terms`` [T, N_TERMS]."""
    n = len(terms)
    found = Diagnosis(np.empty(n, np.int8), np.empty((n, N_MOVES)), np.empty((n, len(CAUSES))))
    blocks = row_blocks(n, threads, _SMALL)
    over_blocks(weigh_changes_under(_whether_it_agrees(protocol)), blocks, terms, common, found, threads=threads)
    return found


@cache
def search_moves_under(agree: Any, closes_by: Any = _closes_by) -> Any:
    """The search for closing moves, compiled with a protocol's ``agree`` and with what tells whether tables close."""

    def search_moves(lo, hi, terms, common, moves):
        """Smallest closing moves of the failed tables lo..hi - 1: all the way first, then by bisection."""
        work, changed = table_workspace(), np.empty(N_TERMS)
        utility, reservation, proposer, space = work.utility, work.reservation, work.proposer, work.protocol
        chosen, time, patience = work.contract, work.time, common.patience
        levels = _levels(work)
        for t in range(lo, hi):
            usual = terms[t]
            _sit_down(usual, common, work)
            _copy(work, levels)
            for cause in _TALK_FIRST:
                low, high, x = 0.0, np.nan, 1.0
                for _ in range(1 + BISECTIONS):
                    _change(usual, cause, x, changed)
                    chosen[0] = -1
                    if closes_by(cause, changed, levels, common, work):
                        agree(utility, reservation, proposer, patience, space, chosen, time)
                    if chosen[0] >= 0:
                        high = x
                    elif x == 1.0:
                        break
                    else:
                        low = x
                    x = 0.5 * (low + high)
                moves[t, cause] = high

    return kernel_of_parts(search_moves)


def closing_moves(terms: Floats, protocol: Protocol, common: CommonTerms, threads: int = 1) -> Floats:
    """Smallest share of the way that each change has to go to close T failed tables alone; NaN = it does not.

    Shapes: terms [T, N_TERMS] -> [T, N_MOVES].
    """
    moves = np.full((len(terms), N_MOVES), np.nan)
    blocks = row_blocks(len(terms), threads, _SMALL)
    over_blocks(search_moves_under(_whether_it_agrees(protocol)), blocks, terms, common, moves, threads=threads)
    return moves


def moves_of(record: TableRecord, rules: TableRules) -> Floats:
    """``closing_moves`` of the failed tables of a record, by cause. Shape [T, len(CAUSES)].

    A declined invitation whose table would have closed lacked its cause alone, all the way.
    """
    moves = np.full((len(record.cause), len(CAUSES)), np.nan)
    turned_down = record.is_turned_down == 1
    rows = np.flatnonzero((record.cause >= 0) & ~turned_down)
    moves[rows, :N_MOVES] = closing_moves(record.terms[rows], find_protocol(rules.protocol), common_terms(rules.p))
    moves[turned_down, record.cause[turned_down]] = 1.0
    return moves


@cache
def _search_sets_under(agree: Any) -> Any:

    def search_sets(lo, hi, terms, common, masks, sizes, sets):
        """Smallest sets of changes that close the failed tables lo..hi - 1, into ``sets`` [T, N_MOVES] (Eq. 72)."""
        work, changed = table_workspace(), np.empty(N_TERMS)
        utility, reservation, proposer, space = work.utility, work.reservation, work.proposer, work.protocol
        chosen, time, patience = work.contract, work.time, common.patience
        for t in range(lo, hi):
            usual = terms[t]
            short, _ = _sit_down(usual, common, work)
            best, most = -1, -np.inf
            for i in range(masks.shape[0]):
                if best >= 0 and sizes[i] > sizes[best]:
                    break
                _change_all(usual, masks[i], changed)
                weigh_aims_as_evaluated(changed, common, work)
                expect_of_partners(changed, common, work)
                chosen[0] = -1
                if _pays(changed, common, work, _BOTH):
                    agree(utility, reservation, proposer, patience, space, chosen, time)
                if chosen[0] >= 0:
                    k, _ = _nearest(changed, common, work)
                    if _net(changed, common, work, short, k) > most:
                        best, most = i, _net(changed, common, work, short, k)
            if best >= 0:
                for cause in range(N_MOVES):
                    sets[t, cause] = masks[best] >> cause & 1

    return kernel_of_parts(search_sets)


def closing_sets(terms: Floats, protocol: Protocol, common: CommonTerms, threads: int = 1) -> Bytes:
    """The smallest set of changes, all the way, that closes each of T failed tables (Eq. 72); among those of one size
    the one that leaves most to the party that was short. Shapes: terms [T, N_TERMS] -> [T, N_MOVES] of 0 and 1, all 0
    where not even all together do."""
    sets = np.zeros((len(terms), N_MOVES), np.int8)
    sizes = np.array([int(mask).bit_count() for mask in SETS])
    blocks = row_blocks(len(terms), threads, _SMALL)
    search = _search_sets_under(_whether_it_agrees(protocol))
    over_blocks(search, blocks, terms, common, SETS, sizes, sets, threads=threads)
    return sets


def sets_of(record: TableRecord, rules: TableRules) -> Bytes:
    """``closing_sets`` of those tables of a record that several things failed; all 0 elsewhere. Shape [T, N_MOVES]."""
    sets = np.zeros((len(record.cause), N_MOVES), np.int8)
    rows = np.flatnonzero(record.cause == SEVERAL)
    if len(rows):  # else the search need not even be compiled
        sets[rows] = closing_sets(record.terms[rows], find_protocol(rules.protocol), common_terms(rules.p))
    return sets
