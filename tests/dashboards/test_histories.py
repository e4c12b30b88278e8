"""Whatever a visitor did, its link and its file give the same run: random histories, and the model stepped by hand."""

from __future__ import annotations

import base64
import io
import json
import random
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

import abm
from abm import quarter
from abm.__main__ import main
from abm.population import build, tables
from abm.population.example import write_example
from abm.results import Results
from abm.results.recording import Recorder
from abm.scenario import Scenario, load
from abm.world.levers import LEVERS
from dashboards.controls import exports, links
from dashboards.controls.bench import Bench
from dashboards.live.levers import NOW, controls
from tests.dashboards.opened import alone, at, until

STEPS = 12
SMALL = {"population.n_enterprises": 40, "population.n_colleges": 8, "population.n_students": 600, "steps": STEPS}
WORLDS = ("classroom", "fragmented", "mandate_era", "reform_package", "technology_jump")
HISTORIES = 32
NEUTRAL = {lever.name: lever.neutral for lever in LEVERS}


@dataclass
class ByHand:
    """The same history with nothing of the dashboard in it: a world, and what is changed after which quarter."""

    base: Scenario
    made: list[tuple[int, str, Any]] = field(default_factory=list[tuple[int, str, Any]])

    def begin(self, base: Scenario) -> None:
        self.base, self.made = base, []

    def change(self, step: int, key: str, value: float) -> None:
        self.made.append((step, key, value))

    def result_hash(self) -> str:
        now, state, recorder = self.base, build(self.base, self.base.seed), Recorder()
        for step in range(STEPS):
            for moment, key, value in self.made:
                if moment == step:
                    now = now.with_overrides(**{key: value})
            quarter.step(state, now)
            recorder.record(state)
        names = tables(self.base).regions.name
        return Results(self.base, STEPS, names, recorder.columns(names)).result_hash()


@pytest.fixture
def bench() -> Iterator[Bench]:
    with alone("?scenario=classroom&" + "&".join(f"set={key}={value}" for key, value in SMALL.items())) as made:
        yield made


def moved(dice: random.Random, scenario: Scenario, *, is_lever: bool) -> tuple[str, float]:
    """A lever (or a setting of a policy, a parameter) and where it goes: also to neutral, to an end, below its base."""
    found = [c for c in controls(scenario, advanced=True) if c.acts == NOW]
    wanted = [c for c in found if (c.group == "levers") == is_lever]
    control = dice.choice(wanted if not is_lever else wanted[:4] + wanted)
    value = dice.choice([control.low, control.high, control.default, dice.uniform(control.low, control.high)])
    return control.key, float(round(value) if control.is_whole else round(value, 3))


def play(bench: Bench, dice: random.Random) -> ByHand:
    """A random history, both on the bench and by hand."""
    start = bench.run_scenario()
    assert start is not None
    hand, shown = ByHand(start), 0
    for _ in range(dice.randint(4, 9)):
        run = bench.run.value
        assert run is not None
        act = dice.choice(("lever", "lever", "earlier", "earlier", "other", "scrub", "scrub", "seed", "scenario"))
        if act in ("scrub", "earlier"):
            shown = dice.randint(0, shown if act == "earlier" else STEPS - 1)
            at(bench, shown)
        if act in ("lever", "earlier", "other"):
            key, value = moved(dice, run.scenario_now(), is_lever=act != "other")
            bench.change(key, value)
            assert bench.note() == ("", False)
            hand.change(shown, key, value)
        if act == "seed":
            bench.seed(str(dice.randint(0, 10**6)))
        if act == "scenario":
            bench.choose(dice.choice(WORLDS))
            bench.reset(dict(SMALL))
        if act in ("seed", "scenario"):
            begun, shown = bench.run_scenario(), 0
            assert begun is not None
            hand.begin(begun)
    return hand


def parcel(bench: Bench, kind: str) -> exports.Parcel:
    bench.export(kind)
    found = exports.PARCELS.take("ann", bench.download.value.removeprefix("/download/"))
    assert found is not None, bench.note()
    return found


@pytest.mark.parametrize("number", range(HISTORIES))
def test_the_link_and_the_file_of_any_history_give_its_run(number: int, bench: Bench, tmp_path: Path) -> None:
    dice = random.Random(number)
    hand = play(bench, dice)
    run = bench.run.value
    assert run is not None
    # At once, while the last change or move may still be under way.
    query = bench.query()
    taken = parcel(bench, "toml")
    until(lambda: run.phase in ("paused", "done"))
    link = links.read(query)
    assert link.step == run.shown_step()
    assert link.build() == run.scenario
    assert links.read(links.write(link)) == link
    expected = hand.result_hash()
    assert abm.run(link.build()).result_hash() == expected
    (tmp_path / taken.name).write_bytes(taken.content)
    assert abm.run(tmp_path / taken.name).result_hash() == expected
    if hand.made:
        assert {change.key for change in run.changes} == {key for _, key, _ in hand.made}


