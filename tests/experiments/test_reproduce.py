"""`abm reproduce` and `abm archive`: what was run is run again, wherever it went, and what differs is said."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from abm.commands._main import main
from abm.results import folder as results_folder
from experiments.questions import Reply
from experiments.runs import files, seal
from experiments.runs.again import versions_apart
from experiments.sweep.store import studies

TINY = ["--set", "population.n_enterprises=30", "--set", "population.n_colleges=8"]
TINY += ["--set", "population.n_students=240", "--steps", "4"]
DESIGN = """
name = "mine"
steps = 4
replications = 2
outcomes = ["failed_share", "agreement_rate"]
population = { n_enterprises = 30, n_colleges = 8, n_students = 240 }

[arms.none]
policies = []

[arms.subsidy]
policies = [{ rule = "subsidy", rate = 0.5 }]
"""
SIMULATOR = '''
"""A simulator of one's own."""


def slow(run, watcher):
    return run.finish(watcher)
'''


def said(capsys: pytest.CaptureFixture[str], *words: str | Path) -> tuple[int, str, str]:
    code = main([str(word) for word in words])
    out = capsys.readouterr()
    return code, out.out, out.err


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.toml").write_text(DESIGN)
    return tmp_path


def test_a_run_is_made_again_with_its_own_tables_wherever_the_folder_went(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said(capsys, "template", "region")[0] == 0
    words = ("run", "classroom", "--population", "region", "--steps", "4", "--out", "out/one", "--quiet", "--no-report")
    assert said(capsys, *words)[0] == 0
    about = json.loads((place / "out/one/manifest.json").read_text())
    assert set(about["own_tables"]) == {path.name for path in (place / "out/one/population").iterdir()} != set()
    shutil.rmtree(place / "region")
    shutil.move(place / "out/one", place / "elsewhere")
    code, out, _ = said(capsys, "reproduce", "elsewhere")
    assert code == 0 and "1 of 1 the same" in out and about["result_hash"] in out
    table = next((place / "elsewhere/population").glob("*.csv"))
    table.write_text(table.read_text() + "\n")
    code, _, err = said(capsys, "reproduce", "elsewhere")
    assert code == 2 and "is not the table that the run was made from" in err


def test_a_run_that_gives_another_hash_is_said_with_what_differs(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said(capsys, "run", "classroom", *TINY, "--out", "one", "--quiet", "--no-report")
    about = json.loads((place / "one/manifest.json").read_text())
    older = about | {"result_hash": "0" * 32, "python": "3.9.1", "packages": about["packages"] | {"numpy": "1.0"}}
    (place / "one/manifest.json").write_text(json.dumps(older))
    code, out, _ = said(capsys, "reproduce", "one")
    assert code == 1
    assert "0 of 1 the same" in out and "and it was " + "0" * 32 in out
    assert "python: 3.9.1 then" in out and "numpy: 1.0 then" in out
    (place / "one/manifest.json").write_text(json.dumps(about | {"plugins": {"abm_plugins.gone": "12"}}))
    code, _, err = said(capsys, "reproduce", "one")
    assert code == 2 and "the plug-in gone" in err and "--plugin" in err


def test_a_store_and_its_archive_are_made_again(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "sweep", "mine.toml", "--workers", "1", "--quiet")[0] == 0
    code, out, _ = said(capsys, "reproduce", "studies/mine", "--all")
    assert code == 0 and "4 of 4 the same" in out
    (place / "note").mkdir()
    (place / "note" / "report.md").write_text("What I think of it.")
    code, out, _ = said(capsys, "archive", "studies/mine", "--report", "note")
    assert code == 0 and "4 runs of 1 studies" in out
    first = (place / "mine.zip").read_bytes()
    said(capsys, "archive", "studies/mine", "--report", "note")
    assert (place / "mine.zip").read_bytes() == first
    with zipfile.ZipFile(place / "mine.zip") as archive:
        names = {name.partition("/")[2] for name in archive.namelist()}
        study = studies(place / "studies/mine")[0].folder.name
        runs = archive.read(f"mine/runs/mine-{study}.csv").decode("utf-8-sig").splitlines()
        told = archive.read("mine/scenario.md").decode()
    wanted = {"README.md", "ODD.md", "scenario.md", "environment.txt", "CITATION.cff", "archive.json"}
    assert wanted | {"reports/note/report.md", f"scenarios/mine-{study}-subsidy.toml"} <= names
    assert len(list(csv.DictReader(runs))) == 4
    assert "subsidy (rate 0.5" in told and "population.n_enterprises: 180 and 30" in told
    shutil.rmtree(place / "studies")
    done = subprocess.run(
        [sys.executable, "-m", "abm", "reproduce", "mine.zip", "--runs", "2"],
        capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "2 of 2 the same" in done.stdout


def test_code_and_tables_of_ones_own_go_along_and_run_only_after_a_word(
    place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    said(capsys, "template", "region")
    (place / "own_simulator_here.py").write_text(SIMULATOR)
    monkeypatch.syspath_prepend(place)
    text = DESIGN.replace("population = { n_enterprises = 30, n_colleges = 8, n_students = 240 }", "")
    own = 'simulator = "own_simulator_here:slow"\npopulation = { source = "tables", path = "region" }\n'
    (place / "mine.toml").write_text(text.replace("steps = 4", f"steps = 2\n{own}"))
    assert said(capsys, "sweep", "mine.toml", "--workers", "1", "--quiet")[0] == 0
    code, _, err = said(capsys, "reproduce", "studies/mine")
    assert code == 2 and "own_simulator_here:slow" in err and "--yes" in err
    said(capsys, "archive", "studies/mine", "--out", "away/kept.zip")
    shutil.rmtree(place / "region")
    code, out, _ = said(capsys, "reproduce", "studies/mine", "--runs", "1", "--yes")
    assert code == 0 and "1 of 1 the same" in out
    away = place / "away"
    words = [sys.executable, "-m", "abm", "reproduce", "kept.zip", "--runs", "1"]
    more: dict[str, Any] = {"cwd": away, "capture_output": True, "text": True, "stdin": subprocess.DEVNULL}
    refused = subprocess.run(words, check=False, **more)
    assert refused.returncode == 2 and "brings code of its own (own_simulator_here.py)" in refused.stderr
    done = subprocess.run([*words, "--yes"], check=False, **more)
    assert done.returncode == 0, done.stderr
    assert "1 of 1 the same" in done.stdout


def test_what_cannot_be_made_again_is_said(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "empty").mkdir()
    (place / "no.zip").write_text("no")
    (place / "answer").mkdir()
    (place / "answer/answer.json").write_text('{"is_quick": false}')
    (place / "answer/provenance.json").write_text('{"command": "abm questions lag-ratio"}')
    for words, message in (
        (("reproduce", "empty"), "holds no studies"),
        (("reproduce", "no.zip"), "is no archive"),
        (("reproduce", "empty", "--runs", "0"), "is too few"),
        (("reproduce", "answer"), "kept no hash"),
        (("archive", "empty"), "holds no studies"),
        (("archive", "empty", "--out", "x.tar"), "holds no studies"),
    ):
        code, _, err = said(capsys, *words)
        assert code == 2 and message in err, words


def test_a_store_that_is_not_whole_is_not_packed(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "sweep", "mine.toml", "--workers", "1", "--quiet")
    path = files.chunk_path(studies(place / "studies/mine")[0].folder, files.SUMMARY, 0)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    code, _, err = said(capsys, "archive", "studies/mine")
    assert code == 2 and "is not whole (0: " in err and not (place / "mine.zip").exists()
    with pytest.raises(seal.SealError):
        files.read_table(path)


def test_an_answer_is_asked_again_and_its_hash_compared(
    place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import pandas as pd

    from experiments import questions
    from experiments.commands import _answers

    value = 0.1234567891

    class Asked:
        TITLE, CAVEATS = "Asked", ()
        __doc__ = "What is it?"

        @staticmethod
        def ask(setting: questions.Setting) -> Reply:
            return Reply("It is.", {"numbers": pd.DataFrame({"x": [value]})}, {}, 1)

    monkeypatch.setattr(questions, "questions", lambda: {"asked": Asked})
    _answers.answer("asked", Asked, questions.Setting(place / "s"), place / "answers")  # type: ignore[arg-type]
    code, out, _ = said(capsys, "reproduce", "answers/asked")
    assert code == 0 and "asked: the same" in out
    value = 0.1234567899
    assert said(capsys, "reproduce", "answers/asked")[0] == 0
    value = 0.12346
    code, out, _ = said(capsys, "reproduce", "answers/asked")
    assert code == 1 and "and it was" in out


def test_all_answers_of_a_folder_are_asked_again_and_a_bad_one_stops_none(
    place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from experiments import questions
    from experiments.commands import _answers

    asked: list[str] = []

    def question(name: str, n_runs: int) -> Any:
        class Asked:
            TITLE, CAVEATS, __doc__ = name, (), "What is it?"

            @staticmethod
            def ask(setting: questions.Setting) -> Reply:
                asked.append(f"{name} {setting.store.name}")
                return Reply(f"It is {name}.", {}, {}, n_runs)

        return Asked

    them = {"first": question("first", 200), "gone": question("gone", 1), "second": question("second", 100)}
    monkeypatch.setattr(questions, "questions", lambda: them)
    for name, one in them.items():
        _answers.answer(name, one, questions.Setting(place / "s"), place / "answers")
    for name, seconds in (("first", 60.0), ("second", 30.0), ("gone", 3.0)):
        path = place / "answers" / name / _answers.ABOUT
        path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | {"seconds": seconds}), "utf-8")
    path.with_name("answer.json").write_text(path.read_text("utf-8").replace('"hash"', '"no hash"'), "utf-8")
    asked.clear()
    code, out, _ = said(capsys, "reproduce", "answers")
    assert asked == ["second reproduced", "first reproduced"]
    assert code == 1 and "took 1 min 30 s for 300 runs" in out and "the same command goes on" in out
    assert "1 of 3: answers/gone" in out and "kept no hash" in out
    assert "second: the same" in out and "first: the same" in out
    code, out, _ = said(capsys, "reproduce", "answers/first", "answers/second", "--store", "own")
    assert code == 0 and asked[2:] == ["first own", "second own"]
    path = place / "answers/first" / _answers.ABOUT
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | {"seconds": 7200.0}), "utf-8")
    code, _, err = said(capsys, "reproduce", "answers/first", "answers/second")
    assert code == 2 and "add --yes" in err


def test_an_installed_package_knows_what_it_was_built_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inside = tmp_path / "abm" / "results"
    inside.mkdir(parents=True)
    monkeypatch.setattr(results_folder, "__file__", str(inside / "folder.py"))
    assert results_folder.commit() is None
    (tmp_path / "abm" / results_folder.BUILT_FROM).write_text("0123abc\n")
    assert results_folder.commit() == "0123abc"
    assert versions_apart({"commit": "0123abc"}, {"commit": "4567def"}) == ["commit: 0123abc then, 4567def now"]
