"""Phase 5, delivery: effort and trust (Eq. 26-28, 32), what follows from effort (_conduct.py), and what
cooperation leaves in its partners (_imprint.py).

Effort is a stag hunt: it pays where the partner's effort is expected. Each side answers softly to
the balance of what its effort brings and costs (paper 3.3-3.4).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from abm.machine.kernels import kernel, over_blocks, row_blocks
from abm.machine.streams import Stream, of_field, unit, words
from abm.quarter.delivery.conduct import COUNTS, WHAT, as_events, audit, blame, end_by_blame, keep_status
from abm.quarter.delivery.imprint import return_to_role, share_aims, update_colleges, update_programmes
from abm.world.equations import (
    N_AIMS,
    base_relief,
    community_strength,
    depth_of,
    innovation_stake,
    joint_gain_after,
    overlap,
    reformed_weight,
    substantive_depth,
)
from abm.world.ledger import (
    Work,
    aim_scale,
    drive,
    effort_cost,
    effort_from,
    expected_effort,
    given_up,
    outlook,
    status_at_stake,
    status_discount,
)
from abm.world.level_tables import level_tables
from abm.world.levers import L
from abm.world.programmes import programme_row
from abm.world.state import Bytes, Floats, Ints, Keys, Rows
from abm.world.vocabulary import BLAMED_BY_ENTERPRISE, COLLEGE, ENDED_BY_BLAME, ENTERPRISE, INNOVATION, STANDING, TALENT

if TYPE_CHECKING:
    from abm.world.conditions import Conditions
    from abm.world.state import State

WRITES: tuple[str, ...] = (
    "contract_events",
    "flows",
    "governments.known_fine",
    "ties.trust_enterprise",
    "ties.trust_college",
    "ties.evidence",
    "ties.level",
    "ties.subsidy",
    "ties.tax_credit",
    "ties.talk",
    "ties.effort_enterprise",
    "ties.effort_college",
    "ties.substance",
    "ties.joint_gain",
    "ties.remaining",
    "ties.cause_of_end",
    "enterprises.aims",
    "enterprises.reputation",
    "enterprises.n_partners",
    "enterprises.quarters_kept",
    "colleges.aims",
    "colleges.reputation",
    "colleges.n_partners",
    "colleges.engagement",
    "colleges.dual_qualified",
    "programmes.partner_depth",
    "programmes.partner_demand",
    "programmes.practice_offer",
)

_L_SUPERVISION, _L_PENALTY = int(L.SUPERVISION), int(L.PENALTY)
_L_EVALUATION, _L_CHARTER = int(L.EVALUATION_REFORM), int(L.CHARTER)
_L_STATUS = int(L.STATUS_CREDIT)
_EFFORT = int(Stream.EFFORT)


class TieColumns(NamedTuple):
    """The columns of ties that a quarter of practice moves. Shapes [N, H]."""

    college: Rows
    field: Bytes
    level: Bytes
    is_mandated: Bytes
    cost_share: Floats
    subsidy: Floats
    tax_credit: Floats
    remaining: Ints
    trust_enterprise: Floats
    trust_college: Floats
    evidence: Floats
    effort_enterprise: Floats
    effort_college: Floats
    substance: Floats
    joint_gain: Floats


class Sides(NamedTuple):
    """What effort depends on, of enterprises [N] and colleges [C]."""

    enterprise_id: Keys
    enterprise_region: Rows
    demand: Floats  # [N, K]
    enterprise_aims: Floats  # [N, M]
    retention: Floats
    enterprise_community: Ints
    enterprise_partners: Ints
    quarters_kept: Ints
    credited: Floats
    college_id: Keys
    college_region: Rows
    curriculum: Floats  # [P, K]
    n_fields: int
    college_aims: Floats  # [C, M]
    engagement: Floats
    college_community: Ints


def delivery(state: State, scenario: Conditions) -> None:
    """One quarter of practice under all contracts."""
    choose_effort(state, scenario)
    settle_quarter(state, scenario)


def choose_effort(state: State, scenario: Conditions) -> None:
    """Both sides of every contract put in effort, and learn from the other's (Eq. 26-28, 32)."""
    g = state.governments
    over_blocks(
        _choose_effort, row_blocks(len(state.enterprises.id), state.threads), state.seed, state.step,
        (g.levers, g.market_fit, g.known_fine), _sides(state), _contracts(state), level_tables(scenario.p),
        scenario.parameter_record, threads=state.threads,
    )  # fmt: skip


