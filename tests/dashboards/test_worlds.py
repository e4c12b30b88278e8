"""Worlds with a link of their own: results of before, and visitors' own that the server keeps and deletes."""

from __future__ import annotations

import base64
import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import abm
from abm.machine.errors import InputError
from abm.population import tables
from abm.population.example import write_example
from abm.results import TABLES
from abm.scenario import load
from dashboards.commands._earlier import HALF, OTHER, opened
from dashboards.controls import links
from dashboards.controls.bench import OWN, Bench
from dashboards.controls.links import Link
from dashboards.live import worlds as module
from dashboards.live.run import LiveRun
from dashboards.live.session import Session
from dashboards.live.worlds import WORLDS, World, Worlds
from tests.dashboards.opened import until
from tests.dashboards.test_bench import at


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Worlds]:
    before = (WORLDS.folder, WORLDS.days)
    WORLDS.keep_in(tmp_path / "kept", 30)
    yield WORLDS
    WORLDS.folder, WORLDS.days = before


@pytest.fixture
def ann() -> Iterator[Bench]:
    session = Session("ann")
    bench = Bench(session)
    yield bench
    bench.close()
    session.end_all()


def upload(bench: Bench, folder: Path) -> None:
    write_example(folder)
    files = sorted(folder.glob("*.csv"))
    bench.upload([{"name": p.name, "content": base64.b64encode(p.read_bytes()).decode()} for p in files])


def shown(bench: Bench, step: int) -> list[float]:
    run = bench.run.value
    assert run is not None
    until(lambda: run.shown_step() == step and run.phase in ("paused", "done"))
    snapshot = run.snapshot()
    assert snapshot is not None
    return snapshot.history.metric("failed_share").tolist()


def test_a_kept_world_opens_by_its_link_with_what_was_changed_in_it(kept: Worlds, ann: Bench, tmp_path: Path) -> None:
    upload(ann, tmp_path / "mine")
    assert ann.note()[0].startswith("tables-") or "keeps it until" in ann.note()[0]
    at(ann, 3)
    ann.change("subsidy_rate", 0.4)
    at(ann, 6)
    query = ann.query()
    assert "world=" in query
    bob = Bench(Session("bob"), query)
    try:
        assert bob.note() == ("", False)
        assert shown(bob, 6) == shown(ann, 6)
        assert bob.kept_until is not None
        other = Link(world=links.read(query).world).second()
        assert other.build().population.source == "tables"
    finally:
        bob.close()


def test_a_kept_world_is_deleted_at_a_word_and_goes_on_where_it_is_shown(
    kept: Worlds, ann: Bench, tmp_path: Path
) -> None:
    upload(ann, tmp_path / "mine")
    query = ann.query()
    ann.forget()
    assert ann.note() == (ann.session.say("chooser.forgotten"), False)
    assert ann.kept_until is None
    assert ann.query() == ""
    assert kept.folder is not None
    assert list(kept.folder.iterdir()) == []
    ann.seed("5")
    assert not ann.note()[1], ann.note()
    bob = Bench(Session("bob"), query)
    try:
        text, is_wrong = bob.note()
        assert is_wrong
        assert "is not kept here" in text
        bob.session.language.value = "zh"
        assert "该链接的世界未" in bob.note()[0]
    finally:
        bob.close()


def test_what_is_past_its_day_is_deleted_and_never_opened(
    kept: Worlds, ann: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload(ann, tmp_path / "mine")
    key = links.read(ann.query()).world
    run = ann.run.value
    assert run is not None
    until(lambda: run.snapshot() is not None)
    now = time.time()
    monkeypatch.setattr(module.time, "time", lambda: now + 31 * 86400)
    with pytest.raises(InputError, match="is not kept here"):
        kept.find(key)
    kept.clear()
    assert kept.folder is not None
    assert list(kept.folder.iterdir()) == []


def test_tables_that_vanish_while_the_world_is_built_are_told_of(kept: Worlds, tmp_path: Path) -> None:
    scenario = load("classroom").with_overrides(**{"population.source": "tables", "population.path": str(tmp_path)})
    write_example(tmp_path / "x")
    for path in (tmp_path / "x").glob("*.csv"):
        path.rename(tmp_path / path.name)
    _ = tables(scenario)
    (tmp_path / "enterprises.csv").unlink()
    run = LiveRun(scenario)
    until(lambda: run.phase == "failed")
    assert run.error is not None
    run.close()


@pytest.mark.parametrize("key", ["", ".", "..", "../../etc", "a/b", "a\\b", "x" * 200, "\0", ".probe-1"])
def test_no_name_of_a_link_leads_elsewhere(kept: Worlds, key: str) -> None:
    assert kept.folder is not None
    (kept.folder.parent / "about.json").write_text('{"abm": "0.1.0", "until": 9e12}')
    with pytest.raises(InputError, match="is not kept here"):
        kept.find(key)
    kept.forget(key)
    assert kept.folder.is_dir()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"abm": "0.1.0"}', '{"abm": "0.1.0", "until": "soon"}', "[" * 4000])
