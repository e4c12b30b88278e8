"""The results folder of a game is the game: ledger, dashboard and export run it again with what people decided."""

from __future__ import annotations

import base64
import io
import json
import shutil
import time
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import abm
from abm.commands._main import main
from abm.results.saved import saved
from abm.scenario import load
from dashboards.commands._earlier import opened as opened_before
from dashboards.controls import exports, links
from dashboards.controls.bench import Bench
from dashboards.live.lever_tests import Tried
from dashboards.live.run import LiveRun
from dashboards.live.session import Session
from dashboards.live.worlds import WORLDS
from dashboards.pages import compare, lab
from dashboards.play import again
from dashboards.play.opening import opened as opened_room
from tests.dashboards.opened import alone, at, holds, opened, part, until
from tests.dashboards.play.played import Hand


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a game left of which twelve people played two years."""
    folder = tmp_path_factory.mktemp("play") / "game"
    hand, room = Hand("quick", 12), opened_room("quick", "secret", out=folder, home=folder.parent)
    hand.does(do="start")
    for _ in range(hand.plan.rounds):
        hand.round()
    for entry in hand.entries:
        room.journal.write(entry)
        room.game.apply(dict(entry))
    room.tell()
    room.journal.close()
    return room.results


def test_it_is_the_game_bit_for_bit_and_not_the_models_run_of_its_world(results: Path) -> None:
    kept = saved(results)
    assert again.played(results).run(kept.steps_done).result_hash() == kept.result_hash
    assert abm.run(kept.scenario).result_hash() != kept.result_hash


def test_what_the_story_says_of_agents_alone_is_the_run_of_that_scenario(results: Path) -> None:
    story = json.loads((results.parent / "debrief.json").read_text("utf-8"))
    alone = abm.run(saved(results).scenario).metrics
    assert [year["n_ties"] for year in story["agents"]] == alone["n_ties"].to_numpy()[3::4].tolist()
    told = pd.read_parquet(results / "metrics.parquet")
    assert [year["n_ties"] for year in story["people"]] == told["n_ties"].to_numpy()[3::4].tolist()
    tables = (told["n_tables"] * told["agreement_rate"].fillna(0.0)).to_numpy().reshape(-1, 4).sum(axis=1)
    rates = tables / told["n_tables"].to_numpy().reshape(-1, 4).sum(axis=1)
    assert np.allclose([year["agreement_rate"] for year in story["people"]], rates, atol=0.006)


def test_what_is_taken_along_of_it_is_the_game_too(results: Path, tmp_path: Path) -> None:
    game = again.played(results).world()
    taken = exports.replay(game.scenario, saved(results).steps_done, played=game)
    assert taken is not None
    with zipfile.ZipFile(io.BytesIO(exports.zipped(taken, csv=False, played=game))) as archive:
        archive.extractall(tmp_path / "taken")
    kept = saved(tmp_path / "taken")
    assert kept.result_hash == saved(results).result_hash
    assert again.played(tmp_path / "taken").run(kept.steps_done).result_hash() == kept.result_hash


def test_the_ledger_is_of_its_contracts(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ledger", str(results), "--json"]) == 0
    contracts = json.loads(capsys.readouterr().out)["contracts"]
    assert len(contracts) == int(pd.read_parquet(results / "metrics.parquet")["n_ties"].iloc[-1])
    # Deeds of people are in it: they did what they signed, with the effort that only people put in.
    assert any(one["effort_enterprise"] == pytest.approx(0.9) for one in contracts)


def test_its_ties_are_told_and_it_is_reproduced(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["reproduce", str(results)]) == 0
    assert "1 of 1 the same" in capsys.readouterr().out
    assert main(["tie", str(results), "--out", str(tmp_path)]) == 0
    assert "quarters under contract" in capsys.readouterr().out and (tmp_path / "tie.png").is_file()


def test_a_dashboard_shows_it_and_says_no_doubt(results: Path) -> None:
    world, step = opened_before(results)
    assert (world.doubt, step) == ("", saved(results).steps_done)
    run = LiveRun(world.scenario, start_at=step, played=world.played)
    try:
        end = time.monotonic() + 120
        while run.shown_step() < step:
            assert time.monotonic() < end
            time.sleep(0.02)
        moment = run.snapshot()
        assert moment is not None
        told = pd.read_parquet(results / "metrics.parquet")["n_ties"].to_numpy()
        shown = run.state_at(step).metrics["n_ties"]
        assert shown == told[-1] != abm.run(world.scenario).metrics["n_ties"].to_numpy()[-1]
    finally:
        run.close()


@pytest.fixture
def link(results: Path) -> Iterator[str]:
    """A link to the game on a server that was started with it."""
    world, step = opened_before(results)
    key = WORLDS.open(results.name, world)
    yield links.write(links.Link(world=key, step=step))
    WORLDS._opened.pop(key)  # pyright: ignore[reportPrivateUsage]


def agents(bench: Bench) -> bool:
    """Whether the model's agents alone play what a visitor has open."""
    run = bench.run.value
    assert run is not None
    return run.played is None


