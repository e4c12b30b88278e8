"""A hundred quick switches of pages, tabs, languages and looks on a busy machine: no script of a page fails."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.dashboards import browser as at
from tests.dashboards.browser import visiting

pytestmark = pytest.mark.slow
SWITCHES = 100
LATE = """{
  const limited = AbortSignal.timeout.bind(AbortSignal);
  AbortSignal.timeout = (wait) => limited(wait < 10_000 ? 1 : wait);
}"""
"""The widgets' library gives up scripts that come later than two seconds; here it does as if all came later."""
BUSY = "while True: pass"


@contextmanager
def busy(n: int = 2) -> Generator[None]:
    """Programs beside that want every core."""
    others = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(n)]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


@pytest.mark.timeout(600)
@pytest.mark.long
def test_no_script_fails_in_a_hundred_quick_switches(browser: Any, address: str) -> None:
    chance = random.Random(12)
    with visiting(browser, address) as visitor, busy():
        visitor.open("lab?step=12")
        visitor.page.keyboard.press(" ")
        for _ in range(SWITCHES):
            wanted = chance.choice((
                ".abm-header nav a", ".abm-header nav a", "[role=tab]", "[role=tab]", ".abm-language", ".abm-projector",
                ".view-button[data-act=table]", ".abm-play",
            ))  # fmt: skip
            # In the page itself: a person clicks what is there, and does not wait until it stands still.
            visitor.page.evaluate(
                "([of, r]) => { const all = document.querySelectorAll(of); all[Math.floor(r * all.length)]?.click(); }",
                [wanted, chance.random()],
            )
            visitor.page.wait_for_timeout(chance.choice((0, 20, 60, 200)))
        visitor.page.goto(f"{address}/lab?step=12")
        visitor.page.locator(".view-canvas").first.wait_for(timeout=at.PATIENCE * 1000)
        assert visitor.errors == []
        said = [text for text in visitor.complaints if "WebSocket" not in text]
        assert said == []


def test_pictures_whose_scripts_come_late_still_hear_from_the_server(browser: Any, address: str) -> None:
    with visiting(browser, address) as visitor:
        visitor.page.add_init_script(LATE)
        visitor.open("lab?step=2")
        visitor.until(lambda v: v.frames() > 0)
        said_before = visitor.page.locator(".view-canvas").first.get_attribute("aria-label")
        visitor.page.locator(".abm-language").click()
        visitor.until(lambda v: v.page.locator(".view-canvas").first.get_attribute("aria-label") != said_before)
        assert visitor.errors == []
