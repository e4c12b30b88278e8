"""The main paths in Firefox: no script of any page fails there. All other tests in a browser are in Chromium."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

import abm
from abm.commands._main import main
from tests.dashboards import firefox
from tests.dashboards.firefox import Driver, Tab

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]

STEP = "Number(document.querySelector('.abm-scrub input').value)"
IS_PAUSED = "document.querySelector('.abm-when span')?.innerText === 'paused'"
IS_DRAWN = "Number(document.querySelector('.view-canvas')?.dataset.frames) > 0"
SHOWN = """({ step: document.querySelector(".abm-scrub input").value,
  levers: [...document.querySelectorAll(".abm-control input[type=range]")].map((e) => [e.id, e.value]) })"""


def opened(driver: Driver, address: str, path: str) -> Tab:
    tab = driver.tab()
    tab.size(1366, 768)
    tab.go(f"{address}/{path}")
    tab.until(IS_DRAWN, firefox.PATIENCE)
    return tab


def taken(driver: Driver, tab: Tab, button: str, ending: str) -> Path:
    """What is taken along by a button, once it is all there."""
    tab.click("summary", "Take along")
    tab.click(".abm-exports button", button)
    end = time.monotonic() + 60
    while True:
        found = [path for path in driver.downloads.iterdir() if path.suffix == ending and path.stat().st_size]
        if found and not list(driver.downloads.glob("*.part")):
            return found[0]
        assert time.monotonic() < end, list(driver.downloads.iterdir())
        time.sleep(0.1)


def test_a_run_is_played_changed_copied_and_taken_along(address: str, tmp_path: Path) -> None:
    with firefox.driven(tmp_path) as driver:
        ann = opened(driver, address, "")
        ann.until(f"{STEP} === 40 && {IS_PAUSED}", firefox.PATIENCE)
        ann.go(f"{address}/lab?step=4")
        ann.until(f"{IS_DRAWN} && {STEP} === 4 && {IS_PAUSED}")
        ann.click(".abm-play")
        ann.until(f"{STEP} >= 8")
        ann.press("Space")
        ann.until(IS_PAUSED)
        ann.js("document.querySelector('.abm-control input[type=range]').focus()")
        ann.press("ArrowRight")
        ann.until("location.search.includes('then=')")
        for name in ("Communities", "People and money", "Overview"):
            ann.click("[role=tab]", name)
            ann.until(f"{IS_DRAWN} && [...document.querySelectorAll('[role=tab]')].some((e) => "
                      f"e.innerText === '{name}' && e.ariaSelected === 'true')")  # fmt: skip
        ann.click("summary", "Take along")
        ann.click(".abm-exports button", "Copy a link to this moment")
        ann.until("(await navigator.clipboard.readText().catch(() => '')).startsWith(location.origin)")
        link = ann.js("navigator.clipboard.readText()")
        ann.press("Escape")
        bob = driver.tab()
        bob.size(1366, 768)
        bob.go(link)
        bob.until(f"{IS_DRAWN} && {IS_PAUSED}", firefox.PATIENCE)
        wanted = ann.js(SHOWN)
        bob.until(f"{STEP} === {wanted['step']}")
        assert bob.js(SHOWN) == wanted
        assert "[[changes]]" in taken(driver, bob, "Scenario as changed", ".toml").read_text("utf-8")
        assert taken(driver, bob, "CSV", ".zip").read_bytes().startswith(b"PK")


def test_the_other_pages_do_what_they_are_for(address: str, tmp_path: Path) -> None:
    with firefox.driven(tmp_path) as driver:
        tab = opened(driver, address, "compare?step=4")
        tab.until(IS_PAUSED)
        tab.js("document.querySelector('.abm-control input[type=range]').focus()")
        tab.press("ArrowRight")
        tab.until("location.search.includes('then_b=')")
        tab.click(".abm-header nav a", "Map")
        tab.click(".o-buttons .is-main")
        tab.until(f"{IS_DRAWN} || document.querySelector('.view-canvas')?.getAttribute('aria-label')?.length > 20",
                  firefox.PATIENCE)  # fmt: skip
        tab.click(".abm-header nav a", "Learn")
        tab.click(".l-choice")
        tab.until("Boolean(document.querySelector('.l-choice[aria-checked=true]'))")
        tab.click(".l-main")
        tab.until(IS_DRAWN, firefox.PATIENCE)
        tab.click(".abm-header nav a", "About")
        tab.until("document.querySelectorAll('.a-parameters tbody tr').length > 10")
        tab.click(".abm-language")
        tab.until("document.documentElement.lang === 'zh-CN'")


def test_a_run_as_one_file_plays(tmp_path: Path) -> None:
    abm.run("reform_package", steps=24).save(tmp_path / "results")
    file = tmp_path / "run.html"
    assert main(["export", str(tmp_path / "results"), "--html", str(file)]) == 0
    with firefox.driven(tmp_path) as driver:
        tab = driver.tab()
        tab.size(1366, 768)
        tab.go(f"{file.as_uri()}#step=4")
        tab.until("Number(document.getElementById('scrub').value) === 4")
        tab.press("Space")
        tab.until("Number(document.getElementById('scrub').value) >= 8")
        tab.click("#play")
        tab.click(".card-turn button:last-child")
        tab.until("document.querySelector('.card-turn').innerText.includes('2 /')")
