"""`abm advise`: what it prints is what it tried, and what it is asked wrongly it says in words."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import abm
from abm.commands._main import main
from abm.machine.language import speaking
from abm.results.advice import LEVERS_THAT_HELP, MEASURES, Advice, advise, read
from abm.results.columns import advice_tables
from abm.scenario import load
from abm.world.levers import BY_NAME
from abm.world.vocabulary import CAUSES

SMALL: dict[str, Any] = {
    "population.n_enterprises": 40,
    "population.n_colleges": 8,
    "population.n_students": 160,
    "steps": 6,
}
LITTLE = ["--horizon", "4", "--seeds", "2"]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> str:
    place = tmp_path_factory.mktemp("scenario") / "small.toml"
    place.write_text(load("classroom").with_overrides(name="small", **SMALL).to_toml(), "utf-8")
    return str(place)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return abm.run("classroom", seed=5, **SMALL).save(tmp_path / "run")


def test_of_results_the_end_and_the_seed_are_those_of_the_run(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["advise", str(folder), *LITTLE, "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert {(row["quarter"], row["first_seed"], row["seeds"], row["horizon"]) for row in rows} == {(6, 5, 2, 4)}
    assert rows[0]["group"] == "as it is" and rows[0]["budget_kcny"] is None
    assert {row["lever"] for row in rows[1:]} <= set(LEVERS_THAT_HELP) and len(rows) > 10
    # What a branch is called as it is, is what the run itself would have gone on to.
    longer: dict[str, Any] = {**SMALL, "steps": 10}
    failed: list[float] = []
    tables: list[float] = []
    for seed in (5, 6):
        regions: Any = abm.run("classroom", seed=seed, **longer).columns["regions"]
        later = regions["step"] >= 6
        tables.append(regions["tables"][later].sum())
        failed.append((regions["tables"] - regions["signed"])[later].sum())
    assert rows[0]["failed_share"] == np.mean(np.array(failed) / np.array(tables))


def test_the_folder_and_its_report_get_the_mends(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = folder / "report.html"
    before = page.read_text("utf-8")
    assert "abm advise RESULTS" in before and "Levers that cost public money" not in before
    assert main(["advise", str(folder), *LITTLE]) == 0
    said = capsys.readouterr().out
    assert f"written: {folder / 'advice.csv'}" in said
    after, advice = page.read_text("utf-8"), read(folder)
    assert advice is not None and advice.quarter == 6
    assert "abm advise RESULTS" not in after and "Levers that cost public money" in after
    for mend in advice.mends[1:]:
        assert f'<th scope="row">{mend.label()}</th>' in after and mend.label() in said
    # The rest of the page is as it was, and asking again replaces the mends.
    assert after.split('<section class="mends">')[0] == before.split('<section class="mends">')[0]
    assert main(["advise", str(folder), *LITTLE, "--quarter", "4"]) == 0
    assert page.read_text("utf-8").count('class="mends"') == 1 and "quarter 4 on" in page.read_text("utf-8")
    # `abm report` makes the page again with them.
    assert main(["report", str(folder)]) == 0
    assert "quarter 4 on" in page.read_text("utf-8")


def test_the_table_is_the_advice_and_its_columns_are_declared(folder: Path) -> None:
    assert main(["advise", str(folder), *LITTLE, "--pairs"]) == 0
    frame = pd.read_csv(folder / "advice.csv", encoding="utf-8-sig")
    declared = advice_tables()["advice"]
    texts = [column.name for column in declared if column.kind == "text"]
    frame[texts] = frame[texts].fillna("")
    assert [column.name for column in declared] == list(frame.columns)
    for column in declared:
        if column.kind != "text":
            values = frame[column.name].dropna().to_numpy(float)
            assert ((values >= column.low) & (values <= column.high)).all(), column.name
    advice = read(folder)
    assert advice is not None
    pd.testing.assert_frame_equal(advice.frame(), frame, check_dtype=False)


def test_a_scenario_is_parted_after_a_third_in_whole_years(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    with speaking("en"):
        assert main(["advise", small, "--horizon", "2", "--seeds", "1"]) == 0
    said = capsys.readouterr().out
    assert "from quarter 0 on, played for 2 quarters under 1 seed" in said
    assert advise(load("classroom").with_overrides(**{**SMALL, "steps": 27}), horizon=1, seeds=1).quarter == 8


def test_one_seed_has_effects_and_no_interval(small: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["advise", small, "--horizon", "4", "--seeds", "1", "--json"]) == 0
    for row in json.loads(capsys.readouterr().out):
        assert row["failures_per_pair_effect"] is not None and row["failures_per_pair_low"] is None


@pytest.mark.parametrize(
    ("asked", "said", "chinese"),
    [
        (["--quarter", "7"], "--quarter 7 is not in the run, which has 6 quarters: give 0 (its begin) to 6 (its end)",
         "--quarter 7 不在运行之内，该运行共有 6 个季度：请给出 0（起点）至 6（终点）"),
        (["--quarter", "-1"], "--quarter -1 is not in the run, which has 6 quarters", "不在运行之内"),
        (["--horizon", "0"], "--horizon 0 is not a whole number from 1 on: write --horizon 8", "不是从 1 起的整数"),
        (["--seeds", "0"], "--seeds 0 is not a whole number from 1 on: write --seeds 8", "不是从 1 起的整数"),
        (["--first-seed", "-3"], "--first-seed -3 is not a whole number from 0 on", "不是从 0 起的整数"),
        (["--budget", "-5"], "--budget -5 is not an amount of money from 0 on, in 1,000 yuan", "不是从 0 起的金额"),
        (["--budget", "much"], "--budget much is not an amount of money from 0 on, in 1,000 yuan", "不是从 0 起的金额"),
        (["--budget", "nan"], "--budget nan is not an amount of money", "500 万元请写 --budget 5000"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_in_both_languages(
    small: str, asked: list[str], said: str, chinese: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for language, text in (("en", said), ("zh", chinese)):
        assert main(["advise", small, f"--lang={language}", *asked]) == 2
        told = capsys.readouterr().err
        assert text in told and told.startswith("abm advise: ")
        assert language == "en" or "is not" not in told


def test_an_unknown_scenario_and_a_folder_without_a_run_are_said(
    tmp_path: Path, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["advise", "clasroom"]) == 2
    assert "did you mean `classroom`?" in capsys.readouterr().err
    (tmp_path / "empty").mkdir()
    assert main(["advise", str(tmp_path / "empty"), "--lang", "zh"]) == 2
    assert "请给出 `abm run` 写出的文件夹" in capsys.readouterr().err
    assert main(["advise", str(folder), "--population", "mine"]) == 2
    assert "--population is for scenarios, and a run of before has its own institutions" in capsys.readouterr().err


def test_a_folder_that_is_not_whole_or_of_another_model_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    metrics = pd.read_parquet(folder / "metrics.parquet")
    (metrics * 1.01).astype({"step": int}).to_parquet(folder / "metrics.parquet")
    assert main(["advise", str(folder), *LITTLE]) == 2
    assert "gives other results" in capsys.readouterr().err
    assert not (folder / "advice.csv").exists()
    (folder / "metrics.parquet").unlink()
    assert main(["advise", str(folder), *LITTLE]) == 2
    assert "metrics.parquet is not a table of a run, or no longer whole" in capsys.readouterr().err
    (folder / "advice.csv").write_text("nonsense\n1\n", "utf-8")
    assert main(["report", str(folder)]) == 2
    assert "advice.csv is not a table of `abm advise`, or no longer whole" in capsys.readouterr().err


def test_it_speaks_chinese(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["advise", str(folder), *LITTLE, "--lang", "zh"]) == 0
    said = capsys.readouterr().out
    advice = read(folder)
    assert isinstance(advice, Advice) and "在谈判桌上，失败最主要的原因是" in said
    assert CAUSES.label(advice.cause, "zh") in said
    for mend in advice.mends[1:]:
        assert BY_NAME[mend.moves[0].lever].label_zh in said and BY_NAME[mend.moves[0].lever].label not in said
    assert "花公共资金的杠杆" in said and "花公共资金的杠杆" in (folder / "report.html").read_text("utf-8")


def test_several_processes_give_the_same_and_ctrl_c_ends_them(small: str) -> None:
    command = [sys.executable, "-m", "abm", "advise", small, "--quarter", "2"]
    done = subprocess.run([*command, *LITTLE, "--json"], capture_output=True, text=True, timeout=300, check=True)
    alone = advise(small, 2, horizon=4, seeds=2)
    for row, mend in zip(json.loads(done.stdout), alone.mends, strict=True):
        for name in MEASURES:
            effect = mend.found[name].effect
            assert row[f"{name}_effect"] == (None if math.isnan(effect) else effect)
    long = subprocess.Popen(
        [*command, "--horizon", "4000"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip
    time.sleep(8)
    assert long.poll() is None
    os.killpg(long.pid, signal.SIGINT)
    out, err = long.communicate(timeout=30)
    assert (long.returncode, out) == (130, "") and "interrupted" in err
    with pytest.raises(ProcessLookupError):
        os.killpg(long.pid, 0)
