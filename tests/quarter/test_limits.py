"""Verification: without noise and lag the delivery phase is the tripartite replicator game of tests/quarter/limits.py.

How the limit is reached with the model's own phase: one region; every enterprise has one contract of level 5 with a
college of its own; all enterprises are alike and all colleges are alike; effort_noise 0, effort_temperature 1e-6
(best replies; far below what the catalogue allows in a world that is meant to be one), trust_caution and
rules_foreseen 0, no drift of aims, engagement or reputation. Contracts are by order, so that none ends, under
mandate_shadow 1: parties reckon with early ends all the same. Trust at the start is what the other side does on the
average, the same for all: the world is well mixed. Evidence is 1/trust_learning_rate, where it stays: that rate is the
speed of adjustment. The phase itself is run, with nothing replaced, until the world rests.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from abm.quarter.delivery import delivery
from abm.scenario import Scenario
from abm.world.equations import aim_yield, cooperation_cost
from abm.world.levers import L
from abm.world.parameters import DEFAULTS
from abm.world.state import State
from tests.quarter.limits import Side, is_won, replicator, rest
from tests.quarter.worlds import offered, world

N = 6
PROFIT, TALENT, INNOVATION, STANDING, EMPLOYMENT, DEVELOPMENT = range(6)
AIMS_ENTERPRISE = np.array([0.30, 0.25, 0.15, 0.10, 0.10, 0.10])
AIMS_COLLEGE = np.array([0.05, 0.15, 0.20, 0.30, 0.15, 0.15])
RETENTION, ENGAGEMENT, MARKET_FIT, SHARE = 0.5, 0.4, 0.3, 0.4
NUDGES = ((-0.02, -0.02), (-0.02, 0.02), (0.02, -0.02), (0.02, 0.02))
BOTH, NONE = (1.0, 1.0), (0.0, 0.0)


def limit(cost: float = 0.45, **changes: float) -> Scenario:
    """The model's parameters in the limit, some changed; ``cost`` of effort, the same for both sides."""
    still = {
        "effort_noise": 0.0,
        "effort_temperature": 1e-6,
        "trust_caution": 0.0,
        "rules_foreseen": 0.0,
        "identity_rate": 0.0,
        "role_pull": 0.0,
        "engagement_rate": 0.0,
        "reputation_learning_rate": 0.0,
        "blame_trust_loss": 0.0,
        "mandate_shadow": 1.0,
        "community_informal": 1.0,
        "trust_learning_rate": 0.02,
        "effort_cost": cost,
        "college_effort_cost": cost,
        "blame_exit": 0.0,
        "blame_gap": 0.1,
        "shadow_of_future": 0.5,
        "standing_burden": 2.0,
        "engagement_ease": 0.5,
        "cost_linear": 0.1,
        "cost_quadratic": 0.1,
    }
    return Scenario(p=DEFAULTS._replace(**{**still, **changes}))


def mixed_world(supervision: float = 0.0, penalty: float = 0.0, reform: float = 0.0, watched: bool = False) -> State:
    """N pairs under a contract of level 5; fit 0.75."""
    state = world([0] * N, [1] * N, [(0, 0)] * N, np.array([[0.5, 0.25, 0.25], [0.25, 0.25, 0.5]]))
    offered(state).curriculum[:] = [0.25, 0.25, 0.5]
    state.enterprises.aims[:], state.colleges.aims[:] = AIMS_ENTERPRISE, AIMS_COLLEGE
    state.enterprises.retention[:] = RETENTION
    state.colleges.engagement[:] = ENGAGEMENT
    state.governments.market_fit[:] = MARKET_FIT
    t = state.ties
    t.college[:, 0], t.level[:, 0], t.is_mandated[:, 0] = np.arange(N), 5, 1
    t.cost_share[:, 0], t.remaining[:, 0] = SHARE, 10**6
    state.enterprises.n_partners[:] = state.colleges.n_partners[:] = 1
    if watched:
        state.enterprises.community[:] = state.colleges.community[:] = 0
    rules = state.governments.levers[0]
    rules[[L.SUPERVISION, L.PENALTY, L.EVALUATION_REFORM]] = supervision, penalty, reform
    return state


