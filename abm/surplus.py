"""What a community is worth and how it is divided (Eq. 53-55).

Ends of a tie earn what their contract really yields: true skill fit, the partner's actual effort.
Under a charter a community pools a part of what its ties are worth and divides it by its rule; each
member pays its fee. Without a charter each end keeps its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from abm.equations import N_AIMS, aim_worth, overlap
from abm.kernels import kernel
from abm.levers import L
from abm.state import Bytes, Floats, Ints, Rows

if TYPE_CHECKING:
    from abm.communities import Network
    from abm.state import State

EQUAL, PROPORTIONAL, SHAPLEY = 0, 1, 2
"""Values of the lever ``distribution_rule``."""
STAYED, DEFICIT, BETTER_ALONE, WITHOUT_TIE = 0, 1, 2, 3
"""Why a member left; ``LEFT_BECAUSE`` names it."""
LEFT_BECAUSE = ("", "deficit", "better_alone", "without_tie")
_L_EVALUATION = int(L.EVALUATION_REFORM)

ENTERPRISE, COLLEGE, ENTERPRISE_ALONE, COLLEGE_ALONE, PAID_ENTERPRISE, PAID_COLLEGE = 0, 1, 2, 3, 4, 5
N_ENDS = 6
"""Columns of what a tie's ends earn: with public money, without it ("alone"), and the cost that each carries."""


OWN, OWN_ALONE, PAID, TIE_WORTH, DEGREE = 0, 1, 2, 3, 4
N_MEMBER_SUMS = 5
"""Columns of a member's sums over its ties inside: what they earn it, the same without public money, the
cost it carries, the worth of both ends, their number."""
N_ENTERPRISES, N_COLLEGES, N_TIES, DEPTH, WORTH, WORTH_ALONE, ALL_PAID, SMALLEST_PART, SMALLEST_ALONE = range(9)
N_CLUSTER_SUMS = 9
"""Columns of a cluster: members, ties inside, their summed substantive depth, their worth with the charter
paid, the same without public money, cost carried, smallest part and smallest OWN_ALONE of a member."""


class Settlement(NamedTuple):
    """Parts of members, after those who lose by it have left. V nodes, G clusters."""

    label: Ints  # [V] cluster, -1 = left or in none
    reason: Bytes  # [V] why it left
    part: Floats  # [V] utility a quarter, 0 = left
    members: Floats  # [V, N_MEMBER_SUMS]
    clusters: Floats  # [G, N_CLUSTER_SUMS]


@kernel(inline=True)
def _worth(weights, reform, scale, retention, yields, level):
    """What a level gives to an end with these weights (Eq. 4, 20)."""
    total = 0.0
    for m in range(N_AIMS):
        total += aim_worth(weights, reform, m, scale, retention, yields, level)
    return total


class Contracts(NamedTuple):
    """What was agreed and done in the ties behind E links."""

    enterprise: Rows  # [E] row
    slot: Rows  # [E]
    college: Rows  # [E] row
    level: Bytes  # [N, H]
    cost_share: Floats  # [N, H]
    founded: Ints  # [N, H]
    subsidy: Floats  # [N, H]
    tax_credit: Floats  # [N, H]
    effort_enterprise: Floats  # [N, H]
    effort_college: Floats  # [N, H]


class Ends(NamedTuple):
    """Who stands at the ends of ties, and what governments do about it."""

    region: Rows  # [N] of enterprises
    demand: Floats  # [N, K]
    aims: Floats  # [N, M]
    retention: Floats  # [N]
    college_region: Rows  # [C]
    curriculum: Floats  # [C, K]
    college_aims: Floats  # [C, M]
    paid_subsidy: Floats  # [R]
    paid_credit: Floats  # [R]
    levers: Floats  # [R, L]


def ends_of(state: State, network: Network) -> tuple[Contracts, Ends]:
    """The columns that the realised surplus comes from: only these, each costs time to compile."""
    t, e, c, g = state.ties, state.enterprises, state.colleges, state.governments
    return (
        Contracts(
            network.enterprise, network.slot, network.college, t.level, t.cost_share, t.founded, t.subsidy,
            t.tax_credit, t.effort_enterprise, t.effort_college,
        ),
        Ends(
            e.region, e.demand, e.aims, e.retention, c.region, c.curriculum, c.aims, g.paid_subsidy, g.paid_credit,
            g.levers,
        ),
    )  # fmt: skip


@kernel
def realised(step, contracts, at, yields, costs):
    """Realised surplus of both ends of each link (Eq. 53). Shape [E, N_ENDS].

    ``contracts`` are Contracts, ``at`` the Ends; ``yields`` [M, 6] and ``costs`` [6] by level. What was
    promised before this step counts as far as it was paid.
    """
    n = contracts.enterprise.shape[0]
    ends = np.empty((n, N_ENDS))
    for i in range(n):
        e, h, c = contracts.enterprise[i], contracts.slot[i], contracts.college[i]
        level, share = contracts.level[e, h], contracts.cost_share[e, h]
        subsidy, credit = contracts.subsidy[e, h], contracts.tax_credit[e, h]
        if contracts.founded[e, h] < step:
            subsidy *= at.paid_subsidy[at.region[e]]
            credit *= at.paid_credit[at.region[e]]
        cost = costs[level]
        fit = overlap(at.demand, e, at.curriculum, c)
        reform = at.levers[at.college_region[c], _L_EVALUATION]
        seen = fit * contracts.effort_college[e, h]
        mine = _worth(at.aims[e], 0.0, seen, at.retention[e], yields, level)
        theirs = _worth(at.college_aims[c], reform, fit * contracts.effort_enterprise[e, h], 1.0, yields, level)
        ends[i, PAID_ENTERPRISE] = share * cost * (1.0 - subsidy) - credit
        ends[i, PAID_COLLEGE] = (1.0 - share) * cost * (1.0 - subsidy)
        ends[i, ENTERPRISE] = mine - ends[i, PAID_ENTERPRISE]
        ends[i, COLLEGE] = theirs - ends[i, PAID_COLLEGE]
        ends[i, ENTERPRISE_ALONE] = mine - share * cost
        ends[i, COLLEGE_ALONE] = theirs - (1.0 - share) * cost
    return ends


