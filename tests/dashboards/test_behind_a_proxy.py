"""Shown under a path by a proxy the page loads, its websockets work, and frames come."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.dashboards import browser as at
from tests.dashboards.browser import visiting
from tests.dashboards.proxy import proxied

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    at.chromium()
    at.assets_are_there()
    with at.served(tmp_path_factory.mktemp("dashboard"), "--root-path", "/abm") as found:
        yield found


@pytest.mark.parametrize("strips", [True, False], ids=["path stripped", "path kept"])
def test_a_proxied_page_plays(strips: bool, address: str) -> None:
    from playwright.sync_api import sync_playwright

    with (
        proxied(urlsplit(address).port or 0, "/abm", strips=strips) as shown,
        sync_playwright() as playwright,
    ):
        launched = playwright.chromium.launch(executable_path=at.chromium(), args=list(at.ARGUMENTS))
        with visiting(launched, shown) as visitor:
            visitor.open()
            before = visitor.frames()
            visitor.page.keyboard.press("Space")
            visitor.until(lambda v: v.step() >= 4, at.PATIENCE)
            visitor.until(lambda v: v.frames() >= before + 4)
            visitor.page.get_by_role("link", name="About").click()
            visitor.until(lambda v: urlsplit(v.page.url).path == "/abm/about")
            assert visitor.complaints == []
            assert visitor.outside == []
            assert all(urlsplit(socket.url).path.startswith("/abm/") for socket in visitor.sockets)
        launched.close()