def test_what_was_changed_late_is_not_there_from_the_start(bench: Bench, tmp_path: Path) -> None:
    """Several changes of one lever: above its base, below it, back at neutral; `abm run` gives the same run."""
    bench.reset({"penalty": 1.0, "revision_interval": 8})
    begun = bench.run_scenario()
    assert begun is not None
    hand = ByHand(begun)
    for step, key, value in (
        (2, "penalty", 0.4), (3, "revision_interval", 30.0), (5, "penalty", 1.8), (7, "subsidy_rate", 0.6),
        (8, "penalty", NEUTRAL["penalty"]), (9, "subsidy_rate", NEUTRAL["subsidy_rate"]), (10, "subsidy_rate", 0.2),
    ):  # fmt: skip
        at(bench, step)
        bench.change(key, value)
        hand.change(step, key, value)
    taken = parcel(bench, "toml")
    file = tmp_path / taken.name
    file.write_bytes(taken.content)
    assert load(file).start == begun
    assert main(["run", str(file), "--quiet", "--no-report", "--out", str(tmp_path / "out")]) == 0
    found = json.loads((tmp_path / "out" / "manifest.json").read_text())["result_hash"]
    assert found == hand.result_hash()
    assert found != replace(hand, made=[]).result_hash()


def test_results_of_a_changed_run_hold_the_scenario_that_gives_them_again(bench: Bench, tmp_path: Path) -> None:
    at(bench, 4)
    bench.change("subsidy_rate", 0.5)
    at(bench, STEPS)
    with zipfile.ZipFile(io.BytesIO(parcel(bench, "parquet").content)) as archive:
        archive.extractall(tmp_path)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    assert manifest["complete"]
    assert abm.run(tmp_path / "scenario.toml").result_hash() == manifest["result_hash"]


def test_an_own_world_is_taken_along_with_its_tables(bench: Bench, tmp_path: Path) -> None:
    write_example(tmp_path / "mine")
    files = sorted((tmp_path / "mine").glob("*.csv"))
    bench.upload([{"name": p.name, "content": base64.b64encode(p.read_bytes()).decode()} for p in files])
    begun = bench.run_scenario()
    assert begun is not None
    assert begun.population.source == "tables"
    hand = ByHand(begun)
    at(bench, 5)
    bench.change("evaluation_reform", 0.7)
    hand.change(5, "evaluation_reform", 0.7)
    expected = hand.result_hash()
    taken = parcel(bench, "toml")
    at(bench, STEPS)
    results = parcel(bench, "csv")
    bench.choose("classroom")  # The uploaded files may go now.
    for name, content in ((taken.name, taken.content), (results.name, results.content)):
        assert name.endswith(".zip")
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            archive.extractall(tmp_path / name)
    for scenario in ((tmp_path / taken.name).glob("*/*.toml"), (tmp_path / results.name).glob("scenario.toml")):
        out = tmp_path / f"out-{len(list(tmp_path.iterdir()))}"
        assert main(["run", str(next(scenario)), "--quiet", "--no-report", "--out", str(out)]) == 0
        assert json.loads((out / "manifest.json").read_text())["result_hash"] == expected
    text = (tmp_path / results.name / "scenario.toml").read_text()
    assert 'path = "population/' in text, "where the server keeps files is nobody's business"
    # And back into the dashboard, changes included.
    unpacked = [p for p in (tmp_path / taken.name).rglob("*") if p.is_file()]
    bench.upload([{"name": p.name, "content": base64.b64encode(p.read_bytes()).decode()} for p in unpacked])
    assert not bench.note()[1], bench.note()
    run = bench.run.value
    assert run is not None
    assert [(c.start, c.key, c.value) for c in run.changes] == hand.made
    # Its files go with the bench: not before they have been read.
    until(lambda: run.snapshot() is not None)


def test_a_link_is_given_at_each_asking_and_says_why_there_is_none(bench: Bench) -> None:
    at(bench, 3)
    bench.give(bench.query)
    at(bench, 6)
    bench.change("subsidy_rate", 0.5)
    bench.give(bench.query)
    number, link = bench.given.value
    assert number == 2
    assert "then=6:subsidy_rate=0.5" in link
    assert "step=6" in link
    run = bench.run.value
    assert run is not None
    for value in range(links.MOST_PARTS):
        run.change({("subsidy_rate", "evaluation_reform")[value % 2]: (value % 50) / 100})
    bench.give(bench.query)
    assert bench.given.value == (3, "")
    text, is_wrong = bench.note()
    assert is_wrong
    assert "take the scenario along" in text
    assert bench.address() == ""
    bench.upload([{"name": "mine.toml", "content": base64.b64encode(b'base = "classroom"\nsteps = 4\n').decode()}])
    bench.give(bench.query)
    assert bench.given.value == (4, "")
    assert "a link cannot carry it" in bench.note()[0]
