"""Exchange of staff, digital link, data, certificates, motivation, positions of one's own: against hand computation."""

from __future__ import annotations

import numpy as np
import pytest
import worlds

from abm.quarter.delivery.imprint import update_colleges
from abm.quarter.labour_market import labour_market
from abm.quarter.policy import _equip  # pyright: ignore[reportPrivateUsage]
from abm.quarter.technology import technology
from abm.quarter.training import training
from abm.quarter.training.learning import asked_here, practised_depth
from abm.scenario import Scenario
from abm.world.equations import certified
from abm.world.levers import L
from abm.world.perception import sights
from abm.world.state import EMPLOYED

TWO = np.array([[0.8, 0.2], [0.3, 0.7]])


def in_class(**changes: float):
    """One college after a quarter of learning: half of training on offer in practice, students of half motivation."""
    state = worlds.world([0], [1], [], TWO)
    state.step = 1
    worlds.offered(state).practice_offer[0] = 0.5
    worlds.offered(state).curriculum[0], worlds.offered(state).partner_demand[0] = [0.5, 0.5], [1.0, 0.0]
    levers = {"exchange": L.STAFF_EXCHANGE, "certificates": L.CERTIFICATES, "supervision": L.SUPERVISION}
    for name, lever in levers.items():
        if name in changes:
            state.governments.levers[0, lever] = changes.pop(name)
    state.colleges.dual_qualified[:] = changes.pop("dual", 0.5)
    usual = {"grade_orientation": 0.6, "learning_rate": 0.1, "practice_bonus": 1.0, "dual_base": 0.5}
    training(state, worlds.scenario(**{**usual, **changes}))
    return state


def test_experts_in_class_are_practice_and_teachers_out_lose_lessons():
    state = in_class(exchange=0.8, expert_lessons=0.5, lessons_lost=0.25)
    # Experts .4; in enterprises .5 * .4 * .5 = .1 of the rest: practice .4 + .6 * .1 = .46.
    assert state.students.practice[0, 0] == pytest.approx(0.46 / 12, rel=1e-6)
    # pace .1 * (1 - .25 * .8) = .08; rate .08 * 1.46 = .1168; target .5 + .46 * .5 = .73 and .27
    assert state.students.skills[:, 0, 0] == pytest.approx([0.1168 * 0.73, 0.1168 * 0.27], rel=1e-6)
    assert state.flows["take_up"] == pytest.approx(0.1), "time in enterprises stays what it was"


def test_dual_qualified_teachers_teach_faster_than_the_usual_faculty():
    state = in_class(dual=0.9, dual_teaching=0.5)
    # pace .1 * (1 + .5 * .4) = .12; rate .12 * 1.1 = .132; target .55 and .45
    assert state.students.skills[:, 0, 0] == pytest.approx([0.132 * 0.55, 0.132 * 0.45], rel=1e-6)
    usual = in_class(dual=0.9).students.skills
    assert np.array_equal(in_class(dual=0.5, dual_teaching=1.0).students.skills, usual)


def test_an_exchange_raises_the_share_of_dual_qualified_teachers():
    state, scenario = worlds.world([0], [1], [], TWO), worlds.scenario(dual_rate=0.5, dual_base=0.5, exchange_gain=0.4)
    c, ties = state.colleges, state.ties
    state.governments.levers[0, L.STAFF_EXCHANGE] = 0.5
    update_colleges(c, state.governments.levers, ties.college, ties.level, ties.substance, scenario.parameter_record)
    assert c.dual_qualified[0] == pytest.approx(0.5 + 0.5 * 0.4 * 0.5)


def test_digital_stocks_follow_what_is_paid_and_the_weaker_end_counts():
    state = worlds.world([0, 1], [1, 1], [], TWO)
    g = state.governments
    g.levers[:, L.DIGITAL_COLLEGES], g.levers[:, L.DIGITAL_ENTERPRISES] = 1.0, [0.4, 0.0]
    for _ in range(2):
        _equip(g, 0.5)
    assert g.digital_colleges == pytest.approx([0.75, 0.75])
    assert g.digital_enterprises == pytest.approx([0.3, 0.0])
    g.levers[:, L.PLATFORM] = 0.2
    enterprises, _ = sights(state, worlds.scenario(digital_sight=0.5).p)
    assert enterprises.sight == pytest.approx([1 - 0.8 * (1 - 0.5 * 0.3), 0.2])
    assert enterprises.sight[1] == 0.2, "without a link the platform's to the last bit"


