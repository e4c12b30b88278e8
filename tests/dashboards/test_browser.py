"""The pages in a real browser, with everything beyond this machine blocked."""

from __future__ import annotations

from typing import Any

import pytest

from tests.dashboards import browser as at
from tests.dashboards.browser import is_paused, visiting

LARGEST_FIRST_LOAD = 2_500_000
UNNAMED = """() => [...document.querySelectorAll("button, input, select, a[href], [role=tab], canvas, summary")]
  .filter((e) => e.getClientRects().length && !(e.getAttribute("aria-label") || e.textContent.trim() || e.title
    || (e.labels && [...e.labels].some((l) => l.innerText.trim() || l.textContent.trim()))))
  .map((e) => e.outerHTML.slice(0, 200))"""

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")


def test_it_plays_without_a_network_and_loads_little(browser: Any, address: str) -> None:
    with visiting(browser, address) as visitor:
        visitor.open()
        assert visitor.n_bytes < LARGEST_FIRST_LOAD
        visitor.page.get_by_role("button", name="Play", exact=True).click()
        visitor.until(lambda v: v.step() >= 1, at.PATIENCE)
        first = visitor.step()
        visitor.until(lambda v: v.step() >= first + 4)
        visitor.page.get_by_role("button", name="Pause", exact=True).click()
        visitor.until(is_paused)
        for tab in ("Communities", "People and money"):
            visitor.page.get_by_role("tab", name=tab).click()
            visitor.page.wait_for_timeout(700)
        visitor.page.get_by_role("link", name="Compare").click()
        visitor.page.locator(".abm-difference").wait_for()
        assert visitor.complaints == []
        assert visitor.outside == []


def test_two_visitors_never_share_a_run(browser: Any, address: str) -> None:
    with visiting(browser, address) as ann, visiting(browser, address) as bob:
        ann.open("lab?seed=3")
        bob.open("lab?seed=4")
        ann.page.keyboard.press("Space")
        ann.until(lambda v: v.step() >= 6)
        assert bob.step() == 0
        bob.page.keyboard.press("ArrowRight")
        bob.until(lambda v: v.step() == 1)
        assert ann.step() >= 6
        ann.page.keyboard.press("Space")
        ann.until(is_paused)
        bob.page.keyboard.press("r")
        bob.until(lambda v: v.step() == 0)
        assert ann.step() >= 6
        assert ann.page.locator(".abm-pick input").input_value() == "3"
        assert bob.page.locator(".abm-pick input").input_value() == "4"


def test_the_first_look_shows_a_world_ten_years_on(browser: Any, address: str) -> None:
    with visiting(browser, address) as visitor:
        visitor.open("")
        visitor.until(lambda v: v.step() == 40, at.PATIENCE)
        visitor.until(is_paused)
        assert visitor.page.locator("nav[aria-label] [aria-current=page]").inner_text() == "Lab"


def test_a_dropped_connection_comes_back_three_times(browser: Any, address: str) -> None:
    with visiting(browser, address) as visitor:
        visitor.open()
        visitor.page.keyboard.press("Space")
        visitor.until(lambda v: v.step() >= 1, at.PATIENCE)
        visitor.page.evaluate("window.wasHereBefore = true")
        for _ in range(3):
            before = visitor.step()
            visitor.drop()
            # That of the page and that of the frames.
            visitor.until(lambda v: len(v.sockets) == 2, 30)
            painted = visitor.frames()
            visitor.until(lambda v, s=before: v.step() > s + 1, 30)
            visitor.until(lambda v, n=painted: v.frames() > n + 1, 30)
        # It is the same page, not one that was loaded anew.
        assert visitor.page.evaluate("window.wasHereBefore === true")


def test_the_keyboard_alone_can_run_it(browser: Any, address: str) -> None:
    with visiting(browser, address) as visitor:
        visitor.open()
        press = visitor.page.keyboard.press
        press("Space")
        visitor.until(lambda v: v.step() >= 3)
        press("Space")
        visitor.until(is_paused)
        here = visitor.step()
        press("ArrowLeft")
        visitor.until(lambda v: v.step() == here - 1)
        press("Shift+ArrowRight")
        visitor.until(lambda v: v.step() == here + 3)
        press("5")
        visitor.until(lambda v: v.page.locator(".abm-speed select").input_value() == "8")
        for _ in range(60):
            press("Tab")
            if visitor.page.evaluate(
                "document.activeElement.closest('.abm-control') && document.activeElement.type == 'range'"
            ):
                break
        else:
            pytest.fail("no lever can be reached by Tab")
        press("ArrowRight")
        visitor.until(lambda v: "then=" in v.page.url)
        press("Escape")
        visitor.page.evaluate("document.activeElement.blur()")
        press("r")
        visitor.until(lambda v: v.step() == 0)
        assert visitor.complaints == []


