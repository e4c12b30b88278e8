"""Training: intake, revision and learning, against hand computation and a plain loop."""

from __future__ import annotations

import numpy as np
import pytest
import worlds

from abm.machine import blocks as _blocks
from abm.machine.streams import Stream
from abm.quarter.training import training
from abm.quarter.training.learning import Learning, forecast, teach
from abm.world.equations import admit
from abm.world.levers import L
from abm.world.programmes import deep_depth
from abm.world.state import ENROLLED
from abm.world.vocabulary import STANDING

TWO = np.array([[0.8, 0.2], [0.3, 0.7]])


def one_year(state, scenario) -> None:
    for _ in range(4):
        training(state, scenario)
        state.step += 1


def test_seats_go_by_largest_remainder_and_the_smaller_id():
    state = worlds.world([0, 0, 0], [4, 3, 3], [], TWO)
    state.students.offsets[0] = 0
    training(state, worlds.scenario(placement_pull=0.0))
    assert worlds.offsets(state)[0].tolist() == [0, 4, 7, 10]
    assert state.flows["intake"] == 10.0


def test_placement_records_draw_applicants_inside_the_region_only():
    state = worlds.world([0, 0, 1], [50, 50, 20], [], TWO)
    state.colleges.placement[:] = [0.9, 0.1, 0.0]
    training(state, worlds.scenario(placement_pull=1.0))
    first = 100 * np.exp(0.4) / (np.exp(0.4) + np.exp(-0.4))  # 68.997
    assert np.diff(worlds.offsets(state)[0]).tolist() == [round(first), 100 - round(first), 20]


def test_intake_overwrites_the_cohort_that_left_with_its_own_draws():
    state = worlds.world([0, 0], [3, 2], [], TWO)
    state.step = 4  # slot 1
    students = state.students
    for column in (students.practice, students.match, students.skills[0]):
        column[1] = 0.7
    students.status[1], students.employer[1], students.hired_at[1] = 2, 0, 1
    scenario = worlds.scenario(placement_pull=0.0, learning_rate=0.0)
    training(state, scenario)
    assert students.entry_step.tolist() == [0, 4, -8, -4]
    assert (students.status[1] == ENROLLED).all() and (students.employer[1] == -1).all()
    assert not students.skills[:, 1].any() and not students.practice[1].any() and not students.match[1].any()
    motivation, ability = admit(state.seed, int(Stream.INTAKE), 4, state.colleges.id[1], 0, 1, scenario.p)
    assert students.motivation[1, 4] == np.float32(motivation)
    assert students.ability[1, 4] == np.float32(ability)


def test_students_are_conserved_over_years():
    state = worlds.world([0, 0, 1], [30, 20, 11], [(0, 0)], TWO)
    rng = np.random.default_rng(3)
    for _ in range(5):
        state.colleges.placement[:] = rng.random(3)
        one_year(state, worlds.scenario(placement_pull=3.0))
        assert (worlds.offsets(state)[:, -1] == 61).all()
        assert (worlds.offsets(state)[:, 2] == 50).all()  # region 0 keeps its entrants
        assert (np.diff(worlds.offsets(state)) >= 0).all()


def test_revision_by_hand():
    state = worlds.world([0, 0], [1, 1], [], TWO)
    state.step = 1
    worlds.offered(state).revision_phase[:] = [3, 0]  # interval 4: only the first revises at step 1
    state.governments.levers[0, L.REVISION_INTERVAL] = 4.4
    worlds.offered(state).curriculum[:] = [[0.5, 0.5], [0.9, 0.1]]
    worlds.offered(state).partner_demand[:] = [[0.1, 0.9], [0.1, 0.9]]
    worlds.offered(state).partner_depth[:], state.colleges.partner_limit[:] = 3.0, 10
    training(state, worlds.scenario(partner_information=1.0, homogenisation=0.5, revision_strength=0.5))
    # known .75; its field asks for .8; base = .5 * .8 + .5 * .7 = .75; own = .75 * .1 + .25 * .75 = .2625;
    # .5 + .5 * (.2625 - .5)
    assert worlds.offered(state).curriculum[0] == pytest.approx([0.38125, 0.61875], abs=1e-15)
    assert worlds.offered(state).curriculum[1].tolist() == [0.9, 0.1]


def test_foresight_teaches_the_forecast():
    state = worlds.world([0], [1], [], TWO)
    state.governments.levers[0, L.FORESIGHT] = 1.0
    state.sectors.mean_log_demand[0] = np.log([0.5, 0.5])
    training(state, worlds.scenario(skill_half_life=12.0, technology_feedback=0.0, revision_strength=1.0))
    # half of the log distance is left after one half-life: sqrt(.8) : sqrt(.2) = 2 : 1
    assert worlds.offered(state).curriculum[0] == pytest.approx([2 / 3, 1 / 3])
    expected = np.zeros(2)
    forecast(np.log([0.5, 0.5]), np.log([0.8, 0.2]), 6.0, 12, expected)
    assert expected[0] / expected[1] == pytest.approx(4**0.25)


def test_deep_partners_change_the_curriculum_between_revisions():
    state = worlds.world([0], [1], [(0, 0), (0, 0)], TWO)
    state.step = 1
    state.ties.college[:, 0] = 0
    state.ties.level[:, 0] = [3, 2]
    state.ties.substance[:, 0], state.colleges.partner_limit[:] = [0.5, 0.4], 10
    worlds.offered(state).curriculum[0], worlds.offered(state).partner_demand[0] = [0.5, 0.5], [0.8, 0.2]
    assert deep_depth(state.ties, 2, 2).tolist() == [0.5, 0.0]
    training(state, worlds.scenario(midprogramme_rate=0.3, partner_information=1.0))
    assert worlds.offered(state).curriculum[0] == pytest.approx([0.5 + 0.1 * 0.3, 0.5 - 0.1 * 0.3])


