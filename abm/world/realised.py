"""The ledgers of running contracts with what was really done: true fit, both efforts, public money as it was paid
(Eq. 53)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from abm.machine.kernels import kernel
from abm.world.equations import base_relief, depth_of, innovation_stake, overlap, reformed_weight
from abm.world.ledger import (
    EFFORT,
    FINES,
    INNOVATION_LINE,
    N_LINES,
    OUTSIDE,
    TALK,
    effort_cost,
    given_up,
    output,
    write_money,
    write_yields,
)
from abm.world.level_tables import level_tables
from abm.world.levers import L
from abm.world.parameters import as_row
from abm.world.programmes import programme_row
from abm.world.state import Bytes, Floats, Ints, Rows
from abm.world.vocabulary import COLLEGE, ENTERPRISE, GOVERNMENT, N_PARTIES, STANDING, STUDENTS, TALENT

if TYPE_CHECKING:
    from abm.world.parameters import Parameters
    from abm.world.state import State

_L_EVALUATION, _L_STUDENT = int(L.EVALUATION_REFORM), int(L.STUDENT_REFORM)
_L_SUPERVISION, _L_PENALTY, _L_CHARTER = int(L.SUPERVISION), int(L.PENALTY), int(L.CHARTER)


class Contracts(NamedTuple):
    """Which contracts, and what was agreed and done in them."""

    enterprise: Rows  # [n] row
    slot: Rows  # [n]
    college: Rows  # [N, H]
    field: Bytes  # [N, H]
    level: Bytes  # [N, H]
    cost_share: Floats  # [N, H]
    founded: Ints  # [N, H]
    subsidy: Floats  # [N, H]
    tax_credit: Floats  # [N, H]
    talk: Floats  # [N, H]
    effort_enterprise: Floats  # [N, H]
    effort_college: Floats  # [N, H]
    joint_gain: Floats  # [N, H]


class Sides(NamedTuple):
    """Who stands at the ends of ties, and what governments do about it."""

    region: Rows  # [N] of enterprises
    demand: Floats  # [N, K]
    aims: Floats  # [N, M]
    retention: Floats  # [N]
    community: Ints  # [N]
    credited: Floats  # [N]
    college_region: Rows  # [C]
    curriculum: Floats  # [P, K]
    n_fields: int
    college_aims: Floats  # [C, M]
    student_aims: Floats  # [C, M]
    engagement: Floats  # [C]
    college_community: Ints  # [C]
    government_aims: Floats  # [R, M]
    market_fit: Floats  # [R]
    paid_subsidy: Floats  # [R]
    paid_credit: Floats  # [R]
    levers: Floats  # [R, L]


def contracts_and_sides(state: State, enterprise: Rows, slot: Rows) -> tuple[Contracts, Sides]:
    """The columns that realised ledgers come from: only these, each costs time to compile."""
    t, e, c, g = state.ties, state.enterprises, state.colleges, state.governments
    return (
        Contracts(
            enterprise, slot, t.college, t.field, t.level, t.cost_share, t.founded, t.subsidy, t.tax_credit, t.talk,
            t.effort_enterprise, t.effort_college, t.joint_gain,
        ),
        Sides(
            e.region, e.demand, e.aims, e.retention, e.community, e.credited, c.region, state.programmes.curriculum,
            len(state.sectors.demand), c.aims, c.student_aims, c.engagement, c.community, g.aims, g.market_fit,
            g.paid_subsidy, g.paid_credit, g.levers,
        ),
    )  # fmt: skip


def realised_ledgers(state: State, p: Parameters, enterprise: Rows, slot: Rows, step: int | None = None) -> Floats:
    """Ledgers of running contracts for the quarter that was last delivered. Shape [n, 4, N_LINES], by party and line.

    ``enterprise`` and ``slot`` [n] say which contracts; ``step`` is the quarter, that under way unless given. What was
    promised before that quarter counts as far as it was paid.
    """
    contracts, sides = contracts_and_sides(state, enterprise, slot)
    return realised(state.step if step is None else step, contracts, sides, level_tables(p), as_row(p))


@kernel
def realised(step, contracts, sides, levels, parameter_record):
    """Lines of each party of each contract (Eq. 53). Shape [n, 4, N_LINES]."""
    p = parameter_record[0]
    n = contracts.enterprise.shape[0]
    lines = np.zeros((n, N_PARTIES, N_LINES))
    for i in range(n):
        e, h = contracts.enterprise[i], contracts.slot[i]
        c, level, share = contracts.college[e, h], contracts.level[e, h], contracts.cost_share[e, h]
        r, home, depth = sides.region[e], sides.college_region[c], depth_of(level)
        subsidy, credit = contracts.subsidy[e, h], sides.credited[e] * contracts.tax_credit[e, h]
        if contracts.founded[e, h] < step:
            subsidy *= sides.paid_subsidy[r]
            credit *= sides.paid_credit[r]
        fit = overlap(sides.demand, e, sides.curriculum, programme_row(c, contracts.field[e, h], sides.n_fields))
        reform, student_reform = sides.levers[home, _L_EVALUATION], sides.levers[home, _L_STUDENT]
        efforts = (contracts.effort_enterprise[e, h], contracts.effort_college[e, h])
        done, kept = output(efforts[0], efforts[1], p), sides.retention[e]
        own, yields = lines[i], levels.yields
        write_yields(own[ENTERPRISE], sides.aims[e], 0, 0.0, p.enterprise_worth, level, yields, fit, done, kept, p)
        write_yields(own[COLLEGE], sides.college_aims[c], 0, reform, p.college_worth, level, yields, fit, done, 1.0, p)
        write_yields(own[GOVERNMENT], sides.government_aims[r], 0, 0.0, 1.0, level, yields, fit, done, 1.0, p)
        write_yields(own[STUDENTS], sides.student_aims[c], 0, student_reform, 1.0, level, yields, fit, done, 1.0, p)
        stake, relief = innovation_stake(contracts.joint_gain[e, h], p), 0.0
        if sides.community[e] >= 0 and sides.community[e] == sides.college_community[c]:
            relief = base_relief(p, sides.levers[r, _L_CHARTER])
        standing = reformed_weight(sides.college_aims[c], 0, STANDING, reform)
        grades = reformed_weight(sides.student_aims[c], 0, STANDING, student_reform)
        for party in (ENTERPRISE, COLLEGE):
            write_money(own[party], party, share, levels.costs[level], subsidy, credit)
            own[party, INNOVATION_LINE] *= stake
            full = effort_cost(party, depth, standing, sides.engagement[c], relief, p)
            own[party, EFFORT] = -full * efforts[party]
            own[party, TALK] = -contracts.talk[e, h] / levels.quarters[level]
            at = r if party == ENTERPRISE else home
            if efforts[party] < p.audit_standard:
                own[party, FINES] = -sides.levers[at, _L_SUPERVISION] * sides.levers[at, _L_PENALTY] * depth
        own[ENTERPRISE, OUTSIDE] = -given_up(ENTERPRISE, level, sides.aims[e, TALENT], 0.0, sides.market_fit[r], p)
        own[COLLEGE, OUTSIDE] = -given_up(COLLEGE, level, 0.0, standing, 0.0, p)
        own[GOVERNMENT, OUTSIDE] = -given_up(GOVERNMENT, level, 0.0, 0.0, 0.0, p)
        own[STUDENTS, OUTSIDE] = -given_up(STUDENTS, level, 0.0, grades, 0.0, p)
    return lines
