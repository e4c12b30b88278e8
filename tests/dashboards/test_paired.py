"""Two courses under several seeds: pairs of the same draws, bands of what was seen, nothing claimed of one seed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

import abm
from abm.scenario import load
from dashboards.live.paired import SEEDS, Paired, paired
from dashboards.live.turn import Unwanted
from dashboards.pages.compare import MEASURES, over
from tests.dashboards.browser import visiting

SMALL = {"population.n_enterprises": 60, "population.n_colleges": 12, "population.n_students": 900}


def test_both_are_played_under_the_same_seeds_as_runs_of_their_own() -> None:
    first = load("classroom").with_overrides(seed=5, **SMALL)
    second = first.with_overrides(changes=({"from": 3, "evaluation_reform": 0.8},))
    heard: list[tuple[int, int]] = []
    came = paired(first, second, 6, MEASURES, lambda *parts: heard.append(parts), lambda: False)
    assert heard == [(i, 2 * SEEDS) for i in range(2 * SEEDS + 1)]
    run = abm.run(second, 5 + SEEDS - 1, steps=6, progress=False).metrics
    for name in MEASURES:
        assert came.a[name].shape == (SEEDS, 6)
        np.testing.assert_array_equal(came.b[name][-1], run[name])
        np.testing.assert_array_equal(came.a[name][:, :3], came.b[name][:, :3])
        mean, low, high, n = came.apart(name)
        apart = came.b[name][:, -1] - came.a[name][:, -1]
        assert n == np.isfinite(apart).sum()
        if n > 1:
            test = stats.ttest_1samp(apart[np.isfinite(apart)], 0.0)
            assert (mean, low, high) == pytest.approx((np.nanmean(apart), *test.confidence_interval(0.95)))
        for end, reduce in zip(came.band(came.a, name), (np.fmin.reduce, np.fmax.reduce), strict=True):
            assert end == [float(v) if np.isfinite(v) else None for v in reduce(came.a[name], axis=0)]
    with pytest.raises(Unwanted):
        paired(first, second, 6, MEASURES, lambda *_: None, lambda: bool(heard.append((0, 0))) or len(heard) > 30)


def test_what_few_seeds_can_not_say_is_not_said() -> None:
    nothing, one = np.full((SEEDS, 2), np.nan), np.full((SEEDS, 2), np.nan)
    one[0] = 0.5
    half = np.full((SEEDS, 2), 0.5)
    came = Paired(2, 1, {"failed_share": half, "blame_rate": half}, {"failed_share": nothing, "blame_rate": one})
    assert over(came, "failed_share", "en") == "–"
    assert over(came, "blame_rate", "en") == "0\u00a0%"
    assert came.band(came.b, "failed_share") == ([None, None], [None, None])


def test_a_comparison_is_tested_under_several_seeds_on_the_page(browser: Any, address: str) -> None:
    with visiting(browser, address, viewport={"width": 1600, "height": 1400}) as visitor:
        query = "&".join(f"set={key}={value}" for key, value in SMALL.items())
        page = visitor.open(f"compare?scenario=classroom&{query}&step=8").page
        button = page.locator(".abm-difference-ask button")
        assert button.inner_text() == "Test in eight seeds"
        button.press("Enter")
        page.locator(".abm-difference-ask button[aria-disabled=true]").wait_for()
        assert button.evaluate("b => b === document.activeElement && !b.disabled")
        page.locator(".abm-difference td.over").first.wait_for(timeout=120_000)
        assert page.locator(".abm-difference td.over").count() == len(MEASURES)
        assert button.evaluate("b => b === document.activeElement")
        assert page.locator(".abm-difference [role=status]").all_inner_texts() == ["The test is done."]
        assert page.locator(".abm-difference .band").count() == 2
        assert "8 seeds" in page.locator(".abm-difference figcaption").inner_text()
        assert not visitor.complaints
