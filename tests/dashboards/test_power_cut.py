"""kill -9 of the server under an open page: the page says so, and its address leads back once a server is there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.dashboards import browser as at
from tests.dashboards.browser import visiting

pytestmark = pytest.mark.slow


@pytest.mark.long
def test_a_killed_server_is_told_of_and_the_address_leads_back(browser: Any, tmp_path: Path) -> None:
    port = at.free_port()
    with at.served(tmp_path, "--keep", str(tmp_path / "kept"), port=port) as address, visiting(browser, address) as ann:
        ann.open("lab?scenario=classroom&seed=5&step=6&then=4:subsidy_rate=0.4")
        ann.until(lambda v: v.step() == 6)
        ann.page.get_by_text("Your own world", exact=True).click()
        content = b'base = "classroom"\ntitle = "Mine"\nsteps = 8\n'
        ann.page.locator("input[type=file]").set_input_files({"name": "m.toml", "mimeType": "", "buffer": content})
        ann.until(lambda v: "world=" in v.page.url)
        before = ann.page.url
        at.server_at(address).kill()
        ann.page.get_by_text("The connection is lost").wait_for()
        (tmp_path / "again").mkdir()
        with at.served(tmp_path / "again", "--keep", str(tmp_path / "kept"), port=port):
            ann.page.goto(before)
            ann.page.locator(".view-canvas").first.wait_for(timeout=at.PATIENCE * 1000)
            ann.until(lambda v: v.page.locator(".abm-pick select").input_value() == "own")
            assert not ann.page.locator(".abm-note.is-wrong").count()
            ann.page.goto(f"{address}/lab?scenario=classroom&seed=5&step=6&then=4:subsidy_rate=0.4")
            ann.until(lambda v: v.step() == 6)
