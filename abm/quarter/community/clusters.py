"""Clusters of a network of two kinds of nodes: modularity for such networks and how it is raised (Eq. 50).

Chance links an enterprise and a college by what each has of ties (Barber 2007); two enterprises are never linked, and
nothing is expected of them. Modularity is raised by moving single nodes until none gains, then by joining clusters,
in turn (after Liu & Murata 2010, Clauset 2004). No draw plays a part: the same network and the same start give the
same clusters, and clusters that nothing improves stay as they are.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from abm.machine.kernels import kernel
from abm.world.state import Floats, Ints, Rows

SAME = 1e-9
"""Gains that differ by less are equal."""


class Links:
    """Links [U] between nodes [V] of two kinds, from enterprises to colleges, and what modularity asks of them."""

    def __init__(self, from_node: Rows, to_node: Rows, weight: Floats, n_nodes: int, resolution: float) -> None:
        self.from_node, self.to_node, self.weight = from_node, to_node, weight
        self.n_nodes = n_nodes
        self.strength = np.bincount(from_node, weight, n_nodes) + np.bincount(to_node, weight, n_nodes)  # [V]
        self.total = float(weight.sum())
        self.by_chance = resolution / self.total
        """Weight expected between two nodes for a unit of strength of each."""
        self.is_college = np.zeros(n_nodes, np.bool_)
        self.is_college[to_node] = True
        ends, self._partner = np.concatenate((from_node, to_node)), np.concatenate((to_node, from_node))
        order = np.argsort(ends, kind="stable")
        self._partner, self._heavy = self._partner[order], np.concatenate((weight, weight))[order]
        self._first = np.searchsorted(ends[order], np.arange(n_nodes + 1))

    def modularity(self, labels: Ints) -> float:
        """Weight inside clusters less what chance gives, as a share of all (Barber 2007). ``labels`` [V]."""
        inside = self.weight[labels[self.from_node] == labels[self.to_node]].sum()
        of_enterprises, of_colleges = self._strengths(labels)
        return float((inside - self.by_chance * (of_enterprises * of_colleges).sum()) / self.total)

    def improved(self, start: Ints) -> Ints:
        """Clusters that no move of a node and no joining of two improves, from a start [V] on. Labels of clusters are
        their first nodes."""
        labels = by_first_node(start)
        while True:
            move_nodes(self._first, self._partner, self._heavy, self.strength, self.is_college, self.by_chance, labels)
            labels = by_first_node(labels)
            joined = self.joined(labels)
            if joined is labels:
                return labels
            labels = joined

    def joined(self, labels: Ints) -> Ints:
        """Clusters, named by their first nodes [V], joined two by two where that loses nothing; the same ones if it
        does everywhere."""
        while (joined := self._joined_once(labels)) is not None:
            labels = joined
        return labels

    def _strengths(self, labels: Ints) -> tuple[Floats, Floats]:
        """Summed strength of the enterprises and of the colleges of each label [V]."""
        own = np.where(self.is_college, 0.0, self.strength), np.where(self.is_college, self.strength, 0.0)
        found: Any = [np.bincount(labels, of_kind, self.n_nodes) for of_kind in own]
        return found[0], found[1]

    def _joined_once(self, labels: Ints) -> Ints | None:
        """Labels after linked clusters have been joined in pairs, those first that gain most; None if all lose."""
        a, b = labels[self.from_node], labels[self.to_node]
        is_between = a != b
        if not is_between.any():
            return None
        low, high = np.minimum(a, b)[is_between], np.maximum(a, b)[is_between]
        pairs, of_link = np.unique(low * self.n_nodes + high, return_inverse=True)
        low, high = pairs // self.n_nodes, pairs % self.n_nodes
        between = np.bincount(of_link, self.weight[is_between])
        of_enterprises, of_colleges = self._strengths(labels)
        chance = of_enterprises[low] * of_colleges[high] + of_enterprises[high] * of_colleges[low]
        gain = np.rint((between - self.by_chance * chance) / SAME)
        becomes = np.arange(self.n_nodes)
        is_taken = np.zeros(self.n_nodes, np.bool_)
        for i in np.lexsort((high, low, -gain)).tolist():
            if gain[i] < 0.0:
                break
            if not (is_taken[low[i]] or is_taken[high[i]]):
                is_taken[[low[i], high[i]]] = True
                becomes[high[i]] = low[i]
        return becomes[labels] if is_taken.any() else None


def by_first_node(labels: Ints) -> Ints:
    """The same clusters, each named by the first of its nodes; a node with label -1 is one for itself. [V] -> [V]."""
    alone = labels < 0
    named = np.where(alone, labels.max(initial=-1) + 1 + np.arange(len(labels)), labels)
    _, first, of_node = np.unique(named, return_index=True, return_inverse=True)
    return first[of_node].astype(np.int64)


@kernel
def move_nodes(first, partner, heavy, strength, is_college, by_chance, labels):
    """Move each node in turn to the cluster where it gains most, until none moves. ``labels`` [V] change.

    ``first`` [V + 1] where a node's partners begin, ``partner`` and ``heavy`` [2U] who and how much. A node stays where
    no other place gives more; among equals it goes to the cluster of the partner that it names first, and it is alone
    only where all company loses.
    """
    n = len(labels)
    of_kind = np.zeros((2, n))
    size = np.zeros(n, np.int64)
    shared, seen = np.zeros(n), np.empty(n, np.int64)
    for v in range(n):
        of_kind[int(is_college[v]), labels[v]] += strength[v]
        size[labels[v]] += 1
    is_moved = True
    while is_moved:
        is_moved = False
        for v in range(n):
            own, kind, n_seen = labels[v], int(is_college[v]), 0
            for i in range(first[v], first[v + 1]):
                there = labels[partner[i]]
                if shared[there] == 0.0:
                    seen[n_seen] = there
                    n_seen += 1
                shared[there] += heavy[i]
            expected = by_chance * strength[v]
            best, most = own, shared[own] - expected * of_kind[1 - kind, own]
            if size[own] == 1:
                # Of equal clusters the fewer: nobody stays alone who loses nothing by company.
                most -= 2.0 * SAME
            for i in range(n_seen):
                there = seen[i]
                gain = shared[there] - expected * of_kind[1 - kind, there]
                if gain > most + SAME:
                    best, most = there, gain
                shared[there] = 0.0
            if most < -SAME and size[own] > 1:
                # Alone: its own number is free, or else some number is.
                best = v
                while size[best] > 0:
                    best = best + 1 if best + 1 < n else 0
            if best != own:
                of_kind[kind, own] -= strength[v]
                of_kind[kind, best] += strength[v]
                size[own] -= 1
                size[best] += 1
                labels[v] = best
                is_moved = True
