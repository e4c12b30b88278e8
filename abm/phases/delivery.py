"""Phase 5, delivery: effort and trust (Eq. 26-28, 32), what follows from effort (_conduct.py), and what
cooperation leaves in its partners (_imprint.py).

Effort is a stag hunt: it pays where the partner's effort is expected. Each side answers softly to
the balance of what its effort brings and costs (paper 3.3-3.4).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from abm.equations import (
    N_AIMS,
    STANDING,
    aim_worth,
    community_strength,
    depth_of,
    is_scaled,
    logistic,
    overlap,
    reformed_weight,
    substantive_depth,
)
from abm.kernels import kernel, over_blocks, row_blocks
from abm.levers import L
from abm.phases._conduct import COUNTS, as_events, blame, end_by_blame, judge
from abm.phases._imprint import absorb, share_aims
from abm.stakes import stakes
from abm.state import (
    BLAMED_BY_ENTERPRISE,
    ENDED_BY_BLAME,
    Bytes,
    Floats,
    Ints,
    Keys,
    Rows,
)
from abm.streams import Stream, unit, words

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from abm.state import State

WRITES: tuple[str, ...] = (
    "contract_events",
    "flows",
    "ties.trust_enterprise",
    "ties.trust_college",
    "ties.level",
    "ties.subsidy",
    "ties.tax_credit",
    "ties.effort_enterprise",
    "ties.effort_college",
    "ties.substance",
    "ties.remaining",
    "ties.cause_of_end",
    "enterprises.aims",
    "enterprises.reputation",
    "enterprises.n_partners",
    "colleges.aims",
    "colleges.reputation",
    "colleges.n_partners",
    "colleges.engagement",
    "colleges.dual_qualified",
    "colleges.partner_depth",
    "colleges.partner_demand",
    "colleges.practice_offer",
)

_L_SUPERVISION, _L_PENALTY = int(L.SUPERVISION), int(L.PENALTY)
_L_EVALUATION, _L_CHARTER = int(L.EVALUATION_REFORM), int(L.CHARTER)
_EFFORT = int(Stream.EFFORT)


class Contracts(NamedTuple):
    """The columns of ties that a quarter of practice moves. Shapes [N, H]."""

    college: Rows
    level: Bytes
    is_mandated: Bytes
    cost_share: Floats
    subsidy: Floats
    trust_enterprise: Floats
    trust_college: Floats
    effort_enterprise: Floats
    effort_college: Floats
    substance: Floats


class Sides(NamedTuple):
    """What effort depends on, of enterprises [N] and colleges [C]."""

    enterprise_id: Keys
    enterprise_region: Rows
    demand: Floats  # [N, K]
    enterprise_aims: Floats  # [N, M]
    retention: Floats
    enterprise_community: Ints
    enterprise_partners: Ints
    college_id: Keys
    college_region: Rows
    curriculum: Floats  # [C, K]
    college_aims: Floats  # [C, M]
    engagement: Floats
    college_community: Ints


def delivery(state: State, scenario: Scenario) -> None:
    """One quarter of practice under all contracts."""
    exert(state, scenario)
    bear(state, scenario)


def exert(state: State, scenario: Scenario) -> None:
    """Both sides of every contract put in effort, and learn from the other's (Eq. 26-28, 32)."""
    over_blocks(
        _exert, row_blocks(len(state.enterprises.id), state.threads), state.seed, state.step, state.governments.levers,
        _sides(state), _contracts(state), stakes(scenario.p).yields, scenario.numbers, threads=state.threads,
    )  # fmt: skip


def bear(state: State, scenario: Scenario) -> None:
    """What the quarter's efforts come to: audits, reputations, blame, early ends, aims, faculty (Eq. 29-31, 33-36,
    85, 86)."""
    e, c, ties, levers = state.enterprises, state.colleges, state.ties, state.governments.levers
    contracts, reputations = _contracts(state), (e.reputation, c.reputation)
    fined, *counts = judge(state.seed, state.step, levers, _sides(state), contracts, reputations, scenario.numbers)
    blames = blame(state.seed, state.step, (e.id, c.id), contracts, scenario.numbers)
    # Fines apart from blames, so that many of the ones do not thin out the others where not all can be kept.
    state.contract_events += (as_events(fined, contracts), as_events(blames, contracts))
    stranded = end_by_blame(blames, ties, (e.n_partners, c.n_partners), reputations, scenario.numbers)
    share_aims(ties.college, ties.level, ties.substance, e.aims, c.aims, scenario.numbers)
    absorb(c, levers, e.size, e.demand, (ties.college, ties.level, ties.substance), scenario.numbers)
    by_kind = np.bincount(blames[:, 2], minlength=ENDED_BY_BLAME + 1)[BLAMED_BY_ENTERPRISE:].tolist()
    state.flows.update(zip(COUNTS, (*map(float, by_kind), *counts, stranded), strict=True))


