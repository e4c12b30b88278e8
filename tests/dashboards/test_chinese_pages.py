"""Every page in Chinese, before a real browser: all that is read, heard or drawn, from the first moment on."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.dashboards import browser as at
from tests.dashboards.browser import visiting

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
LISTEN = """
window.heard = new Set();
const note = (text) => { if (/[A-Za-z]{2}/.test(text ?? "")) window.heard.add(String(text).trim()); };
const { fillText } = CanvasRenderingContext2D.prototype;
CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) {
  note(text);
  return fillText.call(this, text, ...rest);
};
const NAMED = ["aria-label", "aria-valuetext", "title", "placeholder", "alt"];
const look = () => {
  note(document.title);
  for (const of of document.body?.querySelectorAll("*") ?? []) {
    if (of.closest("script, style, math, code, [lang=en]")) continue;
    for (const name of NAMED) note(of.getAttribute(name));
    const isSeen = of.getClientRects().length > 0;
    for (const child of of.childNodes) if (child.nodeType === 3 && isSeen) note(child.data);
  }
};
setInterval(look, 150);
"""
"""Notes each text with a word of Latin letters that is on the page at some time, hidden labels included."""
NAMES = re.compile(
    r"`[^`]*`|“abm [a-z]+”|“studies”|industry-education-abm|abm/\S+"
    r"|\b(PNG|SVG|CSV|PDF|TOML|MB|zip|parquet|regions|colleges|enterprises|china)\b"
    r"|\.(csv|toml|parquet|xlsx)\b|([A-Z]\w+, )?([A-Z]\w+ & )?[A-Z]\w+ (19|20)\d\d|Acemoglu & Pischke|sqrt"
)
"""Names of people, formats and files."""


def english(page: Any) -> list[str]:
    """What was noted on a page and is English."""
    heard = page.evaluate("[...window.heard]")
    assert heard, "nothing was noted"
    return [text for text in heard if re.search("[A-Za-z]{2}", NAMES.sub("", text))]


@pytest.mark.parametrize("path", ["lab?step=8", "compare?step=4", "map", "learn", "about"])
def test_a_page_speaks_chinese_throughout(browser: Any, address: str, path: str) -> None:
    with visiting(browser, address, locale="zh-CN") as visitor:
        page = visitor.page
        page.add_init_script(LISTEN)
        page.goto(f"{address}/{path}")
        page.locator("#abm-main > * >> nth=0").wait_for(timeout=at.PATIENCE * 1000)
        for tab in page.locator(".abm-tabs button").all():
            tab.click()
            page.wait_for_timeout(500)
        page.evaluate("document.querySelectorAll('details').forEach((of) => { of.open = true; })")
        page.wait_for_timeout(1500)
        assert english(page) == []
        assert page.evaluate("document.documentElement.lang") == "zh-CN"


@pytest.mark.parametrize("language", ["zh-CN", "en-GB"])
def test_solara_speaks_the_language_of_the_page(browser: Any, address: str, language: str) -> None:
    wanted = {
        "lost": ("连接已断开", "The connection is lost"), "remounting": ("正在回到刚才的状态", "Going back to where"),
        "needsRefresh": ("服务器已不再保留此页面", "no longer holds this page"),
        "cancelAutoRefresh": ("操作不再生效", "has no effect"),
    }  # fmt: skip
    with visiting(browser, address, locale=language) as visitor:
        page = visitor.open("lab?step=0").page
        for state, texts in wanted.items():
            if state == "lost":
                page.evaluate("app.$data.connectionStatus = 'disconnected'")
            else:
                page.evaluate(f"app.$data.{state} = true")
            shown = page.locator(".v-overlay--active, .v-alert, .v-dialog--active")
            shown.filter(has_text=texts[language == "en-GB"]).first.wait_for()
            told = " ".join(shown.all_inner_texts())
            assert bool(re.search("[\u4e00-\u9fff]", told)) == (language == "zh-CN")
            assert bool(re.search("[A-Za-z]{2}", told)) == (language == "en-GB"), told
            if state != "lost":
                page.evaluate(f"app.$data.{state} = false")


def test_another_language_is_shown_at_once_and_remembered(browser: Any, address: str) -> None:
    with visiting(browser, address, locale="en-GB") as visitor:
        page = visitor.open("lab?step=4").page
        assert page.title() == "Lab · Integration Lab"
        page.get_by_role("button", name="中文").click()
        page.get_by_role("button", name="播放", exact=True).wait_for()
        page.wait_for_function("document.title === '实验室 · 产教融合实验室'")
        page.add_init_script(LISTEN)
        page.reload()
        page.locator(".view-canvas").first.wait_for(timeout=at.PATIENCE * 1000)
        page.wait_for_timeout(500)
        assert english(page) == []
