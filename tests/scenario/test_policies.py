import dataclasses
import math
from pathlib import Path

import numpy as np
import pytest

from abm.machine import plugins
from abm.machine.errors import ScenarioError
from abm.scenario import policies
from abm.scenario.policies import Observation, Policy, When, named, rules, settings
from abm.scenario.policies.platform import Platform
from abm.scenario.policies.subsidy import Subsidy
from abm.world.levers import BY_NAME, LEVERS, L

PROMISED = {
    "subsidy", "tax_credit", "supervision", "college_evaluation", "student_evaluation", "platform", "mandate",
    "curriculum_revision", "dual_qualified", "charter", "harmonisation", "foresight", "adaptive_platform", "example",
    "central_targets", "local_tuning",
}  # fmt: skip


def seen(step=0, n=3, nation=None, regional=None, levers=None):
    if levers is None:
        levers = np.tile([float(lever.neutral) for lever in LEVERS], (n, 1))
    return Observation(step, n, nation or {}, levers, (regional or {}).get)


def test_levers_are_in_the_order_of_their_columns():
    assert [lever.name.upper() for lever in LEVERS] == [column.name for column in L]
    for lever in LEVERS:
        assert lever.low <= lever.neutral <= lever.high
        assert lever.combine in ("add", "max", "min", "replace")
        assert lever.label and lever.label_zh and lever.unit and lever.source


def test_the_promised_rules_are_found():
    assert set(rules()) >= PROMISED


@pytest.mark.parametrize("name", rules())
def test_a_rule_is_complete_and_moves_known_levers_inside_their_range(name):
    rule = rules()[name]
    assert rule.name == name == rule.__module__.rsplit(".", 1)[-1]
    assert rule.label and rule.label_zh and rule.source and rule.__doc__
    assert settings(rule)
    for of in settings(rule).values():
        assert of.unit and of.meaning
        assert of.low <= of.default <= of.high
    regional = {
        "main_cause_unidentified_interest": np.array([0.0, 1.0, np.nan]),
        "failed_share": np.array([np.nan, 0.2, 0.9]),
        "coordination": np.array([0.3, 0.9, np.nan]),
        "formal_depth_per_place": np.array([0.1, 1.0, np.nan]),
        "mean_formal_depth": np.array([0.6, 0.2, np.nan]),
        "mean_substantive_depth": np.array([0.1, 0.2, np.nan]),
        "n_ties": np.array([30.0, 2.0, 0.0]),
    }
    for corner in ("low", "high", "default"):
        moves = rule(**{of.name: getattr(of, corner) for of in settings(rule).values()}).levers(seen(regional=regional))
        assert moves
        for lever, value in moves.items():
            assert np.all((BY_NAME[lever].low <= np.asarray(value)) & (np.asarray(value) <= BY_NAME[lever].high))


@pytest.mark.parametrize("name", rules())
def test_a_rule_sees_only_what_it_is_shown(name):
    """Same observation, same answer; and the observation is left as it was."""
    names = ("main_cause_unidentified_interest", "failed_share", "coordination", "formal_depth_per_place", "n_ties")
    shown = dict.fromkeys((*names, "mean_formal_depth", "mean_substantive_depth"), np.ones(3))
    observation = seen(regional=shown)
    before = observation.levers.copy()
    observation.levers.setflags(write=False)
    rule = rules()[name]()
    first, second = rule.levers(observation), rule.levers(observation)
    assert {k: np.asarray(v).tolist() for k, v in first.items()} == {
        k: np.asarray(v).tolist() for k, v in second.items()
    }
    assert np.array_equal(observation.levers, before)


def test_schedule_without_ramp():
    rule = Subsidy(from_step=3, until_step=5)
    assert [rule.strength(t) for t in range(7)] == [0, 0, 0, 1, 1, 0, 0]
    assert Subsidy().strength(0) == Subsidy().strength(10**6) == 1.0


