"""A table and what each contract is worth to the four parties who sit at it (Eq. 19-23).

A table is a row of *terms*: what its parties know of each other and under which rules they meet.
From it follow the ledgers of the 55 contracts (world/ledger.py); a protocol picks a contract; talk has its price,
which is known before it is paid: a table fails only where no contract that all accept pays a round of it.
"""

from __future__ import annotations

from enum import IntEnum
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from abm.machine.kernels import kernel, kernel_of_parts, over_blocks, row_blocks
from abm.quarter.negotiation.protocols._gains import LEAST_SPAN, largest_of
from abm.world.equations import N_AIMS, depth_of, larger, reformed_weight, smaller, tax_relief
from abm.world.ledger import (
    Conduct,
    Outlook,
    Work,
    as_read,
    chance_below_standard,
    conduct,
    drive,
    early_end,
    effort_cost,
    effort_from,
    expected_effort,
    given_up,
    outlook,
    output,
    status_at_stake,
)
from abm.world.level_tables import LevelTables, level_tables
from abm.world.levers import LEVERS, L
from abm.world.state import N_CONTRACTS, N_SHARES, Bytes, Floats, Ints
from abm.world.vocabulary import (
    CO_BUILT,
    COLLEGE,
    EMPLOYMENT,
    ENTERPRISE,
    GOVERNMENT,
    N_LEVELS,
    N_PARTIES,
    PROFIT,
    STANDING,
    STUDENTS,
    TALENT,
)

if TYPE_CHECKING:
    from abm.quarter.negotiation.protocols import Protocol


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
    """Share of the cost that the government pays, whatever is done together."""
    TAX_CREDIT = 8
    TAX_DUE = 9
    EVALUATION_REFORM = 10
    STUDENT_REFORM = 11
    TALK = 12
    """Price of a round of talk, without policy inconsistency."""
    TALK_INCONSISTENCY = 13
    """What policy inconsistency adds to it."""
    PROPOSER = 14
    """Party that called the table, ENTERPRISE or COLLEGE."""
    EVIDENCE = 15
    """Quarters of common practice that both sides' trust rests on."""
    ENGAGEMENT = 16
    """Of the college's teachers, 0-1."""
    FINE_ENTERPRISE = 17
    """Audit probability x penalty in the enterprise's region, a unit of depth."""
    FINE_COLLEGE = 18
    WATCH = 19
    """Worth, a unit of depth, of not being seen to shirk by a common community."""
    NEWS_ENTERPRISE = 20
    """What of the fine in the enterprise's region is new, a unit of depth."""
    NEWS_COLLEGE = 21
    AIMS_ENTERPRISE = 22
    """First of six weights; the other parties' follow. What enterprise and college gained together by joint research
    raises their weight on innovation at this table (Eq. 122)."""
    AIMS_COLLEGE = 28
    AIMS_GOVERNMENT = 34
    AIMS_STUDENTS = 40
    RESEARCH_FUNDING = 46
    """Share of the cost that it pays beside the subsidy where research is done together."""
    READING_ENTERPRISE = 47
    """What the enterprise reads into vague terms, as the share of the way to the college's full effort, 0-1."""
    READING_COLLEGE = 48
    STATUS_CREDIT = 49
    """Share of the tax credit that hangs on the enterprise's status, worth the less the longer it has to earn it."""
    RELIEF = 50
    """Share of both sides' effort that the shared base of a common community takes off, 0-1."""
    CREDITED = 51
    """Share of its tax credit that the enterprise is paid, with or without the status that it hangs on, 0-1."""


N_TERMS = 52
SUBSIDY_CEILING = float(LEVERS[L.SUBSIDY_RATE].high)

