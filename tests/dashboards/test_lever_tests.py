"""What would mend it, tried in the world that is shown: the same draws, one lever at a time, the run untouched."""

from __future__ import annotations

import math
import pickle
import re
from typing import Any

import numpy as np
import pytest

from abm import quarter
from abm.commands._main import main
from abm.machine.language import speaking
from abm.population import build
from abm.results.advice import MEASURES, Advice, Estimate, Mend, advise
from abm.results.branches import Move
from abm.scenario import load
from abm.world.levers import BY_NAME
from abm.world.vocabulary import CAUSES
from dashboards.controls import mend
from dashboards.live.lever_tests import HORIZON, LEVERS, WORLDS, Tried, in_this_world, in_worlds
from dashboards.live.session import Session
from dashboards.live.turn import Unwanted
from tests.dashboards.browser import visiting

SMALL = {"population.n_enterprises": 60, "population.n_colleges": 12, "population.n_students": 900}


def test_each_lever_is_tried_alone_with_the_same_draws() -> None:
    scenario = load("classroom").with_overrides(**SMALL)
    state = build(scenario, 1)
    for _ in range(4):
        quarter.step(state, scenario)
    kept = pickle.dumps(state)
    found = in_this_world(scenario, lambda: pickle.loads(kept))
    assert [found[0].lever, *sorted(one.lever for one in found[1:])] == ["", *sorted(LEVERS)]
    failed = [one.failed for one in found[1:]]
    assert failed == sorted(failed)
    assert len({(one.failed, one.depth, one.spent) for one in found}) > 3, "levers change something"
    assert found == in_this_world(scenario, lambda: pickle.loads(kept))
    # The run as it is goes on as it would have gone, and one that was changed as after that change.
    for _ in range(HORIZON):
        quarter.step(state, scenario)
    assert found[0].depth == state.metrics["mean_substantive_depth"]
    best = found[1]
    changed = scenario.with_overrides(changes=({"from": 4, best.lever: best.after},))
    state = build(changed, 1)
    for _ in range(4 + HORIZON):
        quarter.step(state, changed)
    assert best.depth == state.metrics["mean_substantive_depth"]
    with pytest.raises(Unwanted):
        in_this_world(scenario, lambda: pickle.loads(kept), lambda: True)


def test_the_verdict_says_when_tables_and_world_differ() -> None:
    base = Tried("", 0.0, 0.0, 0.7, 0.2, 1.0)
    better = Tried("supervision", 0.1, 0.55, 0.6, 0.3, 4.0)
    worse = Tried("subsidy_rate", 0.0, 0.4, 0.72, 0.2, 9.0)
    session = Session("ann")
    for language, minus in (("en", "+30.0"), ("zh", "+3.0")):
        session.language.value = language
        rows = mend.tested(session, [base, better, worse], 10.0, "As it is")
        assert [row["lever"] for row in rows] == ["", "supervision", "subsidy_rate"]
        assert (rows[1]["cost"], rows[1]["depth"], rows[2]["depth"]) == (minus, "+0.10", "+0.00")
        said = {
            cause: mend.verdict(session, [{"cause": cause}], [base, better, worse]) for cause in ("distrust", "funding")
        }
        assert said["distrust"] != said["funding"]
        assert mend.verdict(session, [], [base, worse]) == session.say("mend.none_helps")
    assert mend.tested(session, [], 10.0, "As it is") == []
    assert not np.isnan(base.failed)


def test_a_mend_that_was_tried_in_this_world_is_applied(browser: Any, address: str) -> None:
    with visiting(browser, address) as visitor:
        query = "&".join(f"set={key}={value}" for key, value in SMALL.items())
        page = visitor.open(f"lab?scenario=classroom&{query}&step=8").page
        page.get_by_role("button", name="Test in this world").click()
        rows = page.locator(".abm-mend-tested tbody tr")
        rows.first.wait_for(timeout=90_000)
        assert rows.count() == 1 + len(LEVERS)
        assert visitor.step() == 8, "the run stays where it is"
        rows.nth(1).get_by_role("button").click()
        visitor.until(lambda v: "then=8:" in v.page.url or v.step() > 8)
        assert not visitor.complaints


