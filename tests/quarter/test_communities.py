from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from abm.quarter.community.network import Network, detect, modularity_z, partition, rewire, serious_ties
from tests.reference.clusters import Graph, clusters_of

SEED = np.uint64(7)


def serious(level: Any, substance: Any, college: Any) -> Network:
    """The network of ties given as [N, H]; ids are rows."""
    ties: Any = SimpleNamespace(
        level=np.array(level, np.int8), substance=np.array(substance, float), college=np.array(college, np.int32)
    )
    ties.field = np.zeros_like(ties.level)
    n, n_colleges = len(ties.level), int(ties.college.max()) + 1
    ids: list[Any] = [SimpleNamespace(id=np.arange(size, dtype=np.uint32)) for size in (n, n_colleges)]
    return serious_ties(ids[0], ids[1], ties, 0.4)


def two_blocks(n: int = 6) -> Network:
    """Two complete blocks of n enterprises and two colleges each."""
    college = [(0, 1)] * n + [(2, 3)] * n
    return serious(np.full((2 * n, 2), 4), np.full((2 * n, 2), 0.6), college)


def modularity(net: Network, labels: np.ndarray) -> float:
    """By definition (Barber 2007): weight inside less what chance gives each pair of an enterprise and a college."""
    strength = np.zeros(net.n_nodes)
    np.add.at(strength, net.from_node, net.weight)
    np.add.at(strength, net.to_node, net.weight)
    total = net.weight.sum()
    found = sum(w for a, b, w in zip(net.from_node, net.to_node, net.weight, strict=True) if labels[a] == labels[b])
    for a in set(net.from_node.tolist()):
        for b in set(net.to_node.tolist()):
            found -= strength[a] * strength[b] / total * (labels[a] == labels[b])
    return found / total


def test_only_serious_contracts_count() -> None:
    net = serious(((3, 3), (0, 3)), ((0.4, 0.39), (0.9, 0.5)), ((0, 1), (0, 1)))
    assert list(
        zip(net.enterprise.tolist(), net.slot.tolist(), net.college.tolist(), net.weight.tolist(), strict=True)
    ) == [
        (0, 0, 0, 0.4),
        (1, 1, 1, 0.5),
    ]
    assert net.is_college.tolist() == [False, True, False, True]


def test_two_blocks_are_two_communities() -> None:
    net = two_blocks()
    quality, labels = detect(net, 1.0, 0.0, np.full(12, -1), np.full(4, -1))
    assert quality == pytest.approx(0.5) == pytest.approx(modularity(net, labels))
    assert len(set(labels.tolist())) == 2
    side = np.where(net.is_college, net.row >= 2, net.row >= 6)
    assert (labels == side).all()


def network_of(links: list[tuple[int, int]], weight: np.ndarray) -> Network:
    """Links between enterprises and colleges, in order, as a network."""
    nodes = {v: i for i, v in enumerate(dict.fromkeys(v for e, c in links for v in (("e", e), ("c", c))))}
    a = np.array([nodes["e", e] for e, _ in links], np.int32)
    b = np.array([nodes["c", c] for _, c in links], np.int32)
    none = np.zeros(len(a), np.int32)
    is_college = np.array([kind == "c" for kind, _ in nodes])
    return Network(none, none, none, weight, a, b, a, b, weight, np.zeros(len(nodes), np.int32), is_college)


def any_network(seed: int, n_enterprises: int, n_colleges: int, n_links: int) -> Network:
    rng = np.random.default_rng(seed)
    links = {(int(rng.integers(n_enterprises)), int(rng.integers(n_colleges))) for _ in range(n_links)}
    return network_of(sorted(links), rng.choice([0.4, 0.5, 0.55, 1.0], len(links)))


def clusters(net: Network, start: np.ndarray | None = None) -> tuple[float, np.ndarray]:
    return partition(net.from_node, net.to_node, net.weight, net.n_nodes, 1.0, start)


@pytest.mark.parametrize("seed", range(8))
def test_modularity_is_that_of_the_labels_and_clusters_that_nothing_improves_stay(seed: int) -> None:
    net = any_network(seed, 40, 12, 60 + 10 * seed)
    quality, labels = clusters(net)
    assert quality == pytest.approx(modularity(net, labels))
    assert labels.tolist() == by_first_node(labels)
    again, same = clusters(net, labels)
    assert same.tolist() == labels.tolist() and again == quality
    # Whatever the start, no move of a node and no joining of two clusters is better.
    found, those = clusters(net, np.random.default_rng(seed).integers(-1, 9, net.n_nodes))
    assert found >= quality - 1e-9
    for v in range(net.n_nodes):
        for g in range(those.max() + 2):
            moved = those.copy()
            moved[v] = g
            assert modularity(net, moved) <= found + 1e-8