FIT_ENTERPRISE, FIT_COLLEGE, FIT_TRUE = int(Term.FIT_ENTERPRISE), int(Term.FIT_COLLEGE), int(Term.FIT_TRUE)
TRUST_ENTERPRISE, TRUST_COLLEGE = int(Term.TRUST_ENTERPRISE), int(Term.TRUST_COLLEGE)
RETENTION, MARKET_FIT = int(Term.RETENTION), int(Term.MARKET_FIT)
SUBSIDY, TAX_CREDIT, TAX_DUE = int(Term.SUBSIDY), int(Term.TAX_CREDIT), int(Term.TAX_DUE)
RESEARCH_FUNDING, RELIEF = int(Term.RESEARCH_FUNDING), int(Term.RELIEF)
EVALUATION_REFORM, STUDENT_REFORM = int(Term.EVALUATION_REFORM), int(Term.STUDENT_REFORM)
TALK, TALK_INCONSISTENCY, PROPOSER = int(Term.TALK), int(Term.TALK_INCONSISTENCY), int(Term.PROPOSER)
EVIDENCE, ENGAGEMENT, WATCH = int(Term.EVIDENCE), int(Term.ENGAGEMENT), int(Term.WATCH)
FINE_ENTERPRISE, FINE_COLLEGE = int(Term.FINE_ENTERPRISE), int(Term.FINE_COLLEGE)
NEWS_ENTERPRISE, NEWS_COLLEGE = int(Term.NEWS_ENTERPRISE), int(Term.NEWS_COLLEGE)
READING_ENTERPRISE, READING_COLLEGE = int(Term.READING_ENTERPRISE), int(Term.READING_COLLEGE)
STATUS_CREDIT, CREDITED = int(Term.STATUS_CREDIT), int(Term.CREDITED)
AIMS_ENTERPRISE, AIMS_COLLEGE = int(Term.AIMS_ENTERPRISE), int(Term.AIMS_COLLEGE)
AIMS_GOVERNMENT, AIMS_STUDENTS = int(Term.AIMS_GOVERNMENT), int(Term.AIMS_STUDENTS)
N_KINDS = 5
PLAIN, SCALED, OF_TALENT, ON_PAPER, IN_ALL = range(N_KINDS)
"""Kinds of what a level is worth: by aims that neither fit nor effort scales; by those that both scale, talent left
out; by talent; by what fit scales and a signature alone earns; all together, other lines of the ledger counted that
do not hang on the share of the cost."""
N_EXPECTED = 1 + len(Outlook._fields)
_ROUNDING = 1e-9
"""Far more than the rounding errors of utilities."""
_SMALL = 256
"""Tables below which a second thread costs more than it gives."""


class CommonTerms(NamedTuple):
    """What every table of a step has in common, worked out once."""

    levels: LevelTables
    patience: Floats  # [4] concession exponents (Eq. 22)
    conduct: Conduct
    talk_rounds: float


@lru_cache(maxsize=64)
def common_terms(p: Any) -> CommonTerms:
    """Common terms under the parameters ``p``."""
    return CommonTerms(
        level_tables(p),
        np.array([p.patience_enterprise, p.patience_college, p.patience_government, p.patience_students]),
        conduct(p),
        p.talk_rounds,
    )


class Outcome(NamedTuple):
    """What T tables came to."""

    contract: Ints  # [T] (level - 1) * 11 + tenths of the enterprise's share; -1 = no agreement
    rounds: Floats  # [T] of talk
    binding: Bytes  # [T] party whose constraint stopped the deal, -1 = signed


class Workspace(NamedTuple):
    """Arrays in which one table is worked out, in the shapes that protocols take."""

    expected: Floats  # [2, 6, 4] the partner's effort by side and level, and the outlook that it gives (Eq. 90, 92)
    joint: Floats  # [6] what both expected efforts together do of full output, by level (Eq. 4)
    worth: Floats  # [5, 4, 6] of levels before money: by kind (see PLAIN and the rest), party and level
    risk: Floats  # [2, 6] expected quarters of a contract's assets that an early end strands, by side and level
    kept: Floats  # [2, 6] what a side keeps by working of a credit that hangs on its status (Eq. 111)
    utility: Floats  # [1, 4, 55]
    reservation: Floats  # [1, 4] 0: what a party has outside is a line of its ledger
    proposer: Floats  # [1]
    protocol: Floats  # [55] for the protocol to work in
    gains: Floats  # [55] what contracts leave to the talker who gains less; below 0 where a party does not accept
    contract: Ints  # [1]
    time: Floats  # [1]


