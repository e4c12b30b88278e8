"""Ceilings: on the size of a world and on runs, counted for each visitor."""

from __future__ import annotations

from pathlib import Path

import pytest

from abm.machine.errors import InputError
from abm.scenario import load, names
from dashboards.live import limits, session
from dashboards.live.limits import Places, check_size
from dashboards.live.session import Session
from tests.dashboards.opened import until


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


def test_as_many_runs_as_memory_has_room_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gib = 1024**3
    assert [limits.runs_for(n * gib) for n in (0, 1, 4, 8, 100)] == [6, 6, 22, 54, 240]
    # A class of 26 pages on a laptop that has 5 GiB free.
    assert limits.runs_for(5 * gib) >= 26
    about, group = tmp_path / "cgroup", tmp_path / "fs" / "system.slice" / "abm.service"
    about.write_text("0::/system.slice/abm.service\n")
    group.mkdir(parents=True)
    (group / "memory.max").write_text(f"{2 * gib}\n")
    (group.parent / "memory.max").write_text("max\n")
    found = list(limits.limit_files(tmp_path / "fs", about))
    assert found == [folder / "memory.max" for folder in (group, group.parent, tmp_path / "fs")]
    monkeypatch.setattr(limits, "limit_files", lambda: iter(found))
    assert 0 < limits.memory() < 2 * gib


SMALL = {"population.n_enterprises": 30, "population.n_colleges": 6, "population.n_students": 300, "steps": 4}


def test_on_a_full_server_pages_without_a_browser_give_up_their_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "PLACES", Places(a_visitor=2, in_all=3))
    world, left = load("classroom").with_overrides(**SMALL), list[str]()
    pages = {name: Session(name) for name in ("ann", "bob", "cleo", "dan")}
    for page in pages.values():
        page.leave = lambda name=page.visitor: left.append(name)
    runs = {name: pages[name].begin(world) for name in ("ann", "bob", "cleo")}
    try:
        with pytest.raises(InputError, match="3 worlds"):
            pages["dan"].begin(world)
        assert not left
        for name in ("bob", "cleo"):
            pages[name].is_connected = lambda: False
        runs["bob"].heard()
        pages["dan"].begin(world)
        until(lambda: left == ["cleo"], 10)
        assert runs["cleo"].is_over and not runs["bob"].is_over and not runs["ann"].is_over
        pages["dan"].begin(world)
        until(lambda: left == ["cleo", "bob"], 10)
        with pytest.raises(InputError, match="2 runs open"):
            pages["dan"].begin(world)
        assert not runs["ann"].is_over
    finally:
        for page in pages.values():
            page.end_all()
