"""The frontier, its adoption, and the productive forces of regions: closed forms and properties (Eq. 94-99)."""

from __future__ import annotations

import numpy as np
import pytest
import worlds
from hypothesis import given
from hypothesis import strategies as st

from abm.quarter.labour_market.employers import record_staff
from abm.quarter.measurement import measurement
from abm.quarter.measurement.metrics import coupling, forces
from abm.quarter.measurement.tally import N_SUMS, Sums
from abm.quarter.technology import technology
from abm.world.parameters import CATALOGUE, DEFAULTS, as_row
from abm.world.state import State

DEMAND = np.array([[0.7, 0.2, 0.1], [0.1, 0.2, 0.7]])
NEUTRAL = {"frontier_growth": 0.0, "frontier_jump_rate": 0.0, "adoption_rate": 0.0, "technology_posts": 0.0}
shares = st.floats(0, 1)


def world() -> State:
    """One region, one college, two enterprises of two sectors, no contract."""
    return worlds.world([0], [4], [(0, 0), (0, 1)], DEMAND)


def run(state: State, steps: int, **changes: float) -> list[np.ndarray]:
    """Technology of the enterprises after each quarter, with nothing lost by itself."""
    trail = []
    for _ in range(steps):
        technology(state, worlds.scenario(**{"technology_decay": 0.0, "demand_spread": 0.0, **changes}))  # type: ignore[arg-type]
        state.step += 1
        trail.append(state.enterprises.technology.copy())
    return trail


def test_as_shipped_the_frontier_stands_still_and_staff_adopts_nothing() -> None:
    assert {name: CATALOGUE[name].default for name in NEUTRAL} == NEUTRAL
    state = world()
    before, profile = state.enterprises.technology.copy(), state.sectors.mean_log_demand.copy()
    run(state, 8)
    assert state.enterprises.technology.tobytes() == before.tobytes()
    assert state.sectors.frontier.tolist() == [1.0, 1.0]
    assert state.sectors.mean_log_demand.tobytes() == profile.tobytes()
    assert "frontier_jumps" not in state.flows


def test_without_adoption_the_gap_grows_as_the_frontier_does() -> None:
    state = world()
    after = run(state, 20, frontier_growth=0.02, frontier_growth_spread=0.0)[-1]
    assert state.sectors.frontier == pytest.approx([1.02**20] * 2)
    assert after == pytest.approx(0.5 / 1.02**20)


def test_each_sector_has_a_rate_of_its_own_that_does_not_change() -> None:
    state = world()
    run(state, 1, frontier_growth=0.02, frontier_growth_spread=1.0)
    rates = state.sectors.frontier - 1.0
    assert rates[0] != rates[1]
    assert ((rates > 0) & (rates < 0.04)).all()
    run(state, 9, frontier_growth=0.02, frontier_growth_spread=1.0)
    assert state.sectors.frontier == pytest.approx((1.0 + rates) ** 10)
    assert state.enterprises.technology == pytest.approx(0.5 / state.sectors.frontier)


def test_full_adoption_reaches_the_frontier_at_once_and_stays_there() -> None:
    state = world()
    state.enterprises.skilled[:] = (1.0, 0.0)
    trail = run(state, 3, adoption_rate=1.0, frontier_growth=0.05)
    assert [after[0] for after in trail] == [1.0, 1.0, 1.0]
    assert trail[-1][1] < 0.5


def test_under_steady_growth_technology_settles_where_adoption_keeps_pace() -> None:
    state = world()
    state.enterprises.skilled[:] = 0.5
    after = run(state, 600, adoption_rate=0.08, frontier_growth=0.01, frontier_growth_spread=0.0)[-1]
    # a = a (1 - c) / (1 + g) + c with c = 0.04.
    assert after == pytest.approx(0.04 * 1.01 / (0.01 + 0.04))


def test_a_jump_lifts_the_frontier_and_turns_its_skills() -> None:
    state = world()
    profile = state.sectors.mean_log_demand.copy()
    changes = {"frontier_jump_size": 0.5, "frontier_jump_skills": 0.75}
    run(state, 1, frontier_jump_rate=1.0, **changes)
    turned = 0.25 * profile + 0.75 * np.roll(profile, 1, axis=1)
    assert state.flows["frontier_jumps"] == 2
    assert state.sectors.frontier == pytest.approx([1.5, 1.5])
    assert state.enterprises.technology == pytest.approx([0.5 / 1.5] * 2)
    assert state.sectors.frontier_log_demand == pytest.approx(turned)
    assert state.sectors.mean_log_demand == pytest.approx(profile), "nobody has adopted anything yet"
    run(state, 10, **changes)
    assert "frontier_jumps" not in state.flows
    assert state.sectors.mean_log_demand == pytest.approx(profile)


def test_what_is_adopted_changes_what_is_asked_for() -> None:
    state = world()
    state.enterprises.skilled[:] = (0.5, 0.0)
    profile = state.sectors.mean_log_demand.copy()
    changes = {"adoption_rate": 0.4, "frontier_jump_skills": 1.0, "adopted_skills": 0.5}
    run(state, 1, frontier_jump_rate=1.0, **changes)
    run(state, 5, **changes)
    turned = np.roll(profile, 1, axis=1)
    # Half of 0.4 x 0.5 of the way a quarter, the quarter of the jump included.
    assert state.sectors.mean_log_demand[0] == pytest.approx(turned[0] + 0.9**6 * (profile - turned)[0])
    assert state.sectors.mean_log_demand[1] == pytest.approx(profile[1]), "who adopts nothing asks for nothing new"