def test_schedule_with_ramp_and_fade():
    # Ramp of 3 quarters: 1/4, 2/4, 3/4, 1; fade of 1: half of it, then nothing.
    rule = Subsidy(from_step=2, until_step=8, ramp=3, fade=1)
    assert [rule.strength(t) for t in range(2, 11)] == [0.25, 0.5, 0.75, 1, 1, 1, 0.5, 0, 0]
    # Withdrawn half way up, it fades from there.
    rule = Subsidy(from_step=0, until_step=2, ramp=3, fade=1)
    assert [rule.strength(t) for t in range(4)] == [0.25, 0.5, 0.25, 0]


def test_condition_by_region_and_by_nation():
    regional = {"failed_share": np.array([0.2, np.nan, 0.8])}
    observation = seen(nation={"failed_share": 0.6, "D": 0.4}, regional=regional)
    assert When("failed_share", 0.5).holds(observation).tolist() == [0, 0, 1]
    assert When("failed_share", 0.5, "below").holds(observation).tolist() == [1, 0, 0]
    assert When("failed_share", 0.5, scope="nation").holds(observation).tolist() == [1, 1, 1]
    assert When("D", 0.5, "below").holds(observation).tolist() == [1, 1, 1]
    # Nothing measured yet: no condition holds.
    unmeasured = seen(nation={"D": math.nan})
    assert When("D", 0.5, "below").holds(unmeasured).tolist() == [0, 0, 0]
    assert When("D", 0.5, "below", "nation").holds(unmeasured).tolist() == [0, 0, 0]


@pytest.mark.parametrize("scope", ["region", "nation"])
def test_a_metric_that_nobody_measures_is_an_error(scope):
    with pytest.raises(ScenarioError, match="did you mean `failed_share`"):
        When("faild_share", 0.5, scope=scope).holds(seen(nation={"failed_share": 0.1}))


def test_example_halves_the_subsidy_where_too_many_tables_fail():
    rule = named("example")(rate=0.4, patience=0.5)
    answer = rule.levers(seen(regional={"failed_share": np.array([0.4, 0.6, np.nan])}))
    assert answer["subsidy_rate"].tolist() == [0.4, 0.2, 0.4]


def test_adaptive_platform_steps_up_where_misperception_is_the_main_cause():
    rule = named("adaptive_platform")(start=0.2, ceiling=0.5, rise=0.1, fall=0.05)
    levers = np.zeros((4, len(L)))
    levers[:, L.PLATFORM] = [0.3, 0.45, 0.3, 0.22]
    main = {"main_cause_unidentified_interest": np.array([1.0, 1.0, 0.0, 0.0])}
    reach = rule.levers(seen(n=4, regional=main, levers=levers))["platform"]
    assert np.allclose(reach, [0.4, 0.5, 0.25, 0.2])


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"reach": 1.4}, "`reach` = 1.4 in policy `platform` is outside 0-1"),
        ({"reach": math.nan}, "is not a number from 0 to 1"),
        ({"from_step": -1}, "`from` = -1"),
        ({"ramp": 1.5}, "`ramp` = 1.5"),
        ({"from_step": 5, "until_step": 5}, "does not come after"),
    ],
)
def test_a_bad_value_is_refused_from_python_too(values, message):
    with pytest.raises(ScenarioError) as caught:
        Platform(**values)
    assert message in str(caught.value)


def test_rules_are_frozen_hashable_values():
    rule = Platform(reach=1, regions=[0, "Beijing"])
    assert rule == Platform(reach=1.0, regions=(0, "Beijing"))
    assert hash(rule) == hash(Platform(reach=1.0, regions=(0, "Beijing")))
    with pytest.raises(dataclasses.FrozenInstanceError):
        rule.reach = 0.5  # pyright: ignore[reportAttributeAccessIssue]


def test_an_unknown_rule_suggests_the_nearest():
    with pytest.raises(ScenarioError, match="did you mean `platform`"):
        named("plattform")


def test_a_new_rule_is_one_file(tmp_path, monkeypatch):
    source = Path(policies.__path__[0], "example.py").read_text(encoding="utf-8")
    (tmp_path / "voucher.py").write_text(source.replace('name = "example"', 'name = "voucher"'), encoding="utf-8")
    monkeypatch.setenv(plugins.VARIABLE, str(tmp_path / "voucher.py"))
    rule = named("voucher")
    assert issubclass(rule, Policy)
    assert rule(rate=0.1).rate == 0.1