def by_first_node(labels: np.ndarray) -> list[int]:
    numbers: dict[int, int] = {}
    return [numbers.setdefault(label, len(numbers)) for label in labels.tolist()]


def partitions(n: int) -> Iterator[list[int]]:
    """All ways to put n nodes into clusters."""
    found: list[list[int]] = [[]]
    for _ in range(n):
        found = [[*labels, g] for labels in found for g in range(max(labels, default=-1) + 2)]
    return iter(found)


@pytest.mark.parametrize("seed", range(20))
def test_in_small_networks_the_best_clusters_are_found(seed: int) -> None:
    net = any_network(seed, 5, 3, 7)
    best = max(modularity(net, np.array(labels)) for labels in partitions(net.n_nodes))
    assert clusters(net)[0] == pytest.approx(best, abs=0.02)


def test_the_last_clusters_count_where_others_are_no_better() -> None:
    """Two links between four nodes and equal ties: a start that is as good as any is kept, a worse one is not."""
    net = network_of([(0, 0), (0, 1), (1, 0), (1, 1), (2, 2), (3, 2)], np.ones(6))
    quality, best = clusters(net)
    assert clusters(net, best)[1].tolist() == best.tolist()
    all_in_one = np.zeros(net.n_nodes, np.int64)
    assert clusters(net, all_in_one)[1].tolist() == best.tolist()
    # A margin keeps what no move of one node betters, up to that much.
    links = net.from_node, net.to_node, net.weight
    assert partition(*links, net.n_nodes, 1.0, all_in_one, 1.0)[1].tolist() == all_in_one.tolist()
    assert partition(*links, net.n_nodes, 1.0, all_in_one, quality - 0.01)[1].tolist() == best.tolist()


@pytest.mark.parametrize("seed", range(12))
def test_the_twin_finds_the_same_clusters_also_where_much_is_equal(seed: int) -> None:
    net = any_network(seed, 14, 6, 10 + 4 * seed)
    last = np.random.default_rng(seed).integers(-1, 5, net.n_nodes) if seed % 3 else np.full(net.n_nodes, -1)
    weight = net.weight * (np.arange(len(net.weight)) % 5 > 0) if seed % 2 else net.weight
    ends = zip(net.from_node.tolist(), net.to_node.tolist(), strict=True)
    graph = Graph(dict(zip(ends, weight.tolist(), strict=True)), net.n_nodes, 1.0)
    found = partition(net.from_node, net.to_node, weight, net.n_nodes, 1.0, last, 0.02)[1]
    assert found.tolist() == by_first_node(np.array(clusters_of(graph, last.tolist(), 0.02)))


def test_links_of_no_weight_make_no_clusters() -> None:
    """Where the least depth of a serious tie is 0 a contract in which nobody does anything is one."""
    net = network_of([(0, 0), (1, 0)], np.zeros(2))
    quality, labels = clusters(net, np.zeros(net.n_nodes, np.int64))
    assert np.isnan(quality)
    assert labels.tolist() == [0, 1, 2]
    # Beside others they are links like any.
    net = network_of([(0, 0), (1, 0), (2, 1)], np.array([0.0, 0.5, 0.5]))
    assert clusters(net)[0] == pytest.approx(0.5)


def test_nothing_to_detect() -> None:
    empty = np.empty(0, np.int32)
    quality, labels = partition(empty, empty, np.empty(0), 0, 1.0)
    assert np.isnan(quality)
    assert len(labels) == 0


def test_rewiring_keeps_degrees_and_makes_no_double_link() -> None:
    net = two_blocks()
    to = rewire(SEED, 3, 0, net.from_node, net.to_node)
    assert (to != net.to_node).any()
    assert (np.bincount(to, minlength=net.n_nodes) == np.bincount(net.to_node, minlength=net.n_nodes)).all()
    assert len(set(zip(net.from_node.tolist(), to.tolist(), strict=True))) == len(to)
    assert (rewire(SEED, 3, 0, net.from_node, net.to_node) == to).all()
    assert (rewire(SEED, 3, 1, net.from_node, net.to_node) != to).any()


def test_a_star_cannot_be_rewired() -> None:
    a, b = np.arange(4, dtype=np.int32), np.full(4, 4, np.int32)
    assert (rewire(SEED, 0, 0, a, b) == b).all()


def test_blocks_stand_out_against_chance() -> None:
    net = two_blocks()
    z = modularity_z(net, 0.5, 1.0, SEED, 3, 8)
    assert z > 3
    assert modularity_z(net, 0.5, 1.0, SEED, 3, 8, threads=2) == z
    assert np.isnan(modularity_z(net, 0.5, 1.0, SEED, 3, 1))
