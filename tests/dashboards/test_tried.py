"""What would mend it, tried in the world that is shown: the same draws, one lever at a time, the run untouched."""

from __future__ import annotations

import pickle
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from abm import quarter
from abm.population import build
from abm.results.advice import advise
from abm.scenario import load
from dashboards.controls import mend
from dashboards.live.session import Session
from dashboards.live.trials import Unwanted, in_turn
from dashboards.live.tried import HORIZON, LEVERS, WORLDS, Tried, in_worlds, tried
from tests.dashboards.browser import visiting

SMALL = {"population.n_enterprises": 60, "population.n_colleges": 12, "population.n_students": 900}


def test_each_lever_is_tried_alone_with_the_same_draws() -> None:
    scenario = load("classroom").with_overrides(**SMALL)
    state = build(scenario, 1)
    for _ in range(4):
        quarter.step(state, scenario)
    kept = pickle.dumps(state)
    found = tried(scenario, lambda: pickle.loads(kept))
    assert [found[0].lever, *sorted(one.lever for one in found[1:])] == ["", *sorted(LEVERS)]
    failed = [one.failed for one in found[1:]]
    assert failed == sorted(failed)
    assert len({(one.failed, one.depth, one.spent) for one in found}) > 3, "levers change something"
    assert found == tried(scenario, lambda: pickle.loads(kept))
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
    assert tried(scenario, lambda: pickle.loads(kept), lambda: True) == []


def test_the_verdict_says_when_tables_and_world_differ() -> None:
    base = Tried("", 0.0, 0.0, 0.7, 0.2, 1.0)
    better = Tried("supervision", 0.1, 0.55, 0.6, 0.3, 4.0)
    worse = Tried("subsidy_rate", 0.0, 0.4, 0.72, 0.2, 9.0)
    session = Session("ann")
    for language, minus in (("en", "+3.0"), ("zh", "+3.0")):
        session.language.value = language
        rows = mend.tested(session, [base, better, worse])
        assert [row["lever"] for row in rows] == ["", "supervision", "subsidy_rate"]
        assert (rows[1]["cost"], rows[1]["depth"], rows[2]["depth"]) == (minus, "+0.10", "+0.00")
        said = {
            cause: mend.verdict(session, [{"cause": cause}], [base, better, worse]) for cause in ("distrust", "funding")
        }
        assert said["distrust"] != said["funding"]
        assert mend.verdict(session, [], [base, worse]) == session.say("mend.none_helps")
    assert mend.tested(session, []) == []
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
    assert advice == advise(scenario, 4, horizon=HORIZON, seeds=WORLDS)
    assert heard[0][0] == 0
    assert heard[-1][0] == heard[-1][1] >= WORLDS * len(advice.mends)
    with pytest.raises(Unwanted):
        in_worlds(scenario, 4, lambda *_: None, lambda: True)
    session = Session("ann")
    for language, of_pair in (("en", "1,000"), ("zh", "千元")):
        session.language.value = language
        assert of_pair in session.say("mend.yuan")
        rows = mend.in_worlds(session, advice)
        assert rows[0]["lever"] == ""
        assert {row["lever"] for row in rows[1:]} == {one.moves[0].lever for one in advice.mends[1:]}
        effects = [one.found["failures_per_pair"].effect for one in advice.mends[1:]]
        best = next(one for one in advice.mends[1:] if one.found["failures_per_pair"].effect == min(effects))
        assert rows[1]["lever"] == best.moves[0].lever
        assert rows[1]["value"] == best.moves[0].value
        depth = best.found["depth"]
        number, half = rows[1]["depth"].replace("−", "-").split(" ± ")
        assert float(number) == pytest.approx(depth.effect, abs=6e-4)
        assert float(half) == pytest.approx((depth.high - depth.low) / 2, abs=6e-4)
        said = mend.verdict_of_worlds(session, advice)
        told = [one for one in advice.mends[1:] if one.is_told]
        assert (session.say("mend.worlds_none", n=WORLDS) == said) == (not told)
        nothing = replace(advice, mends=tuple(replace(one, found=advice.base.found) for one in advice.mends))
        assert mend.verdict_of_worlds(session, nothing) == session.say("mend.worlds_none", n=WORLDS)
    assert mend.in_worlds(session, None) == []


def test_what_takes_long_is_worked_out_one_at_a_time_and_left_when_unwanted() -> None:
    with in_turn(lambda: False), pytest.raises(Unwanted), in_turn(lambda: True):
        pass
    with in_turn(lambda: True):
        """Whoever finds the turn free takes it."""


def test_all_levers_in_several_worlds_on_the_page(browser: Any, address: str) -> None:
    with visiting(browser, address) as visitor:
        query = "&".join(f"set={key}={value}" for key, value in SMALL.items())
        page = visitor.open(f"lab?scenario=classroom&{query}&step=8").page
        page.get_by_role("button", name="Test all levers in eight worlds").click()
        rows = page.locator(".is-of-worlds tbody tr")
        rows.first.wait_for(timeout=120_000)
        assert rows.count() > len(LEVERS)
        assert "±" in rows.nth(1).inner_text()
        assert visitor.step() == 8, "the run stays where it is"
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press("ArrowRight")
        visitor.until(lambda v: v.step() == 9)
        rows.first.wait_for(state="detached")
        assert not visitor.complaints
