"""Verification: without noise and lag the delivery phase is the tripartite replicator game of tests/limits.py.

How the limit is reached with the model's own phase: one region; every enterprise has one contract of level 5 with a
college of its own; all enterprises are alike and all colleges are alike; effort_noise 0, effort_temperature 1e-6
(best replies; far below what the catalogue allows in a world that is meant to be one), no drift of aims, engagement
or reputation, nobody blames. Trust at the start is the share of the other side that makes an effort, the same for
all: the world is well mixed. trust_learning_rate is the speed of adjustment. The phase itself is run, with nothing
replaced, until the world rests.
"""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from abm.equations import aim_yield
from abm.levers import L
from abm.parameters import DEFAULTS
from abm.phases.delivery import delivery
from abm.scenario import Scenario
from abm.state import State
from tests.limits import Side, is_won, replicator, rest
from tests.phases.worlds import world

N = 6
TALENT, STANDING = 1, 3
SCALED = (1, 2, 4, 5)
AIMS_ENTERPRISE = np.array([0.30, 0.25, 0.15, 0.10, 0.10, 0.10])
AIMS_COLLEGE = np.array([0.05, 0.15, 0.20, 0.30, 0.15, 0.15])
RETENTION = 0.5
NUDGES = ((-0.02, -0.02), (-0.02, 0.02), (0.02, -0.02), (0.02, 0.02))
BOTH, NONE = (1.0, 1.0), (0.0, 0.0)


def limit(**changes: float) -> Scenario:
    """The model's parameters in the limit, some changed."""
    still = {
        "effort_noise": 0.0,
        "effort_temperature": 1e-6,
        "identity_rate": 0.0,
        "engagement_rate": 0.0,
        "reputation_learning_rate": 0.0,
        "blame_gap": 1.0,
        "community_informal": 1.0,
        "trust_learning_rate": 0.02,
        "effort_cost": 0.15,
        "shadow_of_future": 0.22,
        "standing_burden": 2.0,
        "engagement_ease": 0.5,
    }
    return Scenario(p=DEFAULTS._replace(**{**still, **changes}))


def mixed_world(supervision: float = 0.0, penalty: float = 0.0, reform: float = 0.0, watched: bool = False) -> State:
    """N pairs under a contract of level 5; fit 0.75."""
    state = world([0] * N, [1] * N, [(0, 0)] * N, np.array([[0.5, 0.25, 0.25], [0.25, 0.25, 0.5]]))
    state.colleges.curriculum[:] = [0.25, 0.25, 0.5]
    state.enterprises.aims[:], state.colleges.aims[:] = AIMS_ENTERPRISE, AIMS_COLLEGE
    state.enterprises.retention[:] = RETENTION
    state.colleges.engagement[:] = 0.4
    state.ties.college[:, 0], state.ties.level[:, 0] = np.arange(N), 5
    state.ties.remaining[:, 0] = 10**6
    state.enterprises.n_partners[:] = state.colleges.n_partners[:] = 1
    if watched:
        state.enterprises.community[:] = state.colleges.community[:] = 0
    rules = state.governments.levers[0]
    rules[[L.SUPERVISION, L.PENALTY, L.EVALUATION_REFORM]] = supervision, penalty, reform
    return state


def sides(state: State, scenario: Scenario) -> tuple[Side, Side]:
    """The game of a mixed world, from Eq. 3, 19, 26 and 27 written out again."""
    p, rules = scenario.p, state.governments.levers[0]
    fit = np.minimum(state.enterprises.demand[0], state.colleges.curriculum[0]).sum()
    reform = rules[L.EVALUATION_REFORM]
    stand = AIMS_COLLEGE[STANDING]
    reformed = AIMS_COLLEGE * (1 + reform * stand / (1 - stand))
    burden = 1 + p.standing_burden * stand * (1 - reform)
    kept = [RETENTION if m == TALENT else 1.0 for m in range(6)]
    stake_enterprise = sum(AIMS_ENTERPRISE[m] * aim_yield(m, 1.0, p) * kept[m] for m in SCALED)
    stake_college = sum(reformed[m] * aim_yield(m, 1.0, p) for m in SCALED)
    watch = p.monitoring if state.enterprises.community[0] >= 0 else 0.0
    fine = float(rules[L.PENALTY])
    ease = 1 - p.engagement_ease * 0.4
    return (
        Side(float(0.5 * fit * stake_enterprise) + p.shadow_of_future, watch, fine, p.effort_cost),
        Side(float(0.5 * fit * stake_college) + p.shadow_of_future, watch, fine, float(p.effort_cost * burden * ease)),
    )


