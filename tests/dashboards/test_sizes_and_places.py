"""Ceilings: on the size of a world and on runs, counted for each visitor."""

from __future__ import annotations

import pytest

from abm.errors import InputError
from abm.scenario import load, names
from dashboards.limits import Places, check_size


@pytest.mark.parametrize("name", names())
def test_every_shipped_world_may_be_played(name: str) -> None:
    check_size(load(name))


@pytest.mark.parametrize(
    "overrides",
    [
        {"population.n_enterprises": 10_000_000},
        {"population.n_students": 200_000_000},
        {"population.n_regions": 1000},
        {"population.n_slots": 32},
        {"steps": 1_000_000},
        {"scale": 1000.0},
    ],
)
def test_an_absurd_world_is_refused_before_it_is_built(overrides: dict[str, float]) -> None:
    with pytest.raises(InputError, match="the dashboard plays up to"):
        check_size(load("classroom").with_overrides(**overrides))


def test_the_whole_country_at_full_scale_is_refused() -> None:
    with pytest.raises(InputError, match="the dashboard plays up to"):
        check_size(load("china").with_overrides(scale=1000.0))


def test_places_are_counted_for_each_visitor_and_come_back() -> None:
    places = Places(a_visitor=2, in_all=3)
    places.take("ann")
    places.take("ann")
    with pytest.raises(InputError, match="2 runs open"):
        places.take("ann")
    places.take("bob")
    with pytest.raises(InputError, match="3 worlds"):
        places.take("cleo")
    places.give_back("ann")
    places.take("cleo")
