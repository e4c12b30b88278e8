"""Every question has its parts, and those of the methods answer on a small world."""

from __future__ import annotations

import dataclasses
import inspect
import json
import re
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import matplotlib.figure
import pandas as pd
import pytest

import experiments.design
from abm.commands._main import main
from abm.machine.language import current, say, speaking, spoken
from experiments.commands import _answers
from experiments.design import Design, names
from experiments.questions import Reply, Setting, questions, wording

SMALL = {"n_regions": 2, "n_colleges": 6, "n_enterprises": 30, "n_students": 240}
STEPS = 28


@pytest.mark.parametrize("name", questions())
def test_a_question_has_its_parts(name: str) -> None:
    question = questions()[name]
    assert wording(question).endswith("?")
    with speaking("zh"):
        said = spoken(wording(question))
    assert said.endswith("？") and not re.search(r"[a-z]{3}", said)
    assert question.TITLE and not question.TITLE.endswith(".")
    assert question.CAVEATS and all(caveat.endswith(".") for caveat in question.CAVEATS)
    assert list(inspect.signature(question.ask).parameters) == ["setting"]


@pytest.mark.parametrize("name", names())
def test_a_shipped_design_loads(name: str) -> None:
    design = experiments.design.load(name)
    assert design.name == name
    assert design.title and design.question.endswith("?")


