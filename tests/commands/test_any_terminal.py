"""Every command prints on every terminal and into every file: what their code page lacks is replaced."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from abm.commands._main import command_modules, main

ENCODINGS = ("gbk", "cp1252", "ascii", "cp437")
QUICK = {
    "run": ["classroom", "--steps", "4", "--quiet", "--no-report", "--out", "results"],
    "explain": ["shadow_of_future"], "scenarios": [], "parameters": [], "policies": [], "protocols": [], "odd": [],
    "template": ["区域"],
}  # fmt: skip
"""Commands that print more than their help within seconds."""


def printed(arguments: list[str], encoding: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """What a command writes to a standard output of an encoding, as Python sets it up when it is redirected."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="strict") for _ in range(2))
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", out)
        patch.setattr(sys, "stderr", err)
        try:
            assert main(arguments) in (0, None)
        except SystemExit as end:
            assert end.code in (0, None)
        out.flush()
        err.flush()
    assert isinstance(out.buffer, io.BytesIO)
    return out.buffer.getvalue().decode(encoding)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("command", [None, *command_modules()])
def test_help(command: str | None, encoding: str, language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    text = printed(["--lang", language, *([command] if command else []), "--help"], encoding, monkeypatch)
    usage = {"en": "usage: abm", "zh": "用法：abm" if encoding == "gbk" else "???abm"}[language]
    assert text.startswith(usage)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("command", QUICK)
def test_what_it_prints(
    command: str, encoding: str, language: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    assert len(printed(["--lang", language, command, *QUICK[command]], encoding, monkeypatch)) > 10


@pytest.fixture(scope="module")
def studied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a run and a study in it; what has been run there is not run again."""
    place = tmp_path_factory.mktemp("studied")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        assert main(["run", *QUICK["run"]]) == 0
        assert main([*COMPARED, "--quiet"]) == 0
    return place


COMPARED = ["compare", "classroom", "policy_exit", "--seeds", "2", "--steps", "4"]
ANSWERS = {
    "of a run": (["report", "results"], {"en": "Coordination", "zh": "协调"}),
    "of a study": (["report", "studies/compare-classroom-policy_exit"], {"en": "runs are done", "zh": "次运行"}),
    "of two worlds": (COMPARED, {"en": "How the worlds differ", "zh": "世界"}),
}
"""Commands that answer in sentences, and what stands in their answer."""


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("encoding", ["gbk", "cp1252"])
@pytest.mark.parametrize("answer", ANSWERS)
def test_what_reports_and_comparisons_print(
    answer: str, encoding: str, language: str, studied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(studied)
    words, said = ANSWERS[answer]
    text = printed(["--lang", language, *words], encoding, monkeypatch)
    if (language, encoding) == ("zh", "cp1252"):
        # A Western code page has no Chinese: a mark stands for each character, and names of files stay.
        assert "??" in text and "report" in text
    else:
        assert said[language] in text


def test_chinese_stays_where_the_code_page_has_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert "区域" in printed(["template", "区域"], "gbk", monkeypatch)
    assert "??" in printed(["template", "区域2"], "ascii", monkeypatch)