@kernel(inline=True)
def table_workspace():
    return Workspace(
        np.empty((2, N_LEVELS + 1, N_EXPECTED)),
        np.empty(N_LEVELS + 1),
        np.empty((N_KINDS, N_PARTIES, N_LEVELS + 1)),
        np.empty((2, N_LEVELS + 1)),
        np.zeros((2, N_LEVELS + 1)),
        np.empty((1, N_PARTIES, N_CONTRACTS)),
        np.zeros((1, N_PARTIES)),
        np.empty(1),
        np.empty(N_CONTRACTS),
        np.empty(N_CONTRACTS),
        np.empty(1, np.int64),
        np.empty(1),
    )


@kernel(borrows=True)
def contract_level(contract):
    """Formal level 1-5 of a contract number."""
    return contract // N_SHARES + 1


@kernel(borrows=True)
def contract_share(contract):
    """Enterprise's share of the cost, 0-1, of a contract number."""
    return contract % N_SHARES / (N_SHARES - 1)


def evaluate(terms: Floats, protocol: Protocol, common: CommonTerms, threads: int = 1) -> Outcome:
    """Negotiate T tables. Shape of ``terms`` [T, N_TERMS]."""
    n = len(terms)
    outcome = Outcome(np.empty(n, np.int64), np.empty(n), np.empty(n, np.int8))
    blocks = row_blocks(n, threads, _SMALL)
    negotiate = _negotiate_under(protocol.agree)
    over_blocks(negotiate, blocks, terms, common, protocol.is_binding, outcome, threads=threads)
    return outcome


@cache
def _negotiate_under(agree: Any) -> Any:
    """The loop over tables, compiled with a protocol's ``agree`` in it."""

    def negotiate(lo, hi, terms, common, is_binding, outcome):
        """Outcomes of the tables lo..hi - 1, one after the other: utilities, agreement, the price of talk."""
        work = table_workspace()
        for t in range(lo, hi):
            row = terms[t]
            weigh_aims(row, common, work)
            expect_of_partners(row, common, work)
            foresee(row, common, work)
            contract_utilities(row, common, work)
            work.proposer[0] = row[PROPOSER]
            agree(
                work.utility, work.reservation, work.proposer, common.patience, work.protocol, work.contract, work.time
            )
            outcome.binding[t] = -1
            if work.contract[0] < 0:
                _, outcome.binding[t] = nearest(0.0, common, work)
            elif not is_binding:
                talkers_gains(common, work)
                if not is_paid(row, common, work, work.contract[0], work.time[0]):
                    outcome.binding[t] = settle_on_another(row, common, work)
            outcome.contract[t] = work.contract[0] if outcome.binding[t] < 0 else -1
            outcome.rounds[t] = rounds_of_talk(common.talk_rounds, work.time)

    return kernel_of_parts(negotiate)


def worths(terms: Floats, common: CommonTerms) -> tuple[Floats, Floats]:
    """Utilities of all contracts and reservation values, before the price of talk.

    Shape of ``terms`` [T, N_TERMS]; gives [T, 4, 55] and [T, 4], worth a quarter.
    """
    utility = np.empty((len(terms), N_PARTIES, N_CONTRACTS))
    reservation = np.empty((len(terms), N_PARTIES))
    _worths(terms, common, utility, reservation)
    return utility, reservation


@kernel
def _worths(terms, common, utility, reservation):
    work = table_workspace()
    for t in range(terms.shape[0]):
        weigh_aims(terms[t], common, work)
        expect_of_partners(terms[t], common, work)
        foresee(terms[t], common, work)
        contract_utilities(terms[t], common, work)
        utility[t], reservation[t] = work.utility[0], work.reservation[0]


