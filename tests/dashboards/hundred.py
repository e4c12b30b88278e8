"""Links copied and scenarios exported after random actions in a real browser: each gives the same run to somebody else.

    python -m tests.dashboards.hundred [100] [--first 0]

One visitor acts at random in the Lab or in Compare and copies the link; another opens it in a browser of their own.
Both export the scenario; `abm run` of either file and the run of the link give one hash, and both pages show the same.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import tempfile
import traceback
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import abm
from abm.__main__ import main as command
from dashboards.controls import links
from tests.dashboards import browser as at
from tests.dashboards.browser import Visitor, is_paused, visiting
from tests.dashboards.test_links_in_browser import CLIPBOARD, agree, copied, path_of, taken

STEPS = 20
SMALL = {"steps": STEPS, "population.n_enterprises": 40, "population.n_colleges": 8, "population.n_students": 600}
WORLDS = ("classroom", "fragmented", "mandate_era", "reform_package")
LEVERS = ".abm-control input[type=range]:visible"


def settled(visitor: Visitor) -> None:
    """Wait until nothing is under way."""
    visitor.until(lambda v: is_paused(v) or v.step() >= STEPS)


def scrub(visitor: Visitor, dice: random.Random) -> None:
    step = dice.randint(0, STEPS - 1)
    visitor.page.locator(".abm-scrub input").fill(str(step))
    visitor.until(lambda v: v.step() == step and is_paused(v))


def lever(visitor: Visitor, dice: random.Random) -> None:
    """Move one of the sliders to one of its marks."""
    visitor.page.evaluate("document.querySelectorAll('.abm-levers > details').forEach((of) => { of.open = true; })")
    sliders = visitor.page.locator(LEVERS)
    slider = sliders.nth(dice.randrange(min(12, sliders.count())))
    low, high, step = (float(slider.get_attribute(name) or 0) for name in ("min", "max", "step"))
    marks = max(1, round((high - low) / step))
    slider.fill(f"{low + step * dice.randint(0, marks):.6g}")


def pressed(name: str, *, is_title: bool = False) -> Any:
    """An act that presses a button where it is to be had."""

    def act(visitor: Visitor, _dice: random.Random) -> None:
        button = visitor.page.get_by_role("button", name=name, exact=not is_title).first
        if button.count():
            # In the page itself: a lever moved just before may take the button away while one waits to press it.
            button.evaluate("(button) => button.click()")

    return act


def tab(visitor: Visitor, dice: random.Random) -> None:
    tabs = visitor.page.get_by_role("tab")
    tabs.nth(dice.randrange(tabs.count())).click()


def play(visitor: Visitor, dice: random.Random) -> None:
    """Play for a moment; what is copied next is copied in the middle of it half of the time."""
    visitor.page.keyboard.press("Escape")
    visitor.page.locator(".abm-play").click(force=True)
    visitor.page.wait_for_timeout(dice.randint(50, 600))
    button = visitor.page.locator(".abm-play")
    if dice.random() < 0.5 and not is_paused(visitor) and button.is_enabled():
        button.click(force=True)


ACTS = (scrub, scrub, scrub, lever, lever, lever, lever, pressed("Undo"), pressed("Redo"),
        pressed("Remove", is_title=True), tab, play)  # fmt: skip


def one(browser: Any, address: str, number: int, folder: Path) -> None:
    """One link and two exports; AssertionError with the number for which they differ."""
    dice = random.Random(number)
    page = dice.choice(("lab", "lab", "compare"))
    query = "&".join(f"set={key}={value}" for key, value in SMALL.items())
    view: dict[str, Any] = {"viewport": {"width": 1600, "height": 1400}}
    with visiting(browser, address, **CLIPBOARD, **view) as ann:
        ann.open(
            f"{page}?scenario={dice.choice(WORLDS)}&seed={dice.randint(0, 10**6)}&{query}&step={dice.randint(0, 9)}"
        )
        settled(ann)
        for _ in range(dice.randint(4, 9)):
            dice.choice(ACTS)(ann, dice)
        link = copied(ann)
        said = links.read(link.partition("?")[2])
        # A run that was playing at the click plays on.
        button = ann.page.locator(".abm-play")
        if not is_paused(ann) and button.is_enabled():
            button.click(force=True)
        ann.page.locator(".abm-scrub input").fill(str(said.step))
        ann.until(lambda v: v.step() == said.step and (is_paused(v) or said.step >= STEPS))
        files = [taken(ann, folder / f"{number}-ann.toml")]
        with visiting(browser, address, **view) as bob:
            bob.open(path_of(ann, link))
            bob.until(lambda v: v.step() == said.step and (is_paused(v) or said.step >= STEPS))
            agree(bob, ann)
            files.append(taken(bob, folder / f"{number}-bob.toml"))
            assert not bob.complaints, (number, bob.complaints)
        assert not ann.complaints, (number, ann.complaints)
    hashes = {abm.run(said.build()).result_hash()}
    for file in files:
        out = folder / file.stem
        with redirect_stdout(io.StringIO()):
            assert command(["run", str(file), "--quiet", "--no-report", "--out", str(out)]) == 0
        hashes.add(json.loads((out / "manifest.json").read_text())["result_hash"])
    assert len(hashes) == 1, (number, link)


def main() -> None:
    """As many as wanted, against a dashboard of its own."""
    from playwright.sync_api import Error as PlaywrightError
    from playwright.sync_api import sync_playwright

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("n", nargs="?", type=int, default=100)
    parser.add_argument("--first", type=int, default=0)
    asked = parser.parse_args()
    failed = 0
    with tempfile.TemporaryDirectory() as place, at.served(Path(place)) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=at.chromium(), args=list(at.ARGUMENTS))
        for number in range(asked.first, asked.first + asked.n):
            try:
                one(browser, address, number, Path(place))
            except (AssertionError, PlaywrightError) as error:
                failed += 1
                where = traceback.extract_tb(error.__traceback__)[-1]
                print(f"{number}: {where.name}, line {where.lineno}: {error}", flush=True)
        browser.close()
        # Before the server ends, which may have something to say of itself.
        print(f"{asked.n - failed} of {asked.n} links and their exports give the same run", flush=True)


if __name__ == "__main__":
    main()
