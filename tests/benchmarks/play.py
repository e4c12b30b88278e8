"""A class of 40 on one laptop: how fast its phones are served, how long an offer takes, what a phone costs.

    python -m tests.benchmarks.play [GAME] [--phones 40] [--thinks 2.0] [--pace 0.5]
    python -m tests.benchmarks.play quick --browsers 40 --pace 2

Phones are sockets in this process that play a whole game, thinking as long as people do; the server is `abm play` in a
process of its own, with a host and a projector connected. With ``--browsers`` they are pages of a real Chromium, each
in a context of its own, touched in turn. docs/play_performance.md has the figures.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from tests.dashboards import browser as at
from tests.dashboards.play.phones import TOUCH, Host, Phone, Served, served

WATCH = """() => {
  window.SAW = { said: {}, shown: {}, part: {} };
  const now = () => performance.timeOrigin + performance.now(), hears = hear, moves = move;
  window.hear = message => {
    hears(message);
    if (message.t !== "state") return;
    // On the screen after the next frame.
    requestAnimationFrame(() => requestAnimationFrame(() => {
      const c = S.common; if (c) SAW.part[c.part + c.round] = SAW.part[c.part + c.round] || now();
      for (const n in S.tables || {}) { const o = S.tables[n].theirs; if (!o) continue;
        const key = [c.round, n, o.level, o.tenths].join(); SAW.shown[key] = SAW.shown[key] || now(); }
    }));
  };
  window.move = does => {
    if (does.do === "offer") { const key = [S.common.round, does.table, does.level, does.tenths].join();
      SAW.said[key] = SAW.said[key] || now(); }
    moves(does);
  };
}"""
"""Notes in a page when it offered, and when what others offered was on its screen."""


def percentile(values: list[float], q: float) -> float:
    """In milliseconds."""
    return 1000 * float(np.percentile(values, q)) if values else float("nan")


async def opened(room: Served) -> tuple[float, int]:
    """Seconds and bytes of one page."""
    begun = time.perf_counter()

    def get() -> int:
        with urllib.request.urlopen(f"{room.address}/?c={room.code}", timeout=30) as answer:
            return len(answer.read())

    size = await asyncio.to_thread(get)
    return time.perf_counter() - begun, size


async def arrive(room: Served, phone: Phone) -> float:
    """Seconds from the request of a page to a seat that is shown."""
    begun = time.perf_counter()
    await opened(room)
    await phone.join()
    return time.perf_counter() - begun


def to_an_offer(phones: list[Phone], arrived: list[float], started: float) -> dict[str, list[float]]:
    """Seconds from a page's request to the first offer that it shows, without what people took to think: the page and
    the seat, the start, the end of that year's look, the way of the offer. One value a phone that got an offer."""
    found: dict[str, list[float]] = {"start to look shown": [], "last one ready to tables shown": [], "all": []}
    for phone, came in zip(phones, arrived, strict=True):
        if not phone.shown:
            continue
        shown, key = min((shown, key) for key, shown in phone.shown.items())
        year, table = key[:2]
        sat = phone.began["negotiate", year]
        ready = max(one.ended.get(("look", year), 0.0) for one in phones)
        said = [other.said[key] for other in phones if other is not phone and key in other.said]
        # A person offered it, or the model's agent: at once, or in answer to what this phone offered last.
        own = [t for (y, n, _, _), t in phone.said.items() if (y, n) == (year, table) and t <= shown]
        way = shown - max([sat, *said] if said else [sat, *own])
        waits = phone.began["look", 1] - started, max(0.0, sat - ready)
        found["start to look shown"].append(waits[0])
        found["last one ready to tables shown"].append(waits[1])
        found["all"].append(came + sum(waits) + max(0.0, way))
    return found


async def play(room: Served, n: int, thinks: float) -> dict[str, float]:
    """One game; its figures."""
    server = psutil.Process(room.process.pid)
    host = await Host(room.line, room.host).join()
    wall = await Host(room.line, "", kind="wall").join()
    await asyncio.sleep(1.0)
    before = server.memory_info().rss
    phones = [Phone(room.line, room.code, i, thinks=thinks) for i in range(n)]
    # All scan the code within the same moment.
    arrived = await asyncio.gather(*(arrive(room, phone) for phone in phones))
    await asyncio.sleep(1.0)
    a_phone = (server.memory_info().rss - before) / n / 2**20
    size = (await opened(room))[1]
    lags: list[float] = []

    async def beat() -> None:
        while True:
            begun = time.perf_counter()
            await asyncio.sleep(0.05)
            lags.append(time.perf_counter() - begun - 0.05)

    beating = asyncio.create_task(beat())
    begun, cpu = time.perf_counter(), server.cpu_times()
    started = time.monotonic()
    await host.does("start")
    await asyncio.gather(*(phone.play() for phone in phones))
    seconds, used = time.perf_counter() - begun, server.cpu_times()
    beating.cancel()
    for one in (*phones, host, wall):
        await one.leave()
    took = [t for phone in phones for t in phone.took]
    offers = to_an_offer(phones, list(arrived), started)
    return {
        "phones": n,
        "page, kB": size / 1000,
        "page asked for to seat shown, all at once, 95th percentile, ms": percentile(list(arrived), 95),
        **{f"{name}, 95th percentile, ms": percentile(offers[name], 95) for name in offers if name != "all"},
        "page asked for to an offer shown, without thinking, median, ms": percentile(offers["all"], 50),
        "page asked for to an offer shown, 95th percentile, ms": percentile(offers["all"], 95),
        "phones that were offered something": len(offers["all"]),
        "move to its answer, median, ms": percentile(took, 50),
        "move to its answer, 95th percentile, ms": percentile(took, 95),
        "offer to the other phone, median, ms": percentile(ways(phones), 50),
        "offer to the other phone, 95th percentile, ms": percentile(ways(phones), 95),
        "offers that went from person to person": len(ways(phones)),
        "moves": sum(phone.n_moves for phone in phones),
        "refused": sum(len(phone.errors) for phone in phones),
        "server's memory a phone, MB": a_phone,
        "server's processor, share of one core": (used.user + used.system - cpu.user - cpu.system) / seconds,
        "lag of this process itself, 95th percentile, ms": percentile(lags, 95),
        "game, s": seconds,
    }


