"""The page that the dashboard serves asks nobody but its own server: it opens without a network."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from dashboards.serve import assets

MOST_WAIT = 90.0


COMMAND = ["-m", "abm", "dashboard", "--no-browser", "--port", "{port}"]
FROM_PYTHON = [
    "-c",
    "from dashboards.serve import server; server.serve(server.Address(port={port}), opens_browser=False)",
]


@pytest.fixture(scope="module", params=[COMMAND, FROM_PYTHON], ids=["command", "Python"])
def page(request: pytest.FixtureRequest) -> Iterator[str]:
    """The Lab as it is served by a process of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = [sys.executable, *(word.format(port=port) for word in request.param)]
    server = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + MOST_WAIT
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/lab", timeout=30) as answer:
                    yield answer.read().decode()
                    break
            except (urllib.error.URLError, ConnectionError):
                assert server.poll() is None and time.monotonic() < until
                time.sleep(0.3)
    finally:
        server.terminate()
        server.wait(20)


@pytest.mark.skipif(bool(assets.missing()), reason="the files of third parties are not here (`abm assets`)")
def test_every_script_and_style_is_our_own(page: str) -> None:
    asked = re.findall(r"(?:src|href)=\"([^\"]+)\"", page)
    assert any(address.startswith("/vendor/") and address.endswith(".js") for address in asked)
    assert [address for address in asked if not address.startswith(("/", "data:"))] == []
    assert "/_solara/cdn/" not in page
