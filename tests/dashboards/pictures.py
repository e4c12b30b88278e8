"""Take the pictures of docs/dashboard.md anew: `python -m tests.dashboards.pictures`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image

from tests.dashboards import browser as at

FOLDER = Path(__file__).parents[2] / "docs" / "dashboard_pictures"
COLOURS = 128
"""Of a picture: pages have few, and a clone is to stay small."""
SIZE = {"width": 1366, "height": 900}
DRAWN = "Number(document.querySelector('.view-canvas')?.dataset.frames) > 0"


def lab(page: Any) -> None:
    """A run under the reform, in its tenth year."""
    page.wait_for_function(DRAWN)


def communities(page: Any) -> None:
    """Who is tied to whom."""
    page.wait_for_function(DRAWN)
    page.locator("[role=tab]").nth(1).click()


def card(page: Any) -> None:
    """One failed negotiation: why, and what each party stood to get."""
    # So high that nothing of the page lies over it.
    page.set_viewport_size({"width": SIZE["width"], "height": 3 * SIZE["height"]})
    page.wait_for_function(DRAWN)


def compare(page: Any) -> None:
    """Two courses under one clock: in the second, evaluation is reformed and cooperation supervised."""
    page.wait_for_function(DRAWN)
    for key, value in (("evaluation_reform", 0.6), ("supervision", 0.5), ("penalty", 0.3)):
        page.evaluate(
            """([key, value]) => {
              const lever = document.getElementById(`c-${key}`);
              lever.value = value;
              lever.dispatchEvent(new Event("change"));
            }""",
            [key, value],
        )
        page.wait_for_timeout(500)
    page.keyboard.press("9")
    page.locator(".abm-play").click()
    page.wait_for_function("Number(document.querySelector('.abm-scrub input').value) >= 56", timeout=at.PATIENCE * 1000)
    page.locator(".abm-play").click()


PICTURES = {
    "lab": ("lab?scenario=reform_package&step=40", lab),
    "communities": ("lab?scenario=reform_package&step=60", communities),
    "card": ("lab?scenario=classroom&step=24", card),
    "compare": ("compare?step=8", compare),
    "learn": ("learn?scene=2", lambda page: page.locator(".l-choices button").first.wait_for()),
}

PARTS = {"card": "[data-kind=blame_card]"}
"""Of which a part is shown."""


def main() -> int:
    """Every picture in both languages."""
    from playwright.sync_api import sync_playwright

    FOLDER.mkdir(exist_ok=True)
    with at.served(Path(tempfile.mkdtemp())) as address, sync_playwright() as play:
        opened = play.chromium.launch(executable_path=at.chromium(), args=list(at.ARGUMENTS))
        for language, locale in (("", "en-US"), ("_zh", "zh-CN")):
            context = opened.new_context(viewport=SIZE, locale=locale)
            for name, (path, ready) in PICTURES.items():
                page = context.new_page()
                page.goto(f"{address}/{path}")
                page.locator(".abm-header").wait_for(timeout=at.PATIENCE * 1000)
                ready(page)
                # What moves into its place has come to rest.
                page.wait_for_timeout(2000)
                place = FOLDER / f"{name}{language}.png"
                (page.locator(PARTS[name]) if name in PARTS else page).screenshot(path=place)
                with Image.open(place) as taken:
                    taken.convert("RGB").quantize(COLOURS).save(place, optimize=True)
                print(f"{place.name}: {place.stat().st_size / 1000:.0f} kB", flush=True)
                page.close()
        opened.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