@given(a=shares, skill=shares, better=shares, rate=shares, growth=st.floats(0, 0.05), joint=shares)
def test_technology_is_a_share_that_rises_with_the_fit_of_staff(
    a: float, skill: float, better: float, rate: float, growth: float, joint: float
) -> None:
    state = world()
    state.enterprises.technology[:] = a
    state.enterprises.sector[:] = 0
    state.enterprises.skilled[:] = min(skill, better), max(skill, better)
    state.ties.level[:, 0], state.ties.substance[:, 0] = 5, joint
    technology(state, worlds.scenario(adoption_rate=rate, frontier_growth=growth, frontier_jump_rate=0.5))  # type: ignore[arg-type]
    low, high = state.enterprises.technology
    assert 0 <= low <= high <= 1


def test_the_record_of_staff_is_posts_filled_times_fit() -> None:
    state = world()
    e = state.enterprises
    e.posted[:] = (4, 0)
    employer = np.array([0, 0, -1, 1, 0, 0], np.int32)
    match = np.array([0.5, 0.75, 0.9, 1.0, 0.25, 1.0], np.float32)
    record_staff(employer, match, 5, e, as_row(DEFAULTS._replace(related_fit=0.75, staff_renewal=0.5)))
    assert e.recorded_staff.tolist() == [3, 1]
    assert e.recorded_fit.tolist() == [1.5, 1.0]
    assert e.recorded_related.tolist() == [1, 1]
    assert e.skilled.tolist() == [0.5 + 0.5 * (1.5 / 4 - 0.5), 0.5], "who posted nothing keeps its record"


def test_productive_forces_by_hand() -> None:
    state = worlds.world([0, 1], [4, 4], [(0, 0), (0, 1), (1, 0)], DEMAND)
    e = state.enterprises
    e.technology[:] = (0.2, 0.6, 0.5)
    e.recorded_staff[:], e.recorded_related[:], e.recorded_fit[:] = (10, 30, 0), (8, 12, 0), (7.0, 15.0, 0.0)
    bounds = {"forces_efficiency_high": 0.5, "forces_technology_low": 0.2, "frontier_near": 0.5}
    measurement(state, worlds.scenario(**bounds))  # type: ignore[arg-type]
    found = {name: values.tolist() for name, values in state.regional_metrics.items()}
    assert found["high_technology"] == pytest.approx([0.2 / 0.8, 0.3 / 0.8])
    assert found["high_efficiency"][0] == pytest.approx((0.2 * 7 + 0.6 * 15) / 40 / 0.5)
    assert found["high_quality"][0] == pytest.approx(12 / 40)
    assert found["productive_forces"][0] == pytest.approx((0.25 + 0.52 + 0.3) / 3)
    assert np.isnan(found["productive_forces"][1]), "nobody works there"
    assert state.metrics["high_technology"] == pytest.approx((1.3 / 3 - 0.2) / 0.8)
    assert state.metrics["frontier"] == 1.0
    assert np.isnan(state.metrics["forces_coordination"]), "nobody has graduated"


def tallied(technology_of: float, fit: float, related: float, near: bool) -> np.ndarray:
    """Sums of one place with one enterprise and ten graduates."""
    sums = dict.fromkeys(Sums._fields, 0.0)
    sums |= {"enterprises": 1, "technology": technology_of, "recorded": 10, "output": technology_of * fit * 10}
    sums["frontier_related"] = 10 * related if near else 0.0
    return np.array([[*sums.values(), *np.zeros(N_SUMS - len(sums))]])


@given(a=shares, fit=shares, better=shares, related=shares, near=st.booleans(), u1=shares)
def test_the_index_lies_in_its_bounds_and_rises_with_match_and_education(
    a: float, fit: float, better: float, related: float, near: bool, u1: float
) -> None:
    low, high = forces.bounds(DEFAULTS)
    fits = sorted((fit, better))
    found = [
        forces.productive_forces(tallied(a, x, related, near), forces._OF_SUMS, np.array([u1]), low, high)[:, 0]
        for x in fits
    ]
    assert all(((one >= 0) & (one <= 1)).all() for one in found)
    assert found[0][3] <= found[1][3]
    assert found[0][4] <= found[1][4] + 1e-15


@given(u1=shares, index=shares)
def test_d_is_that_of_the_coupling_of_education_and_industry(u1: float, index: float) -> None:
    indicators = np.repeat([[u1], [index]], 4, axis=0)
    usual = coupling.couple(indicators, np.zeros(8), np.ones(8))[4, 0]
    sums = tallied(index, 1.0, index, near=True)
    found = forces.productive_forces(sums, forces._OF_SUMS, np.array([u1]), np.zeros(3), np.ones(3))
    assert found[4, 0] == pytest.approx(usual, abs=1e-12)
