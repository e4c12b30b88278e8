"""Communities in the network of serious ties: detection and its test against chance (Eq. 50).

The network has enterprises and colleges as nodes and contracts with enough substance as links,
weighted by their substantive depth. Links are ordered by the ids of their ends and nodes numbered in
the order of their first link, so that the order of rows plays no part.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from abm.machine.kernels import kernel, over_blocks
from abm.machine.streams import Stream, words
from abm.quarter.community.clusters import SAME, Links
from abm.world.state import Colleges, Enterprises, Floats, Ints, Rows, Ties

SWAPS_PER_LINK = 10
"""Attempted swaps of ends per link that forget the network (Milo et al. 2003: a few suffice, 100 is safe)."""
THREADED_LINKS = 5_000
"""Links below which a thread costs more than it gives."""
_REWIRING = int(Stream.REWIRING)


class Network(NamedTuple):
    """Serious ties as links between nodes. V nodes, E links, sorted by (enterprise id, college id, field).

    Where an enterprise has ties with several programmes of a college, these are one pair. U pairs.
    """

    enterprise: Rows  # [E] row of the enterprise
    slot: Rows  # [E] slot of its tie
    college: Rows  # [E] row of the college
    weight: Floats  # [E] substantive depth, 0-1
    from_node: Rows  # [E] node of the enterprise
    to_node: Rows  # [E] node of the college
    pair_from: Rows  # [U] node of the enterprise
    pair_to: Rows  # [U] node of the college
    pair_weight: Floats  # [U] summed substantive depth of the pair's ties
    row: Rows  # [V] row of the agent behind the node
    is_college: npt.NDArray[np.bool_]  # [V]

    @property
    def n_nodes(self) -> int:
        """Enterprises and colleges with a serious tie."""
        return len(self.row)


@kernel
def _links(level, substance, college, least):
    """Slots with a contract of substance ``least`` or more: rows, slots, colleges, weights."""
    n = 0
    for e in range(level.shape[0]):
        for h in range(level.shape[1]):
            if level[e, h] > 0 and substance[e, h] >= least:
                n += 1
    enterprise, slot, partner = np.empty(n, np.int32), np.empty(n, np.int32), np.empty(n, np.int32)
    weight = np.empty(n)
    i = 0
    for e in range(level.shape[0]):
        for h in range(level.shape[1]):
            if level[e, h] > 0 and substance[e, h] >= least:
                enterprise[i], slot[i], partner[i], weight[i] = e, h, college[e, h], substance[e, h]
                i += 1
    return enterprise, slot, partner, weight


@kernel
def _number(enterprise, college, n_enterprises, n_colleges):
    """Nodes of the links' ends, in the order of the first link that they appear in."""
    node = np.full(n_enterprises + n_colleges, -1, np.int32)
    from_node, to_node = np.empty(len(enterprise), np.int32), np.empty(len(enterprise), np.int32)
    row, is_college = np.empty(2 * len(enterprise), np.int32), np.empty(2 * len(enterprise), np.bool_)
    n = 0
    for i in range(len(enterprise)):
        e, c = enterprise[i], n_enterprises + college[i]
        if node[e] < 0:
            node[e], row[n], is_college[n] = n, e, False
            n += 1
        if node[c] < 0:
            node[c], row[n], is_college[n] = n, college[i], True
            n += 1
        from_node[i], to_node[i] = node[e], node[c]
    return from_node, to_node, row[:n].copy(), is_college[:n].copy()


@kernel
def _pairs(from_node, to_node, weight):
    """Links between the same two nodes, which lie side by side, as one: nodes and summed weight. Shapes [U]."""
    n = 0
    pair_from, pair_to, pair_weight = np.empty_like(from_node), np.empty_like(to_node), np.empty_like(weight)
    for i in range(len(weight)):
        if i > 0 and from_node[i] == from_node[i - 1] and to_node[i] == to_node[i - 1]:
            pair_weight[n - 1] += weight[i]
            continue
        pair_from[n], pair_to[n], pair_weight[n] = from_node[i], to_node[i], weight[i]
        n += 1
    return pair_from[:n], pair_to[:n], pair_weight[:n]


def serious_ties(enterprises: Enterprises, colleges: Colleges, ties: Ties, least: float) -> Network:
    """The network of contracts whose substantive depth is at least ``least``."""
    enterprise, slot, college, weight = _links(ties.level, ties.substance, ties.college, least)
    order = np.lexsort((ties.field[enterprise, slot], colleges.id[college], enterprises.id[enterprise]))
    enterprise, slot, college, weight = enterprise[order], slot[order], college[order], weight[order]
    nodes = _number(enterprise, college, len(enterprises.id), len(colleges.id))
    from_node, to_node, row, is_college = nodes
    pair_from, pair_to, pair_weight = _pairs(from_node, to_node, weight)
    return Network(
        enterprise, slot, college, weight, from_node, to_node, pair_from, pair_to, pair_weight, row, is_college
    )


