"""A run as one HTML file: complete, offline, the same bytes twice, in two languages, safe whatever names it holds."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import abm
from abm.commands._main import main
from abm.machine.errors import InputError
from abm.machine.language import speaking
from abm.results import progress
from abm.results.saved import saved
from abm.scenario import load
from dashboards.onefile.film import filmed
from dashboards.onefile.page import modules, page
from dashboards.views import views
from dashboards.words import say
from tests.dashboards import stage
from tests.dashboards.played import played

STEPS = 24
MOST_CLASSROOM = 5_000_000
EVIL = "</script><script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">"

in_browser = pytest.mark.skipif(not stage.BROWSER.exists(), reason=f"there is no {stage.BROWSER}")


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A results folder of the world that the pictures of other tests show."""
    folder = tmp_path_factory.mktemp("run") / "results"
    abm.run("reform_package", steps=STEPS).save(folder)
    return folder


@pytest.fixture(scope="module")
def file(results: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("file") / "run.html"
    assert main(["export", str(results), "--html", str(target)]) == 0
    return target


@pytest.mark.parametrize(
    ("language", "said"), [("en", "reform_package, seed 1: step "), ("zh", "reform_package，种子 1：")]
)
def test_who_waits_for_it_hears_how_far_it_is(
    results: Path, tmp_path: Path, language: str, said: str, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setattr(progress, "PATIENCE", 0.0)
    monkeypatch.setattr(progress, "LOG_EVERY", 0.01)
    out = ["export", str(results), "--html", str(tmp_path / "run.html"), "--language", "en"]
    with speaking(language):
        assert main(["--lang", language, *out]) == 0
        lines = set(capsys.readouterr().err.splitlines())
        is_step = [
            re.search(rf"\b(\d+)\D+{STEPS}\b", line.removeprefix(said)) for line in lines if line.startswith(said)
        ]
    assert len({found[1] for found in is_step if found}) > 3, lines


@contextmanager
def opened(file: Path, fragment: str = "", width: int = 1366, height: int = 768) -> Generator[Any]:
    """The file in a browser; nothing may be asked of any server, and nothing complained about."""
    pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    with stage.browser() as browser:
        tab = browser.new_page(viewport={"width": width, "height": height})
        wrong: list[str] = []

        def asked(request: Any) -> None:
            if not request.url.startswith(("file:", "data:", "blob:")):
                wrong.append(request.url)

        tab.on("pageerror", lambda error: wrong.append(str(error)))
        tab.on("console", lambda said: wrong.append(said.text) if said.type in ("error", "warning") else None)
        tab.on("request", asked)
        tab.goto(f"{file.as_uri()}{fragment}")
        until(tab, "() => document.querySelector('[data-kind=verdict] canvas')?.dataset.frames > 0")
        yield tab
        tab.close()
        assert wrong == []


def until(tab: Any, holds: str, arg: Any = None) -> None:
    """Wait for what a function of the page says: the page's own policy lets no one else's code wait inside it."""
    end = time.monotonic() + 30
    while not tab.evaluate(holds, arg):
        assert time.monotonic() < end, holds
        tab.wait_for_timeout(50)


def is_at(tab: Any, kind: str, step: int, language: str = "en") -> None:
    """Wait until a picture says what it says of a moment."""
    label = views()[kind].scene(played("reform_package", STEPS).seen(step, language)).label
    says = "([kind, label]) => document.querySelector(`[data-kind=${kind}] canvas`)?.ariaLabel === label"
    until(tab, says, [kind, label])


def test_the_file_is_small_and_the_same_twice(results: Path, file: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.html"
    assert main(["export", str(results), "--html", str(again)]) == 0
    assert again.read_bytes() == file.read_bytes()
    assert len(file.read_bytes()) < MOST_CLASSROOM
    assert [path.name for path in tmp_path.iterdir()] == ["again.html"]


def test_every_module_finds_what_it_imports() -> None:
    found = modules()
    for name, text in found.items():
        asked = set(re.findall(r"""(?:from|import) ?\(?["`]([^"`]+)["`]""", text))
        assert all(other in found or "${kind}" in other for other in asked), (name, asked)
    assert {f"abm/{kind}.js" for kind in views()} <= found.keys()


@in_browser
@pytest.mark.parametrize("language", ["en", "zh"])
def test_time_runs_pictures_follow_and_languages_change(file: Path, language: str) -> None:
    with opened(file, f"#step=8&language={language}") as tab:
        is_at(tab, "verdict", 8, language)
        is_at(tab, "causes", 8, language)
        tab.locator("#scrub").fill("20")
        is_at(tab, "causes", 20, language)
        tab.keyboard.press("Home")
        tab.locator("body").press("End")
        is_at(tab, "verdict", STEPS, language)
        other = "zh" if language == "en" else "en"
        tab.locator("#languages button").click()
        is_at(tab, "verdict", STEPS, other)
        assert tab.inner_text("#when") == say(other, "transport.when", year=6, quarter=4)
        tab.locator("[role=tab]").nth(1).click()
        is_at(tab, "network", STEPS, other)
        tab.locator("[role=tab]").nth(2).click()
        tab.locator("#back").click()
        is_at(tab, "talent", STEPS - 1, other)


@in_browser
def test_it_plays_and_comes_back_to_the_moment_when_it_is_loaded_anew(file: Path) -> None:
    with opened(file, "#step=4") as tab:
        tab.locator("body").press(" ")
        until(tab, "() => Number(document.getElementById('scrub').value) >= 8")
        tab.locator("#play").click()
        step = int(tab.input_value("#scrub"))
        until(tab, "step => location.hash.includes(`step=${step}`)", step)
        tab.reload()
        is_at(tab, "verdict", step)


@in_browser
def test_cards_turn_pictures_are_hovered_and_have_their_table(file: Path) -> None:
    with opened(file, "#step=20") as tab:
        card = tab.locator("[data-kind=blame_card]")
        first = card.locator(".card-who").inner_text()
        card.get_by_label("Next negotiation").click()
        until(tab, "who => document.querySelector('.card-who').innerText !== who", first)
        assert not card.get_by_text("Apply").count()
        tile = tab.locator("[data-kind=tile_map] canvas")
        tile.hover(position={"x": tile.bounding_box()["width"] / 2, "y": 30})
        assert "%" in tab.locator("[data-kind=tile_map] .view-tip").inner_text()
        tab.locator("[data-kind=causes] [data-act=table]").click()
        rows = tab.locator("[data-kind=causes] .view-table tbody tr")
        head, told = views()["causes"].scene(played("reform_package", STEPS).seen(20)).table()
        assert rows.count() == len(told) and len(head) == rows.nth(0).locator("td").count()


@in_browser
def test_every_picture_is_the_size_of_a_phone_there(file: Path) -> None:
    with opened(file, "#step=20&language=zh", width=375, height=667) as tab:
        assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
        box = tab.locator("#play").bounding_box()
        assert box["y"] + box["height"] <= 667


def test_what_a_scenario_is_called_is_text_and_never_script(tmp_path: Path) -> None:
    scenario = load("classroom").with_overrides(name="evil", title=EVIL, title_zh=EVIL, rationale=EVIL)
    text = page(filmed(scenario, 1, ["en", "zh"]), ["en", "zh"])
    assert text.count("<script") == text.count("</script>") == 3 + 2 * len(views())
    assert EVIL not in text
    if not stage.BROWSER.exists():
        return
    (tmp_path / "evil.html").write_text(text, encoding="utf-8")
    with opened(tmp_path / "evil.html", "#step=1") as tab:
        assert tab.inner_text("#title") == EVIL
        assert "taken" not in (tab.title().split(EVIL)[0])


def test_what_is_no_run_or_no_longer_whole_is_refused_by_name(results: Path, tmp_path: Path) -> None:
    def refused(folder: Path) -> str:
        with pytest.raises(InputError) as told:
            saved(folder)
        return str(told.value)

    assert "is not a folder" in refused(tmp_path / "none")
    assert "holds no run" in refused(tmp_path)
    half = tmp_path / "half"
    half.mkdir()
    (half / "manifest.json").write_bytes((results / "manifest.json").read_bytes())
    assert "scenario.toml is missing" in refused(half)
    (half / "scenario.toml").write_bytes((results / "scenario.toml").read_bytes())
    about = json.loads((results / "manifest.json").read_text())
    for wrong in ("{", "[]", "[" * 5000, json.dumps(about | {"seed": "x"})):
        (half / "manifest.json").write_text(wrong)
        assert "no longer whole" in refused(half)
    (half / "manifest.json").write_text(json.dumps(about | {"steps_done": 10**6}))
    assert "of 24 quarters" in refused(half)


def test_a_run_of_another_version_is_refused_and_says_where_it_can_be_seen(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "scenario.toml").write_bytes((results / "scenario.toml").read_bytes())
    about = json.loads((results / "manifest.json").read_text()) | {"result_hash": "0" * 32, "abm": "0.0.9"}
    (other / "manifest.json").write_text(json.dumps(about | {"complete": True}))
    target = tmp_path / "run.html"
    target.write_text("an older file")
    assert main(["export", str(other), "--html", str(target)]) == 2
    said = capsys.readouterr().err
    assert "was run by 0.0.9" in said
    assert "report.html" in said
    assert target.read_text() == "an older file"


def test_languages_and_places_that_are_none_are_refused(
    results: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", str(results), "--html", str(tmp_path / "a.html"), "--language", "fr"]) == 2
    assert "is no language of the pages" in capsys.readouterr().err
    assert main(["export", str(results), "--html", str(tmp_path)]) == 2
    assert "is a folder" in capsys.readouterr().err


@in_browser
@pytest.mark.parametrize("fragment", ["#step=20&language=en", "#step=20&language=zh&theme=dark&view=people"])
def test_the_file_has_no_serious_fault_of_accessibility(file: Path, fragment: str) -> None:
    from tests.dashboards.axe import faults

    with opened(file, fragment) as tab:
        tab.wait_for_timeout(800)
        assert faults(tab) == []