def ends(
    state: State, scenario: Scenario, trust: tuple[float, float] | None = None, steps: int = 900
) -> tuple[float, float]:
    """Efforts of enterprises and of colleges once the world rests, from these trusts on (None: from those that it
    has)."""
    if trust is not None:
        state.ties.trust_enterprise[:, 0], state.ties.trust_college[:, 0] = trust
    for _ in range(steps):
        delivery(state, scenario)
        state.step += 1
    efforts = state.ties.effort_enterprise[:, 0], state.ties.effort_college[:, 0]
    assert all((effort == effort[0]).all() for effort in efforts), "alike in, alike out"
    assert all(effort[0] < 1e-9 or effort[0] > 1 - 1e-9 for effort in efforts), "deep or nothing"
    assert (state.ties.level[:, 0] == 5).all()
    return float(round(efforts[0][0])), float(round(efforts[1][0]))


def inside(*shares: float) -> bool:
    return all(0 < x < 1 for x in shares)


def test_the_balance_of_the_phase_is_that_of_the_game() -> None:
    """At a temperature of 1 the logistic can be undone: every term of the mapping, in one number a side."""
    scenario = limit(effort_temperature=1.0, monitoring=0.07)
    state = mixed_world(supervision=0.3, penalty=0.4, reform=0.5, watched=True)
    state.ties.trust_enterprise[:, 0], state.ties.trust_college[:, 0] = 0.35, 0.85
    enterprises, colleges = sides(state, scenario)
    delivery(state, scenario)
    for effort, side, q in (
        (state.ties.effort_enterprise[0, 0], enterprises, 0.35),
        (state.ties.effort_college[0, 0], colleges, 0.85),
    ):
        assert np.log(effort / (1 - effort)) == pytest.approx(side.balance(q, 0.3))


@pytest.mark.parametrize("supervision", [0.0, 0.25, 0.5])
def test_each_side_turns_at_its_threshold(supervision: float) -> None:
    """x* = (c - L - z(S + P))/R of both sides, to 1 part in a thousand, and as policy moves it."""
    scenario = limit(effort_cost=0.3)
    for side, mine in enumerate(("effort_enterprise", "effort_college")):
        for gap in (-1e-3, 1e-3):
            state = mixed_world(supervision, penalty=0.2)
            x = sides(state, scenario)[side].threshold(supervision)
            assert inside(x)
            state.ties.trust_enterprise[:, 0] = state.ties.trust_college[:, 0] = x + gap
            delivery(state, scenario)
            assert getattr(state.ties, mine)[:, 0] == pytest.approx(float(gap > 0))


def test_policy_moves_the_threshold_in_proportion_to_the_share_that_acts() -> None:
    enterprises, _ = sides(mixed_world(penalty=0.2), limit(effort_cost=0.3))
    moved = [enterprises.threshold(z) for z in (0.0, 0.25, 0.5)]
    assert moved[0] - moved[1] == pytest.approx(0.25 * 0.2 / enterprises.gain) == pytest.approx(moved[1] - moved[2])


@pytest.mark.parametrize("supervision", [0.0, 0.3])
def test_effort_takes_off_above_both_thresholds_and_collapses_below_both(supervision: float) -> None:
    scenario = limit(effort_cost=0.3)
    game = sides(mixed_world(penalty=0.3), scenario)
    thresholds = [side.threshold(supervision) for side in game]
    assert inside(*thresholds)
    for gap, end in ((0.01, BOTH), (-0.01, NONE)):
        start = tuple(x + gap for x in thresholds)
        assert ends(mixed_world(supervision, 0.3), scenario, start) == end
        # Shares of the other side: trust of enterprises is the share of colleges that make an effort.
        assert replicator(*game, (start[1], start[0]), supervision) == pytest.approx(end, abs=1e-3)