@kernel(inline=True, borrows=True)
def _weigh(terms, first, reform, party, exchange, common, worth):
    """What the levels give to a party by its weights, from column ``first`` on, after evaluation reform (Eq. 3, 19)."""
    yields, paper = common.levels.yields, common.conduct.paper_employment
    for level in range(N_LEVELS + 1):
        worth[PLAIN, party, level] = worth[SCALED, party, level] = 0.0
        worth[OF_TALENT, party, level] = worth[ON_PAPER, party, level] = 0.0
    for m in range(N_AIMS):
        weight = exchange * reformed_weight(terms, first, m, reform)
        for level in range(N_LEVELS + 1):
            value = weight * yields[m, level]
            if m in (PROFIT, STANDING):
                worth[PLAIN, party, level] += value
            elif m == TALENT:
                worth[OF_TALENT, party, level] += value
            elif m == EMPLOYMENT:
                worth[ON_PAPER, party, level] += paper * value
                worth[SCALED, party, level] += (1.0 - paper) * value
            else:
                worth[SCALED, party, level] += value


@kernel(borrows=True)
def weigh_aims(terms, common, work):
    """What the parties want from each level (Eq. 3, 19)."""
    _weigh(terms, AIMS_ENTERPRISE, 0.0, ENTERPRISE, common.conduct.enterprise_worth, common, work.worth)
    _weigh(terms, AIMS_GOVERNMENT, 0.0, GOVERNMENT, 1.0, common, work.worth)
    weigh_aims_as_evaluated(terms, common, work)


@kernel(borrows=True)
def weigh_aims_as_evaluated(terms, common, work):
    """The part of it that evaluation reform moves: what college and students want (Eq. 19)."""
    _weigh(terms, AIMS_COLLEGE, terms[EVALUATION_REFORM], COLLEGE, common.conduct.college_worth, common, work.worth)
    _weigh(terms, AIMS_STUDENTS, terms[STUDENT_REFORM], STUDENTS, 1.0, common, work.worth)


class Side(NamedTuple):
    """What a level means to enterprise or college beside what it wants of it."""

    fit: float
    """Of skills, as it sees it, 0-1."""
    kept: float
    """Share of the talent that stays with it."""
    outside: float
    """What it gives up outside."""
    cost: float
    """Of full effort."""
    fine: float
    """Audit probability x penalty x depth."""


@kernel(borrows=True)
def expect_of_partners(terms, common, work):
    """What enterprise and college expect of each other's effort at each level (Eq. 90, 92, 107)."""
    p = common.conduct
    for level in range(1, N_LEVELS + 1):
        depth, length = depth_of(level), common.levels.quarters[level]
        college = expected_effort(terms[TRUST_ENTERPRISE], terms[EVIDENCE], depth, terms[NEWS_COLLEGE], p)
        enterprise = expected_effort(terms[TRUST_COLLEGE], terms[EVIDENCE], depth, terms[NEWS_ENTERPRISE], p)
        college, enterprise = as_read(college, terms[READING_ENTERPRISE]), as_read(enterprise, terms[READING_COLLEGE])
        _expect(ENTERPRISE, level, college, outlook(level, college, 1.0, length, length, p), work)
        _expect(COLLEGE, level, enterprise, outlook(level, enterprise, 1.0, length, length, p), work)
        work.joint[level] = output(enterprise, college, p)


@kernel(inline=True, borrows=True)
def _expect(party, level, theirs, seen, work):
    expected = work.expected
    expected[party, level, 0] = theirs
    expected[party, level, 1], expected[party, level, 2] = seen.full, seen.least
    expected[party, level, 3] = seen.at_risk


@kernel(borrows=True)
def foresee(terms, common, work):
    """What each level is worth to each party before money (Eq. 4, 20, 21): fit and effort scale what they want, and
    each foresees its own effort, as it would be if the cost were shared evenly."""
    _foresee_the_others(terms, common, work)
    _foresee_status(terms, common, work)
    for level in range(1, N_LEVELS + 1):
        _foresee_talkers(level, terms, common, work, (True, True))


@kernel(inline=True, borrows=True)
def _foresee_talkers(level, terms, common, work, anew):
    """What a level is worth to enterprise and college, each if it is to be foreseen ``anew``."""
    if anew[ENTERPRISE]:
        _foresee(ENTERPRISE, level, _side(ENTERPRISE, level, terms, common), terms, common, work)
    if anew[COLLEGE]:
        _foresee(COLLEGE, level, _side(COLLEGE, level, terms, common), terms, common, work)


