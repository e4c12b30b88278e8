"""The life of communities: candidates, birth, joining, leaving, merger, split, death."""

from __future__ import annotations

import numpy as np
import pytest
import worlds

from abm import quarter
from abm.population import build
from abm.quarter.community import community
from abm.scenario import load
from abm.world.levers import L
from abm.world.state import Community, State

N = 4
"""Enterprises in a block."""


def world(blocks: int = 2) -> State:
    """Blocks of N enterprises and two colleges, fully linked at level 4 with substance 0.72 and profitable."""
    state = worlds.world([0] * (2 * blocks), [1] * (2 * blocks), [(0, 0)] * (N * blocks), np.full((1, 2), 0.5))
    for e in range(N * blocks):
        block = e // N
        state.ties.college[e] = (2 * block, 2 * block + 1)
    deepen(state, slice(None))
    return state


def deepen(state: State, rows: slice | list[int], substance: float = 0.72, effort: float = 0.9) -> None:
    t = state.ties
    t.level[rows], t.substance[rows] = 4, substance
    t.effort_enterprise[rows], t.effort_college[rows], t.cost_share[rows] = effort, effort, 0.5


def look(state: State, year: int, **changes: float) -> list[tuple[str, str, int]]:
    """A yearly look; its events about communities."""
    state.step = 4 * year + 3
    state.events.clear()
    community(state, worlds.scenario(cost_linear=0.05, cost_quadratic=0.05, **changes))  # type: ignore[arg-type]
    return [(e.kind, e.cause, int(e.value)) for e in state.events]


def members(c: Community) -> tuple[list[int], list[int]]:
    return sorted(c.enterprises), sorted(c.colleges)


def test_nothing_happens_between_the_looks() -> None:
    state = world()
    for step in (0, 1, 2):
        state.step = step
        community(state, worlds.scenario())  # type: ignore[arg-type]
    assert not state.communities
    assert not state.measured


def test_birth_after_a_year_as_candidate() -> None:
    state = world()
    assert look(state, 0) == [("candidate_found", "", 0), ("candidate_found", "", 1)]
    assert (state.enterprises.community == -1).all()
    assert members(state.communities[0]) == ([100, 101, 102, 103], [10, 11])
    assert look(state, 1) == [("community_born", "", 0), ("community_born", "", 1)]
    assert state.enterprises.community.tolist() == [0] * N + [1] * N
    assert state.colleges.community.tolist() == [0, 0, 1, 1]
    first = state.communities[0]
    assert (first.founded, first.established, first.candidate_quarters) == (3, 7, 4)
    assert first.mean_depth == pytest.approx(0.72)
    assert first.is_self_sustaining
    assert state.measured["modularity"] == pytest.approx(0.5)
    assert [tuple(flow) for flow in state.member_flows] == [(0, 0, N, 2), (1, 1, N, 2)]


def test_a_network_that_stays_as_it_is_keeps_its_communities() -> None:
    state = world()
    look(state, 0)
    look(state, 1)
    for year in range(2, 8):
        assert look(state, year) == []
        assert state.enterprises.community.tolist() == [0] * N + [1] * N
    assert [c.id for c in state.communities] == [0, 1]


def test_shallow_dies_and_its_number_never_returns() -> None:
    state = world()
    look(state, 0)
    look(state, 1)
    deepen(state, slice(0, N), substance=0.5)
    assert look(state, 2) == [("community_died", "shallow", 0)]
    assert state.enterprises.community.tolist() == [-1] * N + [1] * N
    deepen(state, slice(0, N))
    assert look(state, 3) == [("candidate_found", "", 2)]
    assert (-1, 2, N, 2) in [tuple(flow) for flow in state.member_flows]


def test_drained_and_lost_candidate() -> None:
    state = world()
    look(state, 0)
    state.ties.substance[:N] = 0.1
    assert look(state, 1) == [("candidate_lost", "drained", 0), ("community_born", "", 1)]


def test_abandoned_without_a_government_link() -> None:
    state = world()
    look(state, 0)
    look(state, 1)
    state.governments.levers[0, L.SUPERVISION] = 0.0
    assert look(state, 2) == [("community_died", "abandoned", 0), ("community_died", "abandoned", 1)]
    # Public money in one contract of its own region is a link.
    state.ties.subsidy[0, 0] = 0.1
    assert look(state, 3) == [("candidate_found", "", 2)]


