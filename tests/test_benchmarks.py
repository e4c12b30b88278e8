"""The benchmarks run and give finite figures. How fast is theirs to say: nothing here looks at a time."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from tests.benchmarks.__main__ import main
from tests.benchmarks.document import BEGIN, END, refresh
from tests.benchmarks.figures import Figure


def test_a_quick_part_prints_one_table_and_keeps_its_figures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "figures.json"
    assert main(["--quick", "--only", "classroom", "memory", "students", "--json", str(file)]) == 0
    printed = capsys.readouterr().out
    kept = json.loads(file.read_text())
    assert {figure["benchmark"] for figure in kept["figures"]} == {"classroom", "memory", "students"}
    for figure in kept["figures"]:
        assert math.isfinite(figure["value"]) and figure["value"] > 0
        assert figure["what"] in printed
    assert kept["machine"]["python"] in printed
    by_name = {figure["what"]: figure for figure in kept["figures"]}
    # These two are no times: they must hold on every machine.
    assert by_name["memory of a student"]["is_met"] is True
    assert by_name["largest growth of a column when all double"]["is_met"] is True


@pytest.mark.parametrize(
    ("value", "at_least", "is_met", "ratio"),
    [(15.0, False, True, 0.5), (45.0, False, False, 1.5), (45.0, True, True, 1.5), (15.0, True, False, 0.5)],
)
def test_a_target_is_a_bound_on_its_own_side(value: float, at_least: bool, is_met: bool, ratio: float) -> None:
    figure = Figure("x", "x", value, "s", 30.0, at_least)
    assert (figure.is_met, figure.ratio) == (is_met, ratio)


def test_without_a_target_nothing_is_met_or_missed() -> None:
    assert (Figure("x", "x", 1.0, "s").is_met, Figure("x", "x", 1.0, "s").ratio) == (None, None)


def test_the_page_keeps_its_words_and_changes_its_figures(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    page.write_text(f"words\n{BEGIN}\nold figures\n{END}\nmore words\n")
    found = [Figure("start", "a run", 1.5, "s", 2.0), Figure("growth", "a step", 31.0, "ms", note="linear")]
    refresh(page, {"cores": 2, "load": 0.1}, found)
    text = page.read_text()
    assert text.startswith("words\n") and text.endswith("more words\n") and "old figures" not in text
    assert "| a run | 1.5 s | at most 2 s | met |  |" in text and "| a step | 31 ms | linear |" in text
    refresh(page, {"cores": 2, "load": 0.1}, found)
    assert page.read_text() == text


def test_a_page_without_a_place_is_refused_before_anything_is_measured(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    page.write_text("words")
    with pytest.raises(ValueError, match="put them back"):
        main(["--page", str(page)])
