import itertools

import numpy as np
import pytest

from abm.machine.errors import ScenarioError
from abm.population import build
from abm.quarter.measurement.metrics import catalogue
from abm.quarter.policy import WRITES, policy
from abm.quarter.policy.observed import by_region, of_nation
from abm.scenario import Scenario
from abm.scenario.policies.subsidy import Subsidy
from abm.world.levers import DISPERSED, LEVERS, F, L
from abm.world.vocabulary import CAUSES

WORLD = Scenario(name="test").with_overrides(
    policy_dispersion=0, **{"population.n_regions": 3, "population.n_colleges": 6, "population.n_enterprises": 30}
)
NEUTRAL = np.array([float(lever.neutral) for lever in LEVERS])


def moved(scenario, step=0, state=None):
    """Levers of a world after one policy phase. Shape [R, L]."""
    state = state or build(scenario, 1)
    state.step = step
    policy(state, scenario)
    return state.governments.levers


def rules(*tables, base=WORLD, **overrides):
    return base.with_overrides(policies=list(tables), **overrides)


def test_without_rules_levers_stand_at_their_base():
    assert np.array_equal(moved(WORLD), np.tile(NEUTRAL, (3, 1)))
    raised = WORLD.with_overrides(supervision=0, mandate=2, revision_interval=40)
    expected = NEUTRAL.copy()
    expected[[L.SUPERVISION, L.MANDATE, L.REVISION_INTERVAL]] = 0, 2, 40
    assert np.array_equal(moved(raised), np.tile(expected, (3, 1)))


def test_add_sums_and_is_capped():
    levers = moved(
        rules({"rule": "subsidy", "rate": 0.3}, {"rule": "subsidy", "rate": 0.25, "regions": [1]}, subsidy_rate=0.1)
    )
    assert levers[:, L.SUBSIDY_RATE] == pytest.approx([0.4, 0.65, 0.4], abs=1e-15)
    levers = moved(rules({"rule": "subsidy", "rate": 0.6}, {"rule": "subsidy", "rate": 0.6}))
    assert levers[:, L.SUBSIDY_RATE].tolist() == [0.8, 0.8, 0.8]


def test_max_takes_the_strongest_and_never_less_than_the_base():
    levers = moved(
        rules({"rule": "platform", "reach": 0.3}, {"rule": "platform", "reach": 0.7, "regions": [2]}, platform=0.4)
    )
    assert levers[:, L.PLATFORM].tolist() == [0.4, 0.4, 0.7]


def test_min_takes_the_shortest_interval():
    levers = moved(
        rules(
            {"rule": "curriculum_revision", "interval": 8},
            {"rule": "curriculum_revision", "interval": 4, "regions": [0]},
        )
    )
    assert levers[:, L.REVISION_INTERVAL].tolist() == [4, 8, 8]
    assert moved(rules({"rule": "curriculum_revision", "interval": 40}))[0, L.REVISION_INTERVAL] == 20


def test_replace_takes_the_narrowest_scope_then_the_larger():
    levers = moved(
        rules(
            {"rule": "charter", "distribution": 2},
            {"rule": "charter", "distribution": 0, "regions": ["region 2"]},
            {"rule": "charter", "distribution": 1},
        )
    )
    assert levers[:, L.DISTRIBUTION_RULE].tolist() == [2, 0, 2]


def test_ramp_goes_from_the_base_and_whole_levers_stay_whole():
    scenario = rules(
        {"rule": "supervision", "probability": 0.5, "penalty": 0.3, "ramp": 3},
        {"rule": "mandate", "level": 3, "ramp": 3},
    )
    # Quarters of the way: supervision .1 -> .5, mandate 0 -> 3 rounded half up (.75, 1.5, 2.25, 3).
    levers = [moved(scenario, t)[0] for t in range(4)]
    assert [v[L.SUPERVISION] for v in levers] == pytest.approx([0.2, 0.3, 0.4, 0.5])
    assert [v[L.MANDATE] for v in levers] == [1, 2, 2, 3]
    assert levers[3][L.SUPERVISION] == 0.5


