"""A real dashboard in a process of its own and a real browser before it; skipped, with the reason, where one lacks."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

from abm.machine.errors import InputError
from dashboards.serve import assets

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "chrome")
"""The first is the same engine without windows around it: a page takes half the processor time."""
ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync")  # fmt: skip
PATIENCE = 240.0
"""Seconds for a first start, which compiles the model."""


def chromium() -> str:
    """Path of the browser; skips the test without one."""
    pytest.importorskip("playwright", reason="playwright is not installed")
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("no Chromium on the PATH: apt-get install chromium")
    return found


def assets_are_there() -> None:
    """Get the page's assets; skips the test where they can not be had."""
    try:
        assets.fetch(is_quiet=True)
    except InputError as error:
        pytest.skip(f"the page's assets are missing: {error}")


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def served(
    folder: Path, *options: str, port: int | None = None, program: Sequence[str] = ("-m", "abm"),
    within: Path | None = None,
) -> Generator[str]:  # fmt: skip
    """The address of a dashboard that is ready: model compiled, pages answering. ``within``: where it is started."""
    port = port or free_port()
    command = [sys.executable, *program, "dashboard", "--no-browser", "--port", str(port), *options]
    log = (folder / "server.log").open("w+")
    # The server alone has its temporary files there: a browser's sockets need short paths.
    around = {**os.environ, "ABM_WARMUP": "0", "TMPDIR": str(folder)}
    server = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=around, cwd=within)
    address = f"http://127.0.0.1:{port}"
    try:
        end = time.monotonic() + PATIENCE
        while not _answers(f"{address}/readyz"):
            assert server.poll() is None, (folder / "server.log").read_text()
            assert time.monotonic() < end, "the server did not start"
            time.sleep(0.2)
        yield address
        assert "Traceback" not in (folder / "server.log").read_text(), (folder / "server.log").read_text()
    finally:
        server.terminate()
        server.wait(20)
        log.close()


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False


@dataclass
class Visitor:
    """One browser context with one page, and what it asked for and complained about."""

    page: Any
    address: str
    complaints: list[str] = field(default_factory=list[str])
    outside: list[str] = field(default_factory=list[str])
    n_bytes: int = 0
    sockets: list[Any] = field(default_factory=list[Any])
    errors: list[str] = field(default_factory=list[str])
    """What scripts of the page failed at: no test allows any."""

    def open(self, path: str = "lab?step=0") -> Visitor:
        """Go to a page and wait until the world is built."""
        self.page.goto(f"{self.address}/{path}")
        self.page.locator(".view-canvas").first.wait_for(timeout=PATIENCE * 1000)
        return self

    def step(self) -> int:
        """The moment that the transport bar shows, in quarters done."""
        return int(self.page.locator(".abm-scrub input").input_value())

    def until(self, holds: Any, seconds: float = 60.0) -> None:
        """Wait for what a function of the visitor says."""
        end = time.monotonic() + seconds
        while not holds(self):
            assert time.monotonic() < end, f"it did not come about; step {self.step()}, {self.complaints}"
            self.page.wait_for_timeout(50)

    def frames(self, kind: str = "tile_map") -> int:
        """How often a view has been painted."""
        return int(self.page.locator(f"[data-kind={kind}] canvas").get_attribute("data-frames") or 0)

    def drop(self) -> None:
        """Cut all connections to the server; those that the page makes anew are in ``sockets``."""
        cut, self.sockets[:] = list(self.sockets), []
        for connection in cut:
            connection.close(code=1001, reason="dropped")


@contextmanager
def visiting(browser: Any, address: str, **options: Any) -> Generator[Visitor]:
    """A visitor of its own; every request that leaves this machine is blocked and noted."""
    context = browser.new_context(**({"viewport": {"width": 1280, "height": 800}} | options))
    visitor = Visitor(context.new_page(), address)
    page = visitor.page

    def route(request: Any) -> None:
        if request.request.url.startswith((address, "data:", "blob:")):
            request.continue_()
        else:
            visitor.outside.append(request.request.url)
            request.abort()

    def connect(websocket: Any) -> None:
        websocket.connect_to_server()
        visitor.sockets.append(websocket)

    context.route("**/*", route)
    page.route_web_socket("**/*", connect)
    page.on("console", lambda m: visitor.complaints.append(m.text) if m.type == "error" else None)

    def failed(error: Any) -> None:
        visitor.complaints.append(str(error))
        visitor.errors.append(str(error))

    page.on("pageerror", failed)
    cdp = context.new_cdp_session(page)
    cdp.send("Network.enable")

    def count(event: dict[str, Any]) -> None:
        visitor.n_bytes += int(event["encodedDataLength"])

    cdp.on("Network.loadingFinished", count)
    try:
        yield visitor
        assert not visitor.errors, visitor.errors
    finally:
        context.close()


def server_at(address: str) -> psutil.Process:
    """The process of the dashboard that answers at an address; ``kill()`` ends it as a power cut would."""
    port = int(address.rsplit(":", 1)[1])
    listening = (c for c in psutil.net_connections("tcp") if c.status == psutil.CONN_LISTEN)
    return psutil.Process(next(c.pid for c in listening if c.pid and getattr(c.laddr, "port", 0) == port))


def is_paused(visitor: Visitor) -> bool:
    """Whether the transport bar says so."""
    return visitor.page.locator(".abm-when span").inner_text() in ("paused", "已暂停")