def test_a_digital_link_cuts_the_lag_of_curricula():
    state = worlds.world([0, 1], [1, 1], [], TWO)
    state.step = 8
    g, offered = state.governments, worlds.offered(state)
    g.digital_colleges[:], g.digital_enterprises[:] = 1.0, [0.8, 0.0]
    # 20 * (1 - .75 * .8) = 8 quarters: the first revises at step 8, the other does not.
    before = offered.curriculum.copy()
    training(state, worlds.scenario(digital_pace=0.75))
    assert (offered.curriculum[0] != before[0]).any()
    assert np.array_equal(offered.curriculum[1], before[1])


def test_data_come_over_the_link_from_the_platform_and_from_partners():
    state = worlds.world([0], [1], [(0, 0), (0, 1)], TWO)
    g, e = state.governments, state.enterprises
    g.digital_colleges[:], g.digital_enterprises[:], g.levers[:, L.PLATFORM] = 0.5, 0.7, 0.4
    state.ties.substance[0, :2], e.data[:] = [0.1, 0.6], 0.2
    e.technology[:], e.skilled[:] = 0.5, 0.0
    changes = {"data_rate": 0.5, "research_gain": 0.0, "technology_decay": 0.0}
    technology(state, worlds.scenario(data_adoption=0.1, **changes))
    # Within reach 1 - .5 * .6 * .4 = .88 and 1 - .5 * .6 = .7; half of the way there.
    assert e.data == pytest.approx([0.54, 0.45])
    assert e.technology == pytest.approx([0.5 + 0.1 * 0.54 * 0.5, 0.5 + 0.1 * 0.45 * 0.5])
    technology(state, worlds.scenario(data_adoption=0.0, **changes))
    assert e.data == pytest.approx([0.54, 0.45]), "nobody gathers what nobody uses"


@pytest.mark.parametrize(("supervision", "worth"), [(0.0, 0.0), (0.5, 0.5 * 0.8 * 0.9375), (1.0, 0.4)])
def test_supervision_backs_certificates(supervision, worth):
    assert certified(0.8, supervision, 0.5) == pytest.approx(worth)


def test_certified_practice_weighs_against_grades():
    # .6 * (1 - .5 * .8 * .9375) = .375 of practice is turned down for grades.
    state = in_class(certificates=0.8, supervision=0.5, certificate_weight=0.5)
    assert state.flows["take_up"] == pytest.approx(0.5 * 0.625 * 0.5)
    assert in_class(certificates=0.8, supervision=0.0).flows["take_up"] == pytest.approx(0.1)


def test_hiring_reads_certificates():
    state = worlds.world([0], [4], [(0, 0)], TWO)
    students, slot = state.students, 1
    students.skills[:, slot] = np.array([[0.45, 0.46, 0.47, 0.48], [0.1] * 4])
    students.practice[slot] = [0.9, 0.0, 0.0, 0.0]
    changes = {"labour_tightness": 0.25, "host_attachment": 0.0, "certificate_weight": 1.0}
    state.governments.levers[0, L.SUPERVISION] = 1.0

    def hired(certificates: float) -> list[int]:
        state.governments.levers[0, L.CERTIFICATES] = certificates
        labour_market(state, worlds.scenario(**changes))
        return np.flatnonzero(students.status[slot] == EMPLOYED).tolist()

    assert hired(0.0) == [3], "the best fit is first"
    assert hired(1.0) == [0], "who has verified practice is first"


def test_who_holds_a_certificate_does_not_leave_the_field():
    state = worlds.world([0], [2], [(0, 1)], TWO)
    students, slot = state.students, 1
    students.skills[:, slot] = np.array([[0.8, 0.8], [0.1, 0.1]])
    students.practice[slot] = [1.0, 0.0]
    state.governments.levers[0, [L.SUPERVISION, L.CERTIFICATES]] = 1.0
    changes = {"labour_tightness": 1.0, "field_flexibility": 1.0, "certificate_weight": 1.0, "migration_rate": 0.0}
    labour_market(state, worlds.scenario(host_attachment=0.0, **changes))
    assert (students.status[slot] == EMPLOYED).tolist() == [False, True]