@kernel(borrows=True)
def foresees_a_deal(terms, common, work, anew):
    """``foresee`` and then ``may_close``; talkers foresee nothing where a bound says that no level can close.

    ``anew``: for enterprise and college, whether terms moved what levels are worth to it since ``work`` was filled.
    """
    _foresee_the_others(terms, common, work)
    hopeful = False
    for level in range(1, N_LEVELS + 1):
        enterprise = _at_most(ENTERPRISE, level, terms, common, work, anew)
        college = _at_most(COLLEGE, level, terms, common, work, anew)
        hopeful |= _may_close_at(level, enterprise, college, terms, common, work)
    if not hopeful:
        return False
    _foresee_status(terms, common, work)
    for level in range(1, N_LEVELS + 1):
        _foresee_talkers(level, terms, common, work, anew)
    return may_close(terms, common, work)


@kernel(inline=True, borrows=True)
def _at_most(party, level, terms, common, work, anew):
    """A bound on what a level is worth to enterprise or college, whatever effort it foresees of itself (Eq. 20).

    What joint effort yields runs with one's own effort below a line: its tangent at full effort where it bends
    down (an elasticity up to 1), else its chord. So the most lies at full effort or at shirking.
    """
    if not anew[party]:
        return work.worth[IN_ALL, party, level]
    p, side = common.conduct, _side(party, level, terms, common)
    joint, fixed = _own_worth(party, level, side, work)
    full, least = work.expected[party, level, 1], work.expected[party, level, 2]
    shirking = larger(least, full * (1.0 - p.output_elasticity * (1.0 - p.shirk_effort)))
    most = larger(joint * full - side.cost, joint * shirking - side.cost * p.shirk_effort)
    return fixed + most if joint >= 0.0 else np.inf


@kernel(borrows=True)
def _foresee_status(terms, common, work):
    """What the enterprise keeps by working of a credit that hangs on its status (Eq. 111). Apart from the rest of what
    a side foresees: a branch in there would cost every table, under whatever rules, a quarter of its time."""
    kept, p = work.kept[ENTERPRISE], common.conduct
    for level in range(1, N_LEVELS + 1):
        kept[level] = 0.0
    if terms[STATUS_CREDIT] <= 0.0:
        return
    for level in range(1, N_LEVELS + 1):
        half = 0.5 * common.levels.costs[level] * (1.0 - public_share(terms, level))
        credit = terms[STATUS_CREDIT] * tax_relief(terms[TAX_CREDIT], half, terms[TAX_DUE])
        kept[level] = status_at_stake(depth_of(level), credit, p)


@kernel(inline=True, borrows=True)
def _side(party, level, terms, common):
    """What a level means to enterprise or college beside what it wants of it, as a ``Side``."""
    p, depth = common.conduct, depth_of(level)
    if party == ENTERPRISE:
        outside = given_up(ENTERPRISE, level, terms[AIMS_ENTERPRISE + TALENT], 0.0, terms[MARKET_FIT], p)
        cost = effort_cost(ENTERPRISE, depth, 0.0, 0.0, terms[RELIEF], p)
        return Side(terms[FIT_ENTERPRISE], terms[RETENTION], outside, cost, terms[FINE_ENTERPRISE] * depth)
    standing = reformed_weight(terms, AIMS_COLLEGE, STANDING, terms[EVALUATION_REFORM])
    outside = given_up(COLLEGE, level, 0.0, standing, 0.0, p)
    cost = effort_cost(COLLEGE, depth, standing, terms[ENGAGEMENT], terms[RELIEF], p)
    return Side(terms[FIT_COLLEGE], 1.0, outside, cost, terms[FINE_COLLEGE] * depth)


@kernel(inline=True, borrows=True)
def _own_worth(party, level, side, work):
    """What full joint effort gives to enterprise or college, and what does not hang on its own effort."""
    worth = work.worth
    joint = side.fit * (worth[SCALED, party, level] + side.kept * worth[OF_TALENT, party, level])
    return joint, worth[PLAIN, party, level] + side.fit * worth[ON_PAPER, party, level] - side.outside


