"""The network of running contracts: reach, closure, modularity. Looked at once a year."""

from __future__ import annotations

import numpy as np

from abm.machine.kernels import kernel
from abm.quarter.measurement.metrics import NAN, Metric, Seen
from abm.world.state import Ints

METRICS = (
    Metric(
        "giant_component_share",
        "giant component",
        "最大连通分量占比",
        "1",
        0,
        1,
        "Institutions in the largest connected part of the network over all institutions.",
    ),
    Metric(
        "closure",
        "bipartite closure",
        "二部闭合度",
        "1",
        0,
        1,
        "Four times the 4-cycles over the paths of three contracts: how often partners share a second partner.",
        "Robins & Alexander 2004",
    ),
    Metric(
        "modularity",
        "modularity",
        "模块度",
        "1",
        -1,
        1,
        "Modularity (of a network of two kinds) of the clusters of serious contracts.",
        "Barber 2007",
    ),
    Metric(
        "modularity_z",
        "modularity against chance",
        "模块度z值",
        "1",
        -100,
        1000,
        "Modularity in standard deviations above networks with the same degrees and random partners.",
        "Eq. 76",
    ),
)


@kernel(inline=True, borrows=True)
def _root(parent, v):
    """Representative of the part that node v belongs to; shortens the way for the next."""
    while parent[v] != v:
        parent[v] = parent[parent[v]]
        v = parent[v]
    return v


@kernel
def shape(level, college, n_colleges):
    """Nodes of the largest component, pairs of colleges of one enterprise, and paths of three contracts."""
    n, n_slots = level.shape
    parent, size = np.arange(n + n_colleges), np.ones(n + n_colleges, np.int64)
    enterprise_degree, college_degree = np.zeros(n, np.int64), np.zeros(n_colleges, np.int64)
    n_pairs, largest = 0, 0
    for e in range(n):
        for h in range(n_slots):
            if level[e, h] == 0:
                continue
            n_pairs += enterprise_degree[e]
            enterprise_degree[e] += 1
            college_degree[college[e, h]] += 1
            a, b = _root(parent, e), _root(parent, n + college[e, h])
            if a != b:
                if size[a] < size[b]:
                    a, b = b, a
                parent[b] = a
                size[a] += size[b]
                largest = max(largest, size[a])
    pairs = np.empty(n_pairs, np.int64)
    i, n_paths = 0, 0
    for e in range(n):
        for h in range(n_slots):
            if level[e, h] == 0:
                continue
            c = np.int64(college[e, h])
            n_paths += (enterprise_degree[e] - 1) * (college_degree[c] - 1)
            for g in range(h):
                if level[e, g] > 0:
                    other = np.int64(college[e, g])
                    pairs[i] = min(c, other) * n_colleges + max(c, other)
                    i += 1
    return largest, pairs, n_paths


def n_cycles(pairs: Ints) -> int:
    """4-cycles: two enterprises with the same two colleges."""
    times = np.unique(pairs, return_counts=True)[1]
    return int(np.sum(times * (times - 1) // 2))


def measure(seen: Seen) -> dict[str, float]:
    """Reach and closure in the quarter of the yearly look, else as they were."""
    state = seen.state
    values = {
        "modularity": state.measured.get("modularity", NAN),
        "modularity_z": state.measured.get("modularity_z", NAN),
    }
    if not seen.is_yearly:
        return {**seen.carried("giant_component_share", "closure"), **values}
    n = len(state.enterprises.id) + len(state.colleges.id)
    largest, pairs, paths = shape(state.ties.level, state.ties.college, len(state.colleges.id))
    return {
        "giant_component_share": largest / n if n else NAN,
        "closure": 4 * n_cycles(pairs) / paths if paths else NAN,
        **values,
    }
