"""Programmes at the start: the mix of a region does not depend on how many colleges or enterprises stand for it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from abm import population
from abm.machine.errors import TablesError
from abm.population.example import example
from abm.population.initial import deal
from abm.population.reading import from_frames
from abm.scenario import Scenario
from abm.world.programmes import allot, best_fields
from abm.world.state import State


def built(seed: int = 3, **counts: Any) -> State:
    sizes = {f"population.{name}": count for name, count in counts.items() if name.startswith("n_")}
    others = {name: value for name, value in counts.items() if not name.startswith("n_")}
    return population.build(Scenario(name="programmes").with_overrides(**sizes, **others), seed)


def mix(state: State) -> np.ndarray:
    """Places by region and field. Shape [R, S]."""
    seats = state.programmes.seats.reshape(len(state.colleges.id), -1)
    found = np.zeros((len(state.governments.id), seats.shape[1]))
    np.add.at(found, state.colleges.region, seats)
    return found


@pytest.mark.parametrize("specialisation", [0.0, 0.5, 1.0])
def test_the_mix_of_a_region_is_the_same_for_any_number_of_colleges(specialisation: float) -> None:
    few, many = (built(n_colleges=n, specialisation=specialisation) for n in (6, 144))
    assert mix(few) == pytest.approx(mix(many), abs=1e-12)
    by_field = [np.diff(state.students.offsets[1]).reshape(-1, 8).sum(axis=0) for state in (few, many)]
    assert by_field[0].tolist() == by_field[1].tolist()
    assert mix(few).sum(axis=1) == pytest.approx(1.0)


def test_a_lone_college_offers_all_that_its_region_asks_for() -> None:
    state = built(n_colleges=6, least_programme=0.0)
    assert (state.programmes.seats > 0).all()


def test_specialised_colleges_offer_less_each_and_as_much_together() -> None:
    many = {"n_colleges": 144, "n_students": 28800}
    alike, own = built(specialisation=0.0, least_programme=0.0, **many), built(specialisation=1.0, **many)
    assert mix(alike) == pytest.approx(mix(own), abs=1e-12)
    assert (own.programmes.seats > 0).sum() < (alike.programmes.seats > 0).sum() / 2
    # Whoever has the field as its main one offers it.
    main = np.arange(len(own.colleges.id)) * 8 + own.colleges.field
    assert (own.programmes.seats[main] > 0).all()


@pytest.mark.parametrize("n", [180, 2880])
def test_sectors_have_their_shares_of_a_regions_jobs(n: int) -> None:
    state = built(n_enterprises=n)
    e, n_regions = state.enterprises, len(state.governments.id)
    jobs = np.zeros((n_regions, 8))
    np.add.at(jobs, (e.region, e.sector), e.size)
    assert np.bincount(e.region, e.size) == pytest.approx(np.bincount(e.region).astype(float))
    shares = jobs / jobs.sum(axis=1, keepdims=True)
    # A sector is wrong by less than the two enterprises that lie across its bounds on the line.
    largest = max(e.size) / jobs.sum(axis=1).min()
    assert np.abs(shares - mix(state)).max() < largest


def test_entrants_are_split_over_fields_first() -> None:
    region, ids = np.zeros(3, np.int32), np.array([5, 3, 4], np.uint32)
    seats = np.array([0.3, 0.0, 0.1, 0.2, 0.2, 0.2])
    admitted = np.zeros(6, np.int64)
    allot(np.array([11]), region, ids, seats, np.ones(3), 2, admitted)
    # Fields .6 and .4 of 11: 6.6 and 4.4, so 7 and 4; field 0: 3.5, 1.17, 2.33; field 1: 0, 2, 2.
    assert admitted.tolist() == [4, 0, 1, 2, 2, 2]
    allot(np.array([11]), region, ids, seats, np.array([1.0, 2.0, 1.0]), 2, admitted)
    assert admitted.reshape(3, 2).sum(axis=0).tolist() == [7, 4]
    assert admitted[3] > 2


def test_the_best_programme_is_among_those_offered() -> None:
    demand = np.array([[0.7, 0.3], [0.2, 0.8]])
    curriculum = np.array([[0.7, 0.3], [0.2, 0.8], [0.7, 0.3], [0.2, 0.8]])
    found = best_fields(demand, curriculum, np.array([0.5, 0.0, 0.2, 0.3]), 2)
    assert found.tolist() == [[0, 0], [0, 1]]
    assert best_fields(demand, curriculum, np.zeros(4), 2).tolist() == [[-1, -1], [-1, -1]]


def test_students_without_a_field_are_dealt_out_evenly() -> None:
    seats = np.array([0.5, 0.25, 0.25, 1.0, 0.0, 0.0])
    college, field = np.array([0] * 8 + [1] * 2), np.array([-1] * 8 + [-1, 2])
    found = deal(college, field, seats, 3)
    assert np.bincount(found, minlength=6).tolist() == [4, 2, 2, 1, 0, 1]
    # Whatever is known of the first half of them is not known of one programme only.
    assert sorted(set(found[:4].tolist())) == [0, 1, 2]


def frames(**changed: list[list[object]]) -> dict[str, pd.DataFrame]:
    tables = {**example(), **changed}
    return {name: pd.DataFrame(rows[1:], columns=rows[0]) for name, rows in tables.items()}


def test_a_table_of_programmes_says_who_offers_what() -> None:
    tables = from_frames(frames())
    scenario = Scenario(name="own")
    state = population.start_state(tables, scenario.with_overrides(**{"population.n_slots": 4}), 1)
    seats = state.programmes.seats.reshape(9, 3)
    # Coast: all its colleges are in the table, so sizes too. The columns: care, logistics, machinery.
    assert seats[:3] == pytest.approx(np.array([[0, 25, 40], [25, 40, 0], [40, 0, 25]]) / 195)
    assert seats.sum() == pytest.approx(3.0)
    one = frames(programmes=[["college", "field", "seats"], [101, "care", 10], [101, "logistics", 30]])
    seats = population.start_state(from_frames(one), scenario, 1).programmes.seats.reshape(9, 3)
    assert seats[0, :2] / seats[0].sum() == pytest.approx([0.25, 0.75])
    assert seats[0, 2] == 0
    assert seats[:3].sum() == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ([101, "cooking", 10], "sector 'cooking' is unknown"),
        ([999, "care", 10], "college 999 is unknown"),
        ([101, "care", -1], "-1 is outside 0"),
        ([101, "machinery", 5], "is the same as in row 1"),
        ([104, "care", 0], "all seats of 104 add up to 0"),
    ],
)
def test_what_is_wrong_with_programmes_is_said(row: list[object], told: str) -> None:
    wrong = [["college", "field", "seats"], [101, "machinery", 40], row]
    with pytest.raises(TablesError, match="programmes, row 2") as caught:
        from_frames(frames(programmes=wrong))
    assert told in str(caught.value)
