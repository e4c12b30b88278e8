"""Compare: two worlds of one seed under one clock; nothing differs until a policy of one does."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import solara

from dashboards.live import shares
from dashboards.live.feed import use_feed
from dashboards.live.run import SPEEDS, LiveRun
from dashboards.live.session import Session, provide_session
from dashboards.pages import compare
from dashboards.pages.compare import MEASURES, Pair, _row, _series  # pyright: ignore[reportPrivateUsage]
from dashboards.words import say
from tests.dashboards import browser as at
from tests.dashboards.browser import Visitor, is_paused, visiting
from tests.dashboards.opened import at as at_step


@pytest.fixture
def pair() -> Iterator[Pair]:
    session = Session("ann")
    made = Pair(session, "?scenario=classroom&seed=3")
    yield made
    session.end_all()


def both(pair: Pair) -> tuple[LiveRun, LiveRun]:
    first, second = pair.a.run.value, pair.b.run.value
    assert first is not None
    assert second is not None
    return first, second


def wait(holds: Callable[[], bool], seconds: float = 120.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.005)


def differing(pair: Pair, step: int) -> set[str]:
    """Measures of which any quarter up to ``step`` differs between the two worlds."""
    first, second = (run.snapshot() for run in both(pair))
    assert first is not None
    assert second is not None
    return {name for name in MEASURES if _series(first, name, step) != _series(second, name, step)}


def test_two_worlds_keep_step_while_playing_pausing_and_scrubbing(pair: Pair) -> None:
    runs = both(pair)
    first, second = runs
    for run in runs:
        run.set_speed(SPEEDS[-1])
        run.play()
    apart: list[int] = []

    def has_played() -> bool:
        apart.append(abs(first.shown_step() - second.shown_step()))
        return min(run.shown_step() for run in runs) >= 8

    wait(has_played)
    assert max(apart) <= 1, "one world ran ahead"
    for run in runs:
        run.pause()
    for step in (3, 11, 0, 8):
        for run in runs:
            run.seek(step)
        wait(lambda s=step: all(run.phase == "paused" and run.shown_step() == s for run in runs))
    assert differing(pair, 8) == set()

    second.change({"evaluation_reform": 0.8})
    for run in runs:
        run.seek(16)
    wait(lambda: all(run.phase == "paused" and run.shown_step() == 16 for run in runs))
    assert differing(pair, 8) == set(), "what was before the change differs"
    assert "failed_share" in differing(pair, 16)
    assert second.scenario.seed == first.scenario.seed == 3
    of_first, of_second = first.snapshot(), second.snapshot()
    assert of_first is not None
    assert of_second is not None
    assert _row("", "failed_share", of_first, of_second, 16)["difference"] not in ("0\u00a0%", "–")
    pair.reset()
    wait(lambda: all(run.phase == "paused" for run in both(pair)))
    assert both(pair)[1].changes == ()


@pytest.mark.parametrize("name", MEASURES)
def test_a_difference_is_that_of_the_numbers_shown_in_the_units_of_the_verdict(name: str) -> None:
    def moment(value: float) -> Any:
        return SimpleNamespace(history=SimpleNamespace(metric=lambda *_: np.array([np.nan, value])))

    # As .744 - .126 once stood there as .74, .13 and .60.
    for first, second in ((0.744, 0.126), (0.126, 0.744), (0.005, 0.0149), (0.3, 0.3)):
        row = _row("", name, moment(second), moment(first), 2)
        a, b, apart = (float(re.sub("[ \u00a0%+,]", "", row[of]).replace("−", "-")) for of in ("a", "b", "difference"))
        assert round(b - a, 2) == apart, row
        is_share = name not in ("mean_formal_depth", "mean_substantive_depth", "spent_total_kcny")
        assert row["a"].endswith("%") == is_share
        assert not row["difference"].startswith("−0") or apart < 0


def test_a_comparison_of_one_seed_claims_no_more() -> None:
    assert "one seed" in say("en", "compare.both") and "这一个种子" in say("zh", "compare.both")


@pytest.mark.filterwarnings("ignore::UserWarning", "ignore::DeprecationWarning")
def test_what_differs_is_worked_out_once_for_a_moment_however_often_it_is_drawn(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[dict[str, Any]] = []
    measured: list[str] = []
    draw, measure = compare.Difference, shares.over_a_year
    monkeypatch.setattr(compare, "Difference", lambda **shown: (drawn.append(shown), draw(**shown))[1])
    monkeypatch.setattr(shares, "over_a_year", lambda metric, name: (measured.append(name), measure(metric, name))[1])

    def worked_out(act: Callable[[], object], is_done: Callable[[], bool]) -> int:
        """How many measures are worked out until the page has been drawn anew for what is done."""
        at_first = len(measured)
        act()
        wait(is_done)
        return len(measured) - at_first

    @solara.component
    def Page() -> None:  # noqa: N802
        provide_session(pair.a.session)
        first, second = both(pair)
        compare.Differences(pair, use_feed(first), use_feed(second))

    for bench in (pair.a, pair.b):
        at_step(bench, 6)
    _, context = solara.render(Page(), handle_error=False)
    try:
        wait(lambda: bool(drawn))
        for shown in ("a", "", "a"):
            n = len(drawn)
            assert worked_out(lambda s=shown: pair.a.look("steer", s), lambda n=n: len(drawn) > n) == 0
        # Of a measure that is chosen only its lines are.
        name = MEASURES[1]
        assert worked_out(lambda: pair.a.look("measure", name), lambda: drawn[-1]["chosen"] == name) == 2
        # A world that moves is measured anew.
        before = drawn[-1]["rows"]
        both(pair)[1].change({"evaluation_reform": 0.8})
        moved = worked_out(
            lambda: [run.seek(12) for run in both(pair)],
            lambda: drawn[-1]["rows"] != before and len(drawn[-1]["a"]) == 12,
        )
        assert moved >= 2 * len(MEASURES)
    finally:
        context.close()


DIFFERENCES = """() => [...document.querySelectorAll(".abm-difference tbody td strong")].map((e) => e.innerText)"""


def differences(visitor: Visitor) -> set[str]:
    """Distinct differences that the table shows, without those that cannot be measured yet."""
    return set(visitor.page.evaluate(DIFFERENCES)) - {"–"}


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_the_page_shows_no_difference_until_a_policy_differs(browser: Any, address: str) -> None:
    with visiting(browser, address, viewport={"width": 1600, "height": 1400}) as visitor:
        visitor.open("compare?scenario=classroom&seed=3")
        page, nothing = visitor.page, {"0", "0.00", "0\u00a0%"}
        page.keyboard.press("Space")
        seen: list[set[str]] = []

        def plays(v: Visitor) -> bool:
            seen.append(differences(v))
            return v.step() >= 6

        visitor.until(plays, at.PATIENCE)
        page.keyboard.press("Space")
        visitor.until(is_paused)
        assert all(shown <= nothing for shown in seen)
        assert any(seen), "the table never showed a number"
        for step in (2, 6):
            page.locator(".abm-scrub input").fill(str(step))
            visitor.until(lambda v, s=step: v.step() == s and is_paused(v))
            visitor.until(lambda v: differences(v) <= nothing)
        labels = page.locator("[data-kind=tile_map] canvas")
        visitor.until(lambda _: labels.nth(0).get_attribute("aria-label") == labels.nth(1).get_attribute("aria-label"))
        lever = page.get_by_label("evaluation reform", exact=True)
        lever.fill("0.8")
        page.locator(".abm-column-head").nth(1).get_by_text("0.8").wait_for()
        page.keyboard.press("Escape")
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press("Shift+ArrowRight")
        visitor.until(lambda v: v.step() == 10 and not differences(v) <= nothing)
        assert page.locator(".abm-column-head").nth(0).inner_text().strip() == "World A"
        assert visitor.complaints == []