@kernel(inline=True, borrows=True)
def public_share(terms, level):
    """Share of a level's cost that the government pays: the subsidy, and at levels of joint research what is given for
    that, together no more than a subsidy may be (Eq. 20)."""
    subsidy, research = terms[SUBSIDY], terms[RESEARCH_FUNDING]
    return smaller(subsidy + research, SUBSIDY_CEILING) if level >= CO_BUILT and research > 0.0 else subsidy


@kernel(inline=True, borrows=True)
def _foresee_the_others(terms, common, work):
    """What each level is worth to government and students, who put in no effort of their own (Eq. 20)."""
    worth, p = work.worth, common.conduct
    grades = reformed_weight(terms, AIMS_STUDENTS, STANDING, terms[STUDENT_REFORM])
    fit = 0.5 * (terms[FIT_ENTERPRISE] + terms[FIT_COLLEGE])
    for level in range(1, N_LEVELS + 1):
        done = fit * work.joint[level]
        for party in (GOVERNMENT, STUDENTS):
            wanted = done * (worth[SCALED, party, level] + worth[OF_TALENT, party, level])
            wanted += worth[PLAIN, party, level] + fit * worth[ON_PAPER, party, level]
            worth[IN_ALL, party, level] = wanted - given_up(party, level, 0.0, grades, 0.0, p)


@kernel(inline=True, borrows=True)
def _foresee(party, level, side, terms, common, work):
    """What a level is worth to enterprise or college with the effort that it foresees of itself (Eq. 20, 27)."""
    worth, expected, p = work.worth, work.expected, common.conduct
    theirs = expected[party, level, 0]
    seen = Outlook(expected[party, level, 1], expected[party, level, 2], expected[party, level, 3])
    joint, fixed = _own_worth(party, level, side, work)
    half = 0.5 * common.levels.costs[level] * (1.0 - public_share(terms, level))
    watch = terms[WATCH] * depth_of(level) + work.kept[party, level]
    at_stake = Work(joint, fixed - half, side.cost, side.fine, watch)
    x = drive(level, seen, at_stake, p)
    mine = effort_from(x, p)
    value = fixed + joint * output(mine, theirs, p) - side.cost * mine
    if side.fine > 0.0:
        value -= side.fine * chance_below_standard(x, p)
    worth[IN_ALL, party, level] = value
    work.risk[party, level] = early_end(level, mine, theirs, p) * 0.5 * common.levels.quarters[level]


@kernel(borrows=True)
def contract_utilities(terms, common, work):
    """Ledgers of all contracts, from what their levels are worth and what they cost whom (Eq. 20)."""
    costs, assets, worth, utility = common.levels.costs, common.levels.assets, work.worth, work.utility
    credit_rate, tax_due, credited = terms[TAX_CREDIT], terms[TAX_DUE], terms[CREDITED]
    for level in range(1, N_LEVELS + 1):
        subsidy = public_share(terms, level)
        own = costs[level] * (1.0 - subsidy)
        # Who does not trust its partner reckons with an early end, and with what it would strand.
        sunk = assets[level] * (1.0 - subsidy)
        risk_enterprise, risk_college = sunk * work.risk[ENTERPRISE, level], sunk * work.risk[COLLEGE, level]
        first = (level - 1) * N_SHARES
        for tenth in range(N_SHARES):
            share, k = tenth / (N_SHARES - 1), first + tenth
            paid = share * own
            credit = credited * tax_relief(credit_rate, paid, tax_due)
            utility[0, ENTERPRISE, k] = worth[IN_ALL, ENTERPRISE, level] - paid - share * risk_enterprise + credit
            utility[0, COLLEGE, k] = worth[IN_ALL, COLLEGE, level] - (own - paid) - (1.0 - share) * risk_college
            # What its rules promise the government is bound to pay: no line of its ledger at the table.
            utility[0, GOVERNMENT, k] = worth[IN_ALL, GOVERNMENT, level]
            utility[0, STUDENTS, k] = worth[IN_ALL, STUDENTS, level]