def test_practised_depth_is_that_of_an_hour_of_practice():
    state = worlds.world([0], [1], [(0, 0), (0, 0), (0, 0)], TWO)
    ties = state.ties
    ties.college[:, 0], ties.level[:, 0], ties.substance[:, 0] = 0, [3, 2, 0], [0.6, 0.2, 0.9]
    assert practised_depth(ties, 2, 2) == pytest.approx([(0.36 + 0.04) / 0.8, 0.0])


@pytest.mark.parametrize(("depth", "subsidy", "worth"), [(0.2, 0.0, 0.25), (0.7, 0.0, 0.75), (0.7, 0.5, 0.75 * 0.6)])
def test_motivation_learns_from_practice_and_is_crowded_out(depth, subsidy, worth):
    state = worlds.world([0], [1], [(0, 0)], TWO)
    state.step = 1
    worlds.offered(state).practice_offer[0] = 0.8
    state.ties.college[0, 0], state.ties.level[0, 0], state.ties.substance[0, 0] = 0, 3, depth
    state.governments.levers[0, L.SUBSIDY_RATE] = subsidy
    changes = {"motivation_learning": 0.5, "crowding_out": 0.8, "drudgery_depth": 0.4, "grade_orientation": 0.0}
    training(state, worlds.scenario(**changes))
    # In practice .8 * .5 = .4 of the time: .5 * .4 of the way to what it is worth.
    expected = 0.5 + 0.2 * (worth - 0.5)
    assert state.students.motivation[0, 0] == pytest.approx(expected, rel=1e-6)
    assert state.colleges.motivation[0] == pytest.approx(expected, rel=1e-6)
    assert state.flows["motivation"] == pytest.approx(expected, rel=1e-6)
    assert state.flows["take_up"] == pytest.approx(0.8 * expected, rel=1e-6)


def test_what_a_region_asks_is_weighted_by_size():
    state = worlds.world([0, 1], [1, 1], [(0, 0), (0, 0), (1, 1)], TWO)
    e = state.enterprises
    e.size[:], e.demand[:2] = [3.0, 1.0, 1.0], [[1.0, 0.0], [0.0, 1.0]]
    asked = asked_here(e, state.sectors, 2)
    assert asked[0, 0] == pytest.approx([0.75, 0.25])
    assert asked[0, 1] == pytest.approx(TWO[1]), "what the sector asks where there is nobody"


def test_a_position_of_ones_own():
    state = worlds.world([0], [1], [(0, 0)], TWO)
    state.enterprises.demand[0] = [1.0, 0.0]
    state.governments.levers[0, L.DIFFERENTIATED_POSITIONING] = 0.5
    worlds.offered(state).curriculum[0] = [0.5, 0.5]
    training(state, worlds.scenario(homogenisation=0.5, revision_strength=1.0))
    # base .5 * .8 + .5 * .5 = .65; half of it, and half of what the region asks.
    assert worlds.offered(state).curriculum[0] == pytest.approx([0.825, 0.175])


NEUTRAL = {"dual_teaching": 0.0, "data_adoption": 0.0, "motivation_learning": 0.0}
UNUSED = ("exchange_gain", "expert_lessons", "lessons_lost", "digital_pace", "digital_sight", "certificate_weight",
          "crowding_out", "data_rate")  # fmt: skip


def test_what_is_not_switched_on_moves_nothing():
    """With its lever or its main parameter at what is neutral, no other number of a mechanism matters."""
    from abm.results.simulate import simulate

    small = {"n_regions": 2, "n_colleges": 6, "n_enterprises": 30, "n_students": 300}
    world = Scenario(name="small").with_overrides(population=small, steps=10, frontier_jump_rate=0.1, **NEUTRAL)
    other = world.with_overrides(**dict.fromkeys(UNUSED, 0.9))
    one, two = simulate(world, 3), simulate(other, 3)
    for group in ("governments", "colleges", "programmes", "enterprises", "ties", "students"):
        for column, again in zip(getattr(one, group), getattr(two, group), strict=True):
            assert np.array_equal(column, again, equal_nan=column.dtype.kind == "f")
