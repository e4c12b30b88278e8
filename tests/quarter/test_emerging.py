"""A sector that grows from nothing: what it posts, who trains for it, what support and foresight move (Eq. 101-104)."""

from __future__ import annotations

import math

import numpy as np
import pytest
import worlds

from abm import population
from abm.quarter.labour_market import labour_market
from abm.quarter.training import training
from abm.quarter.training.emerging import expected_share
from abm.results.simulate import simulate
from abm.scenario import Scenario
from abm.world.levers import F, L
from abm.world.state import State
from tests.digests import digests

TWO = np.array([[0.8, 0.2], [0.2, 0.8]])
SMALL = {
    "population.n_regions": 2,
    "population.n_colleges": 8,
    "population.n_enterprises": 30,
    "population.n_students": 360,
    "steps": 13,
}


def a_year_on() -> State:
    """Two colleges of one region with places of .6 and .4 of it, in the first of two fields, a year after the start."""
    state = worlds.world([0, 0], [60, 40], [(0, 0), (0, 1)], TWO)
    state.step = 4
    state.regional["emerging_share"] = np.array([0.5])
    state.governments.levers[0, L.PROGRAMME_ADJUSTMENT] = 0.0
    state.governments.levers[0, L.EMERGING_SUPPORT] = 0.5
    state.governments.budget[:] = 100.0
    return state


@pytest.mark.parametrize(("step", "share"), [(0, 1 / (1 + math.e**2)), (4, 1 / (1 + math.e)), (8, 0.5), (40, 1.0)])
def test_an_emerging_sector_posts_by_a_logistic_curve(step: int, share: float) -> None:
    state = worlds.world([0], [3000], [(0, 0), (0, 1)], TWO)
    state.step = step
    p = {"emerging_sector": 1.0, "emerging_growth": 1.0, "emerging_halfway": 8.0, "labour_tightness": 1.0}
    labour_market(state, worlds.scenario(**p))
    assert state.enterprises.posted == pytest.approx([3000 / (1 + share), 3000 * share / (1 + share)], abs=2)
    assert state.measured["emerging_share"] == pytest.approx(share / (1 + share), abs=1e-3)


def test_shortage_and_surplus_by_hand() -> None:
    state = worlds.world([0, 1], [6, 4], [(0, 0), (0, 1), (1, 1)], TWO)
    state.students.skills[:, 1] = np.array([[0.8, 0.2]] * 8 + [[0.2, 0.8]] * 2, np.float32).T
    labour_market(state, worlds.scenario(emerging_sector=1.0, emerging_halfway=0.0, emerging_growth=0.0))
    posted = state.enterprises.posted
    # Region 0: six in the first field; region 1: two in each.
    apart = [abs(6 - posted[0]) + posted[1], 2 + abs(2 - posted[2])]
    assert state.measured["field_mismatch"] == pytest.approx(sum(apart) / posted.sum())
    assert state.regional["field_mismatch"] == pytest.approx([apart[0] / posted[:2].sum(), apart[1] / posted[2]])
    still = state.enterprises.vacancies[1:].sum() / posted[1:].sum()
    assert state.flows["unfilled_emerging"] == pytest.approx(still)


def test_nothing_posted_is_no_shortage() -> None:
    state = worlds.world([0], [0], [(0, 0), (0, 1)], TWO)
    labour_market(state, worlds.scenario(emerging_sector=1.0))
    assert math.isnan(state.measured["field_mismatch"])
    assert math.isnan(state.flows["unfilled_emerging"])


def test_what_was_posted_is_remembered_for_two_years() -> None:
    state = worlds.world([0], [300], [(0, 0), (0, 1)], TWO)
    shares = []
    for step in (0, 4, 8):
        state.step = step
        labour_market(state, worlds.scenario(emerging_sector=1.0, emerging_growth=2.0, emerging_halfway=4.0))
        shares.append(state.measured["emerging_share"])
    assert [state.regional[f"emerging_share{year}"][0] for year in ("", "_1", "_2")] == shares[::-1]
    assert shares == sorted(shares)


def test_support_moves_half_of_what_is_missing_and_is_paid() -> None:
    state = a_year_on()
    training(state, worlds.scenario(emerging_sector=1.0, place_cost=3.0, homogenisation=0.0))
    # Half of (.5 of all places - none) goes to the new programme of each.
    assert state.programmes.seats == pytest.approx([0.45, 0.15, 0.3, 0.1])
    assert state.programmes.curriculum[1::2] == pytest.approx(np.tile(TWO[1], (2, 1)))
    assert (state.programmes.related == 0.5).all()
    assert state.measured["programmes_opened"] == 2.0
    assert state.measured["seats_moved"] == pytest.approx(0.25)
    # A quarter of the places of two colleges at 3 each.
    assert state.governments.spent_now[0, F.SUBSIDY] == pytest.approx(1.5)
    assert state.governments.spent[0, F.SUBSIDY] == pytest.approx(1.5)


