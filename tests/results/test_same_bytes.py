"""The same world comes out with any number of threads, in another process, beside idle rules, and under other
labels."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from abm.machine import blocks as _blocks
from abm.population import build
from abm.quarter import step
from abm.results.simulate import simulate
from abm.scenario import Scenario, load
from abm.world.state import Colleges, Enterprises, Programmes, State, Students, Ties
from tests.digests import digest

BUSY: list[dict[str, Any]] = [
    {"rule": "college_evaluation"},
    {"rule": "supervision"},
    {"rule": "subsidy", "rate": 0.2, "regions": [0, 1]},
    {"rule": "charter"},
    {"rule": "platform", "reach": 0.3},
]
SMALL = {"n_regions": 3, "n_colleges": 9, "n_enterprises": 45, "n_students": 540, "n_slots": 4}
OTHER_PROCESS = """
import sys
from abm.scenario import from_toml
from abm.results.simulate import simulate
from tests.digests import digest
print(digest(simulate(from_toml(sys.stdin.read()), 11)))
"""


def small(**changes: Any) -> Scenario:
    return Scenario(name="small").with_overrides(steps=10, population=SMALL, policies=BUSY, **changes)


def test_same_bytes_with_any_number_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    # Large enough to be cut: enterprises by thousands, students once colleges are cut at all sizes, tables by dozens.
    counts = {"n_regions": 5, "n_colleges": 150, "n_enterprises": 9000, "n_students": 12_000}
    scenario = Scenario(name="large").with_overrides(population=counts, policies=BUSY)
    monkeypatch.setattr(_blocks, "SMALL", 100)
    found = {digest(simulate(scenario, 5, steps=8, threads=threads)) for threads in (1, 2, 3)}
    monkeypatch.setattr(_blocks, "SMALL", 10**9)
    found.add(digest(simulate(scenario, 5, steps=8, threads=2)))
    assert len(found) == 1


def test_same_bytes_in_another_process() -> None:
    scenario = small()
    done = subprocess.run(
        [sys.executable, "-c", OTHER_PROCESS],
        input=scenario.to_toml(),
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == digest(simulate(scenario, 11))
    assert digest(simulate(scenario, 12)) != done.stdout.strip()


@pytest.mark.parametrize(
    "idle",
    [
        {"rule": "mandate", "level": 5, "from": 1000},
        {"rule": "subsidy", "rate": 0.8, "when": {"metric": "failed_share", "above": 2}},
        {"rule": "foresight", "weight": 0.0},
    ],
)
def test_a_rule_that_never_acts_changes_no_bit(idle: dict[str, Any]) -> None:
    scenario = load("classroom").with_overrides(population=SMALL)
    state = simulate(scenario, 3, steps=9)
    assert digest(simulate(scenario.with_overrides(policies=[idle]), 3, steps=9)) == digest(state)
    assert digest(simulate(scenario.with_overrides(policies=[{"rule": "platform"}]), 3, steps=9)) != digest(state)


def shuffled_within(region: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A new order of rows that leaves every row in its region. order[new] = old."""
    order = np.arange(len(region))
    for r in np.unique(region):
        order[region == r] = rng.permutation(order[region == r])
    return order


def relabelled(state: State, enterprises: np.ndarray, colleges: np.ndarray) -> State:
    """The same world with rows of enterprises and colleges in another order (order[new] = old), ids and all."""
    new_enterprise, new_college = np.argsort(enterprises), np.argsort(colleges)

    def known(rows: np.ndarray, new: np.ndarray) -> np.ndarray:
        """Rows under their new numbers; -1 stays."""
        found = rows.copy()
        found[rows >= 0] = new[rows[rows >= 0]]
        return found

    s, n_fields = state.students, len(state.sectors.demand)
    programmes = (colleges[:, None] * n_fields + np.arange(n_fields)).reshape(-1)
    offsets = np.zeros_like(s.offsets)
    columns = {name: getattr(s, name).copy() for name in Students._fields}
    for slot in range(len(offsets)):
        sizes = np.diff(s.offsets[slot])[programmes]
        offsets[slot, 1:] = np.cumsum(sizes)
        rows = [np.arange(s.offsets[slot, i], s.offsets[slot, i + 1]) for i in programmes]
        n = offsets[slot, -1]
        order = np.concatenate([*rows, np.arange(n, s.status.shape[1])])
        for name, column in columns.items():
            if name not in ("offsets", "entry_step"):
                column[..., slot, :] = getattr(s, name)[..., slot, :][..., order]
    columns |= {"offsets": offsets, "entry_step": s.entry_step.copy()}
    columns["employer"] = known(columns["employer"], new_enterprise)
    ties = {name: column[enterprises].copy() for name, column in state.ties._asdict().items()}
    ties["college"] = known(ties["college"], new_college)
    other = State(
        state.seed, state.step, state.governments._make(x.copy() for x in state.governments),
        state.sectors._make(x.copy() for x in state.sectors), Colleges(*(x[colleges].copy() for x in state.colleges)),
        Programmes(*(x[programmes].copy() for x in state.programmes)),
        Enterprises(*(x[enterprises].copy() for x in state.enterprises)), Ties(**ties), Students(**columns),
    )  # fmt: skip
    assert not state.communities, "relabel worlds at their start"
    return other