def taken_along(bench: Bench, kind: str) -> bytes:
    bench.export(kind)
    parcel = exports.PARCELS.take(bench.session.visitor, bench.download.value.rpartition("/")[2])
    assert parcel is not None, bench.note()
    return parcel.content


def test_the_results_that_a_dashboard_gives_away_are_the_games(results: Path, link: str, tmp_path: Path) -> None:
    with alone(link) as bench:
        at(bench, saved(results).steps_done)
        assert not agents(bench)
        with zipfile.ZipFile(io.BytesIO(taken_along(bench, "parquet"))) as archive:
            archive.extractall(tmp_path)
        assert saved(tmp_path).result_hash == saved(results).result_hash and again.is_game(tmp_path)


def test_what_people_decided_goes_with_their_world_and_into_no_other_visitors(results: Path, link: str) -> None:
    """The same scenario from a file or another seed, level or year of it: the model's own run."""
    kept = saved(results)
    with alone(link) as ann:
        assert not agents(ann)
        file = taken_along(ann, "toml")
        for language in ("en", "zh"):
            ann.session.language.value = language
            text, is_wrong = ann.note()
            assert ann.session.say("chooser.without_people", name="").rstrip("。.")[-8:] in text and not is_wrong
        # Policies of later quarters are of the same world, in which people decided as they did.
        ann.change("subsidy_rate", 0.3)
        assert not agents(ann)
        with alone("scenario=classroom") as bob:
            content = base64.b64encode(file).decode()
            bob.upload([{"name": "game.toml", "content": content}])
            run = bob.run.value
            assert run is not None and not bob.note()[1], bob.note()
            assert replace(run.scenario, changes=()) == replace(kept.scenario, changes=()) and agents(bob)
            at(bob, kept.steps_done)
            alone_ties = abm.run(run.scenario).metrics["n_ties"].iloc[-1]
            assert run.state_at(kept.steps_done).metrics["n_ties"] == alone_ties
        ann.seed("99")
        assert agents(ann)
        ann.open(link)
        assert not agents(ann)
        ann.reset({"population.n_students": 700})
        assert agents(ann)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_pages_say_that_tests_have_the_models_agents_in_the_peoples_place(link: str, language: str) -> None:
    for page, key in ((lab, "mend.people"), (compare, "compare.people")):
        for query, is_said in ((link, True), ("scenario=classroom&step=2", False)):
            session = Session("ann")
            session.language.value = language
            made = Bench(session, query) if page is lab else compare.Pair(session, query)
            session.kept[page.PATH] = made
            with opened(session, page) as box:
                until(lambda box=box: holds(box, "caution"))
                assert part(box, "caution").caution == (session.say(key) if is_said else "")


def test_the_run_that_a_test_is_held_against_is_said_to_be_the_models(
    link: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lab, "in_this_world", lambda *_: [Tried("", 0.0, 0.0, 0.5, 0.2, 1.0)])
    session = Session("ann")
    session.kept["lab"] = Bench(session, link)
    with opened(session, lab) as box:
        until(lambda: holds(box, "tested"))
        panel = part(box, "tested")
        until(lambda: panel.rows)
        panel.vue_event_test({})
        until(lambda: panel.tested)
        assert panel.tested[0]["text"] == session.say("mend.as_is_agents") != session.say("mend.as_is")


def test_it_is_written_as_one_page(results: Path, tmp_path: Path) -> None:
    page = tmp_path / "game.html"
    assert main(["export", str(results), "--html", str(page), "--language", "en"]) == 0
    assert page.stat().st_size > 50_000


def test_results_taken_elsewhere_are_the_game_still(results: Path, tmp_path: Path) -> None:
    shutil.copytree(results, tmp_path / "elsewhere")
    kept = saved(tmp_path / "elsewhere")
    assert (
        again.played(tmp_path / "elsewhere").run(4).metrics["n_ties"].iloc[-1]
        == (pd.read_parquet(results / "metrics.parquet")["n_ties"].iloc[3])
    )
    assert kept.scenario.rationale != load("classroom").rationale
