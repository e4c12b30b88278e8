"""Maps of outcomes: cells and intervals, surveys that pause and go on, stores of before, the live run's trail."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest

from abm.machine.errors import InputError
from abm.scenario import load
from abm.scenario.changes import Change
from abm.world.levers import BY_NAME
from abm.world.parameters import CATALOGUE
from dashboards.outcomes import stores
from dashboards.outcomes.surface import BOUNDARIES, cells, phase_map, trail, value_of
from dashboards.outcomes.survey import (
    DONE,
    MOST_VALUES,
    PAUSED,
    RUNNING,
    SURVEYS,
    Plan,
    Survey,
    coarse_to_fine,
    plan_from,
    worlds,
)  # fmt: skip


def table() -> pd.DataFrame:
    rows = [(x, y, 0.1 * x + y + noise, "ok") for x in (0, 1) for y in (0, 1) for noise in (-0.1, 0.0, 0.1)]
    rows += [(0, 0, 99.0, "error"), (1, 1, np.nan, "ok")]
    return pd.DataFrame(rows, columns=["a", "b", "failed_share", "status"])


def test_cells_are_means_with_students_interval_over_good_runs() -> None:
    found = {(c.x, c.y): c for c in cells(table(), "a", "b", "failed_share")}
    assert len(found) == 4
    cell = found[(1.0, 1.0)]
    assert cell.runs == 3
    assert cell.mean == pytest.approx(1.1)
    assert cell.spread == pytest.approx(4.302653 * 0.1 / np.sqrt(3), rel=1e-5)


def test_a_cell_without_runs_is_not_shown_as_a_number() -> None:
    found = cells(table(), "a", "b", "failed_share")
    chart = phase_map(found, [0, 1, 2], [0, 1], "failed_share", ("a", "b", "failed"))
    assert chart.mean.shape == (2, 3)
    assert np.isnan(chart.mean[:, 2]).all()
    assert chart.mean[1, 0] == pytest.approx(1.0)
    assert not chart.is_good
    assert chart.boundary == load("classroom").p.failure_share


def test_a_survey_that_cannot_be_is_refused_with_a_mend() -> None:
    with pytest.raises(InputError, match="both axes: choose two different"):
        Plan(x="supervision", y="supervision").design()
    with pytest.raises(InputError, match="not one of the small worlds"):
        Plan(base="china").design()
    with pytest.raises(InputError, match=f"`values` = 40 is not in 2-{MOST_VALUES}"):
        Plan(values=40).design()
    with pytest.raises(InputError, match="did you mean"):
        Plan(x="supervisoin").design()
    with pytest.raises(InputError, match="low"):
        Plan(x_low=0.8, x_high=0.2).design()
    with pytest.raises(InputError, match="give a number in every field"):
        plan_from({"base": "classroom"})
    assert "guangdong" not in worlds()


def test_the_map_that_is_offered_first_holds_the_world_as_it_is_inside() -> None:
    plan = Plan()
    price = CATALOGUE[plan.y].default
    assert plan.y_low < price < plan.y_high and plan.x_low <= BY_NAME[plan.x].neutral < plan.x_high


def test_the_whole_map_shows_early() -> None:
    design = Plan(values=5).design()
    points = coarse_to_fine(design.points(), 5)
    assert sorted(map(tuple, points.to_numpy())) == sorted(map(tuple, design.points().to_numpy()))
    first = points.iloc[:4]
    assert {tuple(row) for row in first.to_numpy()} == {(x, y) for x in (0.0, 0.8) for y in (0.0, 0.4)}


def test_a_survey_pauses_goes_on_and_ends_with_its_visitor() -> None:
    survey = Survey(Plan(values=2, replications=2, steps=8), "ann")
    try:
        with pytest.raises(InputError, match="already"):
            Survey(Plan(values=2, replications=2, steps=8), "ann")
        survey.pause()
        assert survey.phase == PAUSED
        survey.resume()
        end = time.monotonic() + 250
        while survey.phase == RUNNING and time.monotonic() < end:
            time.sleep(0.05)
        assert survey.error is None
        assert survey.phase == DONE
        runs = survey.runs()
        assert runs is not None
        assert len(runs) == 8
        assert set(runs["status"]) == {"ok"}
        assert set(BOUNDARIES) <= set(runs.columns)
        assert len(cells(runs, survey.plan.x, survey.plan.y, "failed_share")) == 4
    finally:
        survey.close()
    assert survey.join(30)
    again = Survey(Plan(values=2, replications=2, steps=8), "ann")
    again.close()
    assert again.join(60)
    for name in ("bob", "eve", "dan"):
        SURVEYS.take(name)
    with pytest.raises(InputError, match="already"):
        SURVEYS.take("fay")
    for name in ("bob", "eve", "dan"):
        SURVEYS.give_back(name)


def test_what_a_sampler_drew_is_gathered_in_bins() -> None:
    runs = pd.DataFrame({"a": np.random.default_rng(1).random(200)})
    drawn = runs["a"].to_numpy().copy()
    middles = stores.on_grid(runs, "a")
    assert len(middles) == 12
    assert set(runs["a"]) <= set(middles)
    assert np.abs(runs["a"] - drawn).max() <= (middles[1] - middles[0]) / 2 + 1e-9


def test_the_trail_follows_the_changes_of_a_live_run() -> None:
    scenario = load("classroom")
    changes = [Change(4, "evaluation_reform", 0.4), Change(8, "platform", 0.3), Change(12, "communication_cost", 0.01)]
    scenario = scenario.with_overrides(changes=changes)
    price = scenario.p.communication_cost
    way = trail(scenario, "evaluation_reform", "communication_cost")
    np.testing.assert_allclose(way, [[0.0, price], [0.4, price], [0.4, 0.01]])
    assert len(trail(scenario, "evaluation_reform", "no.such")) == 0
    assert value_of(load("reform_package"), "platform.reach") == 0.6
