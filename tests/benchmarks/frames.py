"""Frames a second of live views in a real browser while the model steps, and what a thousand leave behind."""

from __future__ import annotations

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
    from playwright.sync_api import Page

WORLDS = (("300 institutions, 1,500 contracts", (270, 30, 1_500), 30.0), ("3,000, 15,000", (2_700, 300, 15_000), 15.0))
"""Enterprises, colleges and contracts, and the frames a second wanted."""
KINDS = ("network", "matrix", "tile_map", "causes")
SECONDS = 6.0
FRAMES = 1_000
MOST_WAIT = 180.0
"""Seconds until a page must show its first picture: the model may have to be compiled."""


@contextmanager
def page_of(kind: str, sizes: tuple[int, int, int]) -> Iterator[tuple[Page, psutil.Process]]:
    """A browser's page and the process of the server behind it; both are ended at the end."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = [sys.executable, "-m", "tests.benchmarks.frames_server", str(port), kind, *map(str, sizes)]
    server = subprocess.Popen(words, cwd=Path(__file__).parents[2], stdout=subprocess.DEVNULL)
    try:
        _wait(port)
        with browser() as opened:
            page = opened.new_page(viewport={"width": 1024, "height": 800})
            page.goto(f"http://127.0.0.1:{port}/")
            page.wait_for_function(
                "Number(document.querySelector('.view-canvas')?.dataset.step) > 4", timeout=1000 * MOST_WAIT
            )
            yield page, psutil.Process(server.pid)
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


def counted(page: Page) -> tuple[int, int]:
    """Frames painted and the step of the last."""
    frames, step = page.evaluate(
        "(({ frames, step }) => [Number(frames), Number(step)])(document.querySelector('.view-canvas').dataset)"
    )
    return frames, step


class Pace(NamedTuple):
    """How a page went for some seconds."""

    frames: float
    """A second."""
    steps: float
    browser: float
    """Processor time of all processes of the browser, ms a frame: on a busy machine this says more than frames."""
    server: float
    """Processor time of the server, the model's included, ms a frame."""


def pace(page: Page, server: psutil.Process) -> Pace:
    """Watch the page for SECONDS."""
    frames, step = counted(page)
    painting, serving = _processor_time(_browsers()), _processor_time([server])
    begun = time.perf_counter()
    page.wait_for_timeout(1000 * SECONDS)
    more, later = counted(page)
    seconds, n = time.perf_counter() - begun, max(1, more - frames)
    painting, serving = _processor_time(_browsers()) - painting, _processor_time([server]) - serving
    return Pace(n / seconds, (later - step) / seconds, 1000 * painting / n, 1000 * serving / n)


def _browsers() -> list[psutil.Process]:
    """Processes of the browser that this one started."""
    children = psutil.Process().children(recursive=True)
    return [process for process in children if "chrom" in process.name()]


def _processor_time(processes: list[psutil.Process]) -> float:
    """Seconds of all together."""
    return sum(process.cpu_times().user + process.cpu_times().system for process in processes)


def heap_growth(page: Page) -> float:
    """MB of the browser's heap that FRAMES frames leave behind, after collecting garbage."""
    session = page.context.new_cdp_session(page)

    def used() -> float:
        session.send("HeapProfiler.collectGarbage")
        return float(session.send("Runtime.getHeapUsage")["usedSize"]) / 1e6

    first, before = counted(page)[0], used()
    until = time.monotonic() + MOST_WAIT
    while counted(page)[0] < first + FRAMES and time.monotonic() < until:
        page.wait_for_timeout(500)
    return (used() - before) * FRAMES / max(1, counted(page)[0] - first)


def measure(is_quick: bool) -> Iterator[Figure]:
    """Network, matrix and the rest; quick: the network in the small world alone."""
    if not CHROMIUM.exists():
        print(f"frames: skipped, there is no {CHROMIUM} (`apt-get install chromium`)", file=sys.stderr)
        return
    for name, sizes, target in WORLDS[:1] if is_quick else WORLDS:
        for kind in KINDS[:1] if is_quick else KINDS:
            with page_of(kind, sizes) as (page, server):
                found = pace(page, server)
                note = (
                    f"{found.browser:.0f} ms of processor a frame in the browser, {found.server:.0f} ms in the server "
                    f"with the model at {found.steps:.0f} quarters a second"
                )
                what = f"{kind}, {name}"
                yield Figure("frames", what, round(found.frames, 1), "frames/s", target, at_least=True, note=note)
                if kind == "network" and sizes == WORLDS[0][1]:
                    growth = round(heap_growth(page), 2)
                    yield Figure(
                        "frames", f"heap left by {FRAMES} frames", growth, "MB", 5.0, note="network, small world"
                    )
