"""What phones and rooms do to a game, in a real browser: whatever happens, the same seat plays on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.dashboards import browser as at
from tests.dashboards.play.phones import Host, Phone, Served, run, served

READY = "window.S && S.me && isKnown"
"""A page that has its seat and is connected."""


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    at.chromium()
    with served(tmp_path_factory.mktemp("play"), "quick", "--pace", "20") as found:
        begin(found)
        yield found


def begin(room: Served) -> None:
    """Start the game with somebody in it, so that phones have something to do."""

    async def work() -> None:
        host = await Host(room.line, room.host).join()
        phones = [await Phone(room.line, room.code, n).join() for n in range(3)]
        await host.does("start")
        await host.until(lambda: host.seen["common"]["part"] == "look")
        for one in (*phones, host):
            await one.leave()

    run(work(), 60)


@pytest.fixture(scope="module")
def browser(room: Served) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=at.chromium(), args=list(at.ARGUMENTS))
        yield launched
        launched.close()


@pytest.fixture
def page(room: Served, browser: Any) -> Iterator[Any]:
    """A phone that has joined."""
    context = browser.new_context(viewport={"width": 375, "height": 740}, has_touch=True, locale="en-US")
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.goto(f"{room.address}/?c={room.code}")
    opened.click("[data-do=join]")
    opened.wait_for_function(READY)
    yield opened
    context.close()
    assert not complaints


def seat(page: Any) -> int:
    """Seat of a page, once it is connected."""
    page.wait_for_function(READY, timeout=15_000)
    return int(page.evaluate("S.me.seat"))


def invited(page: Any) -> list[int]:
    """Whom it has invited."""
    return page.evaluate("S.look ? S.look.invited : []")


def test_reload(page: Any) -> None:
    before = seat(page)
    page.reload()
    assert seat(page) == before


def test_back_and_forward(page: Any, room: Served) -> None:
    before = seat(page)
    page.goto(f"{room.address}/readyz")
    page.go_back()
    assert seat(page) == before
    page.go_forward()
    page.go_back()
    assert seat(page) == before


def test_locked_for_a_minute_and_switched_to_another_app(page: Any) -> None:
    """The system kills the socket while the page sleeps and tells nobody: the page finds out when it is looked at."""
    before = seat(page)
    # A line that is dead without saying so: nothing goes out or comes in any more.
    page.evaluate("() => { line.send = () => {}; line.onmessage = null; }")
    page.evaluate("() => { window.old = line; document.dispatchEvent(new Event('visibilitychange')); }")
    page.wait_for_function("line && line !== window.old && isKnown", timeout=12_000)
    assert seat(page) == before


def test_network_lost_and_back(page: Any) -> None:
    before = seat(page)
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    page.evaluate("line.close()")
    page.context.set_offline(True)
    page.wait_for_function("!isKnown")
    page.wait_for_selector("#banner:not([hidden])")
    # A move made meanwhile is kept, shown as under way, and counts once when the network is back.
    page.wait_for_timeout(3000)
    row = page.evaluate("S.look.candidates[0].row")
    page.click("[data-do=invite] >> nth=0")
    page.wait_for_selector("[data-do=invite]:disabled", timeout=2000)
    page.context.set_offline(False)
    page.wait_for_function(READY, timeout=15_000)
    page.wait_for_function("S.look.invited.length === 1")
    assert seat(page) == before
    assert invited(page) == [row]
    assert page.locator("#banner").is_hidden()


def test_network_changed_to_a_new_address(page: Any, room: Served) -> None:
    """Another address of the same server: the secret in the link opens the seat there, where nothing is stored."""
    before, secret = seat(page), page.evaluate("secret")
    page.goto(f"http://localhost:{room.port}/#s={secret}")
    assert seat(page) == before


def test_two_tabs(page: Any, room: Served) -> None:
    before = seat(page)
    other = page.context.new_page()
    other.goto(f"{room.address}/")
    assert seat(other) == before
    page.wait_for_function("S.idle === true")
    page.click("[data-do=take]")
    page.wait_for_function("S.idle === false")
    other.wait_for_function("S.idle === true")
    other.close()


def test_double_tap(page: Any) -> None:
    seat(page)
    page.evaluate("() => { const b = document.querySelector('[data-do=invite]'); b.click(); b.click(); b.click(); }")
    page.wait_for_function("!openMoves.length")
    # Taps are moves of their own, in their order; a message that is sent twice is one move.
    page.evaluate(
        "() => { move({do: 'invite', row: S.look.candidates[1].row}); send(openMoves[0]); send(openMoves[0]); }"
    )
    page.wait_for_function("!openMoves.length")
    assert invited(page).count(page.evaluate("S.look.candidates[1].row")) <= 1


def test_clock_off_by_an_hour(browser: Any, room: Served) -> None:
    context = browser.new_context(viewport={"width": 375, "height": 740}, locale="en-US")
    page = context.new_page()
    page.add_init_script("const real = Date.now; Date.now = () => real() + 3600e3;")
    page.goto(f"{room.address}/?c={room.code}")
    page.click("[data-do=join]")
    page.wait_for_function(READY)
    left = page.evaluate("secondsLeft()")
    assert 0 < left <= 60 * 20
    assert abs(left - page.evaluate("S.common.left")) < 5
    context.close()


def test_private_mode_without_storage(browser: Any, room: Served) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 600}, locale="zh-CN")
    page = context.new_page()
    page.add_init_script("Object.defineProperty(window, 'localStorage', { get() { throw new Error('private'); } });")
    page.goto(f"{room.address}/?c={room.code}")
    page.click("[data-do=join]")
    before = seat(page)
    page.reload()
    assert seat(page) == before
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    context.close()


def test_a_wrong_code_is_told_on_that_phone_in_its_language(browser: Any, room: Served) -> None:
    for locale, text in (("zh-CN", "口令不对"), ("en-US", "not the room's code")):
        context = browser.new_context(viewport={"width": 375, "height": 740}, locale=locale)
        page = context.new_page()
        page.goto(f"{room.address}/")
        page.fill("#code", "0000")
        page.click("[data-do=join]")
        page.wait_for_selector(f"text={text}")
        page.fill("#code", room.code)
        page.click("[data-do=join]")
        page.wait_for_function(READY)
        context.close()


@pytest.mark.long
def test_server_killed_and_resumed_under_an_open_page(tmp_path: Path, browser: Any) -> None:
    context = browser.new_context(viewport={"width": 375, "height": 740}, locale="en-US")
    page = context.new_page()
    with served(tmp_path, "lesson", "--pace", "20") as first:
        page.goto(f"{first.address}/?c={first.code}")
        page.click("[data-do=join]")
        begin(first)
        page.wait_for_selector("[data-do=invite]")
        page.click("[data-do=invite] >> nth=0")
        page.wait_for_function("S.look.invited.length === 1")
        before, who = seat(page), invited(page)
        first.kill()
        page.wait_for_selector("#banner:not([hidden])")
    with served(tmp_path, port=first.port, resume=True):
        page.wait_for_function(READY, timeout=20_000)
        assert seat(page) == before
        page.wait_for_function(f"JSON.stringify(S.look.invited) === '{json.dumps(who)}'")
        page.wait_for_selector("#banner[hidden]", state="attached")
    context.close()


@pytest.mark.long
def test_gone_for_good_the_model_plays_and_a_late_comer_finds_a_seat(tmp_path: Path) -> None:
    async def work(room: Served) -> None:
        host = await Host(room.line, room.host).join()
        gone = await Phone(room.line, room.code, 1).join()
        stays = await Phone(room.line, room.code, 2).join()
        await host.does("start")
        await stays.until(lambda: stays.part == "look")
        await gone.leave()
        await host.until(lambda: [s["here"] for s in host.seen["seats"]].count(False) == 1, 40)
        # No part waits for who is gone.
        await stays.move(do="done")
        await stays.until(lambda: stays.part == "negotiate")
        late = await Phone(room.line, room.code, 3).join()
        assert late.seen["me"]["seat"] not in (0, 1)
        assert late.part in ("negotiate", "deliver")
        for one in (late, stays, host):
            await one.leave()

    with served(tmp_path, "lesson", "--pace", "20") as room:
        run(work(room), 120)