def test_learning_by_hand_and_take_up_with_student_reform():
    state = worlds.world([0], [1], [], TWO)
    state.step = 1
    worlds.offered(state).practice_offer[0] = 0.5
    worlds.offered(state).curriculum[0], worlds.offered(state).partner_demand[0] = [0.5, 0.5], [1.0, 0.0]
    scenario = worlds.scenario(grade_orientation=0.6, learning_rate=0.1, practice_bonus=1.0)
    training(state, scenario)
    # take-up .5 * .5 * .4 = .1; rate .1 * 1 * 1.1 = .11; target .5 + .1 * .5 = .55
    assert state.students.skills[:, 0, 0] == pytest.approx([0.0605, 0.0495], rel=1e-6)
    assert state.students.practice[0, 0] == pytest.approx(0.1 / 12, rel=1e-6)
    assert state.flows["take_up"] == pytest.approx(0.1)
    state.governments.levers[0, L.STUDENT_REFORM] = 1.0
    training(state, scenario)
    assert state.flows["take_up"] == pytest.approx(0.25)


def plain_teach(students, programmes, learning, slots, standing) -> None:
    """Eq. 40 one student and one skill at a time; ``standing`` [P] is what the college wants of it."""
    one, half, twelve = np.float32(1), np.float32(0.5), np.float32(12)
    for c in range(len(programmes.seats)):
        accepted = np.float32(programmes.practice_offer[c] * (1.0 - learning.grade_orientation))
        pace = np.float32(learning.learning_rate * (1.0 - learning.counted_results * standing[c]))
        for slot in slots:
            for i in range(students.offsets[slot, c], students.offsets[slot, c + 1]):
                x = accepted * students.motivation[slot, i]
                rate = pace * (half + students.ability[slot, i])
                rate = min(one, rate * (one + np.float32(learning.practice_bonus) * x))
                students.practice[slot, i] += x / twelve
                for k in range(len(students.skills)):
                    taught = np.float32(programmes.curriculum[c, k])
                    target = taught + x * (np.float32(programmes.partner_demand[c, k]) - taught)
                    students.skills[k, slot, i] += rate * (target - students.skills[k, slot, i])


@pytest.mark.parametrize("counted", [0.0, 0.5])
def test_learning_has_the_bytes_of_a_plain_loop(counted):
    rng = np.random.default_rng(5)
    state = worlds.world([0, 0], [1100, 30], [], rng.dirichlet(np.ones(3), 4))
    students = state.students
    students.skills[:] = rng.random(students.skills.shape, np.float32) / 3
    students.motivation[:], students.ability[:] = rng.random((2, *students.motivation.shape), np.float32)
    worlds.offered(state).practice_offer[:] = [0.7, 0.0]
    worlds.offered(state).partner_demand[:] = rng.dirichlet(np.ones(3), 2)
    expected = type(students)(*(column.copy() for column in students))
    learning = Learning(0.6, 2.0, 0.25, counted, *(0.0,) * 8)
    state.colleges.aims[:] = [[0.1] * 6, [0.04] * 6]
    state.colleges.aims[:, STANDING] = [0.5, 0.8]
    state.governments.levers[:, L.EVALUATION_REFORM] = 0.25
    teach(0, 8, students, state.colleges, state.programmes, state.governments.levers, learning, (2, 1, 0))
    standing = np.repeat([0.5 * 0.75, 0.8 * 0.75], len(state.programmes.seats) // 2)
    plain_teach(expected, state.programmes, learning, (2, 1, 0), standing)
    assert students.skills.tobytes() == expected.skills.tobytes()
    assert students.practice.tobytes() == expected.practice.tobytes()
    assert students.skills.sum(axis=0).max() <= 1.0 + 1e-6


def test_student_bodies_follow_motivation_and_do_not_drift():
    state = worlds.world([0], [40], [], TWO)
    scenario = worlds.scenario(motivation_spread=0.0, motivation_mean=0.9)
    for _ in range(6):
        one_year(state, scenario)
    assert state.colleges.motivation[0] == pytest.approx(0.9)
    weights = np.array([1, 1, 1, 0.6, 1, 1.4]) / 6
    assert state.colleges.student_aims[0] == pytest.approx(weights)
    assert state.colleges.base_student_aims[0] == pytest.approx(np.full(6, 1 / 6))


def test_bytes_do_not_depend_on_threads(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(_blocks, "SMALL", 0)
    results = []
    for threads in (1, 2, 3):
        rng = np.random.default_rng(8)
        state = worlds.world([0, 0, 1, 1, 2], [90, 7, 40, 60, 1], [(0, 0)], TWO)
        worlds.offered(state).practice_offer[:] = rng.random(5)
        state.threads = threads
        for _ in range(2):
            one_year(state, worlds.scenario())
        results.append([column.tobytes() for column in (*state.students, *state.colleges, *state.programmes)])
    assert results[0] == results[1] == results[2]


def test_worlds_without_colleges_or_students_run():
    empty = worlds.world([], [], [(0, 0)], TWO)
    training(empty, worlds.scenario())
    assert empty.flows["take_up"] == 0.0
    nobody = worlds.world([0, 1], [0, 0], [], TWO)
    training(nobody, worlds.scenario())
    assert worlds.offsets(nobody).max() == 0
    assert np.isnan(nobody.regional["take_up"]).all()
