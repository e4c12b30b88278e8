"""What is to be done next is on the first screen, and every page has its landmarks, names and targets."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tests.dashboards import browser as at
from tests.dashboards.browser import visiting

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")

DESK, TABLET, WALL, PHONE = (1366, 768), (768, 1024), (1920, 1080), (375, 667)
SIZES = {"en": ((DESK, TABLET, WALL), (PHONE,)), "zh-CN": ((DESK,), (PHONE,))}
"""Sizes of a window that is made smaller and larger, and those for which a page is opened anew: on a phone it begins
otherwise. Chinese is shorter: what fits in English on larger screens fits there."""
NEXT = {
    "lab": ".abm-play, .abm-levers h2, .view-title", "learn?scene=2": ".l-main, .l-choices button:last-child",
    "compare": ".abm-play",
    "map": ".o-buttons .is-main", "about": ".a-lead a",
}  # fmt: skip
"""What one does next on each page; all of each list is to be there."""
SHOWN = """wanted => wanted.split(", ").map((one) => {
  const { top, bottom, left, right } = document.querySelector(one)?.getBoundingClientRect() ?? { top: -1 };
  return [one, top >= 0 && bottom <= innerHeight && left >= 0 && right <= innerWidth];
})"""
CUT = """() => {
  const found = [], say = (e) => `${e.tagName} ${e.className} ${e.textContent.trim().slice(0, 40)}`;
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) found.push(`page: ${scrollWidth} > ${clientWidth}`);
  for (const e of document.querySelectorAll("nav, button, summary, select, h1, h2, h3, .abm-tabs, .abm-card")) {
    const isFolded = e.matches("details:not([open]) > :not(summary) *");
    if (isFolded || !e.getClientRects().length || e.closest(".abm-hidden, .view.is-bare")) continue;
    const { left, right } = e.getBoundingClientRect();
    if (e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== "inline") found.push(`cut: ${say(e)}`);
    if (left < -1 || right > innerWidth + 1) found.push(`outside: ${say(e)}`);
  }
  return found;
}"""
"""Words that are wider than what holds them, or that stand beside the screen."""
FAULTS = """() => {
  const seen = (e) => e.getClientRects().length && !e.closest(".abm-hidden") && e.getBoundingClientRect().width > 1;
  const all = (of) => [...document.querySelectorAll(of)].filter(seen), say = (e) => e.outerHTML.slice(0, 120);
  const words = (text) => text.replace(/[^\\p{L}\\p{N} ]/gu, " ").replace(/\\s+/g, " ").trim().toLowerCase();
  const found = [];
  if (document.querySelectorAll("main, [role=main]").length !== 1) found.push("main");
  if (document.querySelectorAll("h1").length !== 1) found.push("h1");
  for (const e of all("button[aria-label], a[aria-label], summary[aria-label]")) {
    if (!words(e.getAttribute("aria-label")).includes(words(e.innerText))) found.push(`name: ${say(e)}`);
  }
  for (const e of all("button, summary, select, a[href], input:not([type=file])")) {
    const { width, height } = e.getBoundingClientRect();
    if (width < 24 || height < 24) found.push(`target: ${say(e)}`);
  }
  for (const e of all("canvas")) {
    const told = e.getAttribute("role") === "img" && (e.getAttribute("aria-label") ?? "").length > 11;
    if (!told) found.push(`picture: ${say(e)}`);
    if (!e.closest("figure").querySelector("[data-act=table]")) found.push(`no table: ${say(e)}`);
  }
  return found;
}"""


@pytest.mark.parametrize("page", NEXT)
@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_the_next_action_is_on_the_first_screen(browser: Any, address: str, page: str, language: str) -> None:
    for sizes in SIZES[language]:
        with visiting(browser, address, viewport=_viewport(sizes[0]), locale=language) as visitor:
            visitor.page.goto(f"{address}/{page}")
            for one in NEXT[page].split(", "):
                visitor.page.locator(one).first.wait_for(timeout=at.PATIENCE * 1000)
            for size in sizes:
                visitor.page.set_viewport_size(_viewport(size))
                visitor.until(lambda v: all(shown for _, shown in v.page.evaluate(SHOWN, NEXT[page])), 20)
                visitor.until(lambda v: v.page.evaluate(CUT) == [], 5)
            assert visitor.complaints == []


def _viewport(size: tuple[int, int]) -> dict[str, int]:
    return {"width": size[0], "height": size[1]}


@pytest.mark.parametrize("page", NEXT)
def test_pages_have_landmarks_names_targets_and_words_for_pictures(browser: Any, address: str, page: str) -> None:
    with visiting(browser, address, viewport=_viewport(DESK)) as visitor:
        visitor.page.goto(f"{address}/{page}")
        visitor.page.locator(NEXT[page].split(", ")[0]).first.wait_for(timeout=at.PATIENCE * 1000)
        # Pictures come one after the other, and say what they show once they show it.
        end = time.monotonic() + at.PATIENCE
        visitor.page.wait_for_timeout(1500)
        while (faults := visitor.page.evaluate(FAULTS)) and time.monotonic() < end:
            visitor.page.wait_for_timeout(200)
        assert faults == []


def test_two_worlds_stand_on_the_first_screen_of_a_tablet(browser: Any, address: str) -> None:
    with visiting(browser, address, viewport=_viewport(TABLET)) as visitor:
        visitor.page.goto(f"{address}/compare?step=4")
        visitor.page.locator(".abm-pair").wait_for(timeout=at.PATIENCE * 1000)
        tops = "() => [...document.querySelectorAll('.abm-column-name')].map((e) => e.getBoundingClientRect().top)"
        # Levers are above them, folded; opened, they would fill the screen.
        visitor.until(lambda v: len(v.page.evaluate(tops)) == 2 and max(v.page.evaluate(tops)) < TABLET[1] / 2, 20)
        visitor.page.locator(".abm-levers details").first.click()
        visitor.until(lambda v: v.page.locator(".abm-levers details[open]").count() == 1)


def test_nothing_that_waits_moves_at_the_pace_of_the_screen(browser: Any, address: str) -> None:
    with visiting(browser, address) as visitor:
        visitor.page.goto(f"{address}/about")
        visitor.page.locator(".a-lead a").first.wait_for(timeout=at.PATIENCE * 1000)
        # What is drawn anew sixty times a second on each of 26 pages leaves nothing for what they wait for.
        moving = """() => {
          const bar = document.createElement("div");
          bar.className = "v-progress-linear__indeterminate";
          bar.append(document.createElement("i"));
          const ring = document.createElement("div");
          ring.className = "abm-wait";
          document.body.append(bar, ring);
          const turning = getComputedStyle(ring, "::before");
          return [getComputedStyle(bar.firstChild).animationName, turning.animationTimingFunction];
        }"""
        name, pace = visitor.page.evaluate(moving)
        assert name == "none" and pace.startswith("steps(")