def partition(
    from_node: Rows, to_node: Rows, weight: Floats, n_nodes: int, resolution: float, start: Ints | None = None,
    margin: float = 0.0,
) -> tuple[float, Ints]:  # fmt: skip
    """Best modularity found (Barber 2007) and the cluster of each node (Eq. 50).

    Shapes: links [U] -> labels [n_nodes], numbered in the order of their first node. ``start`` [n_nodes] are earlier
    clusters, -1 = in none: what they become counts unless others are better by ``margin``. Without links of any
    weight modularity is NaN and each node alone.
    """
    if not weight.sum() > 0.0:
        return float("nan"), np.arange(n_nodes)
    links = Links(from_node, to_node, weight, n_nodes, resolution)
    alone = np.arange(n_nodes)
    quality, best = -np.inf, alone
    for labels in map(links.improved, (alone, links.joined(alone))):
        if (found := links.modularity(labels)) > quality + SAME:
            quality, best = found, labels
    if start is not None and (start >= 0).any():
        labels = links.improved(start)
        if (found := links.modularity(labels)) >= quality - margin - SAME:
            quality, best = found, labels
    return quality, np.unique(best, return_inverse=True)[1]


def detect(network: Network, resolution: float, margin: float, enterprises: Ints, colleges: Ints) -> tuple[float, Ints]:
    """Modularity of the network's clusters, and their labels [V] (Eq. 50).

    What the last look's clusters of enterprises [N] and of colleges [C], -1 = in none, have become counts unless others
    are better by ``margin``.
    """
    start = np.where(network.is_college, -1, 0)
    for column, chosen in ((enterprises, ~network.is_college), (colleges, network.is_college)):
        start[chosen] = column[network.row[chosen]]
    links = network.pair_from, network.pair_to, network.pair_weight
    return partition(*links, network.n_nodes, resolution, start, margin)


@kernel(inline=True, borrows=True)
def _is_linked(from_node, to_node, near, college):
    """Whether the enterprise of link ``near`` is linked to the node ``college``; its links lie side by side."""
    i = near
    while i >= 0 and from_node[i] == from_node[near]:
        if to_node[i] == college:
            return True
        i -= 1
    i = near + 1
    while i < len(from_node) and from_node[i] == from_node[near]:
        if to_node[i] == college:
            return True
        i += 1
    return False


@kernel
def rewire(seed, step, number, from_node, to_node):
    """Links with the same degrees and random partners: swaps of ends that make no double link.

    Attempt a takes links floor(E * w0 / 2^32) and floor(E * w1 / 2^32) of the draw (REWIRING; a, number).
    Returns the new ``to_node`` [E]; a weight stays with the enterprise.
    """
    to = to_node.copy()
    n = np.uint64(len(to))
    for attempt in range(SWAPS_PER_LINK * len(to)):
        a, b, _, _ = words(seed, _REWIRING, step, attempt, number)
        i, j = (np.uint64(a) * n) >> np.uint64(32), (np.uint64(b) * n) >> np.uint64(32)
        if from_node[i] == from_node[j] or to[i] == to[j]:
            continue
        if _is_linked(from_node, to, np.int64(i), to[j]) or _is_linked(from_node, to, np.int64(j), to[i]):
            continue
        to[i], to[j] = to[j], to[i]
    return to


def modularity_z(
    network: Network, modularity: float, resolution: float, seed: np.uint64, step: int, n_rewired: int, threads: int = 1
) -> float:
    """How far modularity stands above that of rewired networks, in their standard deviations.

    NaN where there is nothing to compare: fewer than two rewirings, or all of them alike.
    """
    if n_rewired < 2 or not len(network.pair_weight):
        return float("nan")
    found = np.empty(n_rewired)

    def look(lo: int, hi: int) -> None:
        for k in range(lo, hi):
            to = rewire(seed, step, k, network.pair_from, network.pair_to)
            found[k], _ = partition(network.pair_from, to, network.pair_weight, network.n_nodes, resolution)

    threads = threads if len(network.pair_weight) > THREADED_LINKS else 1
    over_blocks(look, [(k, k + 1) for k in range(n_rewired)], threads=threads)
    mean = sum(found.tolist()) / n_rewired
    spread = (sum((q - mean) ** 2 for q in found.tolist()) / (n_rewired - 1)) ** 0.5
    return (modularity - mean) / spread if spread > 1e-12 else float("nan")
