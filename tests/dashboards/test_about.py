"""The page About: everything generated is there, and nothing is said twice."""

import re

import pytest

from abm.quarter import PHASES
from abm.scenario.policies import rules
from abm.world.parameters import CATALOGUE
from abm.world.vocabulary import PARTIES
from dashboards.live.session import Session
from dashboards.pages._about import VALIDATION, about, patterns, validation
from dashboards.pages._about.mathml import mathml
from dashboards.pages.about import content


def test_all_parameters_and_rules_are_shown_in_both_languages():
    session = Session("somebody")
    for language in ("en", "zh"):
        session.language.value = language
        shown = content(session)
        assert [row["name"] for row in shown["parameters"]] == list(CATALOGUE)
        assert {row["name"] for row in shown["policies"]} == set(rules())
        assert all(row["low"] <= row["default"] <= row["high"] for row in shown["parameters"])
        assert all(f"group_{row['group'].replace(' ', '_')}" in shown["words"] for row in shown["parameters"])
    assert any(re.search(r"[\u4e00-\u9fff]", row["label"]) for row in shown["parameters"])


def test_parties_and_phases_are_those_of_the_model():
    assert [party.key for party in about().parties] == list(PARTIES)
    assert [phase.key for phase in about().phases] == list(PHASES)


def test_equations_have_the_numbers_of_the_description():
    description = (VALIDATION[0].parents[1] / "abm" / "ODD.md").read_text("utf-8")
    for equation in about().equations:
        assert f"\n({equation.key}) " in description
        assert all(
            line.startswith("<math") and line.endswith("</math>")
            for line in map(mathml, equation.math + equation.math_zh)
        )
        english, chinese = (words_in(lines) for lines in (equation.math, equation.math_zh))
        assert bool(english) == bool(chinese)
        assert all(re.fullmatch("[\u4e00-\u9fff，]+", word) for word in chinese)


def words_in(lines):
    return set(re.findall('"([^"]*)"', " ".join(lines))) - {"arg min", "arg max", "min", "max"}


def test_the_validation_table_is_read_whole():
    found = validation()
    text = VALIDATION[0].read_text("utf-8")
    held = int(re.search(r"(\d+) of (\d+) patterns hold", text)[1])
    assert sum(p.holds for p in found) == held
    assert len(found) == int(re.search(r"(\d+) of (\d+) patterns hold", text)[2])
    assert set(about().patterns_zh) == {p.number for p in found}
    assert all(p.holds == all(e.verdict != "DOES NOT HOLD" for e in p.effects) for p in found)
    assert VALIDATION[1].read_text("utf-8") == text, "the copy inside the package is a link to the document"


def test_a_row_without_a_verdict_is_refused():
    with pytest.raises(ValueError, match="does not say whether the pattern holds"):
        patterns("| V1 | something | [7] | effect | 1 | above 0 | holds |")


@pytest.mark.parametrize(
    ("text", "message"),
    [("\\frac{a}{b", "not closed"), ("a }", "brace too many"), ("\\root a", "unknown"), ("a_", "too early")],
)
def test_a_wrong_equation_is_refused(text, message):
    with pytest.raises(ValueError, match=message):
        mathml(text)


def test_mathml_of_scripts_fractions_and_words():
    assert mathml("x_i^2") == (
        '<math display="block"><mrow><msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup></mrow></math>'
    )
    assert "<mfrac><mrow><mn>1</mn></mrow><mrow><mi>n</mi></mrow></mfrac>" in mathml("\\frac{1}{n}")
    assert "<munder><mo>∑</mo><mi>m</mi></munder>" in mathml("∑_m w")
    assert "&lt;" in mathml("a < b")