def test_dispersion_moves_regions_apart_and_harmonisation_brings_them_back():
    tables = [{"rule": "subsidy", "rate": 0.4}, {"rule": "charter"}]
    scenario = rules(*tables, policy_dispersion=0.5)
    state = build(scenario, 1)
    levers = moved(scenario, state=state)
    stance = state.governments.stance
    assert levers[:, L.SUBSIDY_RATE] == pytest.approx(0.4 * (1 + 0.5 * (2 * stance[:, 0] - 1)), rel=1e-15)
    assert np.ptp(levers[:, L.SUBSIDY_RATE]) > 0
    assert levers[:, L.CHARTER].tolist() == [1, 1, 1]
    # Eq. 10 for two regions, by hand.
    columns = [int(i) for i in DISPERSED]
    ranges = np.array([LEVERS[i].high - LEVERS[i].low for i in columns])
    apart = 0.5 * np.abs(stance[0] - stance[1]).mean()
    expected = apart + (np.abs(levers[0, columns] - levers[1, columns]) / ranges).mean()
    assert state.governments.inconsistency[0, 1] == pytest.approx(expected, rel=1e-12)
    assert np.array_equal(state.governments.inconsistency, state.governments.inconsistency.T)
    assert np.diag(state.governments.inconsistency).tolist() == [0, 0, 0]
    one = rules(*tables, {"rule": "harmonisation", "share": 1}, policy_dispersion=0.5)
    state = build(one, 1)
    assert moved(one, state=state)[:, L.SUBSIDY_RATE].tolist() == [0.4, 0.4, 0.4]
    assert not state.governments.inconsistency.any()


def with_contracts(scenario):
    """Enterprise 0 has a level 5 contract and an expired one, enterprise 1 a level 2 contract; all of region 0."""
    state = build(scenario, 1)
    ties = state.ties
    ties.level[:] = 0
    ties.level[0, :2], ties.level[1, 0] = (5, 3), 2
    ties.remaining[0, :2], ties.remaining[1, 0] = (7, 0), 1
    ties.subsidy[0, :2], ties.subsidy[1, 0] = (0.5, 0.5), 0.25
    ties.tax_credit[0, 0] = 0.02
    return state


def test_running_contracts_are_paid_first_then_programmes():
    scenario = rules(
        {"rule": "platform", "reach": 0.5}, {"rule": "dual_qualified", "reach": 0.4},
        cost_linear=0.2, cost_quadratic=0.4, audit_cost=0.01, platform_cost=0.005, dual_cost=0.1,
    )  # fmt: skip
    state = with_contracts(scenario)
    g = state.governments
    g.budget[:] = 10.0
    policy(state, scenario)
    # c(1) = .6, c(.4) = .144; the expired contract is paid when it is signed again.
    assert g.spent_now[0, F.SUBSIDY] == pytest.approx(0.5 * 0.6 + 0.25 * 0.144)
    assert g.spent_now[0, F.TAX_CREDIT] == pytest.approx(0.02)
    assert g.spent_now[0, F.SUPERVISION] == pytest.approx(0.01 * 3 * 0.1)
    assert g.spent_now[0, F.PLATFORM] == pytest.approx(0.005 * 10 * 0.5)
    assert g.spent_now[0, F.DUAL_PROGRAMME] == pytest.approx(0.1 * 2 * 0.4)
    assert g.paid_subsidy.tolist() == g.paid_credit.tolist() == [1, 1, 1]
    assert np.array_equal(g.spent, g.spent_now)
    policy(state, scenario)
    assert np.array_equal(g.spent, 2 * g.spent_now)


def test_what_cannot_be_paid_is_scaled_down():
    scenario = rules({"rule": "platform", "reach": 0.5}, cost_linear=0.2, cost_quadratic=0.4, platform_cost=0.005)
    state = with_contracts(scenario)
    g = state.governments
    owed = 0.5 * 0.6 + 0.25 * 0.144 + 0.02
    g.budget[:] = owed / 4, 0.01, 0.0
    policy(state, scenario)
    assert g.paid_subsidy.tolist() == pytest.approx([0.25, 1, 1])
    assert g.paid_credit.tolist() == pytest.approx([0.25, 1, 1])
    assert g.spent_now[0].sum() == pytest.approx(owed / 4)
    # Region 0 has nothing left for audits and platform; region 1 can pay 0.01 of 0.025; region 2 nothing.
    assert g.levers[0, [L.SUPERVISION, L.PLATFORM]].tolist() == [0, 0]
    assert g.levers[1, L.PLATFORM] == pytest.approx(0.5 * 0.01 / 0.025)
    assert g.levers[2, L.PLATFORM] == 0
    assert np.array_equal(state.ties.subsidy[0, :2], [0.5, 0.5]), "the promise stays"


