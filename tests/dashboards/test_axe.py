"""No page has a fault that axe calls serious or critical: both languages, light and dark, desk and phone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.dashboards import browser as at
from tests.dashboards.axe import faults
from tests.dashboards.browser import visiting
from tests.dashboards.test_first_screen import NEXT

pytestmark = pytest.mark.slow
PAGES = {
    **NEXT,
    "about": "h1",
    "lab?view=communities&step=20": ".view-canvas",
    "lab?view=people&step=20": ".view-canvas",
}
LOOKS = (("en", "light", 1366, 768), ("zh-CN", "dark", 1366, 768), ("zh-CN", "light", 375, 667))


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(("language", "theme", "width", "height"), LOOKS)
def test_a_page_has_no_serious_fault(
    browser: Any, address: str, page: str, language: str, theme: str, width: int, height: int
) -> None:
    with visiting(browser, address, viewport={"width": width, "height": height}, locale=language) as visitor:
        visitor.page.add_init_script(f"localStorage.setItem('abm.theme', '{theme}')")
        visitor.page.goto(f"{address}/{page}")
        visitor.page.locator(PAGES[page].split(", ")[0]).first.wait_for(timeout=at.PATIENCE * 1000)
        visitor.page.wait_for_timeout(1500)
        assert faults(visitor.page) == []
        assert visitor.complaints == []
