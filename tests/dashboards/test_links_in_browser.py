"""The link that is copied leads somebody else to the same world at the same moment; so does the address line."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

import abm
from abm.population.example import write_example
from abm.scenario import load
from dashboards.controls import links
from tests.dashboards import browser as at
from tests.dashboards.browser import Visitor, is_paused, visiting

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")

SMALL = "set=steps=24&set=population.n_enterprises=60&set=population.n_colleges=12&set=population.n_students=900"
CLIPBOARD = {"permissions": ["clipboard-read", "clipboard-write"]}


def copied(visitor: Visitor) -> str:
    """What is in the clipboard after a click on the button that copies the link."""
    page = visitor.page
    page.evaluate("navigator.clipboard.writeText('nothing yet')")
    page.get_by_text("Take along", exact=True).click()
    page.get_by_text("Copy a link to this moment", exact=True).click()
    visitor.until(lambda v: v.page.evaluate("navigator.clipboard.readText()") != "nothing yet")
    page.keyboard.press("Escape")
    return page.evaluate("navigator.clipboard.readText()")


def path_of(visitor: Visitor, link: str) -> str:
    assert link.startswith(f"{visitor.address}/"), link
    return link.removeprefix(f"{visitor.address}/")


def scrub(visitor: Visitor, step: int) -> None:
    visitor.page.locator(".abm-scrub input").fill(str(step))
    visitor.until(lambda v: v.step() == step and is_paused(v))


def move(visitor: Visitor, lever: str, value: str) -> None:
    visitor.page.get_by_label(lever, exact=True).fill(value)


def taken(visitor: Visitor, file: Path, button: str = "Scenario as changed (TOML)") -> Path:
    """The scenario that is taken along, as a file."""
    page = visitor.page
    page.get_by_text("Take along", exact=True).click()
    with page.expect_download() as download:
        page.get_by_text(button, exact=True).click()
    download.value.save_as(file)
    page.keyboard.press("Escape")
    return file


def shown(visitor: Visitor) -> dict[str, Any]:
    """What the page says of the world that it shows."""
    return visitor.page.evaluate("""() => ({
      step: document.querySelector(".abm-scrub input").value,
      tabs: [...document.querySelectorAll("[role=tab]")].map((e) => e.getAttribute("aria-selected")),
      events: [...document.querySelectorAll(".abm-events li")].map((e) => e.innerText),
      levers: [...document.querySelectorAll(".abm-control input[type=range]")].map((e) => [e.id, e.value]),
      changed: [...document.querySelectorAll(".abm-column-head, .abm-difference tbody")].map((e) => e.innerText),
    })""")


def agree(one: Visitor, other: Visitor) -> None:
    end = time.monotonic() + 30
    while shown(one) != shown(other) and time.monotonic() < end:
        one.page.wait_for_timeout(50)
    here, there = shown(one), shown(other)
    assert here == there, {key: (here[key], there[key]) for key in here if here[key] != there[key]}


def test_a_copied_link_shows_somebody_else_the_same_world_at_the_same_moment(
    browser: Any, address: str, tmp_path: Path
) -> None:
    with visiting(browser, address, **CLIPBOARD) as ann:
        ann.open(f"lab?scenario=classroom&seed=3&{SMALL}&step=4")
        ann.until(lambda v: v.step() == 4 and is_paused(v))
        first = links.read(copied(ann).partition("?")[2])
        assert (first.step, first.changes) == (4, ())
        move(ann, "subsidy", "0.4")
        ann.until(lambda v: "then=4" in v.page.url)
        scrub(ann, 16)
        move(ann, "subsidy", "0.1")
        ann.until(lambda v: "then=16" in v.page.url)
        scrub(ann, 9)
        ann.page.get_by_role("tab").nth(1).click()
        # Copied at once: the page need not have drawn anything anew.
        link = copied(ann)
        path = path_of(ann, link)
        said = links.read(path.partition("?")[2])
        assert [(c.start, c.key, c.value) for c in said.changes] == [
            (4, "subsidy_rate", 0.4),
            (16, "subsidy_rate", 0.1),
        ]
        assert (said.step, said.looks) == (9, {"view": "communities"})
        ann.until(lambda v: v.page.url == link)
        file = taken(ann, tmp_path / "ann.toml")
        with visiting(browser, address) as bob:
            bob.open(path)
            bob.until(lambda v: v.step() == 9 and is_paused(v))
            agree(bob, ann)
            assert taken(bob, tmp_path / "bob.toml").read_bytes() == file.read_bytes()
            assert bob.complaints == []
        assert abm.run(said.build()).result_hash() == abm.run(load(file)).result_hash()
        # While time runs, the moment is that of the click.
        ann.page.locator("body").click(position={"x": 2, "y": 200})
        ann.page.keyboard.press("Space")
        ann.until(lambda v: v.step() >= 11)
        before = ann.step()
        moving = links.read(copied(ann).partition("?")[2])
        assert before <= moving.step <= 24
        assert moving.changes == said.changes
        assert ann.complaints == []


def test_a_copied_link_leads_to_both_worlds_of_a_comparison(browser: Any, address: str) -> None:
    with visiting(browser, address, viewport={"width": 1600, "height": 1400}, **CLIPBOARD) as ann:
        ann.open(f"compare?scenario=classroom&seed=3&{SMALL}&step=4")
        ann.until(lambda v: v.step() == 4 and is_paused(v))
        move(ann, "evaluation reform", "0.8")
        ann.page.locator(".abm-column-head").nth(1).get_by_text("0.8").wait_for()
        ann.page.get_by_role("tab").nth(0).click()
        ann.until(lambda v: v.page.get_by_label("evaluation reform", exact=True).input_value() == "0")
        move(ann, "subsidy", "0.3")
        ann.page.locator(".abm-column-head").nth(0).get_by_text("0.3").wait_for()
        scrub(ann, 12)
        ann.page.locator(".abm-difference tbody button").nth(3).click()
        link = copied(ann)
        said = links.read(link.partition("?")[2])
        assert [c.key for c in said.changes] == ["subsidy_rate"]
        assert [c.key for c in said.changes_b] == ["evaluation_reform"]
        assert said.step == 12
        with visiting(browser, address, viewport={"width": 1600, "height": 1400}) as bob:
            bob.open(path_of(ann, link))
            bob.until(lambda v: v.step() == 12 and is_paused(v))
            agree(bob, ann)
            assert bob.complaints == []
        # The address line leads there too: what was reached is not lost when the page is loaded anew.
        ann.until(lambda v: v.page.url == link)
        before = shown(ann)
        ann.page.reload()
        ann.page.locator(".view-canvas").first.wait_for(timeout=at.PATIENCE * 1000)
        ann.until(lambda v: shown(v) == before)


def test_no_link_is_copied_for_a_world_of_own_tables(browser: Any, address: str, tmp_path: Path) -> None:
    write_example(tmp_path / "mine")
    with visiting(browser, address, **CLIPBOARD) as ann:
        ann.open(f"lab?scenario=classroom&{SMALL}&step=1")
        page = ann.page
        page.get_by_text("Your own world", exact=True).click()
        page.locator("input[type=file]").set_input_files(sorted((tmp_path / "mine").glob("*.csv")))
        page.get_by_text("is running.").wait_for()
        page.evaluate("navigator.clipboard.writeText('nothing yet')")
        page.get_by_text("Take along", exact=True).click()
        page.get_by_text("Copy a link to this moment", exact=True).click()
        page.get_by_text("a link cannot carry it").wait_for()
        assert page.evaluate("navigator.clipboard.readText()") == "nothing yet"
        ann.until(lambda v: "?" not in v.page.url)
        page.keyboard.press("Escape")
        file = taken(ann, tmp_path / "world.zip", "Scenario as changed, with its tables (zip)")
        assert file.read_bytes()[:2] == b"PK"


AT_ONCE = """(value) => {
  const slider = document.getElementById("c-subsidy_rate");
  slider.value = value;
  for (const kind of ["input", "change"]) slider.dispatchEvent(new Event(kind, { bubbles: true }));
  [...document.querySelectorAll("button")].find((one) => one.textContent.trim() === "Undo").click();
}"""
"""Moves a slider and takes it back before the page can be drawn anew."""


def test_a_slider_shows_what_holds_after_a_move_that_was_taken_back_at_once(browser: Any, address: str) -> None:
    with visiting(browser, address) as ann:
        ann.open(f"lab?scenario=classroom&{SMALL}&step=4")
        ann.until(lambda v: v.step() == 4 and is_paused(v))
        move(ann, "subsidy", "0.2")
        ann.until(lambda v: "then=4:subsidy_rate=0.2" in v.page.url)
        ann.until(lambda v: v.page.get_by_role("button", name="Undo", exact=True).is_enabled())
        ann.page.evaluate(AT_ONCE, "0.6")
        slider = ann.page.locator("#c-subsidy_rate")
        ann.until(lambda v: slider.input_value() == "0.2")
        ann.page.wait_for_timeout(500)
        assert slider.input_value() == "0.2"
        assert "then=4:subsidy_rate=0.2" in ann.page.url
