"""The one loop over the phases of a quarter."""

from __future__ import annotations

import pytest

from abm.population import build
from abm.quarter import PHASES, quarter, step
from abm.scenario import Scenario, load
from abm.world.state import State


@pytest.fixture
def world() -> Scenario:
    return load("classroom")


def test_a_quarter_stops_before_each_phase(world: Scenario) -> None:
    state, usual = build(world, 1), build(world, 1)
    stops: list[str] = []
    for phase in quarter(state, world):
        stops.append(phase)
        assert state.step == 0
        assert (state.agenda is not None) == (phase in PHASES[3:])
    assert tuple(stops) == PHASES and state.step == 1
    step(usual, world)
    assert state.metrics == pytest.approx(usual.metrics, nan_ok=True, abs=0)


def test_a_phase_can_be_replaced_for_a_quarter(world: Scenario) -> None:
    state = build(world, 1)
    seen: list[tuple[State, Scenario]] = []
    for _ in quarter(state, world, {"delivery": lambda *given: seen.append(given)}):
        pass
    assert seen == [(state, world)] and state.step == 1
