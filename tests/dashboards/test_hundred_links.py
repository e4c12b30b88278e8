"""Links and exports after random actions; `python -m tests.dashboards.hundred` does it a hundred times."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.dashboards.hundred import one

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")]


@pytest.mark.parametrize("number", [0, *(pytest.param(number, marks=pytest.mark.long) for number in range(1, 5))])
def test_a_link_and_its_exports_give_one_run_whatever_was_done(
    browser: Any, address: str, number: int, tmp_path: Path
) -> None:
    one(browser, address, number, tmp_path)
