"""Mesa's face: agents are views of rows, sets of them behave like Mesa's, and nothing leaks."""

from __future__ import annotations

import gc
import subprocess
import sys
import weakref

import numpy as np
import pytest

import abm
from abm.agents import College, Enterprise, Government, Student

import mesa  # isort: skip

SMALL = {"population.n_enterprises": 30, "population.n_colleges": 8, "population.n_students": 240}


@pytest.fixture(scope="module")
def world() -> abm.IntegrationModel:
    model = abm.IntegrationModel("classroom", rng=7, **SMALL)
    for _ in range(5):
        model.step()
    return model


@pytest.fixture
def model() -> abm.IntegrationModel:
    return abm.IntegrationModel("classroom", rng=7, **SMALL)


def test_an_attribute_reads_and_writes_its_column(model: abm.IntegrationModel) -> None:
    enterprise = model.agents_by_type[Enterprise].to_list()[3]
    enterprise.technology = 0.875
    assert model.state.enterprises.technology[3] == 0.875
    model.state.enterprises.technology[3] = 0.25
    assert enterprise.technology == 0.25
    enterprise.aims[:] = 1 / 6
    assert np.all(model.state.enterprises.aims[3] == 1 / 6)


def test_every_column_is_an_attribute(world: abm.IntegrationModel) -> None:
    for kind in (Government, College, Enterprise):
        agent = world.agent(kind, 1)
        columns = getattr(world.state, kind.kind)
        for name in columns._fields:
            assert np.array_equal(getattr(agent, name), getattr(columns, name)[1]), name


def test_a_students_place_and_college_follow_the_offsets(world: abm.IntegrationModel) -> None:
    students = world.state.students
    places = students.motivation.shape[1]
    student = world.agent(Student, 2 * places + 11)
    assert (student.cohort, student.place) == (2, 11)
    offsets = students.offsets[2]
    assert offsets[student.programme] <= 11 < offsets[student.programme + 1]
    assert student.college == student.programme // len(world.state.sectors.demand)
    assert student.motivation == students.motivation[2, 11]
    assert np.array_equal(student.skills, students.skills[:, 2, 11])
    everyone = world.agents_by_type[Student]
    assert everyone.get("college")[: len(everyone)].count(0) == sum(student.college == 0 for student in everyone)


def test_a_students_view_outlives_its_student_and_says_so(model: abm.IntegrationModel) -> None:
    leaver = next(s for s in model.agents_by_type[Student] if s.entry_step == -12)
    for _ in range(5):
        model.step()
    assert not leaver.is_present
    assert leaver not in model.agents_by_type[Student]
    with pytest.raises(LookupError, match="has left the model"):
        _ = leaver.motivation
    with pytest.raises(AttributeError, match="no column"):
        model.agents_by_type[Student][0].nickname = "x"


def test_what_is_written_on_an_institution_stays(model: abm.IntegrationModel) -> None:
    model.agents_by_type[College][0].nickname = "the first"
    assert model.agents_by_type[College][0].nickname == "the first"


def test_sets_behave_like_mesas(world: abm.IntegrationModel) -> None:
    enterprises = world.agents_by_type[Enterprise]
    assert isinstance(enterprises, mesa.agent.AgentSet)
    assert len(enterprises) == 30 == len(list(enterprises))
    technology = world.state.enterprises.technology
    assert enterprises.get("technology") == technology.tolist()
    assert enterprises.get(["row", "technology"])[4] == [4, technology[4]]
    assert enterprises.get("nothing", handle_missing="default", default_value=0) == [0] * 30
    assert enterprises.agg("technology", [min, max]) == [technology.min(), technology.max()]
    assert enterprises.map(lambda a: a.row) == list(range(30))
    high = enterprises.select(lambda a: a.technology > np.median(technology), at_most=4)
    assert len(high) == 4 and all(a.technology > np.median(technology) for a in high)
    assert [a.row for a in enterprises.select(at_most=0.1)] == [0, 1, 2]
    assert len(world.agents.select(agent_type=Government)) == 6
    by_technology = enterprises.sort("technology", ascending=True).get("technology")
    assert by_technology == sorted(technology.tolist())
    assert sorted(enterprises.shuffle().get("row")) == list(range(30))
    sizes = enterprises.groupby("region").count()
    assert sizes == {
        int(r): int(n) for r, n in zip(*np.unique(world.state.enterprises.region, return_counts=True), strict=True)
    }
    assert enterprises[0] == world.agent(Enterprise, 0) and enterprises[-1].row == 29
    assert world.agent(Enterprise, 0) in enterprises and world.agent(College, 0) not in enterprises


def test_set_and_do_write_columns(model: abm.IntegrationModel) -> None:
    students = model.agents_by_type[Student]
    students.select(at_most=10).set("motivation", 0.5)
    assert np.all(model.state.students.motivation.reshape(-1)[students.parts[0][1][:10]] == np.float32(0.5))

    def sell(enterprise: Enterprise) -> None:
        enterprise.technology = 0.0

    model.agents_by_type[Enterprise].do(sell)
    assert not model.state.enterprises.technology.any()


def test_rows_can_neither_be_added_nor_removed(world: abm.IntegrationModel) -> None:
    with pytest.raises(TypeError, match="fixed"):
        world.agents.add(world.agent(Enterprise, 0))
    with pytest.raises(TypeError, match="cannot be removed"):
        world.agent(Enterprise, 0).remove()


def test_partners_are_mutual(world: abm.IntegrationModel) -> None:
    pairs = {(e.row, c.row) for e in world.agents_by_type[Enterprise] for c in e.partners}
    assert pairs
    assert pairs == {(e.row, c.row) for c in world.agents_by_type[College] for e in c.partners}


def test_ids_are_unique_and_no_agent_is_made_before_somebody_asks(world: abm.IntegrationModel) -> None:
    ids = [agent.unique_id for agent in world.agents]
    assert len(set(ids)) == len(ids) == len(world.agents)
    fresh = abm.IntegrationModel("classroom", rng=7, **SMALL)
    fresh.step()
    assert not fresh._views and not list(fresh._all_agents)


def test_a_users_own_agent_joins(model: abm.IntegrationModel) -> None:
    class Observer(mesa.Agent):
        pass

    first, second = Observer(model), Observer(model)
    assert first.unique_id != second.unique_id
    assert list(model.agents_by_type[Observer]) == [first, second]
    assert list(model.agents)[-2:] == [first, second]
    first.remove()
    assert list(model.agents)[-1:] == [second] and len(model.agents_by_type[Observer]) == 1


def test_a_dropped_model_is_freed(model: abm.IntegrationModel) -> None:
    class Observer(mesa.Agent):
        pass

    other = abm.IntegrationModel("classroom", rng=7, **SMALL)
    Observer(other)
    other.step()
    assert len(other.agents_by_type[Enterprise].to_list()) == 30
    gone = weakref.ref(other)
    del other
    gc.collect()
    assert gone() is None


def test_importing_leaves_the_start_method_of_processes_alone() -> None:
    code = (
        "import multiprocessing as m; before = m.get_start_method(allow_none=True); import abm; abm.IntegrationModel;"
        "assert m.get_start_method(allow_none=True) == before, m.get_start_method(); print('same')"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "same\n"