def sides(state: State, scenario: Scenario) -> tuple[Side, Side]:
    """The game of a mixed world, from Eq. 3-5, 19-21 and 26 written out again."""
    p, rules = scenario.p, state.governments.levers[0]
    fit = np.minimum(state.enterprises.demand[0], offered(state).curriculum[0]).sum()
    reform = rules[L.EVALUATION_REFORM]
    stand = AIMS_COLLEGE[STANDING]
    reformed = AIMS_COLLEGE * (1 + reform * stand / (1 - stand))
    reformed[STANDING] = stand * (1 - reform)
    burden, ease = 1 + p.standing_burden * reformed[STANDING], 1 - p.engagement_ease * ENGAGEMENT
    watch = p.monitoring if state.enterprises.community[0] >= 0 else 0.0
    cost = cooperation_cost(1.0, p) * (1 - state.ties.subsidy[0, 0])
    pays = SHARE * cost - state.ties.tax_credit[0, 0], (1 - SHARE) * cost
    talent = AIMS_ENTERPRISE[TALENT]
    outside = (
        p.enterprise_worth * p.enterprise_outside * talent * MARKET_FIT,
        p.college_worth * p.college_outside * reformed[STANDING],
    )
    found: list[Side] = []
    for i, (weights, kept, exchange, effort) in enumerate(
        (
            (AIMS_ENTERPRISE, RETENTION, p.enterprise_worth, p.effort_cost),
            (reformed, 1.0, p.college_worth, p.college_effort_cost * burden * ease),
        )
    ):
        worth = exchange * weights * [aim_yield(m, 1.0, p) for m in range(6)]
        on_paper = p.paper_employment * worth[EMPLOYMENT]
        scaled = kept * worth[TALENT] + worth[INNOVATION] + worth[DEVELOPMENT] + worth[EMPLOYMENT] - on_paper
        fixed = worth[PROFIT] + worth[STANDING] + fit * on_paper - outside[i] - pays[i]
        known: list[Any] = [fit * scaled, fixed, effort, watch, rules[L.PENALTY], p.shirk_effort, p.output_elasticity]
        found.append(Side(*map(float, [*known, p.blame_exit, p.blame_gap, p.shadow_of_future])))
    return found[0], found[1]


def believe(state: State, scenario: Scenario, seen: tuple[float, float]) -> State:
    """Let enterprises expect a share of colleges to work, and colleges one of enterprises, on old evidence."""
    p, t = scenario.p, state.ties
    t.trust_enterprise[:, 0], t.trust_college[:, 0] = (p.shirk_effort + (1 - p.shirk_effort) * x for x in seen)
    t.evidence[:, 0] = 1 / p.trust_learning_rate
    return state


def at_work(state: State, scenario: Scenario) -> tuple[float, float]:
    """Which side works, 1 or 0: what its effort is between shirking and all."""
    shirk, shares = scenario.p.shirk_effort, []
    for effort in (state.ties.effort_enterprise[:, 0], state.ties.effort_college[:, 0]):
        assert (effort == effort[0]).all(), "alike in, alike out"
        share = (effort[0] - shirk) / (1 - shirk)
        assert share < 1e-9 or share > 1 - 1e-9, "works or shirks"
        shares.append(float(round(share)))
    return shares[0], shares[1]


def ends(
    state: State, scenario: Scenario, seen: tuple[float, float] | None = None, steps: int = 900
) -> tuple[float, float]:
    """Which side works once the world rests, from these beliefs on (None: from those that it has)."""
    if seen is not None:
        believe(state, scenario, seen)
    for _ in range(steps):
        delivery(state, scenario)
        state.step += 1
    assert (state.ties.level[:, 0] == 5).all()
    return at_work(state, scenario)


def inside(*shares: float) -> bool:
    return all(0 < x < 1 for x in shares)


@pytest.mark.parametrize(("leaving", "elasticity"), [(0.0, 0.75), (0.4, 0.75), (0.4, 1.3)])
def test_the_balance_of_the_phase_is_that_of_the_game(leaving: float, elasticity: float) -> None:
    """At a temperature of 1 the logistic can be undone: every term of the mapping, in one number a side."""
    scenario = limit(
        effort_temperature=1.0, monitoring=0.07, blame_exit=leaving, output_elasticity=elasticity, shadow_of_future=0.8
    )
    shirk = scenario.p.shirk_effort
    for seen in ((0.2, 0.85), (0.9, 0.97), (0.6, 1.0)):
        state = mixed_world(supervision=0.3, penalty=0.4, reform=0.5, watched=True)
        state.ties.subsidy[:, 0], state.ties.tax_credit[:, 0] = 0.3, 0.02
        game = sides(state, scenario)
        delivery(believe(state, scenario, seen), scenario)
        for side, x, effort in zip(
            game, seen, (state.ties.effort_enterprise[0, 0], state.ties.effort_college[0, 0]), strict=True
        ):
            part = (effort - shirk) / (1 - shirk)
            assert np.log(part / (1 - part)) == pytest.approx(side.balance(x, 0.3), rel=1e-9)
            assert (side.future(side.expected(x)) > 0.0) == (leaving > 0.0 and x > 0.5)


