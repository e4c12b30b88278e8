"""The columnar model and its twin in plain objects agree, phase by phase, in worlds of all kinds."""

from __future__ import annotations

import pytest

from abm.population import build
from tests.reference.comparison import DisagreementError, compare, run_side_by_side
from tests.reference.model import Twin, time_per_step
from tests.reference.worlds import WORLDS, World


@pytest.mark.parametrize("world", WORLDS.values(), ids=list(WORLDS))
def test_twin_agrees(world: World) -> None:
    scenario = world.scenario()
    twin = run_side_by_side(scenario, build(scenario, world.seed), world.steps)
    assert twin.t == world.steps


@pytest.mark.parametrize(
    ("group", "column"),
    [
        ("enterprises", "retention"),
        ("enterprises", "base_aims"),
        ("colleges", "base_aims"),
        ("ties", "trust_college"),
        ("ties", "evidence"),
        ("ties", "talk"),
        ("students", "ability"),
    ],
)
def test_comparison_sees_a_disagreement(group: str, column: str) -> None:
    scenario = World().scenario()
    state = build(scenario, 1)
    twin = Twin.from_state(state, scenario)
    values = getattr(getattr(state, group), column)
    values[1] += values.dtype.type(1e-4)
    with pytest.raises(DisagreementError, match=f"{group}.{column}"):
        compare("start", "technology", state, twin)


def test_comparison_sees_a_fine_that_differs() -> None:
    world = WORLDS["mandate"]
    scenario = world.scenario()
    state = build(scenario, world.seed)
    twin = run_side_by_side(scenario, state, 1)
    fines = [i for i, one in enumerate(twin.happened) if one.what == "college fined"]
    one = twin.happened[fines[0]]
    twin.happened[fines[0]] = one._replace(value=one.value + 1e-6)
    with pytest.raises(DisagreementError, match=r"contract_events\.value"):
        compare("end", "delivery", state, twin)


def test_time_per_step_leaves_the_state_alone() -> None:
    scenario = World().scenario()
    state = build(scenario, 1)
    before = state.enterprises.technology.copy()
    assert time_per_step(state, scenario, steps=1) > 0
    assert (state.enterprises.technology == before).all()
    assert state.step == 0
