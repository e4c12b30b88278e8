"""Phases change what they declare, all of it and nothing else."""

from __future__ import annotations

from importlib import import_module
from itertools import chain

import pytest

from abm.population import build
from abm.quarter import PHASES, quarter
from tests.digests import changed, digests
from tests.reference.worlds import WORLDS

pytestmark = pytest.mark.long
DECLARED = {name: set(import_module(f"abm.quarter.{name}").WRITES) for name in PHASES}


@pytest.fixture(scope="module")
def written() -> dict[str, dict[str, set[str]]]:
    """What each phase changed in each world. World -> phase -> names."""
    found: dict[str, dict[str, set[str]]] = {}
    for title, world in WORLDS.items():
        scenario = world.scenario()
        state = build(scenario, world.seed)
        seen: dict[str, set[str]] = {name: set() for name in PHASES}
        before: dict[str, str] = {}
        for _ in range(world.steps):
            played = None
            for name in chain(quarter(state, scenario), (None,)):
                now = digests(state)
                if played is not None:
                    seen[played] |= changed(before, now)
                before, played = now, name
        found[title] = seen
    return found


@pytest.mark.parametrize("phase", PHASES)
def test_a_phase_changes_only_what_it_declares(phase: str, written: dict[str, dict[str, set[str]]]) -> None:
    for title, seen in written.items():
        assert seen[phase] <= DECLARED[phase], f"in the world `{title}`"


@pytest.mark.parametrize("phase", PHASES)
def test_a_phase_declares_only_what_it_changes_somewhere(phase: str, written: dict[str, dict[str, set[str]]]) -> None:
    assert set().union(*(seen[phase] for seen in written.values())) == DECLARED[phase]


def test_what_is_declared_exists() -> None:
    world = next(iter(WORLDS.values()))
    known = set(digests(build(world.scenario(), world.seed)))
    for phase, names in DECLARED.items():
        assert names <= known, phase