def test_support_ends_with_what_subsidies_may_take() -> None:
    state = a_year_on()
    state.governments.levers[0, L.SUBSIDY_BUDGET] = 0.01
    state.governments.spent_now[0, F.SUBSIDY] = 0.4
    training(state, worlds.scenario(emerging_sector=1.0, place_cost=3.0))
    # .6 of 1.5 is left.
    assert state.programmes.seats == pytest.approx([0.54, 0.06, 0.36, 0.04])
    assert state.governments.spent_now[0, F.SUBSIDY] == pytest.approx(1.0)
    state = a_year_on()
    state.governments.budget[:] = 0.0
    training(state, worlds.scenario(emerging_sector=1.0))
    assert state.programmes.seats.tolist() == [0.6, 0.0, 0.4, 0.0]
    assert state.measured["programmes_opened"] == 0.0


@pytest.mark.parametrize("p", [{"open_and_close": 0.0}, {"least_programme": 0.3}, {"emerging_sector": -1.0}])
def test_support_opens_nothing_where_nothing_opens_or_it_would_be_too_small_or_nothing_emerges(p: dict) -> None:
    state = a_year_on()
    training(state, worlds.scenario(**{"emerging_sector": 1.0, **p}))
    assert state.programmes.seats.tolist() == [0.6, 0.0, 0.4, 0.0]
    assert not state.governments.spent.any()


def test_a_trend_is_drawn_on_over_four_years() -> None:
    last, before = np.array([0.2, 0.2, 0.6, np.nan]), np.array([0.1, np.nan, 0.2, 0.1])
    assert expected_share(last, before, np.zeros(4)).tolist() == [0.2, 0.2, 0.6, 0.0]
    assert expected_share(last, before, np.full(4, 0.5)) == pytest.approx([0.3, 0.2, 1.0, 0.0])


def test_places_move_with_programmes_neither_opened_nor_closed() -> None:
    state = worlds.world(
        [0], [100], [(0, 0), (0, 1), (0, 2)], np.array([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.1] * 2 + [0.8]])
    )
    state.step = 4
    state.programmes.seats[:] = [0.96, 0.04, 0.0]
    state.programmes.related[:] = [0.25, 1.0, 0.0]
    state.enterprises.posted[:], state.enterprises.vacancies[:] = 10, [0, 0, 10]
    state.governments.levers[0, L.PROGRAMME_ADJUSTMENT] = 0.5
    training(state, worlds.scenario(open_and_close=0.0, least_programme=0.2))
    # Half by what speaks for them: .24 and .04 of .28.
    assert state.programmes.seats == pytest.approx([0.48 + 0.5 * 0.24 / 0.28, 0.02 + 0.5 * 0.04 / 0.28, 0.0])
    assert state.measured["programmes_opened"] == state.measured["programmes_closed"] == 0.0


@pytest.mark.parametrize("specialisation", [0.5, 1.0])
def test_at_the_start_nobody_trains_for_it_and_colleges_keep_their_size(specialisation: float) -> None:
    small = Scenario(name="small").with_overrides(specialisation=specialisation, **{"population.n_colleges": 40})
    before, after = (population.build(small.with_overrides(emerging_sector=k), 1) for k in (-1, 3 + 8))
    seats = [state.programmes.seats.reshape(40, 8) for state in (before, after)]
    assert seats[0][:, 3].sum() > 0.0
    assert not seats[1][:, 3].any()
    assert seats[1].sum(axis=1) == pytest.approx(seats[0].sum(axis=1))
    assert (np.diff(after.students.offsets)[:, 3::8] == 0).all()


def test_without_an_emerging_sector_nothing_of_it_moves_a_bit() -> None:
    world = Scenario(name="small").with_overrides(**SMALL)
    others = {"emerging_support": 1.0, "looking_ahead": 1.0, "emerging_growth": 5.0, "place_cost": 20.0}
    for changes in ({**others, "emerging_halfway": 4.0}, {"open_and_close": 0.6}):
        one, other = simulate(world, 1), simulate(world.with_overrides(**changes), 1)
        one.governments.levers[:, [L.EMERGING_SUPPORT, L.LOOKING_AHEAD]] = 0.0
        other.governments.levers[:, [L.EMERGING_SUPPORT, L.LOOKING_AHEAD]] = 0.0
        assert digests(one) == digests(other)
