"""In a notebook a run and an answer show what they say, in the language that is spoken, and their tables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape

import pandas as pd
import pytest

import abm
from abm.machine.language import PSEUDO, speaking
from abm.results import notebook
from experiments.analysis.comparison import Comparison
from tests.machine.test_language import words_outside


@pytest.fixture(scope="module")
def results() -> abm.Results:
    return abm.run("classroom", seed=1, steps=8)


def text(html: str) -> str:
    return unescape(re.sub("<[^>]+>", " ", html))


def test_a_run_shows_its_verdict_and_where_its_tables_are(results: abm.Results) -> None:
    shown = results._repr_html_()
    assert results.verdict() in text(shown)
    names = re.findall(r"results\.(\w+)", shown)
    assert names == list(results.columns)
    assert all(isinstance(getattr(results, name), pd.DataFrame) for name in names)
    assert not re.search(r"<script|src=|href=", shown)
    with speaking("zh"):
        assert not re.search("[A-Za-z]{2}", text(results._repr_html_()).partition("数据表：")[0].replace("sqrt", ""))
    with speaking(PSEUDO):
        assert words_outside(text(results._repr_html_()), {"results", *names}) == set()


def test_an_answer_shows_its_sentences_and_the_beginning_of_its_tables() -> None:
    series = pd.DataFrame({"step": range(30), "metric": "spent", "a": 0.5})
    ends = pd.DataFrame([{"metric": "spent", "a": 1.0, "b": 2.0, "difference": 1.0, "low": 0.5, "high": 1.5, "p": 0.01,
                          "is_told": True}])  # fmt: skip
    found = Comparison("one", "<two>", ends=ends, series=series, labels={"spent": "public money"}, n_pairs=4)
    shown = found._repr_html_()
    assert "Public money ends higher" in text(shown) and "<two>" not in shown
    assert "series (the first 8 of 30 rows)" in text(shown)
    assert shown.count("<tr") == 2 + 1 + notebook.ROWS
    with speaking("zh"):
        assert "（共 30 行，前 8 行）" in found._repr_html_()


def test_nothing_is_shown_of_an_empty_table() -> None:
    tables: Mapping[str, pd.DataFrame] = {"none": pd.DataFrame({"a": []})}
    assert notebook.of_answer(["Nothing."], tables) == "<div><p>Nothing.</p></div>"