def test_deficit() -> None:
    state = world()
    look(state, 0)
    look(state, 1)
    state.ties.effort_enterprise[:N], state.ties.effort_college[:N] = 0.0, 0.0
    state.enterprises.aims[:N], state.colleges.aims[:2] = np.eye(6)[1], np.eye(6)[1]
    assert look(state, 2) == [("community_died", "deficit", 0)]


def test_merger() -> None:
    state = world()
    look(state, 0)
    look(state, 1)
    # All enterprises move to the colleges of the second block.
    state.ties.college[:N] = (2, 3)
    events = look(state, 2)
    # 10 of the cluster's members, 6 of them of community 1, 4 of community 0.
    assert events[0] == ("community_died", "merged", 0)
    assert [e for e in events if e[0] == "community_joined"] == [("community_joined", "", 1)] * N
    assert state.enterprises.community.tolist() == [1] * (2 * N)
    assert [tuple(f) for f in state.member_flows] == [(0, -1, 0, 2), (0, 1, N, 0), (1, 1, N, 2)]


def test_split() -> None:
    state = world(blocks=1)
    look(state, 0)
    look(state, 1)
    # Two pairs, each with a college of its own: each keeps half of the six members.
    state.ties.college[:2], state.ties.college[2:] = (0, -1), (1, -1)
    state.ties.level[:, 1] = 0
    kinds = {kind for kind, _, _ in look(state, 2)}
    assert "community_split" in kinds
    assert len(state.communities) == 2
    assert {c.id for c in state.communities} == {0, 1}


def test_who_does_better_alone_leaves_a_charter() -> None:
    state = world()
    look(state, 0)
    look(state, 1)
    # Equal parts take from colleges, whose ties are many.
    state.governments.levers[0, L.CHARTER], state.governments.levers[0, L.DISTRIBUTION_RULE] = 1.0, 0.0
    events = look(state, 2, pooled_share=1.0, leave_margin=0.05)
    assert ("community_died", "deficit", 0) in events
    state = world()
    look(state, 0)
    look(state, 1)
    state.governments.levers[0, L.CHARTER], state.governments.levers[0, L.DISTRIBUTION_RULE] = 1.0, 2.0
    assert look(state, 2, pooled_share=1.0, leave_margin=0.5) == []
    assert state.communities[0].has_charter


def test_establishment_takes_as_long_as_the_catalogue_says() -> None:
    state = world()
    look(state, 0, establishment_quarters=8)
    assert look(state, 1, establishment_quarters=8) == []
    assert [kind for kind, _, _ in look(state, 2, establishment_quarters=8)] == ["community_born"] * 2


def test_order_of_rows_plays_no_part() -> None:
    state, other = world(3), world(3)
    rng = np.random.default_rng(3)
    noise = rng.uniform(0.55, 0.95, state.ties.substance.shape)
    state.ties.substance[:] = noise
    order = rng.permutation(3 * N)
    for a, b in ((other.enterprises, state.enterprises), (other.ties, state.ties)):
        for name in a._fields:
            getattr(a, name)[:] = getattr(b, name)[order]
    for year in range(3):
        assert look(state, year) == look(other, year)
        assert state.communities == other.communities
        assert (other.enterprises.community == state.enterprises.community[order]).all()


def test_empty_worlds() -> None:
    for firms, colleges in (([], [0]), ([(0, 0)], [])):
        state = worlds.world(colleges, [1] * len(colleges), firms, np.full((1, 2), 0.5))
        assert look(state, 0) == []
        assert np.isnan(state.measured["modularity"])


def test_no_community_of_an_unchanged_network_dies() -> None:
    """Ties of mature communities, looked at for ten years in which nothing else happens."""
    asked = load("reform_package")
    state = build(asked, 1)
    while state.step < 60:
        quarter.step(state, asked)
    before = state.communities
    assert len(before) >= 3
    # The first look sees what the last quarters have changed.
    for year in range(15, 26):
        state.step = 4 * year + 3
        state.events.clear()
        community(state, asked.in_force(state.step))
        if year == 15:
            before = state.communities
        else:
            assert {e.kind for e in state.events} <= {"community_born"}
    assert [members(c) for c in state.communities] == [members(c) for c in before]
    assert [c.id for c in state.communities] == [c.id for c in before]