def test_subsidies_never_take_more_than_their_own_budget():
    scenario = rules(
        {"rule": "subsidy", "budget": 0.25, "regions": [0]}, {"rule": "subsidy", "rate": 0.1, "budget": 0.5},
        cost_linear=0.2, cost_quadratic=0.4,
    )  # fmt: skip
    state = with_contracts(scenario)
    g = state.governments
    owed, credit = 0.5 * 0.6 + 0.25 * 0.144, 0.02
    g.budget[:] = 2 * owed, 1.0, 1.0
    policy(state, scenario)
    # The tighter of two ceilings counts: half of what is owed is a quarter of the budget. The credit is paid in full.
    assert g.levers[:, L.SUBSIDY_BUDGET].tolist() == [0.25, 0.5, 0.5]
    assert g.spent_now[0, [F.SUBSIDY, F.TAX_CREDIT]] == pytest.approx([owed / 2, credit])
    assert (g.paid_subsidy[0], g.paid_credit[0]) == pytest.approx((0.5, 1.0))
    # Where the whole budget is short as well, the ceiling leaves the rest of it to the credit.
    g.budget[0] = 0.016
    policy(state, scenario)
    assert g.spent_now[0, [F.SUBSIDY, F.TAX_CREDIT]] == pytest.approx([0.004, 0.012])
    assert (g.paid_subsidy[0], g.paid_credit[0]) == pytest.approx((0.004 / owed, 0.012 / credit))


@pytest.mark.parametrize("seed", range(20))
def test_money_spent_never_exceeds_the_budget(seed):
    rng = np.random.default_rng(seed)
    scenario = rules(
        {"rule": "platform"}, {"rule": "supervision"}, {"rule": "dual_qualified"},
        {"rule": "subsidy", "budget": rng.random()}, policy_dispersion=0.5,
    )  # fmt: skip
    state = with_contracts(scenario)
    state.ties.level[:] = rng.integers(0, 6, state.ties.level.shape)
    state.ties.remaining[:] = rng.integers(0, 5, state.ties.level.shape)
    state.ties.subsidy[:] = rng.random(state.ties.level.shape)
    state.governments.budget[:] = rng.random(3) * rng.choice([0, 0.1, 1, 10, 100], 3)
    policy(state, scenario)
    g = state.governments
    assert (g.spent_now >= 0).all()
    assert (g.spent_now.sum(axis=1) <= g.budget * (1 + 1e-12)).all()
    for paid in (g.paid_subsidy, g.paid_credit):
        assert ((paid >= 0) & (paid <= 1)).all()
    assert (g.spent_now[:, F.SUBSIDY] <= g.levers[:, L.SUBSIDY_BUDGET] * g.budget * (1 + 1e-12)).all()


FOUR = [
    {"rule": "subsidy", "rate": 0.1, "ramp": 2},
    {"rule": "subsidy", "rate": 0.2, "regions": [0, 2]},
    {"rule": "subsidy", "rate": 0.3, "from": 1, "ramp": 6},
    {"rule": "charter", "distribution": 2, "regions": [1]},
    {"rule": "charter", "distribution": 0},
]


def test_the_order_of_rules_never_matters():
    answers = {moved(rules(*order, policy_dispersion=0.3), step=2).tobytes() for order in itertools.permutations(FOUR)}
    assert len(answers) == 1


@pytest.mark.parametrize(
    "idle",
    [
        {"rule": "subsidy", "rate": 0.7, "from": 50},
        {"rule": "subsidy", "rate": 0.7, "until": 1},
        {"rule": "charter", "distribution": 2, "regions": [0], "when": {"metric": "failed_share", "above": 2}},
        {"rule": "subsidy", "rate": 0.0},
    ],
)
def test_a_rule_that_never_acts_changes_no_bit(idle):
    with_idle, without = rules(*FOUR, idle), rules(*FOUR)
    a, b = build(with_idle, 1), build(without, 1)
    for t in range(1, 6):
        assert moved(with_idle, t, a).tobytes() == moved(without, t, b).tobytes()
        assert a.governments.inconsistency.tobytes() == b.governments.inconsistency.tobytes()


def test_only_the_declared_columns_change():
    scenario = rules(*FOUR, {"rule": "adaptive_platform"}, {"rule": "example"})
    state = with_contracts(scenario)
    for group in ("governments", "sectors", "colleges", "programmes", "enterprises", "ties", "students"):
        for name, column in getattr(state, group)._asdict().items():
            column.setflags(write=f"{group}.{name}" in WRITES)
    policy(state, scenario)
    assert state.governments.levers.any()


