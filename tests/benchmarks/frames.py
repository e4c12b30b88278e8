"""The Lab page in a real browser while the model steps: frames a second of its live views, what a thousand
leave behind, what the first load weighs and when its first picture is there.

All goes the way that visitors' frames go (dashboards/live/feed.py). Processor time is told beside every rate:
on a busy machine it says more than the rate.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import psutil

from tests.benchmarks.figures import Figure
from tests.dashboards.stage import CHROMIUM, browser

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

WORLDS = (
    ("300 institutions, 1,500 contracts", (270, 30, 1_500), 30.0),
    ("3,000 institutions, 15,000 contracts", (2_700, 300, 15_000), 15.0),
)
"""Enterprises, colleges and contracts, and the frames a second wanted."""
TABS = (("Overview", ("tile_map", "causes", "depth")), ("Communities", ("matrix", "network")))
"""Live views of the Lab by the tab on which they are."""
COUNTRY = ("china as shipped", 0)
STEPS = 800
"""Quarters of a run: the most that the dashboard plays. At its fastest that is a quarter of a minute."""
SECONDS = 6.0
FRAMES = 1_000
SETTLING = 300
"""Frames after which the heap is looked at first: what a page keeps for good is there by then."""
MOST_WAIT = 180.0
"""Seconds until a page must show its first picture: the model may have to be compiled."""
MOST_FIRST_LOAD = 2.5
"""MB."""
MOST_FIRST_PICTURE = 3.0
"""Seconds."""


@contextmanager
def served(n_ties: int) -> Iterator[tuple[str, psutil.Process]]:
    """The address of a dashboard whose model is loaded, and its process, which is ended at the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = [sys.executable, "-m", "tests.benchmarks.frames_server", str(port), str(n_ties)]
    server = subprocess.Popen(words, cwd=Path(__file__).parents[2], stdout=subprocess.DEVNULL)
    try:
        _wait(port)
        yield f"http://127.0.0.1:{port}", psutil.Process(server.pid)
    finally:
        server.terminate()
        server.wait(20)


def _wait(port: int) -> None:
    until = time.monotonic() + MOST_WAIT
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5).close()
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.3)
        else:
            return
    raise TimeoutError(f"no server on port {port} after {MOST_WAIT:.0f} s")


def _painted(page: Page, above: int = 0) -> None:
    """Wait until the page has painted a moment after ``above`` quarters."""
    page.wait_for_function(
        "above => Number(document.querySelector('.view-canvas')?.dataset.step ?? -1) >= above",
        arg=above,
        timeout=1000 * MOST_WAIT,
    )


@contextmanager
def lab(opened: Browser, address: str, query: str) -> Iterator[Page]:
    """The Lab with a world, at its fastest."""
    page = opened.new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"{address}/lab?{query}")
    _painted(page)
    page.keyboard.press("9")
    try:
        yield page
    finally:
        page.close()


def world(n_enterprises: int, n_colleges: int) -> str:
    """The link to a world of that size on six regions."""
    population = {"n_regions": 6, "n_enterprises": n_enterprises, "n_colleges": n_colleges, "n_students": 4000}
    settings = [f"set=steps={STEPS}", *(f"set=population.{name}={value}" for name, value in population.items())]
    return "&".join(["scenario=reform_package", *settings])


def play(page: Page) -> None:
    """Let the run go on, from the start where it has come to its end."""
    page.evaluate(
        """() => {
          const scrub = document.querySelector(".abm-scrub input");
          scrub.value = 0;
          scrub.dispatchEvent(new Event("change"));
        }"""
    )
    page.wait_for_function("document.querySelector('.abm-scrub input').value === '0'", timeout=1000 * MOST_WAIT)
    page.get_by_role("button", name="Play", exact=True).click()
    page.wait_for_function("Number(document.querySelector('.abm-scrub input').value) > 4", timeout=1000 * MOST_WAIT)


def counted(page: Page, kind: str) -> tuple[int, int]:
    """Frames painted by a view, and the quarter that the last of them shows."""
    frames, step = page.evaluate(
        """kind => {
          const told = document.querySelector(`[data-kind=${kind}] canvas`).dataset;
          return [Number(told.frames), Number(told.step)];
        }""",
        kind,
    )
    return frames, step


class Pace(NamedTuple):
    """How a page went for some seconds."""

    frames: float
    """A second."""
    steps: float
    browser: float
    """Processor time of all processes of the browser, s a second."""
    server: float
    """Processor time of the server, the model's included, s a second."""

    def note(self) -> str:
        """In words, with the load of the machine."""
        return (
            f"model at {self.steps:.0f} quarters a second; processor time: browser {self.browser:.2f}, "
            f"server with model {self.server:.2f} s a second; load {os.getloadavg()[0]:.1f}"
        )


def pace(page: Page, server: psutil.Process, kind: str) -> Pace:
    """Watch a view of the page for SECONDS."""
    frames, step = counted(page, kind)
    painting, serving = _processor_time(_browsers()), _processor_time([server])
    begun = time.perf_counter()
    page.wait_for_timeout(1000 * SECONDS)
    more, later = counted(page, kind)
    seconds = time.perf_counter() - begun
    painting, serving = _processor_time(_browsers()) - painting, _processor_time([server]) - serving
    return Pace((more - frames) / seconds, (later - step) / seconds, painting / seconds, serving / seconds)