def assert_same_world(state: State, other: State, enterprises: np.ndarray, colleges: np.ndarray) -> None:
    """``other`` is ``relabelled(state, ...)``: whole numbers exactly, floats to rounding."""
    expected = relabelled(state_without_communities(state), enterprises, colleges)
    for group in ("governments", "sectors", "colleges", "programmes", "enterprises", "ties", "students"):
        for name, column in getattr(expected, group)._asdict().items():
            mine = getattr(getattr(other, group), name)
            where = f"{group}.{name} at step {state.step}"
            if column.dtype.kind == "f":
                tolerance = 1e-9 if column.dtype == np.float64 else 1e-5
                assert np.allclose(mine, column, rtol=tolerance, atol=tolerance), where
            else:
                assert (mine == column).all(), where
    assert [c.enterprises for c in state.communities] == [c.enterprises for c in other.communities]
    for name, value in state.metrics.items():
        assert other.metrics[name] == pytest.approx(value, rel=1e-6, abs=1e-9, nan_ok=True), name


def state_without_communities(state: State) -> State:
    return State(state.seed, state.step, *(getattr(state, group) for group in GROUPS))


GROUPS = ("governments", "sectors", "colleges", "programmes", "enterprises", "ties", "students")
KEEN = {
    "initial_trust": 0.9,
    "effort_cost": 0.05,
    "communication_cost": 0.001,
    "community_depth": 2.0,
    "serious_depth": 0.3,
    "charter_cost": 0.002,
}


QUARRELSOME = {
    **KEEN,
    "effort_temperature": 0.5,
    "effort_noise": 1.5,
    "blame_gap": 0.1,
    "blame_exit": 0.5,
    "audit_standard": 0.9,
}


@pytest.mark.parametrize("whom", ["enterprises", "colleges"])
@pytest.mark.parametrize(("seed", "mood"), [(1, KEEN), (2, KEEN), (3, QUARRELSOME)], ids=["1", "2", "quarrels"])
def test_rows_are_labels(whom: str, seed: int, mood: dict[str, float]) -> None:
    """Rows in another order, ids with them: the same agents do the same.

    Tables put rows in the order of ids, and two draws point into that order: a candidate of search (number n of
    its region) and a trainee's host (part of the sum over enterprises). So the side that is shuffled is not
    searched for at random, and with enterprises shuffled nobody stays with a host.
    """
    changes = {"college_search_rate": 0.0, "host_attachment": 0.0, "search_rate": 0.6}
    if whom == "colleges":
        changes = {"search_rate": 0.0, "college_search_rate": 0.9, "candidates": 6.0}
    scenario = small(**mood, **changes)
    state = build(scenario, seed)
    rng = np.random.default_rng(seed)
    enterprises, colleges = np.arange(len(state.enterprises.id)), np.arange(len(state.colleges.id))
    if whom == "enterprises":
        enterprises = shuffled_within(state.enterprises.region, rng)
    else:
        colleges = shuffled_within(state.colleges.region, rng)
    other = relabelled(state, enterprises, colleges)
    assert_same_world(state, other, enterprises, colleges)
    blamed, formed = 0.0, 0
    for _ in range(13):
        step(state, scenario)
        step(other, scenario)
        blamed += state.flows["ended_by_blame"]
        formed += len(state.communities)
        assert_same_world(state, other, enterprises, colleges)
    assert (state.ties.level > 0).sum() > 10
    # All that the relabelled world could have got wrong has happened.
    assert formed if mood is KEEN else blamed > 5