def settle_quarter(state: State, scenario: Conditions) -> None:
    """What the quarter's efforts come to: audits, reputations, blame, early ends, aims, faculty (Eq. 29-31, 33-36,
    85, 86)."""
    e, c, ties, levers = state.enterprises, state.colleges, state.ties, state.governments.levers
    contracts, reputations = _contracts(state), (e.reputation, c.reputation)
    fined, *counts = audit(
        state.seed,
        state.step,
        levers,
        _sides(state),
        contracts,
        reputations,
        (e.partner_limit, c.partner_limit),
        scenario.parameter_record,
    )
    blames = blame(state.seed, state.step, (e.id, c.id), contracts, scenario.parameter_record)
    # Fines apart from blames, so that many of the ones do not thin out the others where not all can be kept.
    state.contract_events += (as_events(fined, contracts), as_events(blames, contracts))
    stranded = end_by_blame(blames, ties, (e.n_partners, c.n_partners), reputations, scenario.parameter_record)
    if levers[:, L.STATUS_CREDIT].any():
        keep_status(levers, e.region, ties, e.quarters_kept, scenario.parameter_record)
    else:
        e.quarters_kept.fill(0)
    share_aims(ties.college, ties.level, ties.substance, e.aims, c.aims, scenario.parameter_record)
    for one in (e, c):
        return_to_role(one.aims, one.base_aims, scenario.parameter_record)
    partners = (ties.college, ties.field, ties.level, ties.substance, ties.founded == state.step)
    update_colleges(c, levers, ties.college, ties.level, ties.substance, scenario.parameter_record)
    update_programmes(state.programmes, c, levers, e.size, e.demand, partners, scenario.parameter_record)
    governments, rate = state.governments, scenario.p.trust_learning_rate
    fine = levers[:, L.SUPERVISION] * levers[:, L.PENALTY]
    governments.known_fine[:] += rate * (fine - governments.known_fine)
    by_kind = np.bincount(blames[:, WHAT], minlength=ENDED_BY_BLAME + 1)[BLAMED_BY_ENTERPRISE:].tolist()
    state.flows.update(zip(COUNTS, (*map(float, by_kind), *counts, stranded), strict=True))


def _contracts(state: State) -> TieColumns:
    ties = state.ties
    return TieColumns(
        ties.college, ties.field, ties.level, ties.is_mandated, ties.cost_share, ties.subsidy, ties.tax_credit,
        ties.remaining, ties.trust_enterprise, ties.trust_college, ties.evidence, ties.effort_enterprise,
        ties.effort_college, ties.substance, ties.joint_gain,
    )  # fmt: skip


def _sides(state: State) -> Sides:
    e, c = state.enterprises, state.colleges
    return Sides(
        e.id, e.region, e.demand, e.aims, e.retention, e.community, e.n_partners, e.quarters_kept, e.credited,
        c.id, c.region, state.programmes.curriculum, len(state.sectors.demand), c.aims, c.engagement, c.community,
    )  # fmt: skip


@kernel(inline=True, borrows=True)
def at_work(party, aims, reform, level, fit, kept, terms, levels, p):
    """What the effort of enterprise or college works on (Eq. 26): see ``Work``. ``terms``: its part of the cost net of
    public money, market fit, engagement, fine and watch a unit of depth, the factor on its weight on innovation, and
    the share of effort that a shared base takes off."""
    paid, market_fit, engagement, fine, watch, stake, relief = terms
    exchange = p.college_worth if party == COLLEGE else p.enterprise_worth
    joint, fixed = 0.0, 0.0
    for m in range(N_AIMS):
        worth = exchange * reformed_weight(aims, 0, m, reform) * levels.yields[m, level]
        if m == INNOVATION:
            worth *= stake
        on_paper = aim_scale(m, fit, 0.0, kept, p)
        fixed += worth * on_paper
        joint += worth * (aim_scale(m, fit, 1.0, kept, p) - on_paper)
    depth, standing = depth_of(level), reformed_weight(aims, 0, STANDING, reform)
    fixed -= paid + given_up(party, level, aims[TALENT], standing, market_fit, p)
    return Work(joint, fixed, effort_cost(party, depth, standing, engagement, relief, p), fine * depth, watch * depth)


@kernel(inline=True, borrows=True)
def _normals(seed, when, e_id, c_id):
    """Two independent standard normals of a contract (Box-Muller, words 0-1 and 2-3)."""
    a, b, c, d = words(seed, _EFFORT, when, e_id, c_id)
    return (
        math.sqrt(-2.0 * math.log(unit(a))) * math.cos(2.0 * math.pi * unit(b)),
        math.sqrt(-2.0 * math.log(unit(c))) * math.cos(2.0 * math.pi * unit(d)),
    )


