"""The model's formulas: pure functions of numbers and rows, called inside kernels.

The equation numbers are those of ODD.md. ``p`` is the Parameters tuple of the scenario.
Aims and levels are counted as in vocabulary.py.
"""

from __future__ import annotations

import math

import numpy as np

from abm.machine.kernels import kernel
from abm.machine.streams import of_field, unit, words
from abm.world.state import QUARTERS_A_YEAR
from abm.world.vocabulary import (
    AIMS,
    CO_BUILT,
    CONTACT,
    DEVELOPMENT,
    EMPLOYMENT,
    INNOVATION,
    N_LEVELS,
    ORDER_BASED,
    PLACEMENT,
    PROFIT,
    STANDING,
    TALENT,
)

N_AIMS = len(AIMS)
_LEVEL_STEP = 1.0 / N_LEVELS
# In the last bit at level 3 this times the level is not level / N_LEVELS. What is worked out for every level at once
# (yields, costs, the students' burden) divides; what is done with one contract takes `depth_of`. One form for both
# would change the last bits of every run.


@kernel(inline=True, borrows=True)
def clip(x):
    """A share stays a share: x held inside [0, 1]."""
    return min(1.0, max(0.0, x))


@kernel(inline=True, borrows=True)
def logistic(x):
    """1 / (1 + exp(-x)) without overflow."""
    if x >= 0.0:
        return 1.0 / (1.0 + math.exp(-x))
    e = math.exp(x)
    return e / (1.0 + e)


@kernel(inline=True, borrows=True)
def smaller(a, b):
    """The smaller of two numbers: one instruction, where `min` also looks for NaN."""
    return a if a < b else b


@kernel(inline=True, borrows=True)
def larger(a, b):
    """The larger of two numbers."""
    return a if a > b else b


@kernel(inline=True, borrows=True)
def overlap(a, i, b, j):
    """Skill fit of row ``i`` of ``a`` and row ``j`` of ``b``, mixes over K fields: the share of one
    that the other covers, 0-1 (Eq. 13)."""
    total = 0.0
    for k in range(a.shape[1]):
        total += smaller(a[i, k], b[j, k])
    return total


@kernel(inline=True, borrows=True)
def depth_of(level):
    """Depth d of a formal level 0-5, 0-1."""
    return _LEVEL_STEP * level


@kernel(inline=True, borrows=True)
def aim_yield(aim, depth, p):
    """What cooperation at ``depth`` gives to one aim (Eq. 3; paper 3.1)."""
    if aim == PROFIT:
        x = depth / p.profit_peak_depth
        return p.productive_return * x * math.exp(1.0 - x)
    if aim == TALENT:
        return depth
    if aim == INNOVATION:
        return depth**p.innovation_curvature * (1.0 + p.innovation_curvature * (1.0 - depth))
    if aim == STANDING:
        return p.standing_cost * depth * (depth - p.standing_recovery_depth)
    if aim == EMPLOYMENT:
        return math.sqrt(depth)
    return depth * (depth - p.drudgery_depth) / (1.0 - p.drudgery_depth)


@kernel(inline=True)
def yields_by_level(p):
    """All aim yields (Eq. 3) by formal level. Shape [M, 6]; level 0 yields nothing."""
    yields = np.zeros((N_AIMS, N_LEVELS + 1))
    for m in range(N_AIMS):
        for level in range(1, N_LEVELS + 1):
            yields[m, level] = aim_yield(m, level / N_LEVELS, p)
    return yields


@kernel(inline=True, borrows=True)
def cooperation_cost(depth, p):
    """Cost of cooperation a quarter, both sides together (Eq. 5)."""
    return p.cost_linear * depth + p.cost_quadratic * depth * depth


@kernel(inline=True, borrows=True)
def asset_cost(level, p):
    """Part of the cost a quarter that buys assets of no use outside the partnership (Eq. 85): none below
    co-built programmes."""
    if level < CO_BUILT:
        return 0.0
    depth = depth_of(level)
    return p.specific_assets * p.cost_quadratic * depth * depth


@kernel(inline=True, borrows=True)
def reformed_weight(weights, first, aim, reform):
    """Weight of one aim after evaluation reform (Eq. 19): standing (or grades) gives a share
    ``reform`` of its weight to the other aims in proportion to theirs. ``weights``: six of them from ``first`` on."""
    standing = weights[first + STANDING]
    if aim == STANDING:
        return standing * (1.0 - reform)
    rest = 1.0 - standing
    if rest <= 0.0:
        return reform / (N_AIMS - 1)
    return weights[first + aim] * (1.0 + reform * standing / rest)


@kernel(inline=True, borrows=True)
def tax_relief(credit_rate, own_cost, tax_due):
    """Tax credit on the enterprise's own cost, capped by the tax it owes (Eq. 20)."""
    return smaller(credit_rate * own_cost, tax_due)


