"""Who pays what and who gets what under a contract that was not signed: its ledger as the table expected it.

The lines are those of abm/world/ledger.py, from the terms that the parties knew. Their sum is the worth that the table
bargained over (``bargaining.worths``), before the price of talk; tests/dashboards/test_table_ledger.py holds it for
every contract.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.machine.kernels import kernel
from abm.quarter.negotiation.bargaining import (
    AIMS_COLLEGE,
    AIMS_ENTERPRISE,
    AIMS_GOVERNMENT,
    AIMS_STUDENTS,
    CREDITED,
    ENGAGEMENT,
    EVALUATION_REFORM,
    FINE_COLLEGE,
    FINE_ENTERPRISE,
    FIT_COLLEGE,
    FIT_ENTERPRISE,
    MARKET_FIT,
    N_TERMS,
    OF_TALENT,
    ON_PAPER,
    PLAIN,
    RELIEF,
    RETENTION,
    SCALED,
    STUDENT_REFORM,
    TAX_CREDIT,
    TAX_DUE,
    WATCH,
    contract_level,
    contract_share,
    expect_of_partners,
    foresee,
    public_share,
    table_workspace,
    weigh_aims,
)
from abm.world.equations import depth_of, reformed_weight, tax_relief
from abm.world.ledger import (
    EFFORT,
    FINES,
    N_LINES,
    OUTSIDE,
    STRANDING,
    Line,
    Outlook,
    Work,
    chance_below_standard,
    drive,
    effort_cost,
    effort_from,
    given_up,
    output,
    write_money,
    write_yields,
)
from abm.world.vocabulary import COLLEGE, ENTERPRISE, GOVERNMENT, N_PARTIES, STANDING, STUDENTS, TALENT

if TYPE_CHECKING:
    from abm.quarter.negotiation.bargaining import CommonTerms
    from abm.world.state import Floats

PUBLIC = (Line.SUBSIDY, Line.TAX_CREDIT)
"""Lines that public money fills."""


def ledger(terms: Floats, common: CommonTerms, contract: int) -> Floats:
    """The ledger of a contract, in units of worth a quarter. Shapes [N_TERMS] and [4, N_LINES]."""
    lines = np.zeros((N_PARTIES, N_LINES))
    _write(terms, common, contract, lines)
    return lines


def warm(common: CommonTerms) -> None:
    """Load, the first time compile, what a ledger takes, before a visitor asks for one."""
    ledger(np.full(N_TERMS, 0.5), common, 0)


def public_money(lines: Floats) -> float:
    """What the government would pay of a contract: no line of its own ledger at the table (Eq. 20)."""
    return float(lines[:, list(PUBLIC)].sum())


@kernel
def _write(terms, common, contract, lines):
    work = table_workspace()
    weigh_aims(terms, common, work)
    expect_of_partners(terms, common, work)
    foresee(terms, common, work)
    level, share = contract_level(contract), contract_share(contract)
    _others(terms, common, work, level, lines)
    _side(ENTERPRISE, terms, common, work, level, share, lines)
    _side(COLLEGE, terms, common, work, level, share, lines)


@kernel(inline=True)
def _others(terms, common, work, level, lines):
    """Government and students, who put in no effort of their own."""
    p, done, yields = common.conduct, work.joint[level], common.levels.yields
    fit = 0.5 * (terms[FIT_ENTERPRISE] + terms[FIT_COLLEGE])
    reform = terms[STUDENT_REFORM]
    write_yields(lines[GOVERNMENT], terms, AIMS_GOVERNMENT, 0.0, 1.0, level, yields, fit, done, 1.0, p)
    write_yields(lines[STUDENTS], terms, AIMS_STUDENTS, reform, 1.0, level, yields, fit, done, 1.0, p)
    grades = reformed_weight(terms, AIMS_STUDENTS, STANDING, reform)
    lines[GOVERNMENT, OUTSIDE] = -given_up(GOVERNMENT, level, 0.0, 0.0, 0.0, p)
    lines[STUDENTS, OUTSIDE] = -given_up(STUDENTS, level, 0.0, grades, 0.0, p)


@kernel(inline=True)
def _side(party, terms, common, work, level, share, lines):
    """Enterprise or college, with the effort that it foresees of itself (Eq. 27, 92)."""
    p, depth, own, worth = common.conduct, depth_of(level), lines[party], work.worth
    if party == ENTERPRISE:
        first, reform, exchange, part = AIMS_ENTERPRISE, 0.0, p.enterprise_worth, share
        fit, kept, fine = terms[FIT_ENTERPRISE], terms[RETENTION], terms[FINE_ENTERPRISE] * depth
        outside = given_up(ENTERPRISE, level, terms[AIMS_ENTERPRISE + TALENT], 0.0, terms[MARKET_FIT], p)
        full = effort_cost(ENTERPRISE, depth, 0.0, 0.0, terms[RELIEF], p)
    else:
        first, reform, exchange, part = AIMS_COLLEGE, terms[EVALUATION_REFORM], p.college_worth, 1.0 - share
        fit, kept, fine = terms[FIT_COLLEGE], 1.0, terms[FINE_COLLEGE] * depth
        standing = reformed_weight(terms, AIMS_COLLEGE, STANDING, reform)
        outside = given_up(COLLEGE, level, 0.0, standing, 0.0, p)
        full = effort_cost(COLLEGE, depth, standing, terms[ENGAGEMENT], terms[RELIEF], p)
    subsidy, cost = public_share(terms, level), common.levels.costs[level]
    joint = fit * (worth[SCALED, party, level] + kept * worth[OF_TALENT, party, level])
    fixed = worth[PLAIN, party, level] + fit * worth[ON_PAPER, party, level] - outside
    theirs, watch = work.expected[party, level, 0], terms[WATCH] * depth + work.kept[party, level]
    expected = work.expected[party, level]
    seen = Outlook(expected[1], expected[2], expected[3])
    x = drive(level, seen, Work(joint, fixed - 0.5 * cost * (1.0 - subsidy), full, fine, watch), p)
    mine = effort_from(x, p)
    done = output(mine, theirs, p)
    write_yields(own, terms, first, reform, exchange, level, common.levels.yields, fit, done, kept, p)
    credit = terms[CREDITED] * tax_relief(terms[TAX_CREDIT], share * cost * (1.0 - subsidy), terms[TAX_DUE])
    write_money(own, party, share, cost, subsidy, credit)
    own[EFFORT] = -full * mine
    own[FINES] = -fine * chance_below_standard(x, p) if fine > 0.0 else 0.0
    own[STRANDING] = -part * common.levels.assets[level] * (1.0 - subsidy) * work.risk[party, level]
    own[OUTSIDE] = -outside