def test_a_link_is_followed_and_a_broken_one_says_so(browser: Any, address: str) -> None:
    with visiting(browser, address) as visitor:
        visitor.open("lab?scenario=classroom&seed=5&then=2:subsidy_rate=0.5&step=4")
        visitor.until(lambda v: v.step() == 4)
        assert "then=2:subsidy_rate=0.5" in visitor.page.url
        visitor.open("lab?scenario=nowhere")
        assert "nowhere" in visitor.page.get_by_role("alert").first.inner_text()


def test_an_upload_that_does_not_fit_says_why_and_loses_nothing(browser: Any, address: str) -> None:
    with visiting(browser, address) as visitor:
        visitor.open()
        visitor.page.get_by_text("Your own world").click()
        bad = {"name": "mine.toml", "mimeType": "text/plain", "buffer": b'base = "classroom"\nstepps = 3\n'}
        visitor.page.locator("input[type=file]").set_input_files([bad])
        visitor.page.locator(".abm-chooser [role=alert]").wait_for()
        assert "stepps" in visitor.page.locator(".abm-chooser [role=alert]").inner_text()
        assert visitor.page.locator(".view-canvas").count() > 0
        good = {"name": "mine.toml", "mimeType": "text/plain", "buffer": b'base = "classroom"\ntitle = "Mine"\n'}
        visitor.page.locator("input[type=file]").set_input_files([good])
        visitor.until(lambda v: "Mine" in v.page.locator(".abm-pick select").first.inner_text(), 30)


@pytest.mark.parametrize("path", ["lab", "compare"])
def test_everything_has_a_name_for_assistive_technology(path: str, browser: Any, address: str) -> None:
    with visiting(browser, address) as visitor:
        visitor.open(path)
        assert visitor.page.evaluate(UNNAMED) == []
        assert visitor.page.locator("nav[aria-label]").count() == 1
        assert visitor.page.locator("section[aria-label='Time']").count() == 1
        assert visitor.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_language_theme_and_projector_are_the_visitors_own(browser: Any, address: str) -> None:
    with visiting(browser, address, viewport={"width": 393, "height": 851}) as visitor:
        visitor.open()
        visitor.page.get_by_role("button", name="中文").click()
        visitor.page.get_by_role("button", name="播放", exact=True).wait_for()
        visitor.page.get_by_role("button", name="浅色或深色").click()
        visitor.until(lambda v: v.page.evaluate("document.documentElement.dataset.theme") == "dark")
        visitor.page.get_by_role("button", name="投影模式").click()
        size = visitor.page.evaluate(
            "parseFloat(getComputedStyle(document.querySelector('.abm-when strong')).fontSize)"
        )
        assert size >= 22
        visitor.page.reload()
        visitor.page.get_by_role("button", name="播放", exact=True).wait_for()
        assert visitor.page.evaluate("document.documentElement.dataset.theme") == "dark"
        assert visitor.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_scene_is_bet_on_played_and_told(browser: Any, address: str) -> None:
    with visiting(browser, address) as visitor:
        page = visitor.page
        page.goto(f"{address}/learn")
        page.get_by_role("radio").first.wait_for(timeout=at.PATIENCE * 1000)
        assert page.get_by_role("button", name="Note my answer and play").is_disabled()
        page.get_by_role("radio").first.focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowDown")
        page.get_by_role("radio", checked=True).filter(has_text="Fewer than half").wait_for()
        page.get_by_role("button", name="Note my answer and play").click()
        page.locator(".view-canvas").first.wait_for(timeout=at.PATIENCE * 1000)
        # On a busy machine the run may be at its end before its first picture is there.
        skip, told = page.get_by_role("button", name="Go to the end"), page.get_by_text("You saw it coming.")
        skip.or_(told).first.wait_for(timeout=at.PATIENCE * 1000)
        if skip.count():
            skip.click()
        told.wait_for(timeout=at.PATIENCE * 1000)
        assert page.evaluate(UNNAMED) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.get_by_role("link", name="About").click()
        page.get_by_role("searchbox").fill("price of one round")
        page.locator(".a-parameters").get_by_text("communication_cost").wait_for()
        assert page.locator(".a-parameters tbody tr").count() == 1
        page.get_by_role("link", name="Map of outcomes").click()
        page.get_by_role("button", name="Start", exact=True).wait_for()
        assert page.evaluate(UNNAMED) == []
        assert visitor.complaints == []
        assert visitor.outside == []
