"""A dashboard that was started with --allow-play offers the game beside its pages, and none that was not."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from tests.dashboards import browser as at
from tests.dashboards.browser import visiting


def test_a_dashboard_offers_the_game_only_where_it_was_allowed(browser: Any, address: str, tmp_path: Path) -> None:
    with visiting(browser, address) as visitor:
        visitor.page.goto(f"{address}/learn")
        visitor.page.locator(".l-main").wait_for()
        assert not visitor.page.locator(".l-tile").count()
    with at.served(tmp_path, "--allow-play", "quick", within=tmp_path) as game:
        said = (tmp_path / "server.log").read_text()
        code, host = re.search(r"code (\d{4})", said), re.search(r"host: +\S+(/play/host#k=\S+)", said)
        assert code is not None
        assert host is not None
        with (
            visiting(browser, game, viewport={"width": 375, "height": 667}) as phone,
            visiting(browser, game) as teacher,
        ):
            phone.page.goto(f"{game}/learn")
            phone.page.locator(".l-tile a").first.click()
            phone.page.locator("#code").fill(code[1])
            phone.page.get_by_role("button", name="Join").click()
            teacher.page.goto(f"{game}{host[1]}")
            teacher.page.get_by_role("button", name="Start").click()
            phone.page.get_by_role("button", name="Ready").wait_for()
            assert re.fullmatch(rf"{game}/play/#s=[\w-]+", phone.page.url), phone.page.url
            teacher.page.goto(f"{game}/play/wall")
            shown = teacher.page.locator("img.qr, svg").first
            shown.wait_for()
            assert not phone.complaints
            assert not teacher.complaints
