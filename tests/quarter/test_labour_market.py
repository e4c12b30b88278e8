"""Labour market: queues, hosts, migration, quits and records in worlds small enough to follow by hand."""

from __future__ import annotations

import numpy as np
import pytest
import worlds

from abm.machine import blocks as _blocks
from abm.machine.block_draws import BLOCK, draw_block
from abm.machine.queues import queue_item, queue_key, sort_queue
from abm.machine.streams import Stream, unit, words
from abm.quarter.labour_market import labour_market
from abm.quarter.labour_market.ties import ties_by_programme
from abm.quarter.training import training
from abm.world.state import EMPLOYED, SEEKING

FLAT = np.array([[0.5, 0.5]])
TWO = np.array([[0.8, 0.2], [0.2, 0.8]])
FOLLOWED = 1
"""Slot of the cohort that graduates at step 0."""
CLOSED = dict.fromkeys(("field_flexibility", "migration_rate", "host_attachment", "base_turnover", "poaching"), 0.0)


def give_skills(state, skills: list[list[float]]) -> None:
    """Skills of the graduates, one row a student."""
    state.students.skills[:, FOLLOWED] = np.array(skills, np.float32).T


def tie(state, enterprise: int, college: int, substance: float, level: int = 3, slot: int = 0) -> None:
    state.ties.college[enterprise, slot] = college
    state.ties.level[enterprise, slot] = level
    state.ties.substance[enterprise, slot] = substance


@pytest.mark.parametrize("n", [0, 1, 2, 47, 49, 300, 20_000])
def test_queue_sort_is_stable(n: int):
    rng = np.random.default_rng(n)
    keys = rng.integers(0, 2**32 if n % 2 else 60, n).astype(np.uint64)
    items = (keys << np.uint64(32)) | np.arange(n, dtype=np.uint64)
    expected = items[np.argsort(keys, kind="stable")]
    assert sort_queue(items.copy(), np.empty_like(items)).tolist() == expected.tolist()


def test_queue_key_puts_fit_before_lot():
    better, worse = queue_key(np.float32(0.61), np.uint32(2**32 - 1)), queue_key(np.float32(0.6), np.uint32(0))
    assert better == (255 - 155) * 2**24 + 2**24 - 1
    assert better < worse
    assert queue_key(np.float32(1.0), np.uint32(512)) == 2
    assert queue_item(3, 5) == 3 * 2**32 + 5


def test_block_draws_are_the_draws():
    w = np.empty((3, BLOCK), np.uint32)
    draw_block(np.uint64(2**40 + 3), 33, 5, 17, 9, 20, w[0], w[1], w[2])
    for j in range(20):
        assert tuple(w[:, j]) == words(np.uint64(2**40 + 3), 33, 5, 17, 9 + j)[:3]


def test_ties_by_programme_lists_active_ties_by_enterprise_then_slot():
    ties = worlds.ties(3)
    ties.college[:] = [[1, 0], [1, -1], [0, 1]]
    ties.field[:] = [[0, 1], [0, 0], [1, 0]]
    ties.level[:] = [[2, 1], [0, 0], [3, 5]]
    starts, enterprise, slot = ties_by_programme(ties, 2, 6)
    assert starts.tolist() == [0, 0, 2, 4, 4, 4, 4]
    assert enterprise.tolist() == [0, 2, 0, 2]
    assert slot.tolist() == [1, 0, 0, 1]


def test_two_vacancies_go_to_the_best_two_of_three():
    state = worlds.world([0], [3], [(0, 0)], FLAT)
    give_skills(state, [[0.4, 0.4], [0.1, 0.1], [0.3, 0.2]])
    labour_market(state, worlds.scenario(labour_tightness=2 / 3, related_fit=0.6, **CLOSED))
    students = state.students
    assert students.status[FOLLOWED].tolist() == [EMPLOYED, SEEKING, EMPLOYED]
    assert students.employer[FOLLOWED].tolist() == [0, -1, 0]
    assert students.match[FOLLOWED] == pytest.approx([0.8, 0.2, 0.5])
    assert students.hired_at[FOLLOWED].tolist() == [0, -1, 0]
    firms = state.enterprises
    assert (firms.posted[0], firms.vacancies[0], firms.staff[0]) == (2, 0, 2)
    assert state.flows["seekers"] == 1.0 and state.flows["hires"] == 2.0
    assert state.flows["fill_rate"] == 1.0
    assert state.flows["related_share_now"] == 0.5
    assert state.flows["mean_match"] == pytest.approx(0.65)
    assert state.regional["mean_match"][0] == pytest.approx(0.65)
    assert state.flows["mismatch"] == pytest.approx(0.35)


def test_better_technology_fills_first():
    state = worlds.world([0], [2], [(0, 0), (0, 0)], FLAT)
    give_skills(state, [[0.2, 0.2], [0.4, 0.4]])
    state.enterprises.technology[:] = [0.2, 0.9]
    labour_market(state, worlds.scenario(labour_tightness=1.0, **CLOSED))
    assert state.enterprises.posted.tolist() == [1, 1]
    assert state.students.employer[FOLLOWED].tolist() == [0, 1]