@kernel(inline=True, borrows=True)
def contract_quarters(level, p):
    """Length of a contract in quarters (Eq. 74): the deeper, the longer."""
    if level <= CONTACT:
        return int(p.quarters_contact)
    if level == PLACEMENT:
        return int(p.quarters_placement)
    if level == ORDER_BASED:
        return int(p.quarters_order_based)
    return int(p.quarters_co_built) if level == CO_BUILT else int(p.quarters_entity)


@kernel(inline=True, borrows=True)
def substantive_depth(level, effort_enterprise, effort_college):
    """Formal depth times realised effort (Eq. 32): what really happens behind a contract."""
    return depth_of(level) * math.sqrt(effort_enterprise * effort_college)


@kernel(inline=True, borrows=True)
def joint_gain_after(gain, level, substance, p):
    """What partners gained together by joint research, after a quarter (Eq. 121): as technology grows by it, whatever
    need it meets (109)."""
    joint = substance if level >= CO_BUILT else 0.0
    return gain + p.research_gain * joint * (1.0 - gain) - p.technology_decay * gain * (1.0 - joint)


@kernel(inline=True, borrows=True)
def innovation_stake(gain, p):
    """Factor on the weight that partners put on innovation in their relation (Eq. 122)."""
    return 1.0 + p.innovation_stake * gain


@kernel(inline=True, borrows=True)
def base_relief(p, charter):
    """Share of effort that a shared base takes off two members of a community (Eq. 124)."""
    return p.base_relief * p.shared_base * charter


@kernel(inline=True, borrows=True)
def certified(certificates, supervision, weight):
    """What hiring makes of practice that is certified (Eq. 118): the share of it that is, as far as a year's audits
    back it, times ``weight``, that of certificates."""
    return weight * certificates * (1.0 - (1.0 - supervision) ** QUARTERS_A_YEAR)


@kernel(inline=True, borrows=True)
def digital_link(colleges, enterprises):
    """The link of two digital stocks (Eq. 116): as good as its weaker end."""
    return smaller(colleges, enterprises)


@kernel(inline=True, borrows=True)
def talk_price(p, inconsistency, crosses, platform, is_known, community_strength):
    """Price of one round of talk for each talker (Eq. 23)."""
    price = p.communication_cost * (1.0 + p.cross_region_talk * crosses + p.inconsistency_talk * inconsistency)
    return (
        price
        * (1.0 - p.platform_talk * platform)
        * (1.0 - p.familiarity * is_known)
        * (1.0 - p.community_talk * community_strength)
    )


@kernel(inline=True, borrows=True)
def community_strength(p, charter):
    """How much of a chartered community's services its members have (Eq. 75), 0-1."""
    return p.community_informal + (1.0 - p.community_informal) * charter


@kernel(inline=True, borrows=True)
def admit(seed, stream, step, college_id, field, j, p):
    """Motivation and ability of student ``j`` of a programme's new cohort, both 0-1 (Eq. 37).

    ``stream`` is STUDENT for those enrolled before step 0 (``step`` = entry // 4 + 3) and INTAKE afterwards.
    """
    a, b, c, d = words(seed, stream, of_field(step, field), college_id, j)
    motivation = clip(p.motivation_mean + p.motivation_spread * (unit(a) + unit(b) - 1.0))
    ability = clip(0.5 + p.ability_spread * (unit(c) + unit(d) - 1.0))
    return motivation, ability


@kernel
def split_seats(total, weights, ids, seats):
    """Split ``total`` students over C colleges (or fields) by weight, by largest remainder (Eq. 37).

    Among equal remainders the smaller id comes first. ``weights`` [C] >= 0 that do not sum to 0, ``ids`` [C]; writes
    ``seats`` [C], which then sum to ``total`` (to 0 where there is no college).
    """
    n = weights.shape[0]
    if n == 0:
        return
    sum_weights = 0.0
    for c in range(n):
        sum_weights += weights[c]
    left = total
    remainder = np.empty(n, np.float64)
    for c in range(n):
        share = total * (weights[c] / sum_weights)
        seats[c] = math.floor(share)
        remainder[c] = share - seats[c]
        left -= seats[c]
    for _ in range(left):
        best = 0
        for c in range(1, n):
            if remainder[c] > remainder[best] or (remainder[c] == remainder[best] and ids[c] < ids[best]):
                best = c
        seats[best] += 1
        remainder[best] = -1.0


@kernel(inline=True, borrows=True)
def student_body_weight(weight, aim, motivation):
    """Weight of one aim of a student body before normalisation (Eq. 41): motivated students want
    development, others grades."""
    if aim == STANDING:
        return weight * (1.5 - motivation)
    if aim == DEVELOPMENT:
        return weight * (0.5 + motivation)
    return weight