def _contracts(state: State) -> Contracts:
    ties = state.ties
    return Contracts(
        ties.college, ties.level, ties.is_mandated, ties.cost_share, ties.subsidy, ties.trust_enterprise,
        ties.trust_college, ties.effort_enterprise, ties.effort_college, ties.substance,
    )  # fmt: skip


def _sides(state: State) -> Sides:
    e, c = state.enterprises, state.colleges
    return Sides(
        e.id, e.region, e.demand, e.aims, e.retention, e.community, e.n_partners,
        c.id, c.region, c.curriculum, c.aims, c.engagement, c.community,
    )  # fmt: skip


@kernel(inline=True)
def _stake(weights, reform, retention, yields, level):
    """What full joint effort is worth to a side at this level, before fit and trust (Eq. 26)."""
    worth = 0.0
    for m in range(N_AIMS):
        if is_scaled(m):
            worth += aim_worth(weights, reform, m, 1.0, retention, yields, level)
    return worth


@kernel(inline=True)
def _normals(seed, step, e_id, c_id):
    """Two independent standard normals of a pair (Box-Muller, words 0-1 and 2-3)."""
    a, b, c, d = words(seed, _EFFORT, step, e_id, c_id)
    return (
        math.sqrt(-2.0 * math.log(unit(a))) * math.cos(2.0 * math.pi * unit(b)),
        math.sqrt(-2.0 * math.log(unit(c))) * math.cos(2.0 * math.pi * unit(d)),
    )


@kernel
def _exert(lo, hi, seed, step, levers, sides, contracts, yields, numbers):
    """Effort of both sides of every contract, and what it comes to (Eq. 26, 27, 32)."""
    p = numbers[0]
    for e in range(lo, hi):
        if sides.enterprise_partners[e] == 0:
            continue
        r = sides.enterprise_region[e]
        for h in range(contracts.level.shape[1]):
            level = contracts.level[e, h]
            if level == 0:
                continue
            c, depth = contracts.college[e, h], depth_of(level)
            home = sides.college_region[c]
            reform = levers[home, _L_EVALUATION]
            fit = overlap(sides.demand, e, sides.curriculum, c)
            shadow = p.shadow_of_future * (p.mandate_shadow if contracts.is_mandated[e, h] == 1 else 1.0)
            watch = 0.0
            if sides.enterprise_community[e] >= 0 and sides.enterprise_community[e] == sides.college_community[c]:
                watch = p.monitoring * community_strength(p, levers[r, _L_CHARTER])
            trust = contracts.trust_enterprise[e, h]
            gain = 0.5 * fit * trust * _stake(sides.enterprise_aims[e], 0.0, sides.retention[e], yields, level)
            avoided = levers[r, _L_SUPERVISION] * levers[r, _L_PENALTY]
            balance_enterprise = gain + depth * (avoided + shadow * trust + watch - p.effort_cost)
            trust = contracts.trust_college[e, h]
            gain = 0.5 * fit * trust * _stake(sides.college_aims[c], reform, 1.0, yields, level)
            avoided = levers[home, _L_SUPERVISION] * levers[home, _L_PENALTY]
            burden = 1.0 + p.standing_burden * reformed_weight(sides.college_aims[c], 0, STANDING, reform)
            cost = p.effort_cost * burden * (1.0 - p.engagement_ease * sides.engagement[c])
            balance_college = gain + depth * (avoided + shadow * trust + watch - cost)
            noise_enterprise, noise_college = _normals(seed, step, sides.enterprise_id[e], sides.college_id[c])
            mine = logistic(balance_enterprise / p.effort_temperature + p.effort_noise * noise_enterprise)
            theirs = logistic(balance_college / p.effort_temperature + p.effort_noise * noise_college)
            contracts.effort_enterprise[e, h], contracts.effort_college[e, h] = mine, theirs
            contracts.substance[e, h] = substantive_depth(level, mine, theirs)
            contracts.trust_enterprise[e, h] += p.trust_learning_rate * (theirs - contracts.trust_enterprise[e, h])
            contracts.trust_college[e, h] += p.trust_learning_rate * (mine - trust)