def test_graduates_seek_the_sector_that_fits_and_only_the_flexible_leave_it():
    state = worlds.world([0], [2], [(0, 0)], TWO)
    give_skills(state, [[0.8, 0.1], [0.1, 0.8]])
    labour_market(state, worlds.scenario(labour_tightness=1.0, **CLOSED))
    assert state.students.field[FOLLOWED].tolist() == [0, 1]
    assert state.students.employer[FOLLOWED].tolist() == [0, -1]
    again = worlds.world([0], [2], [(0, 0)], TWO)
    give_skills(again, [[0.8, 0.1], [0.1, 0.8]])
    labour_market(again, worlds.scenario(labour_tightness=1.0, **{**CLOSED, "field_flexibility": 1.0}))
    assert again.students.employer[FOLLOWED].tolist() == [0, 0]
    assert again.students.match[FOLLOWED] == pytest.approx([0.9, 0.3])


def test_hosts_hire_their_trainees_before_better_strangers():
    state = worlds.world([0, 0], [2, 1], [(0, 0)], FLAT)
    give_skills(state, [[0.1, 0.1], [0.2, 0.2], [0.5, 0.5]])
    state.students.practice[FOLLOWED] = [1.0, 1.0, 0.0]
    tie(state, 0, 0, 0.5)
    labour_market(state, worlds.scenario(labour_tightness=1 / 3, **{**CLOSED, "host_attachment": 1.0}))
    # one vacancy, two trainees: the better trainee gets it
    assert state.students.employer[FOLLOWED].tolist() == [-1, 0, -1]
    assert state.flows["trainees_hired"] == 1.0


def test_trainees_choose_among_hosts_by_depth_and_size_even_in_another_region():
    state = worlds.world([0], [400], [(0, 0), (1, 0), (1, 0)], FLAT)
    give_skills(state, [[0.4, 0.4]] * 400)
    state.students.practice[FOLLOWED] = 1.0
    state.enterprises.size[:] = [1.0, 3.0, 5.0]
    tie(state, 0, 0, 0.5)
    tie(state, 1, 0, 0.5)
    labour_market(state, worlds.scenario(labour_tightness=5.0, **{**CLOSED, "host_attachment": 1.0}))
    seed, college = state.seed, state.colleges.id[0]
    lots = [unit(words(seed, int(Stream.HOST), 0, college, j)[1]) for j in range(400)]
    assert state.students.employer[FOLLOWED].tolist() == [0 if lot * 2.0 < 0.5 else 1 for lot in lots]
    assert state.flows["migrants"] == sum(lot * 2.0 >= 0.5 for lot in lots) == state.enterprises.staff[1]


def test_migrants_take_vacancies_of_their_field_elsewhere():
    state = worlds.world([0, 1], [3, 1], [(1, 0), (1, 1)], TWO)
    give_skills(state, [[0.7, 0.1], [0.6, 0.1], [0.1, 0.8], [0.8, 0.1]])
    labour_market(state, worlds.scenario(labour_tightness=1.0, **{**CLOSED, "migration_rate": 1.0}))
    # two vacancies a firm: the local graduate first, then the better of the two migrants in field 0
    assert state.students.employer[FOLLOWED].tolist() == [0, -1, 1, 0]
    assert state.flows["migrants"] == 2.0
    assert state.regional["fill_rate"][1] == 0.75


def test_quits_follow_the_hazard_and_teach_retention():
    state = worlds.world([0], [60], [(0, 0)], FLAT)
    give_skills(state, [[0.45, 0.45]] * 60)
    state.students.practice[FOLLOWED] = 0.5
    scenario = worlds.scenario(
        labour_tightness=1.0, **{**CLOSED, "base_turnover": 0.2, "poaching": 0.3, "mismatch_turnover": 0.5}
    )
    labour_market(state, scenario)
    assert state.enterprises.staff[0] == 60 and state.governments.raiders[0] == 1.0
    state.step = 1
    labour_market(state, scenario)
    hazard = 0.2 * (1 + 0.5 * (0.5 - 0.9)) + 0.3 * 0.5  # .31
    lots = [unit(words(state.seed, int(Stream.TURNOVER), 1, state.colleges.id[0], j)[0]) for j in range(60)]
    quits = sum(lot < hazard for lot in lots)
    assert 5 < quits < 35
    assert state.flows["quits"] == quits
    assert state.enterprises.retention[0] == pytest.approx(0.5 + 0.1 * ((1 - quits / 60) ** 2 - 0.5))
    assert state.flows["hires"] == quits  # the same seekers meet the same vacancies
    assert state.enterprises.staff[0] == 60 and state.enterprises.vacancies[0] == 0
    left = {j for j, lot in enumerate(lots) if lot < hazard}
    assert (state.students.hired_at[FOLLOWED] == [int(j in left) for j in range(60)]).all()
    state.step = 2
    labour_market(state, scenario)
    lots = [unit(words(state.seed, int(Stream.TURNOVER), 2, state.colleges.id[0], j)[0]) for j in range(60)]
    left_now = {j for j, lot in enumerate(lots) if lot < hazard}
    assert left & left_now, "somebody leaves a second job, which is no first job"
    assert state.flows["half_year_turnover"] == len(left | left_now) / 60