def test_an_unknown_region_is_refused_with_a_suggestion():
    with pytest.raises(ScenarioError, match="did you mean `region 2`"):
        moved(rules({"rule": "subsidy", "regions": ["regoin 2"]}))
    with pytest.raises(ScenarioError, match="rows go from 0 to 2"):
        moved(rules({"rule": "subsidy", "regions": [3]}))


def test_provinces_go_by_name_code_or_chinese_name():
    base = Scenario().with_overrides(
        policy_dispersion=0,
        **{"population.source": "provinces", "population.regions": ["CN-GD", "CN-HI", "CN-GX"], "scale": 0.002},
    )
    for name in ("Guangdong", "CN-GD", "广东省"):
        levers = moved(rules({"rule": "platform", "reach": 0.9, "regions": [name]}, base=base, budget_per_enterprise=1))
        assert sorted(levers[:, L.PLATFORM].tolist()) == [0, 0, 0.9]


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"subsidie_rate": 0.1}, "did you mean `subsidy_rate`"),
        ({"subsidy_rate": float("nan")}, "is neither a number nor one number for each region"),
        ({"subsidy_rate": np.array([0.1, np.nan, 0.1])}, "is neither a number nor one number for each region"),
        ({"subsidy_rate": np.array([0.1])}, "is neither a number nor one number for each region"),
    ],
)
def test_a_wrong_answer_of_a_rule_is_named(monkeypatch, answer, message):
    monkeypatch.setattr(Subsidy, "levers", lambda self, seen: answer)
    with pytest.raises(ScenarioError) as caught:
        moved(rules({"rule": "subsidy"}))
    assert message in str(caught.value)
    assert "policy `subsidy`" in str(caught.value)


def test_what_is_observed_of_each_region():
    state = build(WORLD, 1)
    assert np.isnan(by_region(state, "failed_share")).all()
    assert by_region(state, "main_cause_unidentified_interest").tolist() == [0, 0, 0]
    assert set(of_nation(state)) == set(catalogue())
    state.regional_metrics = {
        "failed_share": np.array([0.5, 1.0, np.nan]),
        "main_cause": np.array([CAUSES.index("unidentified_interest"), CAUSES.index("funding"), np.nan]),
    }
    state.metrics = {"failed_share": 0.7}
    assert of_nation(state)["failed_share"] == 0.7
    assert by_region(state, "failed_share").tolist()[:2] == [0.5, 1.0]
    assert by_region(state, "main_cause_unidentified_interest").tolist() == [1, 0, 0]
    assert by_region(state, "main_cause_funding").tolist() == [0, 1, 0]
    state.governments.budget[:] = 2, 4, 0
    state.governments.spent_now[:, F.PLATFORM] = 1, 1, 0
    assert by_region(state, "spent_share").tolist()[:2] == [0.5, 0.25]
    assert np.isnan(by_region(state, "spent_share")[2])
    assert by_region(state, "market_fit").tolist() == state.governments.market_fit.tolist()
    assert by_region(state, "nothing") is None


def test_closed_loop_acts_where_and_only_where_its_condition_held():
    scenario = rules(
        {"rule": "platform", "reach": 0.9, "when": {"metric": "failed_share", "above": 0.4}}, budget_per_enterprise=1
    )
    state = build(scenario, 1)
    assert moved(scenario, state=state)[:, L.PLATFORM].tolist() == [0, 0, 0]
    state.regional_metrics = {"failed_share": np.array([0.5, 0.4, np.nan])}
    assert moved(scenario, 1, state)[:, L.PLATFORM].tolist() == [0.9, 0, 0]


def test_a_condition_on_something_unknown_is_refused_in_the_first_quarter():
    with pytest.raises(ScenarioError, match="did you mean `failed_share`"):
        moved(rules({"rule": "platform", "when": {"metric": "faild_share", "above": 0.4}}))


def test_a_world_without_institutions_or_money():
    empty = rules({"rule": "platform"}, {"rule": "supervision"}, **{
        "population.n_colleges": 0, "population.n_enterprises": 0, "population.n_regions": 1,
        "budget_per_enterprise": 0,
    })  # fmt: skip
    state = build(empty, 1)
    policy(state, empty)
    assert np.isfinite(state.governments.levers).all()
    assert not state.governments.spent.any()