def test_all_levers_are_tried_in_several_worlds_as_the_command_does() -> None:
    scenario = load("classroom").with_overrides(**SMALL)
    heard: list[tuple[int, int]] = []
    advice = in_worlds(scenario, 4, lambda done, planned: heard.append((done, planned)), lambda: False)
    # As text: the budget is not a number, which equals nothing.
    assert str(advice) == str(advise(scenario, 4, horizon=HORIZON, seeds=WORLDS))
    assert heard[0][0] == 0
    assert heard[-1][0] == heard[-1][1] >= WORLDS * len(advice.mends)
    # Within the first branch, before it is done.
    looks: list[None] = []
    parts: list[int] = []
    with pytest.raises(Unwanted):
        in_worlds(scenario, 4, lambda done, _: parts.append(done), lambda: bool(looks.append(None)) or len(looks) > 6)
    assert len(looks) == 7 and parts == [0]
    session = Session("ann")
    for language in ("en", "zh"):
        session.language.value = language
        rows = mend.in_worlds(session, advice, "As it is")
        assert rows[0]["lever"] == ""
        # 1,000 yuan a year, of what is counted over the horizon.
        a_year = advice.base.found["spent_kcny"].value / (HORIZON / 4)
        assert a_year > 0.0 and float(rows[0]["cost"].replace(",", "")) == pytest.approx(a_year, abs=0.51)
        by_lever = {one.moves[0].lever: one for one in advice.mends[1:]}
        assert {row["lever"] for row in rows[1:]} == by_lever.keys()
        shown = [by_lever[row["lever"]] for row in rows[1:]]
        assert [row["isTold"] for row in rows[1:]] == [advice.is_told(one) for one in shown]
        for group in ([one for one in shown if advice.is_told(one) == is_told] for is_told in (True, False)):
            effects = [one.found["failures_per_pair"].effect for one in group]
            assert effects == sorted(effects)
        assert rows[1]["value"] == shown[0].moves[0].value
        depth = shown[0].found["depth"]
        number, half = rows[1]["depth"].replace("−", "-").split(" ± ")
        assert float(number) == pytest.approx(depth.effect, abs=6e-4)
        assert float(half) == pytest.approx((depth.high - depth.low) / 2, abs=6e-4)
    assert mend.in_worlds(session, None, "As it is") == []


def test_the_page_says_what_the_command_says(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A lever that is named is the first row of those beyond chance; where none is, both say so."""
    sure, vague, idle = (
        Mend((Move(lever, 0.0, 0.5, 0.5),), {name: Estimate(50.0, x, x - half, x + half) for name in MEASURES}, rank)
        for rank, (lever, x, half) in enumerate(
            (("charter", -10.0, 1.0), ("evaluation_reform", -30.0, 40.0), ("foresight", 0.0, 5.0)), 1
        )
    )
    base = Mend((), {name: Estimate(50.0, 0.0, 0.0, 0.0) for name in MEASURES})
    session = Session("ann")
    for mends, is_told in (((vague, sure, idle), True), ((vague, idle), False)):
        made = Advice(8, HORIZON, WORLDS, 1, math.nan, CAUSES.index("funding"), 0.4, (base, *mends))
        monkeypatch.setattr("abm.results.advice.advise", lambda *_, made=made, **__: made)
        for language in ("en", "zh"):
            session.language.value = language
            said = mend.verdict_of_worlds(session, made)
            with speaking(language):
                assert main(["--lang", language, "advise", "classroom"]) == 0
            assert re.sub(r"\s", "", said) in re.sub(r"\s", "", capsys.readouterr().out)
            rows = mend.in_worlds(session, made, "As it is")
            assert (rows[1]["lever"], rows[1]["isTold"]) == (
                ("charter", True) if is_told else ("evaluation_reform", False)
            )
            assert (session.label(BY_NAME["charter"]) in said) == is_told
            assert session.label(BY_NAME["evaluation_reform"]) not in said


def test_all_levers_in_several_worlds_on_the_page(browser: Any, address: str) -> None:
    with visiting(browser, address) as visitor:
        query = "&".join(f"set={key}={value}" for key, value in SMALL.items())
        page = visitor.open(f"lab?scenario=classroom&{query}&step=8").page
        button = page.locator(".abm-mend-test").nth(1)
        assert button.inner_text() == "Test all levers in eight worlds"
        button.press("Enter")
        page.locator(".abm-mend-test[aria-disabled=true]").wait_for()
        page.locator(".abm-mend-progress").wait_for()
        # Pressed again it is not asked again, and the keyboard keeps its place.
        button.press("Enter")
        assert button.evaluate("b => b === document.activeElement && !b.disabled")
        assert page.locator(".abm-mend [role=status]").count() == 2
        rows = page.locator(".is-of-worlds tbody tr")
        rows.first.wait_for(timeout=120_000)
        assert button.evaluate("b => b === document.activeElement && b.getAttribute('aria-disabled') === 'false'")
        # What is read out by itself is the sentence; columns are named, and what is bold is said in a word.
        told = page.locator(".is-of-worlds > p").first.inner_text()
        assert page.locator(".abm-mend [role=status]").all_inner_texts() == ["", told]
        assert page.locator(".abm-mend [role=status] table, [role=status]:has(table)").count() == 0
        assert all(page.locator(".is-of-worlds thead th").all_inner_texts())
        bold = page.locator(".is-of-worlds .is-told")
        assert ["(beyond chance)" in text for text in bold.all_inner_texts()] == [True] * bold.count()
        assert page.get_by_text("(beyond chance)", exact=True).count() == bold.count() > 0
        assert rows.count() > len(LEVERS)
        assert "±" in rows.nth(1).inner_text()
        assert visitor.step() == 8, "the run stays where it is"
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press("ArrowRight")
        visitor.until(lambda v: v.step() == 9)
        rows.first.wait_for(state="detached")
        assert not visitor.complaints
