"""What goes wrong before a browser: each mishap is told, in the visitor's language, and nothing is lost."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dashboards.live.limits import RUNS_A_VISITOR
from tests.dashboards import browser as at
from tests.dashboards.browser import is_paused, visiting

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
LOST = ".v-overlay--active .v-progress-circular__info"


def file(name: str, content: bytes) -> dict[str, Any]:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


@pytest.mark.long
def test_wrong_uploads_are_told_and_the_run_stays(browser: Any, address: str) -> None:
    with visiting(browser, address, locale="zh-CN") as visitor:
        visitor.open("lab?seed=3&step=2")
        visitor.until(lambda v: v.step() == 2 and is_paused(v), at.PATIENCE)
        page = visitor.page
        note = page.locator(".abm-chooser [role=alert]")
        for content, word in (
            (file("mine.toml", b'base = "classroom"\n[population]\nn_enterprises = -9\n'), "`n_enterprises` = -9"),
            (file("mine.toml", b'base = "classroom"\n[population]\nn_enterprises = 90000\n'), "仪表板最多运行"),
            (file("picture.png", b"\x89PNG"), "看不出是哪一张表"),
            (file("regions.csv", b"id,name\nx,\n"), "上传的文件缺少 colleges.csv、colleges.xlsx 或 colleges.parquet"),
            (file("colleges.parquet", b"PAR1 half a file"), "不能作为 parquet 读取"),
        ):
            page.locator(".abm-chooser input[type=file]").set_input_files([content])
            note.filter(has_text=word).wait_for()
            assert visitor.step() == 2
            assert page.locator(".abm-pick input").input_value() == "3"
        page.locator(".abm-chooser input[type=file]").set_input_files([file("regions.csv", bytes(9 * 1024**2))])
        note.filter(has_text="最多读取 8 MB").wait_for()
        assert visitor.complaints == []


@pytest.mark.long
def test_a_broken_link_is_told_in_the_language_of_the_browser(browser: Any, address: str) -> None:
    with visiting(browser, address, locale="zh-CN") as visitor:
        visitor.open("lab?set=initial_trust=7")
        told = visitor.page.get_by_role("alert").first
        told.filter(has_text="无法打开该链接").wait_for()
        assert "超出范围 0-1" in told.inner_text()


@pytest.mark.long
def test_a_tab_too_many_is_told_and_goes_on_when_another_closes(browser: Any, address: str) -> None:
    with visiting(browser, address) as visitor:
        visitor.open()
        others = [visitor.page.context.new_page() for _ in range(RUNS_A_VISITOR)]
        for page in others[:-1]:
            page.goto(f"{address}/lab?step=0")
            page.locator(".view-canvas").first.wait_for(timeout=at.PATIENCE * 1000)
        last = others[-1]
        last.goto(f"{address}/lab?seed=7&step=0")
        last.get_by_role("alert").filter(has_text="close one of your other tabs").wait_for()
        others[0].close()
        last.wait_for_timeout(1000)
        last.get_by_role("button", name="Try again").click()
        last.locator(".view-canvas").first.wait_for(timeout=at.PATIENCE * 1000)
        assert last.locator(".abm-pick input").input_value() == "7"


def test_a_folder_without_a_study_is_told(browser: Any, address: str, tmp_path: Path) -> None:
    (tmp_path / "holiday").mkdir()
    (tmp_path / "holiday" / "manifest.json").write_text("{")
    (tmp_path / "holiday" / "plan.parquet").write_bytes(b"PAR1")
    with visiting(browser, address) as visitor:
        page = visitor.page
        page.goto(f"{address}/map")
        page.get_by_text("Choose a study's folder").wait_for(timeout=at.PATIENCE * 1000)
        page.locator(".o-give input").set_input_files(tmp_path / "holiday")
        page.get_by_role("alert").filter(has_text="cannot be read as parquet").wait_for()
        assert page.get_by_role("button", name="Start", exact=True).is_enabled()


@pytest.mark.long
def test_a_server_that_dies_and_comes_back_shows_the_same_moment(browser: Any, tmp_path: Path) -> None:
    port = at.free_port()
    with visiting(browser, f"http://127.0.0.1:{port}") as visitor:
        with at.served(tmp_path, port=port):
            visitor.open("lab?scenario=classroom&seed=5&then=2:subsidy_rate=0.5&step=4")
            visitor.until(lambda v: v.step() == 4 and is_paused(v), at.PATIENCE)
        visitor.page.locator(".v-overlay--active .v-progress-circular__info").first.wait_for(state="attached")
        assert "The connection is lost" in visitor.page.locator(LOST).first.inner_text()
        with at.served(tmp_path, port=port):
            # While one curtain rises another may be there for a moment.
            none_left = "() => !document.querySelector('.v-overlay--active')"
            visitor.page.wait_for_function(none_left, timeout=at.PATIENCE * 1000)
            visitor.page.locator(".view-canvas").first.wait_for(timeout=at.PATIENCE * 1000)
            visitor.until(lambda v: v.step() == 4 and is_paused(v), at.PATIENCE)
            assert "then=2:subsidy_rate=0.5" in visitor.page.url