def test_a_kept_world_that_is_damaged_says_so(kept: Worlds, ann: Bench, tmp_path: Path, text: str) -> None:
    ann.upload([{"name": "a.toml", "content": base64.b64encode(b'base = "classroom"\nsteps = 4\n').decode()}])
    key = links.read(ann.query()).world
    assert kept.folder is not None
    (kept.folder / key / "about.json").write_text(text)
    with pytest.raises(InputError, match="no longer whole"):
        kept.find(key)


def test_a_full_folder_keeps_nothing_more_and_the_world_runs(
    kept: Worlds, ann: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_KEPT", 0)
    upload(ann, tmp_path / "mine")
    text, is_wrong = ann.note()
    assert is_wrong
    assert "as many as it may" in text
    assert ann.own is not None
    assert len(shown(ann, 0)) == 0


def test_the_world_that_was_brought_can_be_come_back_to(ann: Bench, tmp_path: Path) -> None:
    upload(ann, tmp_path / "mine")
    own = ann.own
    assert own is not None
    ann.choose("fragmented")
    assert ann.own is None
    ann.choose(OWN)
    assert ann.own == own
    assert not ann.note()[1], ann.note()


def test_a_link_of_another_version_is_followed_and_says_so() -> None:
    bench = Bench(Session("cleo"), "?scenario=classroom&seed=4&v=0.0.9")
    try:
        assert bench.note() == (bench.session.say("chooser.other_version", theirs="0.0.9", ours=abm.__version__), False)
        scenario = bench.run_scenario()
        assert scenario is not None
        assert scenario.seed == 4
    finally:
        bench.close()


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run") / "my results"
    abm.run("classroom", seed=3, steps=8).save(folder, report=False)
    return folder


def test_results_of_before_open_at_their_end_as_they_were(results: Path) -> None:
    world, step = opened(results)
    assert (world.doubt, step) == ("", 8)
    bench = Bench(Session("dan"), Link(world=WORLDS.open(results.name, world), step=step))
    try:
        assert bench.note() == ("", False)
        assert links.read(bench.query()).world == "my-results"
        from pyarrow import parquet

        told = parquet.read_table(results / "metrics.parquet").column("failed_share").to_pylist()
        assert shown(bench, 8) == pytest.approx(told, nan_ok=True, abs=0)
    finally:
        bench.close()


def test_results_of_another_model_or_no_longer_whole_are_shown_with_a_word(results: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    for path in results.iterdir():
        if path.is_file():
            (other / path.name).write_bytes(path.read_bytes())
    about = json.loads((other / "manifest.json").read_text())
    (other / "manifest.json").write_text(json.dumps(about | {"abm": "0.0.9"}))
    assert opened(other)[0].doubt == "", "the same numbers, whoever made them"
    again = abm.run("classroom", seed=3, steps=8, initial_trust=0.9)
    again.save(tmp_path / "again", report=False)
    (other / "metrics.parquet").write_bytes((tmp_path / "again" / "metrics.parquet").read_bytes())
    world, _ = opened(other)
    assert world.doubt == OTHER
    (other / "metrics.parquet").write_bytes(b"PAR1")
    assert opened(other)[0].doubt == OTHER
    (other / "manifest.json").write_text("{")
    half, step = opened(other)
    assert (half.doubt, step) == (HALF, 8)
    bench = Bench(Session("eve"), Link(world=WORLDS.open("half", half), step=step))
    try:
        assert bench.note()[0] == bench.session.say("chooser.half_results", ours=abm.__version__)
    finally:
        bench.close()
    (other / "scenario.toml").unlink()
    with pytest.raises(InputError, match=r"scenario\.toml is missing"):
        opened(other)


@pytest.mark.parametrize("table", TABLES)
def test_a_folder_of_which_a_table_is_cut_off_or_gone_is_shown_with_a_word(
    results: Path, tmp_path: Path, table: str
) -> None:
    other = tmp_path / "other"
    shutil.copytree(results, other)
    file = other / f"{table}.parquet"
    # Whether this model gives the run is seen in its metrics, where they can be read.
    wanted = (HALF, OTHER) if table == "metrics" else (HALF,)
    file.write_bytes(file.read_bytes()[:200])
    assert opened(other)[0].doubt in wanted
    file.unlink()
    assert opened(other)[0].doubt in wanted


def test_a_world_that_was_opened_has_no_end(results: Path) -> None:
    some = Worlds()
    world = replace(opened(results)[0], until=None)
    assert some.find(some.open("a b/../c", world)) is world
    assert some.open("", World(world.scenario, "1")) == "run"
