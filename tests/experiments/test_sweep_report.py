"""Reports: the folder that any analysis ends in, and the overview of a sweep."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from abm.errors import InputError
from experiments import figure_style
from experiments.overview import overview
from experiments.report import write
from experiments.sweep import sweep
from tests.experiments.test_sweep import SMALL


def test_a_report_is_whole_and_says_the_same_twice(tmp_path: Path) -> None:
    with figure_style.drawing():
        figure, axes = figure_style.new(figure_style.SINGLE)
        axes[0, 0].plot([0, 1], [1, 2])
    figure.set_label("A rising line <of two points>.")
    table = pd.DataFrame({"x": [0.123456, None], "word": ["a|b", "c"]})
    arguments = ("Title", "Why?", "Because.", {"numbers": table}, {"line": figure}, {"model": "1"}, ["Mind this."])
    place = write(tmp_path / "report", *arguments)
    first = {path.relative_to(place): path.read_bytes() for path in place.rglob("*") if path.is_file()}
    assert sorted(map(str, first)) == [
        "figures/line.png", "figures/line.svg", "provenance.json", "report.html", "report.md",
        "tables/numbers.csv", "tables/numbers.parquet",
    ]  # fmt: skip
    page = (place / "report.html").read_text()
    assert "A rising line &lt;of two points&gt;." in page
    assert "http" not in page.replace("http://www.w3.org", "")
    assert "Mind this." in page
    assert "0.1235 | a/b" in (place / "report.md").read_text()
    write(place, *arguments)
    assert {path.relative_to(place): path.read_bytes() for path in place.rglob("*") if path.is_file()} == first
    assert [path.name for path in tmp_path.iterdir()] == ["report"]


def test_a_report_does_not_replace_other_files(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(InputError, match="holds other files"):
        write(tmp_path, "Title", "Why?", "Because.", {}, {}, {})
    assert (tmp_path / "thesis.tex").read_text() == "mine"


def test_the_overview_of_a_sweep(tmp_path: Path) -> None:
    study = sweep(SMALL, tmp_path / "store", workers=1)
    view = overview(study)
    runs = study.runs()
    at = view.effects.query("outcome == 'failed_share' and key == 'mandate' and value == '2'").iloc[0]
    assert at["mean"] == pytest.approx(runs.loc[runs["mandate"] == 2, "failed_share"].mean())
    assert at["low"] <= at["mean"] <= at["high"]
    assert view.answer()[0].startswith("8 runs are done.")
    provenance = study.provenance()
    assert provenance["runs done"] == 8
    place = write(tmp_path / "report", "T", "Q", view.answer(), view.tables, view.figures(), provenance)
    assert json.loads((place / "provenance.json").read_text())["design"] == "small"
    with pytest.raises(InputError, match="did you mean `failed_share`"):
        overview(study, ["failed_shar"])