@kernel(inline=True)
def part_of(rule, worth, n_members, own_ties, paid, all_paid, charter_cost):
    """A member's part of a worth that is pooled (Eq. 54).

    ``worth`` of all ties with the charter paid, ``own_ties`` = worth of both ends of the member's own
    ties, ``paid`` = cost it carries. Where nobody carries a cost, parts are equal. Shapley: half of each
    own tie and an equal part of the charter's
    cost, which is the Shapley value of v(S) = sum of ties inside S - charter_cost * |S| (an
    induced-subgraph game, Deng & Papadimitriou 1994, plus an additive one).
    """
    if rule == SHAPLEY:
        return 0.5 * own_ties - charter_cost
    if rule == PROPORTIONAL and all_paid > 0.0:
        return worth * max(0.0, paid) / all_paid
    return worth / n_members


@kernel
def _add_up(network, label, ends, members, clusters):
    """Sums over ties inside clusters: ``members`` [V, N_MEMBER_SUMS], ``clusters`` [G, N_CLUSTER_SUMS]."""
    members[:] = 0.0
    clusters[:] = 0.0
    clusters[:, SMALLEST_PART] = np.inf
    clusters[:, SMALLEST_ALONE] = np.inf
    for i in range(len(network.weight)):
        a, b = network.from_node[i], network.to_node[i]
        g = label[a]
        if g < 0 or g != label[b]:
            continue
        both = ends[i, ENTERPRISE] + ends[i, COLLEGE]
        for v, own, alone, paid in (
            (a, ends[i, ENTERPRISE], ends[i, ENTERPRISE_ALONE], ends[i, PAID_ENTERPRISE]),
            (b, ends[i, COLLEGE], ends[i, COLLEGE_ALONE], ends[i, PAID_COLLEGE]),
        ):
            members[v, OWN] += own
            members[v, OWN_ALONE] += alone
            members[v, PAID] += paid
            members[v, TIE_WORTH] += both
            members[v, DEGREE] += 1.0
        clusters[g, N_TIES] += 1.0
        clusters[g, DEPTH] += network.weight[i]
        clusters[g, WORTH] += both
        clusters[g, WORTH_ALONE] += ends[i, ENTERPRISE_ALONE] + ends[i, COLLEGE_ALONE]
    for v in range(len(label)):
        g = label[v]
        if g >= 0:
            clusters[g, N_COLLEGES if network.is_college[v] else N_ENTERPRISES] += 1.0
            clusters[g, ALL_PAID] += max(0.0, members[v, PAID])


@kernel
def _divide(label, members, clusters, charter, rule, terms, part, reason):
    """Parts of all members, and why who leaves does so (Eq. 54, 55). Returns how many leave."""
    charter_cost, pooled, margin = terms
    for g in range(len(clusters)):
        fee = charter_cost * charter[g] * (clusters[g, N_ENTERPRISES] + clusters[g, N_COLLEGES])
        clusters[g, WORTH] -= fee
        clusters[g, WORTH_ALONE] -= fee
    n_gone = 0
    for v in range(len(label)):
        g = label[v]
        if g < 0:
            continue
        part[v] = members[v, OWN]
        if charter[g] > 0.0:
            n = clusters[g, N_ENTERPRISES] + clusters[g, N_COLLEGES]
            fee = charter_cost * charter[g]
            shared = part_of(
                rule[g], clusters[g, WORTH], n, members[v, TIE_WORTH], members[v, PAID], clusters[g, ALL_PAID], fee
            )
            part[v] = pooled * shared + (1.0 - pooled) * (members[v, OWN] - fee)
        clusters[g, SMALLEST_PART] = min(clusters[g, SMALLEST_PART], part[v])
        clusters[g, SMALLEST_ALONE] = min(clusters[g, SMALLEST_ALONE], members[v, OWN_ALONE])
        if members[v, DEGREE] == 0.0:
            reason[v] = WITHOUT_TIE
        elif part[v] < 0.0:
            reason[v] = DEFICIT
        elif part[v] < members[v, OWN] - margin:
            reason[v] = BETTER_ALONE
        if reason[v] != STAYED:
            n_gone += 1
    return n_gone


@kernel
def settle(network, labels, ends, charter, rule, terms):
    """Divide each cluster's worth, and let those go who lose by it, until nobody goes (Eq. 54, 55).

    ``labels`` [V]; ``charter`` [G] is the lever of the cluster's home region, 0 = none, ``rule`` [G] its
    distribution rule. All who lose in one round go at once, so that no order plays a part. Returns
    the fields of a Settlement.
    """
    label, reason, part = labels.copy(), np.zeros(len(labels), np.int8), np.zeros(len(labels))
    members, clusters = np.empty((len(labels), N_MEMBER_SUMS)), np.empty((len(charter), N_CLUSTER_SUMS))
    while True:
        _add_up(network, label, ends, members, clusters)
        if _divide(label, members, clusters, charter, rule, terms, part, reason) == 0:
            return label, reason, part, members, clusters
        for v in range(len(label)):
            if reason[v] != STAYED:
                label[v] = -1
                part[v] = 0.0
