"""A sweep, its report and a comparison, as they are asked for in Chinese: no sentence stays English."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

from abm.commands._main import main

WORLD = """base = "classroom"
steps = 12
[population]
n_regions = 2
n_colleges = 6
n_enterprises = 30
n_students = 240
"""
DESIGN = """name = "mine"
base = "w.toml"
replications = 3
question = "补贴够不够？"
[vary]
communication_cost = [0.005, 0.05]
[arms."无补贴"]
policies = []
[arms."补贴=1+1"]
subsidy_rate = 0.3
"""
WORDS = re.compile(r"(?!abm )[a-z]{2,} [a-z]{2,} [a-z]{2,}")
"""Three English words in a row: more than a name, and no command."""


def texts(page: Path) -> list[str]:
    """What a page says outside its tables, whose heads are names of columns."""
    plain = re.sub(r"<(style|script|table)\b.*?</\1>", "", page.read_text("utf-8"), flags=re.DOTALL)
    return [html.unescape(text) for text in re.findall(r">([^<]+)<", plain)]


@pytest.mark.slow
def test_no_sentence_stays_english(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("w.toml").write_text(WORLD)
    Path("w2.toml").write_text('protocol = "nash"\n' + WORLD)
    Path("mine.toml").write_text(DESIGN)
    for words in (
        ["sweep", "mine.toml", "--yes", "--workers", "1"],
        ["report", "studies/mine"],
        ["compare", "w.toml", "w2.toml", "--seeds", "3", "--yes", "--workers", "1", "--quiet"],
    ):
        assert main(["--lang", "zh", *words]) == 0
        told = capsys.readouterr()
        assert not [line for line in (told.out + told.err).splitlines() if WORDS.match(line) or WORDS.search(line, 4)]
    pages = sorted(tmp_path.rglob("report.html"))
    assert len(pages) == 2
    said = [text for page in pages for text in texts(page)]
    assert len(said) > 40 and not [text for text in said if WORDS.search(text)]
