"""What would mend it, tried in the world that is shown: the same draws, one lever at a time, the run untouched."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np

from abm import quarter
from abm.population import build
from abm.scenario import load
from dashboards.controls import mend
from dashboards.live.session import Session
from dashboards.live.tried import HORIZON, LEVERS, Tried, tried
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
