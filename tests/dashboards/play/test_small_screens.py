"""Every part of a game on the narrowest phone and on the projector: nothing wider than the screen, nothing too small to
touch, nothing that a projector cannot show; and who finds no seat looks on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.dashboards import browser as at
from tests.dashboards.play.phones import Host, Phone, Served, run, served

PARTS = ("lobby", "look", "negotiate", "deliver", "see", "debrief")
NARROW: Any = {"width": 320, "height": 640}
SMALL = """() => [...document.querySelectorAll('button, a, input, summary')].filter(e => {
  const box = e.getBoundingClientRect();
  return box.width > 0 && !e.closest('.grid') && (box.height < 43.5 || (e.tagName === 'BUTTON' && box.width < 43.5));
}).map(e => e.outerHTML.slice(0, 120))"""
"""What is smaller than a finger. The grid of all contracts is a picture beside the buttons that choose one."""
CUT = """() => [...document.querySelectorAll('#app *')].filter(e => {
  const box = e.getBoundingClientRect();
  return box.width > 0 && (box.right > innerWidth + 1 || box.left < -1) && !e.closest('.top');
}).map(e => e.outerHTML.slice(0, 120))"""
"""What reaches beyond the screen."""
PROJECTOR: Any = {"width": 1280, "height": 720}
"""A small projector; what must fit on it without scrolling while the game goes on."""


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    at.chromium()
    with served(tmp_path_factory.mktemp("play"), "lesson", "--pace", "20") as found:
        yield found


@pytest.mark.long
def test_every_part_fits_the_narrowest_phone_and_the_projector(room: Served) -> None:
    chromium = at.chromium()

    async def work() -> None:
        from playwright.async_api import async_playwright

        host = await Host(room.line, room.host).join()
        async with async_playwright() as playwright:
            launched = await playwright.chromium.launch(executable_path=chromium, args=list(at.ARGUMENTS))
            pages: list[Any] = []
            others: list[Phone] = []
            # Four browsers get one seat of each role; thirty sockets make the class.
            for n in range(10):
                if n in (0, 1, 6, 9):
                    context = await launched.new_context(viewport=NARROW, has_touch=True, locale="en-GB")
                    page = await context.new_page()
                    await page.goto(f"{room.address}/?c={room.code}")
                    await page.click("[data-do=join]")
                    await page.wait_for_function("window.S && S.me")
                    pages.append(page)
                else:
                    others.append(await Phone(room.line, room.code, n, thinks=0.05).join())
            others += [await Phone(room.line, room.code, n, thinks=0.05).join() for n in range(10, 34)]
            assert len({await page.evaluate("S.me.role") for page in pages}) == 4
            wall_context = await launched.new_context(viewport=PROJECTOR, locale="en-GB")
            wall = await wall_context.new_page()
            await wall.goto(f"{room.address}/wall")
            for part in PARTS:
                if part == "look":
                    await host.does("start")
                await host.until(lambda part=part: host.seen["common"]["part"] == part)
                if part == "look":
                    for page in pages[:2]:
                        await page.wait_for_function("S.look && S.look.candidates")
                        for _ in range(3):
                            await page.evaluate("document.querySelector('[data-do=invite]:not(.on)').click()")
                            await page.wait_for_timeout(150)
                    for phone in others:
                        for candidate in (phone.seen["look"].get("candidates") or [])[:2]:
                            await phone.move(do="invite", row=candidate["row"])
                for page in (*pages, wall):
                    await page.wait_for_function(f"S.common && S.common.part === '{part}'")
                    for _ in ("en", "zh"):
                        await page.wait_for_timeout(120)
                        assert not await page.evaluate(CUT), (part, await page.evaluate("lang"))
                        if page is not wall:
                            assert not await page.evaluate(SMALL), (part, await page.evaluate("S.me.role"))
                            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
                        elif part != "debrief":
                            # Nobody scrolls a projector while the class plays.
                            assert await page.evaluate("document.documentElement.scrollHeight <= innerHeight + 1"), part
                        await page.evaluate("setLanguage()")
                if part == "debrief":
                    # The game once more: each year has its picture.
                    years = wall.locator("[data-do=year]")
                    await years.first.click()
                    assert await years.count() == await wall.evaluate("S.story.rewind.length") > 0
                    assert await years.first.get_attribute("aria-pressed") == "true"
                    assert await wall.locator("svg.net path").count() > 0
                if part == "see":
                    await host.does("end")
                elif part not in ("lobby", "debrief"):
                    await host.does("next")
            await launched.close()
        for one in (*others, host):
            await one.leave()

    run(work(), 300)


@pytest.mark.long
def test_the_sixty_first_looks_on(tmp_path: Path) -> None:
    chromium = at.chromium()

    async def work(full: Served) -> None:
        from playwright.async_api import async_playwright

        phones = [await Phone(full.line, full.code, n).join() for n in range(60)]
        assert len({phone.seen["me"]["seat"] for phone in phones}) == 60
        async with async_playwright() as playwright:
            launched = await playwright.chromium.launch(executable_path=chromium, args=list(at.ARGUMENTS))
            context = await launched.new_context(viewport=NARROW, has_touch=True, locale="zh-CN")
            page = await context.new_page()
            await page.goto(f"{full.address}/?c={full.code}")
            await page.click("[data-do=join]")
            await page.wait_for_selector("[role=alert]")
            assert "60" in await page.inner_text("[role=alert]")
            # It looks on, and takes no seat by it.
            await page.click("a[href$='wall']")
            await page.wait_for_function("window.S && S.common && S.common.people === 60")
            assert not await page.evaluate(CUT)
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            await launched.close()
        for one in phones:
            await one.leave()

    with served(tmp_path, "quick", "--pace", "20") as full:
        run(work(full), 120)
