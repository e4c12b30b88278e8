"""A class opens the dashboard at once: seconds until the last of 26 pages shows its world and can be played.

The browsers run on the same cores as the server, which in a classroom they do not: the server's processor time is what
the pages ask of it alone, and says how soon they would be there with browsers elsewhere.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tests.benchmarks.figures import Figure
from tests.benchmarks.frames import served
from tests.dashboards.stage import ARGUMENTS, CHROMIUM

if TYPE_CHECKING:
    from playwright.async_api import Page

PAGES = 26
MOST_SECONDS = 20.0
LONGEST = 180_000
"""ms after which a page is given up."""
USABLE = """Number(document.querySelector('.view-canvas')?.dataset.frames) > 0
  && !document.querySelector('.abm-play').disabled"""


async def _opened(address: str, n: int) -> list[float]:
    """Seconds until each of so many pages, opened at once by visitors of their own, can be used."""
    from playwright.async_api import async_playwright

    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        contexts = [await browser.new_context(viewport={"width": 1280, "height": 800}) for _ in range(n)]
        pages = [await context.new_page() for context in contexts]
        begun = time.perf_counter()

        async def open_one(page: Page, number: int) -> float:
            await page.goto(f"{address}/lab?scenario=classroom&seed={number}", timeout=LONGEST, wait_until="commit")
            await page.wait_for_function(USABLE, timeout=LONGEST, polling=200)
            return time.perf_counter() - begun

        found = await asyncio.gather(*(open_one(page, number) for number, page in enumerate(pages)))
        await browser.close()
        return found


def measure(is_quick: bool) -> Iterator[Figure]:
    """All pages at once; quick: four of them."""
    if not CHROMIUM.exists():
        print(f"pages: skipped, there is no {CHROMIUM} (`apt-get install chromium`)", file=sys.stderr)
        return
    n = 4 if is_quick else PAGES
    with served(0) as (address, server):
        asyncio.run(_opened(address, 1))
        before = server.cpu_times()
        seconds = sorted(asyncio.run(_opened(address, n)))
        after = server.cpu_times()
        used = after.user + after.system - before.user - before.system
        note = f"the first after {seconds[0]:.1f} s; browsers on the same cores; load {os.getloadavg()[0]:.1f}"
        yield Figure("pages", f"{n} pages usable", seconds[-1], "s", None if is_quick else MOST_SECONDS, note=note)
        yield Figure("pages", f"{n} pages: processor time of the server", used, "s")