def test_from_mixed_states_the_boundary_of_best_replies_decides() -> None:
    scenario = limit(effort_cost=0.24, trust_learning_rate=0.02)
    game = sides(mixed_world(), scenario)
    assert inside(*(side.threshold() for side in game))
    found: set[tuple[bool, int]] = set()
    for trust in itertools.product(np.linspace(0.05, 0.95, 10), repeat=2):
        # Away from the boundary itself, where a step of finite length decides.
        around = [tuple(q + n for q, n in zip(trust, nudge, strict=True)) for nudge in NUDGES]
        sure = {is_won(*game, near) for near in around}
        if len(sure) == 1:
            won = sure.pop()
            found.add((won, sum(q > side.threshold() for q, side in zip(trust, game, strict=True))))
            assert ends(mixed_world(), scenario, trust, steps=700) == (BOTH if won else NONE), trust
    # Won and lost with one side above its threshold, and the clear cases.
    assert found == {(False, 0), (False, 1), (True, 1), (True, 2)}


# R of both sides is about .35 to .41 with these parameters: costs on both sides of every inequality.
COSTS = (0.02, 0.1, 0.2, 0.3, 0.4, 0.6)
SCAN = list(itertools.product(COSTS, (0.0, 0.05, 0.15), (0.1, 0.22)))


@pytest.mark.parametrize(("cost", "monitoring", "shadow"), SCAN)
def test_bistable_exactly_where_the_formula_says(cost: float, monitoring: float, shadow: float) -> None:
    """L < c < R + L, for both sides: both ends are stable; else one of them swallows every start."""
    scenario = limit(effort_cost=cost, monitoring=monitoring, shadow_of_future=shadow, trust_learning_rate=0.1)

    def watched() -> State:
        return mixed_world(watched=True)

    game = sides(watched(), scenario)
    from_none, from_all = (ends(watched(), scenario, start, steps=150) for start in (NONE, BOTH))
    assert (from_none, from_all) == (rest(*game, NONE), rest(*game, BOTH))
    assert (from_all == BOTH) == all(side.is_self_sustaining for side in game)
    if all(side.is_bistable for side in game):
        assert (from_none, from_all) == (NONE, BOTH)
    elif not any(side.is_bistable for side in game):
        assert from_none == from_all


def test_the_scan_meets_every_kind_of_game() -> None:
    kinds = set()
    for cost, monitoring, shadow in SCAN:
        game = sides(mixed_world(watched=True), limit(effort_cost=cost, monitoring=monitoring, shadow_of_future=shadow))
        kinds.add(tuple("alone" if s.alone > s.cost else "both" if s.is_bistable else "never" for s in game))
    assert {("alone", "alone"), ("both", "both"), ("never", "never")} <= kinds


@pytest.mark.parametrize("cost", [0.2, 0.3, 0.36, 0.45, 0.6])
def test_integration_outlives_the_policy_exactly_if_it_is_self_sustaining(cost: float) -> None:
    """Supervision strong enough to make effort pay alone lifts any world; after its exit R + L > c of both sides
    decides."""
    scenario = limit(effort_cost=cost)
    state = mixed_world(supervision=1.0, penalty=1.2)
    game = sides(state, scenario)
    assert ends(state, scenario, NONE) == BOTH
    state.governments.levers[0, [L.SUPERVISION, L.PENALTY]] = 0.0
    assert ends(state, scenario) == (BOTH if all(side.is_self_sustaining for side in game) else NONE)


def test_evaluation_reform_makes_the_colleges_effort_self_sustaining() -> None:
    """The college's analogue: reform frees weight from standing, so R_C grows and c_C shrinks."""
    scenario = limit(effort_cost=0.3, standing_burden=5.0)
    before, after = (sides(mixed_world(reform=reform), scenario)[1] for reform in (0.0, 0.8))
    assert not before.is_self_sustaining
    assert after.is_self_sustaining
    assert ends(mixed_world(), scenario, BOTH) == NONE
    assert ends(mixed_world(reform=0.8), scenario, BOTH) == BOTH


def test_subsidies_do_not_enter_the_game() -> None:
    """S = 0: what is paid for signing changes no effort, so ties built on it fall once it ends."""
    scenario = limit(effort_cost=0.3)
    for trust in ((0.55, 0.55), (0.95, 0.95)):
        rich = mixed_world()
        rich.ties.subsidy[:], rich.ties.tax_credit[:] = 0.8, 0.1
        rich.governments.levers[0, [L.SUBSIDY_RATE, L.TAX_CREDIT]] = 0.8, 0.5
        assert ends(rich, scenario, trust) == ends(mixed_world(), scenario, trust)