@pytest.fixture
def small_worlds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Designs on a world of 6 colleges and 7 years."""
    real = experiments.design.load

    def load(design: Any, **changes: Any) -> Design:
        return real(design, **changes).with_overrides(population=SMALL, steps=STEPS)

    for question in questions().values():
        if hasattr(question, "load"):
            monkeypatch.setattr(question, "load", load)


MINUTES = ("coordination-failure", "lag-ratio", "policies-that-matter")
"""Questions whose answer takes minutes even in the smallest worlds."""


@pytest.mark.parametrize(
    "name", ["subsidy-or-evaluation", *(pytest.param(name, marks=pytest.mark.long) for name in MINUTES)]
)
def test_a_question_answers_and_is_not_run_twice(name: str, small_worlds: None, tmp_path: Path) -> None:
    setting = Setting(tmp_path / "store", workers=1, is_quick=True, is_quiet=True)
    first = questions()[name].ask(setting)
    assert isinstance(first, Reply)
    assert first.answer.endswith(".")
    assert "nan" not in first.answer
    assert first.n_runs > 20
    assert first.figures and first.tables
    before = sorted(path.stat().st_mtime_ns for path in setting.store.rglob("summary/*.parquet"))
    again = questions()[name].ask(setting)
    assert again.answer == first.answer
    assert sorted(path.stat().st_mtime_ns for path in setting.store.rglob("summary/*.parquet")) == before


def made_up(answer: str = "It is so.") -> ModuleType:
    """A question that needs no runs."""
    module = ModuleType("made_up", "Is it so?\n\nWhy it is asked.")
    figure = matplotlib.figure.Figure()
    figure.subplots().plot([1, 2])
    module.__dict__.update(
        TITLE="Whether it is so",
        CAVEATS=("It may not be.",),
        ask=lambda setting: Reply(
            answer,
            {"small": pd.DataFrame({"x": [1.0]}), "large": pd.DataFrame({"x": range(20_000)})},
            {"picture": figure},
            n_runs=1234,
            caveats=("One run failed.",),
        ),
    )
    return module


def test_an_answer_is_kept_small_and_listed(tmp_path: Path) -> None:
    setting = Setting(tmp_path / "store", is_quick=True)
    out = tmp_path / "results"
    assert _answers.answer("made-up", made_up(), setting, out) == "It is so."
    page = _answers.index(out).read_text(encoding="utf-8")
    kept = sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file())
    assert kept == [
        "README.md",
        "made-up/answer.json",
        "made-up/figures/picture.png",
        "made-up/provenance.json",
        "made-up/report.md",
        "made-up/tables/small.csv",
    ]
    assert "It is so." in page and "made-up/figures/picture.png" in page and "1,234 runs" in page
    text = (out / "made-up" / "report.md").read_text(encoding="utf-8")
    for part in ("It may not be.", "One run failed.", "fraction of the runs", "large"):
        assert part.lower() in text.lower()
    assert json.loads((out / "made-up" / "provenance.json").read_text())["command"] == "abm questions made-up --quick"
    _answers.answer("made-up", made_up("It is not."), dataclasses.replace(setting, is_quick=False), out)
    assert "It is not." in _answers.index(out).read_text(encoding="utf-8")


def test_questions_are_listed_and_a_wrong_name_is_mended(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["questions", "--list"]) == 0
    assert "lag-ratio" in capsys.readouterr().out
    assert main(["questions", "lag-ratoi"]) == 2
    assert "did you mean `lag-ratio`" in capsys.readouterr().err


def test_where_answers_go_is_looked_at_before_anything_runs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("in the way")
    out, store = tmp_path / "file" / "answers", tmp_path / "store"
    assert main(["questions", "policy-exit", "--out", str(out), "--store", str(store)]) == 2
    assert "cannot be written" in capsys.readouterr().err
    assert not store.exists()


def test_all_answers_of_a_command_name_one_commit_and_the_next_says_how_long_they_took(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # What is answered is written among the sources, which makes them differ from their commit.
    out = tmp_path / "results"
    monkeypatch.setattr(
        "experiments.runs.identity.installation",
        lambda: (
            dict.fromkeys(("python", "platform", "processor", "packages"), "x")
            | {"commit": "abc-dirty" if list(out.glob("*/answer.json")) else "abc"}
        ),
    )
    two = {"one": made_up(), "two": made_up("It is not.")}
    monkeypatch.setattr("experiments.questions.questions", lambda: two)
    words = ["questions", "--store", str(tmp_path / "store"), "--out", str(out)]
    assert main(words) == 0
    said = capsys.readouterr()
    assert "when last answered" not in said.out and "answered in " in said.out and said.err == ""
    commits = [json.loads((out / name / "provenance.json").read_text())["commit"] for name in two]
    assert commits == ["abc", "abc"]
    assert main(words) == 0
    said = capsys.readouterr()
    assert "for 2,468 runs" in said.out and "the source differs from its commit" in said.err
    assert "when last answered" not in main_said([*words, "--quick"], capsys)


def test_answers_are_told_in_both_languages(tmp_path: Path) -> None:
    setting, out = Setting(tmp_path / "store"), tmp_path / "results"
    asked: list[str] = []
    question: Any = made_up()
    answer = question.ask

    def ask(own: Setting) -> Reply:
        asked.append(current())
        return dataclasses.replace(answer(own), answer=say("No community stood when the subsidy ended."))

    question.ask = ask
    _answers.answer("made-up", question, setting, out)
    assert asked == ["en"] and not _answers.index(out).with_name("README.zh.md").is_file()
    _answers.answer("told", question, setting, out, is_bilingual=True)
    english = _answers.index(out).read_text("utf-8")
    chinese = (out / "README.zh.md").read_text("utf-8")
    assert asked == ["en", "en", "zh"]
    assert english.count("No community stood when the subsidy ended.") == 2 and not re.search(
        "[\u4e00-\u9fff]", english
    )
    assert chinese.count("补贴结束时没有共同体存在。") == 1 and "1,234 次运行" in chinese
    # The hash that `abm reproduce` compares is that of the English answer.
    hashes = {json.loads((out / name / "answer.json").read_text("utf-8"))["hash"] for name in ("made-up", "told")}
    assert len(hashes) == 1


def test_an_answer_made_again_from_runs_that_are_there_keeps_its_time(tmp_path: Path) -> None:
    setting, out = Setting(tmp_path / "store"), tmp_path / "results"
    question: Any = made_up()
    clock = [50.0]
    asked, question.ask = question.ask, lambda setting: time.sleep(clock[0] / 1000) or asked(setting)
    taken = []
    for clock[0] in (400.0, 0.0):
        _answers.answer("made-up", question, setting, out)
        taken.append(json.loads((out / "made-up" / "answer.json").read_text())["seconds"])
    assert taken[0] >= 0.4 and taken[1] == taken[0]
    # Another answer is of other runs, and took what it took; so does one that nothing is known of.
    _answers.answer("made-up", made_up("It is not."), setting, out)
    assert json.loads((out / "made-up" / "answer.json").read_text())["seconds"] < 0.4
    (setting.store / "reports" / "made-up.json").write_text("[1")
    (out / "made-up" / "answer.json").unlink()
    _answers.answer("made-up", made_up("It is not."), setting, out)
    assert json.loads((out / "made-up" / "answer.json").read_text())["seconds"] < 0.4


def main_said(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    assert main(words) == 0
    return capsys.readouterr().out
