"""A college played by hand: the model otherwise, and what the hand does follows the model's own rules."""

import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from abm import quarter
from abm.population import build
from abm.world.equations import substantive_depth
from abm.world.state import ContractEvents
from abm.world.vocabulary import DECLINED, ENDED_BY_SHOCK, NEW_BY_ENTERPRISE
from dashboards.teach.by_hand import HAND_METRICS, CollegeByHand
from dashboards.teach.lessons import lessons

SCENARIO = next(lesson for lesson in lessons() if lesson.is_by_hand).runs[0].scenario


def test_a_hand_that_decides_nothing_is_the_model():
    hand = CollegeByHand(SCENARIO, 3)
    state = build(SCENARIO, 3)
    for _ in range(10):
        hand.close_quarter(None)
        quarter.step(state, SCENARIO)
        assert hand.state.metrics == pytest.approx(state.metrics, nan_ok=True, abs=0)
    np.testing.assert_array_equal(hand.state.ties.substance, state.ties.substance)
    assert hand.series["own_effort"] == pytest.approx(hand.series["would_give"], nan_ok=True, abs=0)


def test_what_befell_contracts_before_the_quarter_is_among_its_events():
    befell = ContractEvents(*(np.array([value]) for value in (ENDED_BY_SHOCK, 0, 0, 0, 1, -1, np.nan)))
    hand, state = CollegeByHand(SCENARIO, 3), build(SCENARIO, 3)
    hand.state.befallen.append(befell)
    state.befallen.append(befell)
    hand.close_quarter(None)
    quarter.step(state, SCENARIO)
    for played in (hand.state, state):
        assert played.contract_events[0] is befell and not played.befallen


def test_effort_moves_substance_and_the_partners_trust():
    low, high = CollegeByHand(SCENARIO, 1), CollegeByHand(SCENARIO, 1)
    for hand in (low, high):
        for _ in range(8):
            hand.close_quarter(None)
    before = low.state.ties
    trust, runs = before.trust_enterprise.copy(), (before.college == 0) & (before.level > 0)
    low.close_quarter(0.0)
    high.close_quarter(1.0)
    ties, empty = high.state.ties, low.state.ties
    mine = (ties.college == 0) & (ties.level > 0) & (empty.level == ties.level)
    old = mine & runs
    assert old.any()
    assert (empty.substance[mine] == 0).all()
    np.testing.assert_allclose(ties.substance[mine], 0.2 * ties.level[mine] * np.sqrt(ties.effort_enterprise[mine]))
    # Nothing done: trust shrinks by the weight of a quarter in all that is known, and by blame where the partner
    # worked. All done: it grows. A quarter weighs more in a young relation than in an old one.
    weight = 1 / ties.evidence[old]
    assert (weight > SCENARIO.p.trust_learning_rate).all()
    assert (empty.trust_enterprise[old] <= (1 - weight) * trust[old] + 1e-12).all()
    np.testing.assert_allclose(ties.trust_enterprise[old], trust[old] + weight * (1 - trust[old]))
    others = (ties.college > 0) & (ties.level > 0)
    np.testing.assert_array_equal(ties.effort_college[others], empty.effort_college[others])
    low.close_quarter(0.37)
    empty = low.state.ties
    mine = (empty.college == 0) & (empty.level > 0)
    levels, theirs = empty.level[mine], empty.effort_enterprise[mine]
    depth = [substantive_depth(level, effort, 0.37) for level, effort in zip(levels, theirs, strict=True)]
    assert empty.substance[mine].tolist() == depth, "to the last bit"


def test_answers_bring_invitations_to_the_table_or_turn_them_away():
    hand = CollegeByHand(SCENARIO, 1)
    asked = hand.open_quarter()
    while all(i.would_come for i in asked):
        hand.close_quarter(1.0, hand.accept_all())
        asked = hand.open_quarter()
    assert hand.state.step < SCENARIO.steps, "the college would come to everybody"
    assert hand.open_quarter() == asked, "opening a quarter twice plays it once"
    cold = next(i for i in asked if not i.would_come)
    hand.close_quarter(0.5, {i.enterprise: i is cold for i in asked})
    tables = hand.state.tables
    kinds = {int(e): int(k) for e, c, k in zip(tables.enterprise, tables.college, tables.kind, strict=True) if c == 0}
    assert kinds[cold.enterprise] == NEW_BY_ENTERPRISE
    assert all(kinds[i.enterprise] == DECLINED for i in asked if i is not cold)


def test_nobody_gets_more_partners_than_places():
    hand = CollegeByHand(SCENARIO, 2)
    while not hand.is_over:
        hand.close_quarter(1.0, hand.accept_all())
        assert (hand.state.colleges.n_partners <= hand.state.colleges.partner_limit).all()
        assert (hand.state.enterprises.n_partners <= hand.state.enterprises.partner_limit).all()
    assert {name: len(values) for name, values in hand.series.items()} == dict.fromkeys(HAND_METRICS, SCENARIO.steps)


def test_an_effort_outside_its_range_is_refused():
    with pytest.raises(ValueError, match="outside 0-1"):
        CollegeByHand(SCENARIO, 1).close_quarter(1.5)


def test_a_page_that_looks_while_a_quarter_is_played_sees_whole_quarters():
    hand = CollegeByHand(SCENARIO, 1)
    asked = hand.open_quarter()
    torn: list[str] = []

    def look() -> None:
        while not hand.is_over:
            with hand.turn:
                if not hand.is_over:
                    hand.open_quarter()
                lengths = {len(hand.series[name]) for name in HAND_METRICS}
            if len(lengths) > 1:
                torn.append(f"series of {lengths} quarters")

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(2) as pool:
            looking = [pool.submit(look) for _ in range(2)]
            while not hand.is_over:
                hand.close_quarter(0.5)
            for one in looking:
                one.result(60)
    finally:
        sys.setswitchinterval(before)
    assert asked and not torn
