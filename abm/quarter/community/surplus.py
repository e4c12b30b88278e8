"""What a community is worth and how it is divided (Eq. 53-55).

Ends of a tie earn what the ledger of their contract gives with what was really done: true skill fit, both efforts,
what they cost, and what each end gives up outside.
Under a charter a community pools a part of what its ties are worth and divides it by its rule; each
member pays its fee. Without a charter each end keeps its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from abm.machine.kernels import kernel
from abm.world.ledger import Line
from abm.world.realised import realised_ledgers
from abm.world.state import Bytes, Floats, Ints
from abm.world.vocabulary import COLLEGE, ENTERPRISE

if TYPE_CHECKING:
    from abm.quarter.community.network import Network
    from abm.world.parameters import Parameters
    from abm.world.state import State

EQUAL, PROPORTIONAL, SHAPLEY = 0, 1, 2
"""Values of the lever ``distribution_rule``."""
STAYED, DEFICIT, BETTER_ALONE, WITHOUT_TIE = 0, 1, 2, 3
"""Why a member left; ``LEFT_BECAUSE`` names it."""
LEFT_BECAUSE = ("", "deficit", "better_alone", "without_tie")

N_ENDS = 6
GAIN_ENTERPRISE, GAIN_COLLEGE, ALONE_ENTERPRISE, ALONE_COLLEGE, PAID_ENTERPRISE, PAID_COLLEGE = range(N_ENDS)
"""Columns of what a tie's ends earn: with public money, without it ("alone"), and the cost that each carries."""


OWN, OWN_ALONE, PAID, TIE_WORTH, DEGREE = 0, 1, 2, 3, 4
N_MEMBER_SUMS = 5
"""Columns of a member's sums over its ties inside: what they earn it, the same without public money, the
cost it carries, the worth of both ends, their number."""
N_ENTERPRISES, N_COLLEGES, N_TIES, DEPTH, WORTH, WORTH_ALONE, ALL_PAID, SMALLEST_PART, SMALLEST_ALONE = range(9)
N_CLUSTER_SUMS = 9
"""Columns of a cluster: members, ties inside, their summed substantive depth, their worth with the charter
paid, the same without public money, cost carried, smallest part of a member, smallest OWN_ALONE with the fee paid."""


class Settlement(NamedTuple):
    """Parts of members, after those who lose by it have left. V nodes, G clusters."""

    label: Ints  # [V] cluster, -1 = left or in none
    reason: Bytes  # [V] why it left
    part: Floats  # [V] utility a quarter, 0 = left
    members: Floats  # [V, N_MEMBER_SUMS]
    clusters: Floats  # [G, N_CLUSTER_SUMS]


def surplus_of_ends(state: State, p: Parameters, network: Network) -> Floats:
    """What both ends of each link earn in a quarter (Eq. 53). Shape [E, N_ENDS].

    The ledgers of their contracts with what was really done. Talk is paid and gone: nobody stays or leaves for it.
    """
    lines = realised_ledgers(state, p, network.enterprise, network.slot)
    lines[:, :, Line.TALK] = 0.0
    gain = lines.sum(axis=2)
    paid = -(lines[:, :, Line.COST] + lines[:, :, Line.SUBSIDY] + lines[:, :, Line.TAX_CREDIT])
    alone = gain - lines[:, :, Line.SUBSIDY] - lines[:, :, Line.TAX_CREDIT]
    return np.stack(
        [
            gain[:, ENTERPRISE], gain[:, COLLEGE], alone[:, ENTERPRISE], alone[:, COLLEGE],
            paid[:, ENTERPRISE], paid[:, COLLEGE],
        ],
        axis=1,
    )  # fmt: skip


@kernel(inline=True, borrows=True)
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


@kernel(borrows=True)
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
        both = ends[i, GAIN_ENTERPRISE] + ends[i, GAIN_COLLEGE]
        for v, own, alone, paid in (
            (a, ends[i, GAIN_ENTERPRISE], ends[i, ALONE_ENTERPRISE], ends[i, PAID_ENTERPRISE]),
            (b, ends[i, GAIN_COLLEGE], ends[i, ALONE_COLLEGE], ends[i, PAID_COLLEGE]),
        ):
            members[v, OWN] += own
            members[v, OWN_ALONE] += alone
            members[v, PAID] += paid
            members[v, TIE_WORTH] += both
            members[v, DEGREE] += 1.0
        clusters[g, N_TIES] += 1.0
        clusters[g, DEPTH] += network.weight[i]
        clusters[g, WORTH] += both
        clusters[g, WORTH_ALONE] += ends[i, ALONE_ENTERPRISE] + ends[i, ALONE_COLLEGE]
    for v in range(len(label)):
        g = label[v]
        if g >= 0:
            clusters[g, N_COLLEGES if network.is_college[v] else N_ENTERPRISES] += 1.0
            clusters[g, ALL_PAID] += max(0.0, members[v, PAID])


@kernel(borrows=True)
def _divide_once(label, members, clusters, charter, rule, terms, part, reason):
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
        alone = members[v, OWN_ALONE] - charter_cost * charter[g]
        clusters[g, SMALLEST_ALONE] = min(clusters[g, SMALLEST_ALONE], alone)
        if members[v, DEGREE] == 0.0:
            reason[v] = WITHOUT_TIE
        elif part[v] < 0.0:
            reason[v] = DEFICIT
        elif part[v] < members[v, OWN] * (1.0 - margin):
            reason[v] = BETTER_ALONE
        if reason[v] != STAYED:
            n_gone += 1
    return n_gone


@kernel
def divide(network, labels, ends, charter, rule, terms):
    """Divide each cluster's worth, and let those go who lose by it, until nobody goes (Eq. 54, 55).

    ``labels`` [V]; ``charter`` [G] is the lever of the cluster's home region, 0 = none, ``rule`` [G] its
    distribution rule. All who lose in one round go at once, so that no order plays a part.
    """
    label, reason, part = labels.copy(), np.zeros(len(labels), np.int8), np.zeros(len(labels))
    members, clusters = np.empty((len(labels), N_MEMBER_SUMS)), np.empty((len(charter), N_CLUSTER_SUMS))
    while True:
        _add_up(network, label, ends, members, clusters)
        if _divide_once(label, members, clusters, charter, rule, terms, part, reason) == 0:
            return Settlement(label, reason, part, members, clusters)
        for v in range(len(label)):
            if reason[v] != STAYED:
                label[v] = -1
                part[v] = 0.0
