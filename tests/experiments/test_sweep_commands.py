"""`abm sweep`, `abm status`, `abm report`, as a person types them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from abm.commands._main import main
from experiments.commands import status
from experiments.runs import files
from experiments.sweep.store import Study, studies

DESIGN = """
name = "asked"
title = "What talk costs"
steps = 4
replications = 3
outcomes = ["failed_share", "agreement_rate"]
simulator = "tests.experiments.simulators:at_once"

[vary]
communication_cost = [0.0, 0.01]
"""


@pytest.fixture
def design(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "asked.toml").write_text(DESIGN)
    return "asked.toml"


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(words)
    said = capsys.readouterr()
    return code, said.out, said.err


def test_from_a_design_to_its_report(design: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "sweep", design, "--workers", "1", "--quiet")
    assert code == 0
    assert "6 of 6 runs are done, 0 failed" in out
    code, out, _ = run(capsys, "status", "studies/asked")
    assert code == 0
    assert "6 of 6 runs, 0 failed, finished" in out
    code, out, _ = run(capsys, "report", "studies/asked", "--out", "mine")
    assert code == 0
    assert "What talk costs" in Path("mine/report.md").read_text()
    assert "| outcome | key |" in Path("mine/report.md").read_text()


def test_shards_meet_in_the_store(design: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("sweep", design, "--workers", "1", "--store", "met", "--replications", "12", "--quiet")
    run(capsys, *words, "--shard", "1/2")
    code, out, _ = run(capsys, "status", "met", "--json")
    assert code == 1
    first = json.loads(out)[0]
    assert 0 < first["done"] < first["runs"] == 24
    assert first["state"] == "interrupted"
    run(capsys, *words, "--shard", "2/2")
    assert json.loads(run(capsys, "status", "met", "--json")[1])[0]["state"] == "finished"
    for shard, message in (("3/2", "does not exist"), ("x", "is not I/N")):
        code, _, err = run(capsys, *words, "--shard", shard)
        assert code == 2
        assert message in err


def test_what_a_command_line_may_change(design: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("sweep", design, "--workers", "1", "--quiet", "--set", "mandate=3", "--set", "steps=2")
    assert run(capsys, *words)[0] == 0
    study = studies(Path("studies/asked"))[0]
    assert study.manifest["design"]["base"]["levers"] == {"mandate": 3.0}
    assert study.series()["step"].max() == 1
    for word, message in (
        ("communication_cost=0.1", "is varied by the design"),
        ("mandat=1", "did you mean `mandate`"),
        ("steps", "has no value"),
    ):
        code, _, err = run(capsys, "sweep", design, "--set", word)
        assert code == 2
        assert message in err


def test_much_is_said_and_asked_before_anything_runs(
    design: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("experiments.commands._consent.LARGE", 100.0)
    code, _, err = run(capsys, "sweep", design, "--workers", "1", "--quiet")
    assert code == 2
    assert "6 runs: about" in err
    assert "on disk is much: add --yes if it is meant" in err
    assert not list(Path("studies").rglob("manifest.json"))
    code, _, err = run(capsys, "sweep", design, "--workers", "1", "--quiet", "--yes")
    assert code == 0
    assert "6 runs: about" in err


def test_a_store_of_another_model_is_set_aside(
    design: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("sweep", design, "--workers", "1", "--quiet")
    run(capsys, *words)
    monkeypatch.setattr("experiments.runs.identity.model", lambda: "0.0.1+aaaaaaaaaaaa")
    code, _, err = run(capsys, *words)
    assert code == 2
    assert "this is 0.0.1" in err
    assert run(capsys, *words, "--fresh")[0] == 0
    assert sorted(path.name for path in Path("studies").iterdir()) == ["asked", "asked-old"]


def test_a_store_can_be_read_by_others(design: str, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "sweep", design, "--workers", "1", "--quiet")
    folder = studies(Path("studies/asked"))[0].folder
    # What a writer leaves half-done has a hidden name that nobody's pattern matches.
    (folder / "summary" / ".000009.parquet.1.part").write_bytes(b"torn")
    query = f"""
        SELECT communication_cost, avg(failed_share) AS failed, count(*) AS runs
        FROM '{folder}/plan.parquet' JOIN '{folder}/summary/*.parquet' USING (run_key)
        WHERE status = 'ok' GROUP BY ALL ORDER BY ALL"""
    found = duckdb.sql(query).df()
    own = Study(folder).runs().groupby("communication_cost")["failed_share"].mean()
    assert list(found["runs"]) == [3, 3]
    assert list(found["failed"]) == pytest.approx(list(own))
    plain = pd.concat(pd.read_parquet(path) for path in sorted((folder / "summary").glob("[0-9]*.parquet")))
    assert set(plain["run_key"]) == set(Study(folder).runs()["run_key"])


def test_status_knows_a_driver_that_is_gone(design: str, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "sweep", design, "--workers", "1", "--quiet")
    study = studies(Path("studies/asked"))[0]
    files.chunk_path(study.folder, files.SUMMARY, 0).unlink()
    path = study.folder / files.PROGRESS
    about: dict[str, Any] = json.loads(path.read_text()) | {"state": "running"}
    path.write_text(json.dumps(about))
    assert status.state(Study(study.folder))["state"] == "running"
    path.write_text(json.dumps(about | {"updated": "2020-01-01T00:00:00+00:00"}))
    assert status.state(Study(study.folder))["state"] == "not running"


@pytest.mark.parametrize("name", ["manifest.json", "plan.parquet", "summary/000000.parquet", "series/000000.parquet"])
def test_a_broken_file_is_named_and_what_can_be_is_made_again(
    name: str, design: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("sweep", design, "--workers", "1", "--quiet")
    run(capsys, *words)
    before = studies(Path("studies/asked"))[0].runs()
    (studies(Path("studies/asked"))[0].folder / name).write_bytes(b"{")
    code, out, err = run(capsys, "status", "studies/asked")
    if name == "manifest.json":
        assert code == 2 and "has a file that is broken" in err
    else:
        assert code == 1 and "damaged" in out and name.split("/")[-1] in out
    if not name.startswith("series"):
        code, _, err = run(capsys, "report", "studies/asked")
        assert code == 2
        assert "has a file that is broken" in err and name in err
    code, _, err = run(capsys, *words)
    if name == "manifest.json":
        assert code == 2 and "has a file that is broken" in err
        assert run(capsys, *words, "--fresh")[0] == 0
    else:
        assert code == 0 and ("done again" in err or "written again from the design" in err)
    assert run(capsys, "status", "studies/asked")[0] == 0
    assert studies(Path("studies/asked"))[0].runs()["result_hash"].tolist() == before["result_hash"].tolist()


def test_a_lost_plan_is_written_again_from_the_design(design: str, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("sweep", design, "--workers", "1", "--quiet")
    run(capsys, *words)
    plan = studies(Path("studies/asked"))[0].folder / files.PLAN
    before = plan.read_bytes()
    plan.unlink()
    code, out, _ = run(capsys, "status", "studies/asked")
    assert code == 1 and "plan.parquet" in out
    code, _, err = run(capsys, *words)
    assert code == 0 and "written again from the design" in err
    assert plan.read_bytes() == before


@pytest.mark.parametrize("command", ["status", "report"])
def test_a_folder_that_is_no_store(command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "holds no studies" in run(capsys, command, str(tmp_path))[2]
    assert "is not a folder" in run(capsys, command, str(tmp_path / "none"))[2]


def test_the_state_of_a_study_does_not_hang_on_what_a_driver_left(
    design: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run(capsys, "sweep", design, "--workers", "1", "--quiet", "--store", "two words")
    assert code == 0
    assert "abm report 'two words'" in out
    path = next(Path("two words").glob("*/progress.json"))
    for text in ("{", '{"state": "running"}', "[]", ""):
        path.write_text(text)
        code, out, _ = run(capsys, "status", "two words")
        assert code == 0
        assert "6 of 6 runs, 0 failed, finished" in out
