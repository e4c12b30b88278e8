"""Technology: the Ornstein-Uhlenbeck process of skill demand, jumps, and joint research."""

from __future__ import annotations

import numpy as np
import pytest

from abm.quarter.technology import technology
from abm.scenario import Scenario
from abm.world.parameters import DEFAULTS
from abm.world.state import State
from tests.quarter.worlds import world


def scenario(**changes: float) -> Scenario:
    return Scenario(p=DEFAULTS._replace(**changes))


def sectors(n: int, n_fields: int = 8) -> State:
    """A world without institutions in which n sectors ask for all fields alike."""
    return world([], [], [], np.full((n, n_fields), 1 / n_fields))


def run(state: State, inputs: Scenario, steps: int) -> np.ndarray:
    """Log demand after each step. Shape [steps, S, K]."""
    trail = []
    for _ in range(steps):
        technology(state, inputs)
        state.step += 1
        trail.append(state.sectors.log_demand.copy())
    return np.array(trail)


@pytest.mark.parametrize(("half_life", "spread"), [(4, 1.0), (10, 0.5)])
def test_demand_keeps_its_spread_and_forgets_half_in_a_half_life(half_life: int, spread: float) -> None:
    inputs = scenario(skill_half_life=half_life, demand_spread=spread)
    state = sectors(600)
    mean = state.sectors.mean_log_demand.copy()
    x = run(state, inputs, 10 * half_life + 1 + half_life) - mean
    before, after = x[10 * half_life], x[11 * half_life]
    # 4800 independent series: three standard errors of a variance are 6 %, of a correlation below .04.
    assert after.var() == pytest.approx(spread**2, rel=0.07)
    assert after.mean() == pytest.approx(0, abs=4 * spread / np.sqrt(after.size))
    assert np.corrcoef(before.ravel(), after.ravel())[0, 1] == pytest.approx(0.5, abs=0.04)
    assert np.corrcoef(x[-2].ravel(), after.ravel())[0, 1] == pytest.approx(0.5 ** (1 / half_life), abs=0.03)


@pytest.mark.parametrize(("research", "half_life"), [(0.0, 10.0), (0.4, 5.0)])
def test_without_spread_half_of_a_deviation_is_gone_after_a_half_life(research: float, half_life: float) -> None:
    inputs = scenario(skill_half_life=10.0, technology_feedback=2.5, demand_spread=0.0)
    state = sectors(2)
    state.sectors.log_demand[:] += np.arange(8) - 3.5
    start = state.sectors.log_demand - state.sectors.mean_log_demand
    for _ in range(int(half_life)):
        state.sectors.joint_research[:] = research
        technology(state, inputs)
        state.step += 1
    assert state.sectors.log_demand - state.sectors.mean_log_demand == pytest.approx(0.5 * start)


def test_demand_is_the_softmax_mixed_with_what_is_particular() -> None:
    state = world([0], [4], [(0, 0), (0, 1)], np.array([[0.6, 0.3, 0.1], [0.2, 0.2, 0.6]]))
    state.enterprises.own_skills[:] = [[1, 0, 0], [0, 0, 1]]
    technology(state, scenario(own_skill_share=0.25))
    shown = np.exp(state.sectors.log_demand)
    shown /= shown.sum(axis=1, keepdims=True)
    assert state.sectors.demand == pytest.approx(shown)
    assert state.enterprises.demand == pytest.approx(0.75 * shown + 0.25 * state.enterprises.own_skills)


def test_a_jump_turns_demand_to_the_next_field_once() -> None:
    inputs = scenario(technology_jump=0.75, technology_jump_step=2, demand_spread=0.0)
    state = sectors(1, 3)
    profile = np.array([1.0, 2.0, 4.0])
    state.sectors.mean_log_demand[0] = state.sectors.log_demand[0] = profile
    trail = run(state, inputs, 5)[:, 0]
    assert trail[1] == pytest.approx(profile)
    turned = 0.25 * profile + 0.75 * np.array([4.0, 1.0, 2.0])
    assert trail[2] == pytest.approx(turned)
    assert trail[4] == pytest.approx(turned)


def test_joint_research_raises_technology_and_its_lack_lowers_it() -> None:
    state = world([0], [4], [(0, 0), (0, 0), (0, 1)], np.full((2, 3), 1 / 3))
    state.ties.level[0, 0], state.ties.substance[0, 0] = 4, 0.5
    state.ties.level[0, 1], state.ties.substance[0, 1] = 5, 0.3
    # An order class is no joint research, however well it goes.
    state.ties.level[1, 0], state.ties.substance[1, 0] = 3, 0.6
    technology(state, scenario(research_gain=0.2, technology_decay=0.1))
    assert state.enterprises.technology == pytest.approx(
        [0.5 + 0.2 * 0.5 * 0.5 - 0.1 * 0.5 * 0.5, 0.5 - 0.1 * 0.5, 0.5 - 0.1 * 0.5]
    )
    assert state.sectors.joint_research == pytest.approx([0.25, 0])
