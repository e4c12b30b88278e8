"""The results folder of a game is the game: ledger, dashboard and export run it again with what people decided."""

from __future__ import annotations

import io
import json
import shutil
import time
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import abm
from abm.commands._main import main
from abm.results.saved import saved
from abm.scenario import load
from dashboards.commands._earlier import opened as opened_before
from dashboards.controls import exports
from dashboards.live import stepping
from dashboards.live.run import LiveRun
from dashboards.play import again
from dashboards.play.opening import opened
from tests.dashboards.play.played import Hand


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a game left of which twelve people played two years."""
    folder = tmp_path_factory.mktemp("play") / "game"
    hand, room = Hand("quick", 12), opened("quick", "secret", out=folder, home=folder.parent)
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
    game = again.know(results)
    assert game is not None
    taken = exports.replay(game.scenario, saved(results).steps_done)
    assert taken is not None
    with zipfile.ZipFile(io.BytesIO(exports.zipped(taken, csv=False))) as archive:
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


def test_a_dashboard_shows_it_and_says_no_doubt(results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stepping, "_PLAYED", [])
    world, step = opened_before(results)
    assert (world.doubt, step) == ("", saved(results).steps_done)
    run = LiveRun(world.scenario, start_at=step)
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
    # Another world is run as ever.
    other = saved(results).scenario.with_overrides(seed=99)
    assert stepping._bare(other) != stepping._bare(world.scenario)  # pyright: ignore[reportPrivateUsage]


def test_the_results_that_a_dashboard_gives_away_are_the_games(results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stepping, "_PLAYED", [])
    opened_before(results)
    kept = saved(results)
    taken = exports.replay(kept.scenario, kept.steps_done)
    assert taken is not None and taken.result_hash() == kept.result_hash


def test_it_is_written_as_one_page(results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stepping, "_PLAYED", [])
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
