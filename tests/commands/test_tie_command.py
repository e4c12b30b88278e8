"""The life of one tie: its events and curves are those of the run."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import abm
from abm.commands._main import main
from abm.machine.language import speaking
from abm.world.vocabulary import N_LEVELS
from experiments.analysis.one_tie import Follower, told

STEPS = 12


@pytest.fixture(scope="module")
def followed() -> tuple[Follower, abm.Results]:
    follower = Follower()
    return follower, abm.run("classroom", seed=1, steps=STEPS, after_step=follower)


def test_a_life_is_what_the_run_was(followed: tuple[Follower, abm.Results]) -> None:
    follower, results = followed
    pairs = follower.pairs(results)
    total = sum(int((now["formal_depth"] > 0).sum()) for now in follower.quarters)
    assert sum(pairs.values()) == total == int(np.sum(results.columns["metrics"]["n_ties"]))
    pair, n = next(iter(pairs.items()))
    life = follower.life(pair, results)
    assert int((np.nan_to_num(life.curves["formal_depth"]) > 0).sum()) == n
    assert all((of[np.isfinite(of)] >= 0).all() and (of[np.isfinite(of)] <= 1).all() for of in life.curves.values())
    table = results.contracts
    own = table[
        (table["enterprise"] == pair.enterprise) & (table["college"] == pair.college) & (table["field"] == pair.field)
    ]
    assert [one.step for one in life.events] == own["step"].tolist()
    signed = [one for one in life.events if one.what == "signed"]
    for one in signed:
        assert life.curves["formal_depth"][one.step] == one.level / N_LEVELS


def test_events_are_told_with_their_causes_in_both_languages(followed: tuple[Follower, abm.Results]) -> None:
    follower, results = followed
    life = follower.life(next(iter(follower.pairs(results))), results)
    lines = told(life)
    assert len(lines) == len(life.events) > 1
    assert all(line.startswith(f"quarter {one.step + 1}: ") for line, one in zip(lines, life.events, strict=True))
    with speaking("zh"):
        chinese = told(life)
    assert not [line for line in chinese if "quarter" in line or "level" in line or "effort" in line]


@pytest.mark.timeout(300)
def test_the_command_tells_and_draws(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = abm.run("classroom", seed=1, steps=STEPS).save(tmp_path / "run", report=False)
    out = str(tmp_path / "tie")
    assert main(["tie", str(folder), "--out", out]) == 0
    said = capsys.readouterr().out
    assert "quarters under contract" in said and "quarter " in said
    assert (tmp_path / "tie" / "tie.png").stat().st_size > 1000
    assert main(["--lang", "zh", "tie", str(folder), "--out", out]) == 0
    assert "签约" in capsys.readouterr().out
    assert main(["tie", str(folder), "--college", "no such college", "--out", out]) == 2
    assert "is nobody in this run" in capsys.readouterr().err


@pytest.mark.timeout(300)
def test_a_run_that_is_another_when_made_again_is_not_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = abm.run("classroom", seed=1, steps=STEPS).save(tmp_path / "run", report=False)
    manifest = folder / "manifest.json"
    about = json.loads(manifest.read_text("utf-8"))
    manifest.write_text(json.dumps(about | {"result_hash": "0" * len(about["result_hash"])}), encoding="utf-8")
    assert main(["tie", str(folder), "--out", str(tmp_path / "tie")]) == 2
    said = capsys.readouterr()
    assert "quarters under contract" not in said.out and str(folder.name) in said.err
