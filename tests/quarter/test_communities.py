from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from abm.quarter.community.network import Network, detect, modularity_z, partition, rewire, serious_ties

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
    """By definition (Newman 2004): within-cluster weight minus what its strength would give by chance."""
    strength = np.zeros(net.n_nodes)
    np.add.at(strength, net.from_node, net.weight)
    np.add.at(strength, net.to_node, net.weight)
    total = net.weight.sum()
    inside = sum(w for a, b, w in zip(net.from_node, net.to_node, net.weight, strict=True) if labels[a] == labels[b])
    return inside / total - sum((strength[labels == g].sum() / (2 * total)) ** 2 for g in set(labels.tolist()))


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
    quality, labels = detect(net, 1.0, 3)
    assert quality == pytest.approx(0.5) == pytest.approx(modularity(net, labels))
    assert len(set(labels.tolist())) == 2
    side = np.where(net.is_college, net.row >= 2, net.row >= 6)
    assert (labels == side).all()


def test_modularity_is_that_of_the_labels() -> None:
    rng = np.random.default_rng(1)
    links = sorted({(int(rng.integers(40)), int(rng.integers(12))) for _ in range(90)})
    a = np.array([e for e, _ in links], np.int32)
    b = np.array([40 + c for _, c in links], np.int32)
    used = {
        v: i for i, v in enumerate(dict.fromkeys(v for pair in zip(a.tolist(), b.tolist(), strict=True) for v in pair))
    }
    a, b = (np.array([used[v] for v in side.tolist()], np.int32) for side in (a, b))
    weight = rng.uniform(0.4, 1, len(a))
    quality, labels = partition(a, b, weight, len(used), 1.0, 5)
    none = np.zeros(len(a), np.int32)
    net = Network(
        none, none, none, weight, a, b, a, b, weight, np.zeros(len(used), np.int32), np.zeros(len(used), bool)
    )
    assert quality == pytest.approx(modularity(net, labels))
    assert partition(a, b, weight, len(used), 1.0, 5)[1].tolist() == labels.tolist()


def test_nothing_to_detect() -> None:
    empty = np.empty(0, np.int32)
    quality, labels = partition(empty, empty, np.empty(0), 0, 1.0, 1)
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