@pytest.mark.parametrize("leaving", [0.0, 0.3])
@pytest.mark.parametrize("supervision", [0.0, 0.25, 0.5])
def test_each_side_turns_at_its_threshold(supervision: float, leaving: float) -> None:
    """x* of both sides, to 1 part in a thousand, and as policy moves it; in closed form where nothing ends early."""
    scenario = limit(blame_exit=leaving)
    for i in range(2):
        state = mixed_world(supervision, penalty=0.2)
        side = sides(state, scenario)[i]
        x = side.threshold(supervision)
        assert inside(x)
        if leaving == 0.0:
            assert x == pytest.approx(side.threshold_without_exit(supervision), abs=1e-9)
        for gap in (-1e-3, 1e-3):
            state = believe(mixed_world(supervision, penalty=0.2), scenario, (x + gap, x + gap))
            delivery(state, scenario)
            assert at_work(state, scenario)[i] == float(gap > 0)


def test_policy_moves_the_threshold_in_proportion_to_the_share_that_acts() -> None:
    """With an elasticity of 1 the game is linear: R*x + L + z*P = c."""
    enterprises, _ = sides(mixed_world(penalty=0.2), limit(0.6, output_elasticity=1.0, shirk_effort=0.05))
    moved = [enterprises.threshold(z) for z in (0.0, 0.25, 0.5)]
    reward = (1 - 0.05) ** 2 * enterprises.joint
    assert moved[0] - moved[1] == pytest.approx(0.25 * 0.2 / reward) == pytest.approx(moved[1] - moved[2])


def test_what_can_end_lowers_every_threshold() -> None:
    """The fear to lose a relation that is worth something is a reason to work, the more the further parties look ahead,
    and it is none where the relation is worth nothing or the partner is not expected to work."""
    usual = [side.threshold() for side in sides(mixed_world(), limit(0.6))]
    before = usual
    for shadow in (0.0, 0.4, 0.8):
        game = sides(mixed_world(), limit(0.6, blame_exit=0.3, shadow_of_future=shadow))
        now = [side.threshold() for side in game]
        assert all(x < y for x, y in zip(now, before, strict=True))
        assert all(side.future(side.expected(0.0)) == 0.0 for side in game)
        before = now
    dear = sides(mixed_world(), limit(0.6, blame_exit=0.3, cost_linear=3.0))
    assert [side.threshold() for side in dear] == usual


@pytest.mark.parametrize("supervision", [0.0, 0.3])
@pytest.mark.parametrize("leaving", [0.0, 0.3])
def test_effort_takes_off_above_both_thresholds_and_collapses_below_both(supervision: float, leaving: float) -> None:
    scenario = limit(blame_exit=leaving)
    game = sides(mixed_world(penalty=0.3), scenario)
    thresholds = [side.threshold(supervision) for side in game]
    assert inside(*thresholds)
    for gap, end in ((0.01, BOTH), (-0.01, NONE)):
        start = thresholds[0] + gap, thresholds[1] + gap
        assert ends(mixed_world(supervision, 0.3), scenario, start, steps=400) == end
        # Shares of the other side: what enterprises see is the share of colleges that work.
        assert replicator(*game, (start[1], start[0]), supervision) == pytest.approx(end, abs=1e-3)


def test_from_mixed_states_the_boundary_of_best_replies_decides() -> None:
    scenario = limit(trust_learning_rate=0.02)
    game = sides(mixed_world(), scenario)
    assert inside(*(side.threshold() for side in game))
    found: set[tuple[bool, int]] = set()
    for seen in itertools.product(np.linspace(0.05, 0.95, 8), repeat=2):
        # Away from the boundary itself, where a step of finite length decides.
        around = [tuple(q + n for q, n in zip(seen, nudge, strict=True)) for nudge in NUDGES]
        sure = {is_won(*game, near) for near in around}
        if len(sure) == 1:
            won = sure.pop()
            found.add((won, sum(q > side.threshold() for q, side in zip(seen, game, strict=True))))
            assert ends(mixed_world(), scenario, seen, steps=350) == (BOTH if won else NONE), seen
    # Won and lost with one side above its threshold, and the clear cases.
    assert found == {(False, 0), (False, 1), (True, 1), (True, 2)}


# R of both sides is about .5 to 1 with these parameters: costs on both sides of every inequality.
COSTS = (0.05, 0.2, 0.35, 0.5, 0.7, 1.2)
SCAN = list(itertools.product(COSTS, (0.0, 0.1, 0.3), (0.0, 0.3)))