@kernel(borrows=True)
def may_close(terms, common, work):
    """False where no contract can leave all four a gain and pay one round of talk.

    A bound on Eq. 20-23 from the worth of levels alone: it compares the best that a level can be to each
    party, and to enterprise and college together. What it lets pass may still fail; what it stops cannot close.
    """
    found = False
    for level in range(1, N_LEVELS + 1):
        found |= _may_close_as_foreseen(level, terms, common, work)
    return found


@kernel(inline=True, borrows=True)
def _may_close_as_foreseen(level, terms, common, work):
    """``may_close`` at one level."""
    enterprise, college = work.worth[IN_ALL, ENTERPRISE, level], work.worth[IN_ALL, COLLEGE, level]
    return _may_close_at(level, enterprise, college, terms, common, work)


@kernel(inline=True, borrows=True)
def _may_close_at(level, enterprise, college, terms, common, work):
    """``may_close`` at one level that is worth so much to enterprise and college."""
    worth, talk = work.worth, price_of_talk(terms, level) / common.levels.quarters[level]
    own = common.levels.costs[level] * (1.0 - public_share(terms, level))
    # Nobody can have more: one pays nothing and has nothing to lose.
    enterprise, college = enterprise - talk, college - talk
    others = smaller(worth[IN_ALL, GOVERNMENT, level], worth[IN_ALL, STUDENTS, level])
    credit = terms[CREDITED] * tax_relief(terms[TAX_CREDIT], own, terms[TAX_DUE])
    both = enterprise + college - (own - credit)
    return smaller(smaller(enterprise, college), smaller(others, both)) >= -_ROUNDING


@kernel(borrows=True)
def nearest(price, common, work):
    """The contract that leaves most to the party that it leaves least, a quarter and net of a round of talk, and that
    party. ``price``: of a round about one matter."""
    utility, reservation, least = work.utility, work.reservation, work.protocol
    enterprise, college = reservation[0, ENTERPRISE], reservation[0, COLLEGE]
    government, students = reservation[0, GOVERNMENT], reservation[0, STUDENTS]
    for level in range(1, N_LEVELS + 1):
        talk, first = price * level / common.levels.quarters[level], (level - 1) * N_SHARES
        for k in range(first, first + N_SHARES):
            talker = smaller(utility[0, ENTERPRISE, k] - enterprise, utility[0, COLLEGE, k] - college) - talk
            other = smaller(utility[0, GOVERNMENT, k] - government, utility[0, STUDENTS, k] - students)
            least[k] = smaller(talker, other)
    most, best = largest_of(least), 0
    while least[best] < most:
        best += 1
    talk = price * contract_level(best) / common.levels.quarters[contract_level(best)]
    short, party = np.inf, ENTERPRISE
    for q in range(N_PARTIES):
        gain = utility[0, q, best] - reservation[0, q] - (talk if q in (ENTERPRISE, COLLEGE) else 0.0)
        if gain < short:
            short, party = gain, q
    return best, party


@kernel(inline=True, borrows=True)
def rounds_of_talk(talk_rounds, time):
    """Rounds that an agreement takes: the more, the further all had to concede (Eq. 23)."""
    return 1.0 + talk_rounds * time[0]


@kernel(borrows=True)
def talkers_gains(common, work):
    """What each contract leaves over its whole length to the one of enterprise and college that gains less, into
    ``work.gains``; below 0 where a party does not accept it."""
    utility, reservation, gains = work.utility, work.reservation, work.gains
    enterprise, college = reservation[0, ENTERPRISE], reservation[0, COLLEGE]
    government, students = reservation[0, GOVERNMENT], reservation[0, STUDENTS]
    for level in range(1, N_LEVELS + 1):
        length, first = common.levels.quarters[level], (level - 1) * N_SHARES
        for k in range(first, first + N_SHARES):
            gain = smaller(utility[0, ENTERPRISE, k] - enterprise, utility[0, COLLEGE, k] - college)
            others = smaller(utility[0, GOVERNMENT, k] - government, utility[0, STUDENTS, k] - students)
            gains[k] = gain * length if others >= 0.0 else -1.0