def _browsers() -> list[psutil.Process]:
    """Processes of the browser that this one started."""
    children = psutil.Process().children(recursive=True)
    return [process for process in children if "chrom" in process.name()]


def _processor_time(processes: list[psutil.Process]) -> float:
    """Seconds of all together."""
    return sum(process.cpu_times().user + process.cpu_times().system for process in processes)


def paces(page: Page, server: psutil.Process, kinds: tuple[str, ...]) -> Iterator[tuple[str, Pace]]:
    """Each of some live views, in sight with its neighbours while the model steps."""
    for tab, views in TABS:
        for kind in (kind for kind in views if kind in kinds):
            page.get_by_role("tab", name=tab).click()
            page.locator(f"[data-kind={kind}] canvas").scroll_into_view_if_needed()
            play(page)
            yield kind, pace(page, server, kind)


def heap_growth(page: Page) -> float:
    """MB of the browser's heap that FRAMES frames leave behind, after collecting garbage."""
    session = page.context.new_cdp_session(page)

    def used() -> float:
        session.send("HeapProfiler.collectGarbage")
        return float(session.send("Runtime.getHeapUsage")["usedSize"]) / 1e6

    def watch(n: int) -> int:
        first, until = counted(page, "tile_map")[0], time.monotonic() + MOST_WAIT
        while (done := counted(page, "tile_map")[0] - first) < n and time.monotonic() < until:
            if counted(page, "tile_map")[1] >= STEPS:
                play(page)
            page.wait_for_timeout(250)
        return done

    page.get_by_role("tab", name="Overview").click()
    page.locator("[data-kind=tile_map] canvas").scroll_into_view_if_needed()
    play(page)
    watch(SETTLING)
    before = used()
    done = watch(FRAMES)
    return (used() - before) * FRAMES / max(1, done)


class FirstLoad(NamedTuple):
    """What a browser that was never here before gets until the first picture."""

    megabytes: float
    """As transferred: files, and messages of the sockets before compression."""
    seconds: float
    """From asking for the page to its first picture."""


def first_load(opened: Browser, address: str) -> FirstLoad:
    """Open the first page with an empty cache."""
    context = opened.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    session, sizes = context.new_cdp_session(page), [0]
    session.send("Network.enable")

    def file(event: dict[str, float]) -> None:
        sizes[0] += int(event["encodedDataLength"])

    def message(event: dict[str, dict[str, str]]) -> None:
        sizes[0] += len(event["response"]["payloadData"])

    session.on("Network.loadingFinished", file)
    session.on("Network.webSocketFrameReceived", message)
    page.goto(address)
    page.wait_for_function(
        "Number(document.querySelector('.view-canvas')?.dataset.frames) > 0", polling="raf", timeout=1000 * MOST_WAIT
    )
    seconds = page.evaluate("performance.now()") / 1000
    found = FirstLoad(sizes[0] / 1e6, seconds)
    context.close()
    return found


def measure(is_quick: bool) -> Iterator[Figure]:
    """All live views in both worlds and the country; quick: the network in the small world alone."""
    if not CHROMIUM.exists():
        print(f"frames: skipped, there is no {CHROMIUM} (`apt-get install chromium`)", file=sys.stderr)
        return
    kinds = ("network",) if is_quick else tuple(kind for _, views in TABS for kind in views)
    for name, (n_enterprises, n_colleges, n_ties), target in WORLDS[:1] if is_quick else WORLDS:
        with served(n_ties) as (address, server), browser(CHROMIUM) as opened:
            if n_ties == WORLDS[0][1][2]:
                yield from _opened(opened, address)
            with lab(opened, address, world(n_enterprises, n_colleges)) as page:
                for kind, found in paces(page, server, kinds):
                    what = f"{kind}, {name}"
                    rate, note = round(found.frames, 1), found.note()
                    yield Figure("frames", what, rate, "frames/s", target, at_least=True, note=note)
                if n_ties == WORLDS[0][1][2]:
                    growth = round(heap_growth(page), 2)
                    yield Figure("frames", f"heap left by {FRAMES} frames of the Lab", growth, "MB", 5.0)
    if not is_quick:
        yield from _country()


def _opened(opened: Browser, address: str) -> Iterator[Figure]:
    with lab(opened, address, "scenario=classroom"):
        pass  # The model is loaded when the first load is measured.
    found = first_load(opened, address)
    note = f"load {os.getloadavg()[0]:.1f}"
    yield Figure("frames", "first load", round(found.megabytes, 2), "MB", MOST_FIRST_LOAD)
    yield Figure("frames", "first picture", round(found.seconds, 2), "s", MOST_FIRST_PICTURE, note=note)


def _country() -> Iterator[Figure]:
    name, n_ties = COUNTRY
    with (
        served(n_ties) as (address, server),
        browser(CHROMIUM) as opened,
        lab(opened, address, "scenario=china") as page,
    ):
        play(page)
        found = pace(page, server, "tile_map")
        yield Figure("frames", f"tile_map, {name}", round(found.frames, 1), "frames/s", note=found.note())
        page.wait_for_function(
            "(input => input.value === input.max)(document.querySelector('.abm-scrub input'))",
            timeout=1000 * MOST_WAIT,
        )
        used = round(server.memory_info().rss / 1e6)
        yield Figure("frames", f"memory of the server after {name}", used, "MB")
