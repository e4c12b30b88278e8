"""On the narrowest screen that pages are made for, nothing that is to be read stands outside of what shows it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.dashboards import browser as at
from tests.dashboards.browser import visiting

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
PHONE: dict[str, Any] = {"viewport": {"width": 375, "height": 667}}
LOCALES = ("en-GB", "zh-CN")
OUTSIDE = """(selector) => [...document.querySelectorAll(selector)].flatMap((box) => {
  const svg = box.ownerSVGElement, edge = (svg ?? box).getBoundingClientRect();
  return (svg ? [box] : [...box.querySelectorAll("*")]).filter((e) => {
    const { left, right, width } = e.getBoundingClientRect();
    return width && (left < edge.left - 1 || right > edge.right + 1);
  }).map((e) => e.textContent);
})"""
LINES = "[...document.querySelectorAll('.abm-when b')].map((e) => [e.textContent, e.getClientRects().length])"
CUT = """(() => {
  window.cut = [];
  const draw = CanvasRenderingContext2D.prototype.fillText;
  CanvasRenderingContext2D.prototype.fillText = function (words, x, y) {
    const { a, b, e } = this.getTransform(), wide = this.measureText(words).width * Math.hypot(a, b);
    const before = { center: 0.5, right: 1, end: 1 }[this.textAlign] ?? 0, left = e + x * a - before * wide;
    const isUpright = Math.abs(b) > Math.abs(a), isBeyond = left < -2 || left + wide > this.canvas.width + 2;
    if (words.includes("…") || (isBeyond && !isUpright)) window.cut.push([words, left, wide, this.canvas.width]);
    return draw.call(this, words, x, y);
  };
})()"""
"""Notes what is drawn on a canvas with an ellipsis, or begins or ends beyond it."""


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("lab?scenario=classroom&step=8", ".card-ledger"),
        ("compare?scenario=classroom&step=8", ".abm-difference svg text"),
        ("compare?scenario=classroom&step=8&measure=spent_total_kcny", ".abm-difference svg text"),
        ("lab?scenario=classroom&step=8", ".abm-transport .abm-when"),
    ],
)
def test_what_is_read_is_whole(browser: Any, address: str, path: str, shown: str, locale: str) -> None:
    with visiting(browser, address, locale=locale, **PHONE) as visitor:
        page = visitor.open(path).page
        page.locator(shown).first.wait_for(timeout=at.PATIENCE * 1000)
        visitor.until(lambda v: v.step() == 8)
        assert page.evaluate(OUTSIDE, shown) == []
        assert not visitor.complaints


def test_year_and_quarter_stand_on_a_line_each_in_chinese(browser: Any, address: str) -> None:
    with visiting(browser, address, locale="zh-CN", **PHONE) as visitor:
        page = visitor.open("lab?scenario=classroom&step=40").page
        visitor.until(lambda v: v.step() == 40)
        assert page.evaluate(LINES) == [["第 10 年", 1], ["第 4 季度", 1]]


@pytest.mark.parametrize("locale", LOCALES)
def test_no_word_of_a_picture_is_cut(browser: Any, address: str, locale: str) -> None:
    with visiting(browser, address, locale=locale, **PHONE) as visitor:
        visitor.page.add_init_script(CUT)
        for view in ("", "&view=communities", "&view=people"):
            page = visitor.open(f"lab?scenario=reform_package&step=40{view}").page
            visitor.until(lambda v: v.step() == 40)
            canvases = page.locator(".view-canvas")
            for i in range(canvases.count()):
                canvases.nth(i).scroll_into_view_if_needed()
                page.wait_for_timeout(200)
            assert page.evaluate("window.cut") == [], view