@kernel(inline=True, borrows=True)
def price_a_matter(terms):
    """Price of a round of talk about one matter for each talker."""
    return terms[TALK] + terms[TALK_INCONSISTENCY]


@kernel(inline=True, borrows=True)
def price_of_talk(terms, level):
    """Price of a round of talk about a contract for each talker: a round settles as many matters as its level has
    (Eq. 23)."""
    return price_a_matter(terms) * level


@kernel(inline=True, borrows=True)
def is_paid(terms, common, work, k, time):
    """Whether a contract agreed on at this time is worth the talk until then to both talkers (Eq. 23); after
    ``talkers_gains``."""
    gain = work.gains[k]
    return gain >= 0.0 and gain >= price_of_talk(terms, contract_level(k)) * (1.0 + common.talk_rounds * time)


@kernel(borrows=True)
def pays_a_round(terms, common, work):
    """Whether some contract that all accept is worth one round of talk (Eq. 23)."""
    talkers_gains(common, work)
    return pay_a_round(terms, work)


@kernel(inline=True, borrows=True)
def pay_a_round(terms, work):
    """``pays_a_round`` where ``work`` has the talkers' gains already."""
    found = False
    for level in range(1, N_LEVELS + 1):
        most, first = -1.0, (level - 1) * N_SHARES
        for k in range(first, first + N_SHARES):
            most = larger(work.gains[k], most)
        found |= most >= larger(price_of_talk(terms, level), 0.0)
    return found


def another(terms: Floats, utility: Floats, reservation: Floats, common: CommonTerms) -> tuple[int, float, int]:
    """``settle_on_another`` for one table that others have bargained at: contract (-1 = none), time, and who walks
    away (-1 = nobody). Shapes [N_TERMS], [1, 4, 55], [1, 4]."""
    return _another(terms, utility, reservation, common)


@kernel
def _another(terms, utility, reservation, common):
    work = table_workspace()
    work.utility[:], work.reservation[:] = utility, reservation
    talkers_gains(common, work)
    party = settle_on_another(terms, common, work)
    return (work.contract[0] if party < 0 else -1), work.time[0], party


@kernel(borrows=True)
def settle_on_another(terms, common, work):
    """What the table does when the talk up to its agreement would cost more than it gives (Eq. 23).

    It settles on the contract that all concede first among those worth the talk up to them; else, at the last call,
    on the one that pays one round best. Into ``work.contract`` and ``work.time``; returns -1, or the party
    whom talk made walk away. After ``talkers_gains``.
    """
    utility, reservation, gains, first, last = work.utility, work.reservation, work.gains, -1, -1
    earliest, most = np.inf, 0.0
    for q in range(N_PARTIES):
        best = -np.inf
        for k in range(N_CONTRACTS):
            if gains[k] >= 0.0:
                best = larger(best, utility[0, q, k])
        span, patience = best - reservation[0, q], common.patience[q]
        for k in range(N_CONTRACTS):
            if q == 0:
                work.protocol[k] = 0.0
            if span > LEAST_SPAN:
                wait = larger(0.0, (best - utility[0, q, k]) / span)
                work.protocol[k] = larger(work.protocol[k], wait if patience == 1.0 else wait**patience)
    closest, nearest = 0, -np.inf
    for k in range(N_CONTRACTS):
        gain, price, time = gains[k], price_of_talk(terms, contract_level(k)), work.protocol[k]
        if gain < 0.0:
            continue
        if gain - price > nearest:
            closest, nearest = k, gain - price
        if time < earliest and gain >= price * (1.0 + common.talk_rounds * time):
            first, earliest = k, time
        if gain >= price and (last < 0 or gain * price_of_talk(terms, contract_level(last)) > most * price):
            last, most = k, gain
    if first >= 0:
        work.contract[0], work.time[0] = first, earliest
        return -1
    work.time[0] = 0.0
    if last >= 0:
        work.contract[0] = last
        return -1
    is_college = (
        utility[0, COLLEGE, closest] - reservation[0, COLLEGE]
        < utility[0, ENTERPRISE, closest] - reservation[0, ENTERPRISE]
    )
    return COLLEGE if is_college else ENTERPRISE
