"""A sweep, its report and a comparison, as they are asked for in Chinese: no sentence stays English."""

from __future__ import annotations

import ast
import html
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from abm.commands._main import main
from abm.machine.language import said_in

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


SAME = {"p"}
"""Headings that are the same in both."""


def headings(tree: ast.AST) -> Iterator[str]:
    """The literal headings of tables that a command prints."""
    for node in ast.walk(tree):
        lists: list[ast.expr] = []
        if isinstance(node, ast.Assign) and any(getattr(target, "id", "") == "heads" for target in node.targets):
            lists.append(node.value)
        elif isinstance(node, ast.AugAssign) and getattr(node.target, "id", "") == "heads":
            lists += [part for part in ast.walk(node.value) if isinstance(part, ast.List)]
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "show":
            lists += node.args[:1]
        for one in lists:
            for part in one.elts if isinstance(one, ast.List) else ():
                if isinstance(part, ast.Constant):
                    yield str(part.value)


def test_headings_of_printed_tables_have_their_chinese() -> None:
    root = Path(__file__).parents[2]
    files = [*(root / "abm/commands").glob("*.py"), *(root / "experiments/commands").glob("*.py")]
    found = {head for file in files for head in headings(ast.parse(file.read_text("utf-8")))}
    assert {"outcome", "pairs", "label", "cost of 1"} <= found
    lacking = {head for head in found if said_in("zh", head) == head and not head.endswith("_zh")}
    assert lacking == SAME
