"""Loading a page anew loses nothing: results of before, kept worlds, a run that plays, a survey under way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import abm
from abm.population.example import write_example
from tests.dashboards import browser as at
from tests.dashboards.browser import visiting

pytestmark = pytest.mark.slow
STEPS = 8


@pytest.fixture(scope="module")
def keeping(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A dashboard that was started with a run of before and keeps what visitors bring."""
    at.chromium()
    at.assets_are_there()
    folder = tmp_path_factory.mktemp("keeping")
    abm.run("classroom", seed=3, steps=STEPS).save(folder / "results")
    with at.served(folder, str(folder / "results"), "--keep", str(folder / "kept")) as address:
        yield address, folder


def tables(folder: Path) -> list[dict[str, Any]]:
    write_example(folder)
    return [
        {"name": path.name, "mimeType": "text/csv", "buffer": path.read_bytes()}
        for path in sorted(folder.glob("*.csv"))
    ]


def bring(visitor: at.Visitor, files: list[dict[str, Any]]) -> None:
    visitor.page.get_by_text("Your own world", exact=True).click()
    visitor.page.locator("input[type=file]").set_input_files(files)
    visitor.page.locator(".abm-note").wait_for()


def test_a_run_of_before_is_opened_at_its_end(browser: Any, keeping: tuple[str, Path]) -> None:
    address, folder = keeping
    said = (folder / "server.log").read_text()
    found = re.search(r"dashboard: \S+/(lab\?world=results\S+)", said)
    assert found is not None, said
    with visiting(browser, address) as visitor:
        visitor.open(found[1])
        visitor.until(lambda v: v.step() == STEPS)
        assert not visitor.page.locator(".abm-note").count()
        assert visitor.page.locator(".abm-pick select").input_value() == "own"
        assert not visitor.complaints


def test_a_kept_world_is_there_after_loading_anew_and_gone_when_deleted(
    browser: Any, keeping: tuple[str, Path], tmp_path: Path
) -> None:
    address, folder = keeping
    with visiting(browser, address) as visitor:
        visitor.open()
        bring(visitor, tables(tmp_path / "mine"))
        assert "The server keeps it until" in visitor.page.locator(".abm-note").inner_text()
        visitor.page.locator(".abm-scrub input").fill("3")
        visitor.until(lambda v: "world=" in v.page.url and "step=3" in v.page.url)
        visitor.page.reload()
        visitor.page.locator(".view-canvas").first.wait_for()
        visitor.until(lambda v: v.step() == 3)
        visitor.page.get_by_text("Your own world", exact=True).click()
        visitor.page.get_by_text("Delete it from the server", exact=True).click()
        visitor.until(lambda v: "has deleted" in v.page.locator(".abm-note").inner_text())
        visitor.until(lambda v: not list((folder / "kept").iterdir()) and "world=" not in v.page.url)
        visitor.until(lambda v: v.step() == 3)
        assert not visitor.complaints


def test_leaving_a_world_that_nobody_keeps_is_asked_about(browser: Any, address: str) -> None:
    with visiting(browser, address) as visitor:
        visitor.open()
        asked: list[str] = []

        def answer(dialog: Any) -> None:
            asked.append(dialog.type)
            dialog.dismiss()

        visitor.page.on("dialog", answer)
        content = b'base = "classroom"\ntitle = "Mine"\nsteps = 8\n'
        bring(visitor, [{"name": "mine.toml", "mimeType": "text/plain", "buffer": content}])
        visitor.until(lambda v: v.page.locator(".abm-pick select").input_value() == "own")
        visitor.page.close(run_before_unload=True)
        visitor.until(lambda v: asked == ["beforeunload"])
        visitor.page.locator(".abm-pick select").select_option("classroom")
        visitor.until(lambda v: "scenario=classroom" in v.page.url)


def test_a_run_that_plays_is_found_again_near_its_moment(browser: Any, address: str) -> None:
    with visiting(browser, address) as visitor:
        visitor.open("lab?scenario=classroom&step=4")
        visitor.until(lambda v: v.step() == 4)
        visitor.page.keyboard.press(" ")
        visitor.until(lambda v: (found := re.search(r"step=(\d+)", v.page.url)) is not None and int(found[1]) >= 8)
        visitor.page.reload()
        visitor.page.locator(".view-canvas").first.wait_for()
        visitor.until(lambda v: v.step() >= 8)
        assert not visitor.complaints


def test_a_survey_goes_on_when_its_page_is_loaded_anew(browser: Any, address: str) -> None:
    with visiting(browser, address) as visitor:
        page = visitor.page
        page.goto(f"{address}/map?base=classroom&x=evaluation_reform&x_low=0&x_high=0.8&y=communication_cost&y_low=0"
                  "&y_high=0.03&values=4&replications=2&steps=8")  # fmt: skip
        page.get_by_text("This address asks for the survey").wait_for(timeout=at.PATIENCE * 1000)
        page.locator(".o-order .is-main").click()
        page.locator("[data-kind=phase_map] canvas").wait_for(timeout=at.PATIENCE * 1000)
        assert "base=classroom" in page.url
        assert "values=4" in page.url
        page.reload()
        page.locator("[data-kind=phase_map] canvas").wait_for()
        assert not page.get_by_text("This address asks for the survey").count()
        assert not visitor.complaints