def ways(phones: list[Phone]) -> list[float]:
    """Seconds from a phone's offer until the phone across the table shows it."""
    found: list[float] = []
    for phone in phones:
        for key, said in phone.said.items():
            shown = [other.shown[key] for other in phones if other is not phone and key in other.shown]
            found += [at - said for at in shown if 0 <= at - said < 5]
    return found


async def play_in_browsers(room: Served, n: int, every: float) -> dict[str, float]:
    """One game in pages of a real browser; its figures. ``every``: seconds between two touches of a page."""
    from playwright.async_api import async_playwright

    host = await Host(room.line, room.host).join()
    wall = await Host(room.line, "", kind="wall").join()
    complaints: list[str] = []
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=at.chromium(), args=list(at.ARGUMENTS))

        async def sit(i: int) -> tuple[Any, float]:
            locale = ("zh-CN", "en-GB")[i % 2]
            context = await launched.new_context(viewport={"width": 375, "height": 740}, has_touch=True, locale=locale)
            page = await context.new_page()
            page.on("pageerror", lambda error: complaints.append(str(error)))
            begun = time.monotonic()
            await page.goto(f"{room.address}/?c={room.code}", timeout=120_000)
            await page.click("[data-do=join]", timeout=120_000)
            await page.wait_for_function("window.S && S.me && document.querySelector('.top .name')", timeout=120_000)
            took = time.monotonic() - begun
            await page.evaluate(WATCH)
            return page, took

        seated = await asyncio.gather(*(sit(i) for i in range(n)))
        pages = [page for page, _ in seated]
        await host.until(lambda: host.seen["common"]["people"] == n, 120)
        seats = {await page.evaluate("S.me.seat") for page in pages}
        started = time.time()
        await host.does("start")

        async def touch(page: Any) -> None:
            while await page.evaluate(TOUCH) != "debrief":
                await asyncio.sleep(every)

        await asyncio.gather(*(touch(page) for page in pages))
        for page in pages:
            await page.wait_for_function("S.story", timeout=120_000)
        saw = [await page.evaluate("SAW") for page in pages]
        wide = [await page.evaluate("document.documentElement.scrollWidth <= innerWidth") for page in pages]
        await launched.close()
    for one in (host, wall):
        await one.leave()
    said = {key: t for one in saw for key, t in one["said"].items()}
    way = [(one["shown"][key] - t) / 1000 for one in saw for key, t in said.items()
           if key in one["shown"] and key not in one["said"]]  # fmt: skip
    looked = [one["part"]["look1"] / 1000 - started for one in saw if "look1" in one["part"]]
    return {
        "browser contexts": n, "seats that they have": len(seats), "complaints of pages": len(complaints),
        "pages as wide as their screen": sum(wide),
        "page asked for to seat on the screen, all at once, median, ms": percentile([t for _, t in seated], 50),
        "page asked for to seat on the screen, 95th percentile, ms": percentile([t for _, t in seated], 95),
        "start to look on the screen, 95th percentile, ms": percentile(looked, 95),
        "offer to the other screen, median, ms": percentile([t for t in way if t >= 0], 50),
        "offer to the other screen, 95th percentile, ms": percentile([t for t in way if t >= 0], 95),
        "offers that went from page to page": len(way),
    }  # fmt: skip


def main() -> None:
    """Play and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("game", nargs="?", default="lesson")
    parser.add_argument("--phones", type=int, default=40)
    parser.add_argument("--browsers", type=int, default=0, help="pages of a real browser in place of the phones")
    parser.add_argument("--thinks", type=float, default=2.0)
    parser.add_argument("--pace", type=float, default=0.5)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, served(Path(folder), args.game, "--pace", str(args.pace)) as room:
        work = play_in_browsers(room, args.browsers, args.thinks) if args.browsers else play(
            room, args.phones, args.thinks)  # fmt: skip
        figures = asyncio.run(work)
        figures["kept, kB"] = sum(p.stat().st_size for p in room.folder.rglob("*") if p.is_file()) / 1000
    for name, value in figures.items():
        print(f"{name:<66} {value:>10.2f}")
    print(json.dumps({"load": os.getloadavg()[0], "cores": os.cpu_count()}))


if __name__ == "__main__":
    main()