@kernel(borrows=True)
def _choose_effort(lo, hi, seed, step, regions, sides, contracts, levels, parameter_record):
    """Effort of both sides of every contract, and what it comes to (Eq. 26-28, 32). ``regions``: levers, market
    fit and fines known."""
    p = parameter_record[0]
    levers, market_fit, known_fine = regions
    for e in range(lo, hi):
        if sides.enterprise_partners[e] == 0:
            continue
        r = sides.enterprise_region[e]
        for h in range(contracts.level.shape[1]):
            level = contracts.level[e, h]
            if level == 0:
                continue
            c, s, depth = contracts.college[e, h], contracts.field[e, h], depth_of(level)
            home = sides.college_region[c]
            fit = overlap(sides.demand, e, sides.curriculum, programme_row(c, s, sides.n_fields))
            watch, relief, stake = 0.0, 0.0, innovation_stake(contracts.joint_gain[e, h], p)
            if sides.enterprise_community[e] >= 0 and sides.enterprise_community[e] == sides.college_community[c]:
                watch = p.monitoring * community_strength(p, levers[r, _L_CHARTER])
                relief = base_relief(p, levers[r, _L_CHARTER])
            share, own = contracts.cost_share[e, h], levels.costs[level] * (1.0 - contracts.subsidy[e, h])
            evidence, ahead, length = contracts.evidence[e, h], float(contracts.remaining[e, h]), levels.quarters[level]
            shadow = p.mandate_shadow if contracts.is_mandated[e, h] == 1 else 1.0
            when = of_field(step, s)
            noise_enterprise, noise_college = _normals(seed, when, sides.enterprise_id[e], sides.college_id[c])
            fine = levers[r, _L_SUPERVISION] * levers[r, _L_PENALTY]
            fine_home = levers[home, _L_SUPERVISION] * levers[home, _L_PENALTY]
            news, news_home = fine - known_fine[r], fine_home - known_fine[home]
            credit = contracts.tax_credit[e, h]
            paid = share * own - sides.credited[e] * credit
            terms = (paid, market_fit[r], 0.0, fine, watch, stake, relief)
            work = at_work(ENTERPRISE, sides.enterprise_aims[e], 0.0, level, fit, sides.retention[e], terms, levels, p)
            hangs = levers[r, _L_STATUS]
            if hangs > 0.0:
                kept = status_at_stake(depth, hangs * status_discount(sides.quarters_kept[e], p) * credit, p)
                work = Work(work.joint, work.fixed, work.cost, work.fine, work.watch + kept)
            theirs = expected_effort(contracts.trust_enterprise[e, h], evidence, depth, news_home, p)
            for_work = drive(level, outlook(level, theirs, shadow, ahead, length, p), work, p)
            mine = effort_from(for_work + p.effort_noise * noise_enterprise, p)
            terms = ((1.0 - share) * own, 0.0, sides.engagement[c], fine_home, watch, stake, relief)
            reform = levers[home, _L_EVALUATION]
            work = at_work(COLLEGE, sides.college_aims[c], reform, level, fit, 1.0, terms, levels, p)
            expected = expected_effort(contracts.trust_college[e, h], evidence, depth, news, p)
            for_work = drive(level, outlook(level, expected, shadow, ahead, length, p), work, p)
            theirs = effort_from(for_work + p.effort_noise * noise_college, p)
            contracts.effort_enterprise[e, h], contracts.effort_college[e, h] = mine, theirs
            contracts.substance[e, h] = substantive_depth(level, mine, theirs)
            gain = joint_gain_after(contracts.joint_gain[e, h], level, contracts.substance[e, h], p)
            contracts.joint_gain[e, h] = gain
            learn_from(contracts, e, h, mine, theirs, p)


@kernel(inline=True, borrows=True)
def learn_from(contracts, e, h, mine, theirs, p):
    """Both sides' trust takes in the other's effort by the weight of the evidence so far (Eq. 28): the mean of a Beta
    belief that forgets at the rate of learning."""
    kept = (1.0 - p.trust_learning_rate) * contracts.evidence[e, h]
    rate = 1.0 / (kept + 1.0)
    contracts.evidence[e, h] = kept + 1.0
    contracts.trust_enterprise[e, h] += rate * (theirs - contracts.trust_enterprise[e, h])
    contracts.trust_college[e, h] += rate * (mine - contracts.trust_college[e, h])