@pytest.mark.parametrize(("cost", "monitoring", "leaving"), SCAN)
def test_bistable_exactly_where_the_formula_says(cost: float, monitoring: float, leaving: float) -> None:
    """L < c < R + L, for both sides: both ends are stable; else one of them swallows every start."""
    scenario = limit(cost, monitoring=monitoring, blame_exit=leaving, trust_learning_rate=0.1)

    def watched() -> State:
        return mixed_world(watched=True)

    game = sides(watched(), scenario)
    from_none, from_all = (ends(watched(), scenario, start, steps=100) for start in (NONE, BOTH))
    assert (from_none, from_all) == (rest(*game, NONE), rest(*game, BOTH))
    assert (from_all == BOTH) == all(side.is_self_sustaining for side in game)
    if all(side.is_bistable for side in game):
        assert (from_none, from_all) == (NONE, BOTH)
    elif not any(side.is_bistable for side in game):
        assert from_none == from_all


def test_the_scan_meets_every_kind_of_game() -> None:
    kinds: set[tuple[float, tuple[str, ...]]] = set()
    for cost, monitoring, leaving in SCAN:
        game = sides(mixed_world(watched=True), limit(cost, monitoring=monitoring, blame_exit=leaving))
        kind = ("alone" if s.alone > s.cost else "both" if s.is_bistable else "never" for s in game)
        kinds.add((leaving, tuple(kind)))
    clear = {(kind, kind) for kind in ("alone", "both", "never")}
    assert {(leaving, kind) for leaving in (0.0, 0.3) for kind in clear} <= kinds


@pytest.mark.parametrize("leaving", [0.0, 0.3])
@pytest.mark.parametrize("cost", [0.3, 0.45, 0.6, 0.8, 1.0, 1.3])
def test_integration_outlives_the_policy_exactly_if_it_is_self_sustaining(cost: float, leaving: float) -> None:
    """Supervision strong enough to make work pay alone lifts any world; after its exit R + L > c of both sides
    decides."""
    scenario = limit(cost, blame_exit=leaving, trust_learning_rate=0.05)
    state = mixed_world(supervision=1.0, penalty=1.6)
    game = sides(state, scenario)
    assert ends(state, scenario, NONE, steps=200) == BOTH
    state.governments.levers[0, [L.SUPERVISION, L.PENALTY]] = 0.0
    assert ends(state, scenario, steps=200) == (BOTH if all(side.is_self_sustaining for side in game) else NONE)


def test_policies_are_outlived_and_are_not() -> None:
    found = {all(side.is_self_sustaining for side in sides(mixed_world(), limit(cost))) for cost in (0.3, 1.3)}
    assert found == {True, False}


def test_evaluation_reform_makes_the_colleges_effort_self_sustaining() -> None:
    """The college's analogue: reform frees weight from standing, so R_C grows and c_C shrinks."""
    scenario = limit(0.5, standing_burden=5.0)
    before, after = (sides(mixed_world(reform=reform), scenario)[1] for reform in (0.0, 0.8))
    assert not before.is_self_sustaining
    assert after.is_self_sustaining
    assert after.gain() > before.gain() and after.cost < before.cost
    assert ends(mixed_world(), scenario, BOTH) == NONE
    assert ends(mixed_world(reform=0.8), scenario, BOTH) == BOTH


def paid() -> State:
    """A mixed world with all public money for signing that there can be."""
    state = mixed_world()
    state.ties.subsidy[:], state.ties.tax_credit[:] = 0.8, 0.02
    state.governments.levers[0, [L.SUBSIDY_RATE, L.TAX_CREDIT]] = 0.8, 0.5
    return state


def test_subsidies_do_not_enter_the_game_where_nothing_ends_early() -> None:
    """S = 0: what is paid for signing changes no effort, so ties built on it fall once it ends."""
    scenario = limit()
    thresholds = [side.threshold() for side in sides(paid(), scenario)]
    assert thresholds == [side.threshold() for side in sides(mixed_world(), scenario)]
    for gap, end in ((-0.03, NONE), (0.03, BOTH)):
        seen = thresholds[0] + gap, thresholds[1] + gap
        assert ends(paid(), scenario, seen) == ends(mixed_world(), scenario, seen) == end


def test_subsidies_make_a_relation_that_can_end_worth_an_effort_as_long_as_they_last() -> None:
    """They lower thresholds by what they add to the future that shirking risks: a world between the two thresholds
    works where it is paid and falls where it is not."""
    scenario = limit(0.6, blame_exit=0.3, shadow_of_future=0.9, cost_linear=0.6)
    with_money, without = ([side.threshold() for side in sides(state, scenario)] for state in (paid(), mixed_world()))
    assert all(x < y for x, y in zip(with_money, without, strict=True))
    between = [0.5 * (x + y) for x, y in zip(with_money, without, strict=True)]
    assert inside(*between)
    state = paid()
    assert ends(state, scenario, (between[0], between[1])) == BOTH
    assert ends(mixed_world(), scenario, (between[0], between[1])) == NONE
