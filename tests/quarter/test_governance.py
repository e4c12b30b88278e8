"""Around policy and communities: stake in innovating together, a shared base, rules carried out in part, targets of the
centre, levers tuned on the spot (Eq. 121-129). Each against a value worked out by hand, and each neutral as shipped."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import worlds

from abm.population import build
from abm.quarter import step
from abm.quarter.delivery import choose_effort, settle_quarter
from abm.quarter.policy import policy
from abm.scenario import Scenario, load
from abm.scenario.policies import Observation, named
from abm.world.digests import digests
from abm.world.equations import base_relief, innovation_stake, joint_gain_after
from abm.world.ledger import Line
from abm.world.levers import LEVERS, F, L
from abm.world.parameters import DEFAULTS
from abm.world.public_money import public_money
from abm.world.realised import realised_ledgers
from abm.world.state import State
from abm.world.vocabulary import COLLEGE, ENTERPRISE

FLAT = np.array([[0.5, 0.5]])
SMALL = Scenario(name="test").with_overrides(
    policy_dispersion=0, **{"population.n_regions": 3, "population.n_colleges": 6, "population.n_enterprises": 30}
)


def pair(level: int, gain: float = 0.0) -> State:
    """One enterprise and one college under one contract, in one community of a chartered region."""
    state = worlds.world([0], [4], [(0, 0)], FLAT)
    t = state.ties
    t.college[0, 0], t.level[0, 0], t.remaining[0, 0], t.cost_share[0, 0] = 0, level, 9, 0.5
    t.trust_enterprise[0, 0] = t.trust_college[0, 0] = 0.8
    t.effort_enterprise[0, 0], t.effort_college[0, 0], t.joint_gain[0, 0] = 0.8, 0.6, gain
    state.enterprises.n_partners[:], state.colleges.n_partners[:] = 1, 1
    state.enterprises.community[:], state.colleges.community[:] = 3, 3
    state.governments.levers[:, L.CHARTER] = 0.5
    return state


def test_what_partners_gain_together_grows_with_joint_research_and_fades_without() -> None:
    p = DEFAULTS._replace(research_gain=0.1, technology_decay=0.02)
    assert joint_gain_after(0.4, 4, 0.5, p) == pytest.approx(0.4 + 0.1 * 0.5 * 0.6 - 0.02 * 0.4 * 0.5)
    assert joint_gain_after(0.4, 3, 0.5, p) == pytest.approx(0.4 - 0.02 * 0.4)
    assert innovation_stake(0.4, p) == 1.0
    assert innovation_stake(0.4, p._replace(innovation_stake=2.0)) == pytest.approx(1.8)


def test_gains_raise_effort_and_the_yield_of_innovation_alone() -> None:
    found = {}
    for stake in (0.0, 3.0):
        state = pair(4, gain=0.5)
        choose_effort(state, worlds.scenario(innovation_stake=stake, effort_noise=0.0))
        found[stake] = state.ties.effort_enterprise[0, 0], state.ties.effort_college[0, 0]
    assert found[3.0][0] > found[0.0][0] and found[3.0][1] > found[0.0][1]
    at, rows = pair(4, gain=0.5), (np.array([0], np.int32), np.array([0], np.int32))
    plain = realised_ledgers(at, DEFAULTS, *rows)[0]
    lifted = realised_ledgers(at, DEFAULTS._replace(innovation_stake=3.0), *rows)[0]
    for party in (ENTERPRISE, COLLEGE):
        assert lifted[party, Line.INNOVATION] == pytest.approx(2.5 * plain[party, Line.INNOVATION])
        plain[party, Line.INNOVATION] = lifted[party, Line.INNOVATION]
    assert lifted == pytest.approx(plain)


def test_staff_of_a_shared_base_take_over_effort_of_members() -> None:
    p = DEFAULTS._replace(shared_base=0.4, base_relief=0.5)
    assert base_relief(p, 0.5) == pytest.approx(0.1)
    rows = (np.array([0], np.int32), np.array([0], np.int32))
    alone = realised_ledgers(pair(3), DEFAULTS, *rows)[0, :, Line.EFFORT]
    shared = realised_ledgers(pair(3), p, *rows)[0, :, Line.EFFORT]
    assert shared == pytest.approx(0.9 * alone)
    apart = pair(3)
    apart.colleges.community[:] = 7
    assert realised_ledgers(apart, p, *rows)[0, :, Line.EFFORT] == pytest.approx(alone)


@pytest.mark.parametrize(
    ("is_member", "has_contract", "platform", "access"),
    [
        (True, True, 0.0, 0.5),
        (False, True, 0.0, 0.0),
        (False, True, 0.7, 0.7),
        (False, False, 0.7, 0.0),
        (True, True, 0.7, 0.7),
    ],
)
def test_a_shared_base_is_open_to_members_only(
    is_member: bool, has_contract: bool, platform: float, access: float
) -> None:
    state = pair(1)
    state.governments.levers[:, L.PLATFORM] = platform
    if not is_member:
        state.colleges.community[:] = -1
    if not has_contract:
        state.ties.level[:], state.enterprises.n_partners[:], state.colleges.n_partners[:] = 0, 0, 0
    p = DEFAULTS._replace(shared_base=0.2, practice_per_depth=0.0, dual_rate=0.0)
    settle_quarter(state, Scenario(name="test", p=p))
    assert worlds.offered(state).practice_offer[0] == pytest.approx(0.2 * access * 0.75)


def test_a_region_keeps_up_the_base_of_its_platform() -> None:
    world = SMALL.with_overrides(policies=[{"rule": "platform", "reach": 0.5}], shared_base=0.5, base_upkeep=0.02)
    state = build(world.with_overrides(budget_per_enterprise=1.0), 1)
    policy(state, world)
    n = np.bincount(state.enterprises.region, minlength=3)
    assert state.governments.spent_now[:, F.PLATFORM] == pytest.approx((0.005 + 0.02 * 0.5) * n * 0.5)


def test_a_rule_is_carried_out_in_part_and_late() -> None:
    rules = [{"rule": "college_evaluation", "reform": 0.8}, {"rule": "curriculum_revision", "interval": 4}]
    rules += [{"rule": "mandate", "level": 3}]
    world = SMALL.with_overrides(policies=rules, compliance=0.5, compliance_delay=3)
    state = build(world, 1)
    reached = []
    for state.step in range(2):
        policy(state, world)
        reached.append(state.governments.levers[0].copy())
    # A quarter of the way to half of what is asked, then a quarter of what is left; orders are as they are written.
    assert [row[L.EVALUATION_REFORM] for row in reached] == pytest.approx([0.1, 0.175])
    assert [row[L.REVISION_INTERVAL] for row in reached] == pytest.approx([18.0, 16.5])
    assert [row[L.MANDATE] for row in reached] == [3.0, 3.0]


def test_regions_differ_in_what_they_carry_out_and_stay_as_they_are() -> None:
    rules = [{"rule": "college_evaluation", "reform": 0.8}]
    world = SMALL.with_overrides(policies=rules, compliance=0.5, compliance_spread=0.4)
    state = build(world, 1)
    policy(state, world)
    first = state.governments.levers[:, L.EVALUATION_REFORM].copy()
    assert len(set(first)) == 3 and (first >= 0.8 * 0.1).all() and (first <= 0.8 * 0.9).all()
    state.step = 1
    policy(state, world)
    assert state.governments.levers[:, L.EVALUATION_REFORM] == pytest.approx(first)


def seen(**by_region: list[float]) -> Observation:
    """What governments of three regions see."""
    known = {name: np.array(values) for name, values in by_region.items()}
    return Observation(5, 3, {}, np.zeros((3, len(LEVERS))), lambda name: known.get(name, np.full(3, np.nan)))


def test_regions_do_what_the_yardstick_of_the_centre_rewards() -> None:
    figures = seen(coordination=[0.35, 0.7, np.nan], formal_depth_per_place=[0.14, 0.28, 0.7])
    rule = named("central_targets")(target=0.7, transfer=0.1, zeal=10, yardstick=1)
    moves = rule.levers(figures)
    assert moves["transfer"] == pytest.approx([0.05, 0.1, 0.1])
    assert moves["evaluation_reform"] == pytest.approx([0.5, 0.0, 0.0])
    assert moves["supervision"] == pytest.approx([0.5, 0.0, 0.0])
    assert moves["penalty"] == pytest.approx([0.15, 0.0, 0.0])
    assert moves["mandate"] == pytest.approx([0.0, 0.0, 0.0])
    counts = dataclasses.replace(rule, yardstick=0).levers(figures)
    assert counts["transfer"] == pytest.approx([0.02, 0.04, 0.1])
    assert counts["mandate"] == pytest.approx([2.4, 1.8, 0.0])
    assert counts["evaluation_reform"] == pytest.approx([0.0, 0.0, 0.0])


def test_who_is_paid_nothing_does_nothing() -> None:
    figures = seen(coordination=[0.1, 0.2, 0.3], formal_depth_per_place=[0.1, 0.2, 0.3])
    moves = named("central_targets")(transfer=0).levers(figures)
    assert not any(np.any(value) for value in moves.values())


def test_the_money_of_the_centre_is_money() -> None:
    state = build(SMALL, 1)
    own = state.governments.budget.copy()
    assert public_money(state).budget is state.governments.budget
    state.governments.levers[1, L.TRANSFER] = 0.4
    assert public_money(state).budget == pytest.approx(own * [1.0, 1.4, 1.0])


def test_reform_tuned_on_the_spot_is_as_much_in_all_as_one_size_for_all() -> None:
    figures = seen(
        mean_formal_depth=[0.6, 0.4, np.nan], mean_substantive_depth=[0.3, 0.1, np.nan], n_ties=[10.0, 30.0, 0.0]
    )
    rule = named("local_tuning")(reform=0.4)
    # Half and a quarter of paper is lived, five sixteenths in the mean over contracts.
    assert rule.levers(figures)["evaluation_reform"] == pytest.approx([0.64, 0.32, 0.4])
    assert (np.array([10, 30, 0]) * rule.levers(figures)["evaluation_reform"]).sum() == pytest.approx(0.4 * 40)
    # Where the first would be given more than all of it, the second has the rest.
    most = dataclasses.replace(rule, reform=0.7).levers(figures)["evaluation_reform"]
    assert most == pytest.approx([1.0, 0.6, 0.7])
    all_of_it = dataclasses.replace(rule, reform=1.0).levers(figures)["evaluation_reform"]
    assert all_of_it == pytest.approx([1.0, 1.0, 1.0])
    same = dataclasses.replace(rule, tuning=0).levers(figures)["evaluation_reform"]
    assert same == pytest.approx([0.4, 0.4, 0.4])
    other = dataclasses.replace(rule, tuning=-1).levers(figures)["evaluation_reform"]
    assert other == pytest.approx([0.16, 0.48, 0.4])


def test_money_of_the_centre_is_not_the_regions_to_carry_out() -> None:
    rules = [{"rule": "central_targets", "transfer": 0.2}, {"rule": "college_evaluation", "reform": 0.8}]
    world = SMALL.with_overrides(policies=rules, compliance=0.5, compliance_delay=3.0)
    state = build(world, 1)
    policy(state, world)
    # Nothing was published yet: all regions stand at the target.
    assert state.governments.levers[:, L.TRANSFER] == pytest.approx([0.2] * 3)
    assert state.governments.levers[:, L.EVALUATION_REFORM] == pytest.approx([0.8 * 0.5 / 4] * 3)


@pytest.mark.parametrize(
    "asleep",
    [
        {"base_relief": 1.0, "base_upkeep": 0.2},
        {"add_policies": [{"rule": "central_targets", "transfer": 0.0}]},
        {"add_policies": [{"rule": "integration_status", "share": 0.0}]},
        {"status_depth": 0.9, "status_quarters": 40.0},
    ],
)
def test_what_stands_at_its_neutral_value_moves_nothing(asleep: dict[str, object]) -> None:
    world = load("reform_package").with_overrides(
        communication_cost=0.05,
        **{
            "population.n_regions": 2,
            "population.n_colleges": 8,
            "population.n_enterprises": 40,
            "population.n_students": 480,
        },
    )
    one, other = build(world, 3), build(world, 3)
    for _ in range(12):
        step(one, world)
        step(other, world.with_overrides(**asleep))
    assert digests(one) == digests(other)
