"""Changes of a scenario act from their quarter on, exactly as if they had been made by hand there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import abm
from abm import quarter
from abm.__main__ import main
from abm.machine.errors import InputError, ScenarioError
from abm.population import build
from abm.population.example import write_example
from abm.results.simulate import simulate
from abm.scenario import Scenario, from_toml, load
from abm.scenario.changes import Change
from abm.world.levers import L
from tests.digests import digest

SMALL = {"population.n_enterprises": 60, "population.n_colleges": 12, "population.n_students": 900, "steps": 16}
CHANGED = """base = "classroom"
steps = 16
[population]
n_enterprises = 60
n_colleges = 12
n_students = 900
[levers]
penalty = 1.0
revision_interval = 8
[[policies]]
rule = "supervision"
probability = 0.4
penalty = 0.5
from = 2
[[policies]]
rule = "subsidy"
rate = 0.3
ramp = 6
[[changes]]
from = 12
penalty = 0.1
[[changes]]
from = 4
penalty = 0.7
revision_interval = 30
subsidy.rate = 0.1
[[changes]]
from = 8
penalty = 0.2
communication_cost = 0.15
protocol = "nash"
[[changes]]
from = 8
penalty = 1.5
[[changes]]
from = 14
policies = []
"""


def levers_of(scenario: Scenario, name: str) -> list[float]:
    state, found = build(scenario, 3), []
    for _ in range(scenario.steps):
        quarter.step(state, scenario)
        found.append(float(state.governments.levers[0, L[name.upper()]]))
    return found


def test_a_lever_stands_where_its_last_change_put_it_also_below_its_base_and_back_at_neutral() -> None:
    scenario = from_toml(CHANGED)
    # The rule of supervision, 0.5 from quarter 2 on, is larger than 0.1; without rules, from 14 on, it is 0.1.
    assert levers_of(scenario, "penalty") == [1.0] * 4 + [0.7] * 4 + [1.5] * 4 + [0.5] * 2 + [0.1] * 2
    assert levers_of(scenario, "revision_interval") == [8.0] * 4 + [30.0] * 12
    assert levers_of(scenario.start, "penalty") == [1.0] * 16


def test_changes_are_what_is_made_by_hand_at_their_quarters() -> None:
    scenario = from_toml(CHANGED)
    now = scenario.start
    by_hand = build(now, 3)
    made = {
        4: {"penalty": 0.7, "revision_interval": 30, "subsidy.rate": 0.1},
        8: {"penalty": 1.5, "communication_cost": 0.15, "protocol": "nash"},
        12: {"penalty": 0.1},
        14: {"policies": []},
    }
    for step in range(16):
        now = now.with_overrides(**made.get(step, {}))
        quarter.step(by_hand, now)
    assert digest(by_hand) == digest(simulate(scenario, 3))
    assert digest(by_hand) != digest(simulate(scenario.start, 3))


def test_a_scenario_with_changes_is_the_same_again_from_its_file() -> None:
    scenario = from_toml(CHANGED, "a.toml")
    assert from_toml(scenario.to_toml()) == scenario
    assert [change.start for change in scenario.changes] == [12, 4, 4, 4, 8, 8, 8, 8, 14], "the order of deciding"
    assert "changes" not in load("classroom").to_tables()


def test_mesa_and_overrides_play_the_changes_too() -> None:
    changed = load("classroom").with_overrides(**SMALL, changes=[Change(3, "subsidy_rate", 0.6)])
    model = abm.IntegrationModel(changed, rng=5)
    while model.running:
        model.step()
    assert digest(model.state) == digest(simulate(changed, 5))
    moved = changed.with_overrides(initial_trust=0.2)
    assert moved.changes == changed.changes
    assert moved.in_force(2).levers == ()
    assert dict(moved.in_force(3).levers) == {"subsidy_rate": 0.6}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("subsidy_rate = 0.1", r"`from` in changes\[0\] of mine.toml is missing"),
        ("from = 4", "changes nothing"),
        ("from = -4\nsubsidy_rate = 0.1", "not a whole number"),
        ("from = 4\nsubsidy_rate = 8", r"`subsidy_rate` = 8 in \[\[changes\]\] from 4 of mine.toml is outside"),
        ("from = 4\nsubsidy_rat = 0.1", "cannot be set: did you mean `subsidy_rate`"),
        ("from = 4\nsubsidy.rate = 0.1", "cannot be set"),
        ("from = 4\nsteps = 8", "acts only when the world is built"),
        ("from = 4\npopulation.n_colleges = 8", "acts only when the world is built"),
    ],
)
def test_a_change_that_does_not_fit_is_refused_before_the_run(change: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        from_toml(f'base = "classroom"\n[[changes]]\n{change}\n', "mine.toml")


def test_tables_beside_a_scenario_are_found_from_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_example(tmp_path / "given" / "mine")
    text = 'base = "classroom"\nsteps = 2\n[population]\nsource = "tables"\npath = "mine"\n'
    (tmp_path / "given" / "world.toml").write_text(text)
    there = load(tmp_path / "given" / "world.toml")
    assert Path(there.population.path) == tmp_path / "given" / "mine"
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert main(["run", "../given/world.toml", "--quiet", "--no-report", "--out", "out"]) == 0
    # A path that is not beside the file is meant from where one stands, as on the command line.
    monkeypatch.chdir(tmp_path / "given")
    (tmp_path / "elsewhere" / "world.toml").write_text(text)
    from_here = load("../elsewhere/world.toml")
    np.testing.assert_array_equal(abm.run(from_here).metrics["failed_share"], abm.run(there).metrics["failed_share"])


def test_rules_and_a_field_of_one_of_them_may_change_in_one_quarter() -> None:
    text = """
base = "classroom"
[[policies]]
rule = "platform"
[[changes]]
from = 4
"subsidy.rate" = 0.3
[[changes]]
from = 4
policies = [{ rule = "subsidy", rate = 0.2 }]
"""
    scenario = from_toml(text)
    assert [rule.name for rule in scenario.in_force(3).policies] == ["platform"]
    (rule,) = scenario.in_force(4).policies
    assert rule.name == "subsidy" and rule.rate == 0.3
    assert from_toml(scenario.to_toml()) == scenario
    with pytest.raises(ScenarioError, match="subsidy"):
        from_toml(text.replace('rule = "subsidy"', 'rule = "mandate"').replace(", rate = 0.2", ""))
    # Changes that went with the old rules are gone with them.
    assert scenario.with_overrides(policies=[], changes=[]).policies == ()
