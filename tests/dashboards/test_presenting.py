"""The pictures of a page before a class, one at a time by the keys of a remote, and all of them on paper."""

from __future__ import annotations

from typing import Any

import pytest

from dashboards.controls.views import TABS
from tests.dashboards.browser import visiting

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
SHOWN = """() => [...document.querySelectorAll(".view")].filter((one) => one.getClientRects().length).map((one) => {
  const { left, top, right, bottom } = one.getBoundingClientRect();
  const isInside = left >= 0 && top >= 0 && right <= innerWidth && bottom <= innerHeight;
  return [one.dataset.kind, isInside && right - left > 0.4 * innerWidth && bottom - top > 0.7 * innerHeight];
})"""
"""What is to be seen, and whether it is as large as the screen (or half of it)."""
PRINTED = """() => {
  dispatchEvent(new Event("beforeprint"));
  const seen = (of) => [...document.querySelectorAll(of)].filter((one) => one.getClientRects().length);
  const said = (one) => [one.querySelector("rect").getAttribute("fill"), one.textContent];
  const others = seen(".view-canvas, .abm-header, .abm-transport, .abm-side, .abm-button, .view-button, .card-act");
  const found = { papers: seen(".view-paper svg").map(said), others: others.map((one) => one.outerHTML) };
  dispatchEvent(new Event("afterprint"));
  return { ...found, left: document.querySelectorAll(".view-paper").length };
}"""
"""What goes onto the paper; and how much of it stays on the page."""


def test_a_presentation_goes_through_all_pictures_by_the_keys_of_a_remote(browser: Any, address: str) -> None:
    with visiting(browser, address, viewport={"width": 1366, "height": 768}) as visitor:
        page = visitor.open("lab?step=8").page
        page.keyboard.press("p")
        wanted = ["verdict", *(kind for _, tab in TABS for kind, _ in tab)]
        for kind in wanted:
            visitor.until(lambda v, kind=kind: v.page.evaluate(SHOWN) == [[kind, True]], 40)
            assert not page.locator(".abm-header").is_visible()
            page.keyboard.press("PageDown")
        # No further than the last; and back over the border of a tab.
        visitor.until(lambda v: v.page.evaluate(SHOWN) == [[wanted[-1], True]])
        for kind in (*reversed(wanted[-len(TABS[-1][1]) : -1]), "verdict", wanted[-len(TABS[-1][1]) - 1]):
            page.keyboard.press("PageUp")
            visitor.until(lambda v, kind=kind: v.page.evaluate(SHOWN) == [[kind, True]], 40)
        page.keyboard.press("Space")
        visitor.until(lambda v: v.step() > 8)
        page.keyboard.press("Escape")
        visitor.until(lambda v: v.page.locator(".abm-header").is_visible() and len(v.page.evaluate(SHOWN)) > 1)
        assert page.evaluate("document.documentElement.dataset.projected") == "false"


def test_two_worlds_are_presented_side_by_side(browser: Any, address: str) -> None:
    with visiting(browser, address, viewport={"width": 1366, "height": 768}) as visitor:
        page = visitor.open("compare?step=4").page
        page.get_by_text("Present", exact=True).click()
        for _ in range(2):
            page.keyboard.press("PageDown")
        visitor.until(lambda v: v.page.evaluate(SHOWN) == [["tile_map", True]] * 2, 10)


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_the_page_is_printed_in_light_colours_with_what_it_is_of(browser: Any, address: str, language: str) -> None:
    with visiting(browser, address, locale=language) as visitor:
        page = visitor.page
        page.add_init_script(
            "localStorage.setItem('abm.theme', 'dark'); window.print = () => { window.isPrinted = true; }"
        )
        visitor.open("lab?step=8")
        page.locator(".abm-chooser summary").last.click()
        page.locator(".abm-exports button").last.click()
        page.wait_for_function("window.isPrinted")
        page.emulate_media(media="print")
        found = page.evaluate(PRINTED)
        # Each picture of the tab but the card, which is words already.
        assert len(found["papers"]) == len(TABS[0][1])
        when = {"en": "Year 2, quarter 4", "zh-CN": "第 2 年第 4 季度"}[language]
        assert all(fill == "#ffffff" and when in text for fill, text in found["papers"])
        assert found["others"] == []
        assert found["left"] == 0
        assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")