def test_a_community_holds_its_people():
    state = worlds.world([0], [200], [(0, 0)], FLAT)
    give_skills(state, [[0.25, 0.25]] * 200)
    state.enterprises.community[:] = 0
    changes = {**CLOSED, "base_turnover": 0.5, "community_retention": 1.0, "community_informal": 1.0}
    scenario = worlds.scenario(labour_tightness=1.0, **changes)
    labour_market(state, scenario)
    state.step = 1
    labour_market(state, scenario)
    assert state.flows["quits"] == 0.0


def test_deep_ties_end_raiding():
    state = worlds.world([0], [4], [(0, 0), (0, 0)], FLAT)
    state.enterprises.size[:] = [3.0, 1.0]
    tie(state, 0, 0, 0.1, level=3)
    tie(state, 1, 0, 0.1, level=2)
    labour_market(state, worlds.scenario(labour_tightness=1.0, **CLOSED))
    assert state.enterprises.posted.tolist() == [3, 1]
    assert state.governments.raiders[0] == 0.25


def test_records_are_published_a_quarter_after_graduation():
    state = worlds.world([0, 0], [2, 2], [(0, 0)], FLAT)
    give_skills(state, [[0.4, 0.4], [0.4, 0.4], [0.1, 0.1], [0.1, 0.0]])
    scenario = worlds.scenario(labour_tightness=0.75, related_fit=0.5, **CLOSED)
    labour_market(state, scenario)
    assert state.colleges.placement.tolist() == [0.5, 0.5] and "employed_half_year" not in state.flows
    state.step = 1
    state.flows.clear()
    labour_market(state, scenario)
    assert state.colleges.placement.tolist() == [0.75, 0.25]
    assert state.flows["employed_half_year"] == 0.75
    assert state.flows["field_related_share"] == pytest.approx(2 / 3)
    assert state.governments.market_fit[0] == pytest.approx(0.5 + 0.5 * (0.6 - 0.5), abs=1e-6)
    state.step = 3
    state.flows.clear()
    labour_market(state, scenario)
    assert state.flows["employed_half_year"] == 0.75  # carried forward


def random_world(seed: int):
    rng = np.random.default_rng(seed)
    demand = rng.dirichlet(np.ones(4), 3)
    regions = sorted(rng.integers(0, 4, 9).tolist())
    firms = sorted((int(r), int(s)) for r, s in rng.integers((0, 0), (5, 3), (40, 2)))
    state = worlds.world(regions, rng.integers(0, 90, 9).tolist(), firms, demand)
    state.enterprises.size[:] = rng.lognormal(0, 1, 40)
    state.enterprises.technology[:] = rng.random(40)
    state.ties.college[:, 0] = rng.integers(0, 9, 40)
    state.ties.level[:, 0] = rng.integers(0, 6, 40)
    state.ties.substance[:, 0] = rng.random(40) * (state.ties.level[:, 0] > 0)
    worlds.offered(state).practice_offer[:] = rng.random(9)
    worlds.offered(state).curriculum[:] = rng.dirichlet(np.ones(4), 9)
    return state


def check_books(state) -> None:
    """Nobody is counted twice: staff, vacancies and the students' own records agree."""
    students, firms = state.students, state.enterprises
    slot = (state.step // 4 + 1) % 4
    n = students.offsets[slot, -1]
    employer, status = students.employer[slot, :n], students.status[slot, :n]
    assert ((employer >= 0) == (status == EMPLOYED)).all()
    assert ((status == EMPLOYED) | (status == SEEKING)).all()
    assert (np.bincount(employer[employer >= 0], minlength=len(firms.id)) == firms.staff).all()
    assert (firms.vacancies >= 0).all()
    assert (firms.staff + firms.vacancies == firms.posted).all()
    assert state.flows["employed"] + state.flows["seekers"] == n


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_books_balance_over_two_years(seed: int):
    state = random_world(seed)
    for _ in range(9):
        training(state, worlds.scenario())
        labour_market(state, worlds.scenario())
        check_books(state)
        state.step += 1


def test_bytes_do_not_depend_on_threads(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(_blocks, "SMALL", 0)
    results = []
    for threads in (1, 2, 3):
        state = random_world(4)
        state.threads = threads
        for _ in range(7):
            training(state, worlds.scenario())
            labour_market(state, worlds.scenario())
            state.step += 1
        columns = (*state.students, *state.enterprises, *state.colleges, *state.governments)
        results.append([[column.tobytes() for column in columns], state.flows])
    assert results[0] == results[1] == results[2]


def test_worlds_without_enterprises_or_colleges_run():
    for state in (worlds.world([0, 1], [5, 6], [], FLAT), worlds.world([], [], [(0, 0)], FLAT)):
        for _ in range(5):
            training(state, worlds.scenario())
            labour_market(state, worlds.scenario())
            state.step += 1
        assert state.flows["employed"] == 0.0
        assert state.flows["seekers"] == state.flows["graduates"]
