"""Reports: the folder that any analysis ends in, and the overview of a sweep."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar, cast

import numpy as np
import pandas as pd
import pytest

from abm.machine.errors import InputError
from experiments.figures import style as figure_style
from experiments.report.markdown import cell
from experiments.report.overview import Overview, overview
from experiments.report.report import write
from experiments.sweep import sweep
from experiments.sweep.store import Study
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
        "tables/columns.csv", "tables/numbers.csv", "tables/numbers.parquet",
    ]  # fmt: skip
    page = (place / "report.html").read_text()
    assert "A rising line &lt;of two points&gt;." in page
    assert "http" not in page.replace("http://www.w3.org", "")
    assert "Mind this." in page
    assert "0.1235 | a\\|b" in (place / "report.md").read_text()
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


class MadeUp:
    """A study of two keys, `strong` and `idle`, without runs behind it."""

    manifest: ClassVar = {"runs": 1}
    keys: ClassVar = ["strong", "idle"]
    is_complete = True

    def __init__(self, points: pd.DataFrame, outcome: Callable[[Any], Any], n_seeds: int) -> None:
        rows = [points.assign(point=range(len(points)), replication=k) for k in range(n_seeds)]
        found = pd.concat(rows, ignore_index=True)
        self._runs = found.assign(run_key=[str(i) for i in found.index], status="ok", error="", x=outcome(found))

    def runs(self) -> pd.DataFrame:
        return self._runs


def made_up(points: pd.DataFrame, outcome: Callable[[Any], Any], n_seeds: int) -> Overview:
    return Overview(cast("Study", MadeUp(points, outcome, n_seeds)), ("x",))


def test_a_key_that_does_nothing_does_not_stand_out_where_points_are_drawn() -> None:
    rng = np.random.default_rng(1)
    held = 0
    for _ in range(40):
        points = pd.DataFrame({"strong": rng.random(40), "idle": rng.random(40)})
        view = made_up(points, lambda runs: runs["strong"] + rng.normal(0, 0.01, len(runs)), 6)
        idle = view.effects[view.effects["key"] == "idle"]
        held += int(((idle["low"] <= 0.5) & (idle["high"] >= 0.5)).sum())
        spans = view.spans.set_index("key")
        assert spans.loc["strong", "low"] > 0
        assert spans.loc["idle", "low"] <= 0
        assert "most moved by `strong`" in view.answer()[0]
    assert held > 0.9 * 40 * 8


def test_what_the_same_seeds_share_does_not_hide_an_effect_on_a_grid() -> None:
    rng = np.random.default_rng(2)
    shared = rng.normal(0, 1, 5)
    points = pd.DataFrame([(a, b) for a in (0.0, 1.0) for b in (0, 1, 2)], columns=["strong", "idle"])
    view = made_up(points, lambda r: 0.5 * r["strong"] + shared[r["replication"]] + rng.normal(0, 0.01, len(r)), 5)
    assert "most moved by `strong`" in view.answer()[0]
    span = view.spans.set_index("key").loc["strong"]
    assert span["low"] < 0.5 < span["high"] < 0.6


def test_what_cannot_be_told_is_not_said_to_be_nothing() -> None:
    rng = np.random.default_rng(3)
    points = pd.DataFrame([(a, b) for a in (0.0, 1.0) for b in (0, 1)], columns=["strong", "idle"])
    noise = made_up(points, lambda runs: pd.Series(rng.normal(0, 1, len(runs))), 2).answer()[0]
    assert "2 seeds at 4 points cannot tell the effect of any key from chance, which does not mean" in noise
    assert made_up(points, lambda runs: 0.0 * runs["idle"], 2).answer()[0].endswith("X: 0 in every run.")
    assert made_up(points, lambda runs: np.nan * runs["idle"], 2).answer()[0].endswith("X: not measured in any run.")


ODD = (
    "<script>alert(1)</script>|x\n# Not a heading\r\n- nor a list "
    "[here](javascript:alert(1)) <img src=x onerror=y>\u2028z"
)


def test_words_of_others_stay_words_in_markdown(tmp_path: Path) -> None:
    with figure_style.drawing():
        figure, axes = figure_style.new(figure_style.SINGLE)
        axes[0, 0].plot([0, 1], [1, 2])
    figure.set_label(ODD)
    table = pd.DataFrame({ODD: [ODD], "b": [1.5]})
    place = write(
        tmp_path / "report", ODD, ODD, [ODD, "fewer than < 3 of [0.1, 0.2] (a)"], {"arms": table}, {"line": figure},
        {"name": ODD}, [ODD],
    )  # fmt: skip
    text = (place / "report.md").read_text(encoding="utf-8")
    assert "<script" not in text and "<img" not in text and "](javascript" not in text
    assert "fewer than < 3 of [0.1, 0.2] (a)" in text
    lines = text.splitlines()
    assert not [line for line in lines if line.startswith(("# Not", "- nor", "z"))]
    rows = [line for line in lines if line.startswith("|")]
    assert len(rows) == 3
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {3}
    assert cell("a\\\\|b") == "a\\\\\\\\\\|b"
