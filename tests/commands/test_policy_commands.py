"""The commands on policies: a small world from file to report, what they refuse, and going on after Ctrl-C."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pandas as pd
import pytest

from abm.commands._main import INTERRUPTED, main
from experiments.runs import files

WORLD = """
base = "{base}"
steps = 20
{more}
[population]
n_regions = 3
n_colleges = 9
n_enterprises = 45
n_students = 540
"""
DESIGNS = {
    "push": WORLD.format(base="classroom", more="replications = 3")
    + """
[arms.never]
policies = []
[arms.mandate]
policies = [{ rule = "mandate", level = 3 }]
""",
    "mixes": WORLD.format(base="classroom", more="""
replications = 2
sampler = { name = "latin_hypercube", n = 4 }
series = []
policies = [
    { rule = "subsidy", rate = 0.0, from = 4, until = 12 },
    { rule = "platform", reach = 0.0, from = 4, until = 12 },
]""")
    + """
[outcomes]
cost = { metric = "spent_total", last = 1 }
reached = { metric = "agreement_rate", from = 8, until = 12 }
stayed = { metric = "agreement_rate", last = 4 }
[vary]
"subsidy.rate" = { low = 0.0, high = 0.8 }
"platform.reach" = { low = 0.0, high = 1.0 }
""",
    "eras": WORLD.format(base="classroom", more="""
replications = 1
sampler = { name = "latin_hypercube", n = 4 }
series = []""")
    + """
[outcomes]
coordination = { metric = "coordination" }
related = { metric = "field_related_share" }
employed = { metric = "employed_half_year" }
[vary]
skill_half_life = { low = 1.0, high = 20.0 }
labour_tightness = { low = 0.7, high = 1.5 }
field_flexibility = { low = 0.2, high = 1.0 }
""",
    "world": WORLD.format(base="reform_package", more=""),
}  # fmt: skip
ANCHORS = """outcome,value,spread,label,source
coordination_2021,0.4,0.1,coordination in 2021,made up
related_2019,0.6,0.1,work in their field,made up
"""
RUNNING = ["--workers", "1", "--quiet", "--store", "store"]
COMMANDS = {
    "hysteresis": ["push.toml", "--start", "2", "--rise", "6", "--fall", "6", "--after", "6"],
    "search": ["mixes.toml", "--proposals", "6", "--batch", "3", "--best", "2", "--confirm", "3", "--threshold", "0.1"],
    "calibrate": ["--design", "eras.toml", "--points", "25", "--draws", "4", "--particles", "30", "--populations", "2"],
    "resilience": ["world.toml", "--at", "10", "--replications", "3"],
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A working folder with designs, a scenario and anchors."""
    monkeypatch.chdir(tmp_path)
    for name, text in DESIGNS.items():
        named = "" if name == "world" else f'name = "{name}"'
        Path(f"{name}.toml").write_text(named + text, encoding="utf-8")
    Path("anchors.csv").write_text(ANCHORS, encoding="utf-8")
    Path("empty.csv").write_text(ANCHORS.splitlines()[0] + "\n", encoding="utf-8")


class Interrupting:
    """Presses Ctrl-C once, when the n-th chunk of runs is about to be written; counts them all."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, at: int) -> None:
        self.at, self.n = at, 0
        self._write = files.write_summary
        monkeypatch.setattr(files, "write_summary", self)

    def __call__(self, *args: object) -> None:
        self.n += 1
        if self.n == self.at:
            signal.raise_signal(signal.SIGINT)
        self._write(*args)  # pyright: ignore[reportArgumentType]


def kept() -> dict[str, int]:
    """Finished chunks and when each was written."""
    return {str(path): path.stat().st_mtime_ns for path in Path("store").rglob("summary/*.parquet")}


def stopped_and_gone_on_with(command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    """Run a command that is interrupted and run it again: what was done is not done again. Returns what it says."""
    words = [command, *COMMANDS[command], *RUNNING]
    counted = Interrupting(monkeypatch, at=3)
    assert main(words) == INTERRUPTED
    assert "stopping when the runs under way are written" in capsys.readouterr().err
    assert not Path("reports").exists()
    before = kept()
    assert len(before) == counted.n == 3
    assert main(words) == 0
    said = capsys.readouterr().out
    after = kept()
    assert before.items() <= after.items()
    assert counted.n == len(after) > 3
    return said


def tables(name: str) -> dict[str, pd.DataFrame]:
    """Tables of a report, whose figures and texts are there."""
    place = Path("reports") / name
    assert (place / "report.html").stat().st_size > 10_000
    assert json.loads((place / "provenance.json").read_text(encoding="utf-8"))["model"]
    return {path.stem: pd.read_csv(path) for path in (place / "tables").glob("*.csv")}


def pictures(name: str) -> set[str]:
    """Figures of a report."""
    return {path.stem for path in (Path("reports") / name / "figures").glob("*.png")}


def test_hysteresis_ramps_and_goes_on(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    said = stopped_and_gone_on_with("hysteresis", monkeypatch, capsys)
    assert said.startswith("mandate: ") and "0 of 3 under never" in said
    found = tables("push-hysteresis")
    assert found["summary"]["push"].tolist() == ["mandate"] and found["summary"]["n_runs"].tolist() == [3]
    assert found["tipping"]["push"].tolist() == ["mandate", "never"]
    assert pictures("push-hysteresis") == {"loops", "paths"}
    before = kept()
    assert main(["hysteresis", *COMMANDS["hysteresis"], *RUNNING]) == 0
    assert capsys.readouterr().out == said and kept() == before


def test_search_confirms_mixes_and_goes_on(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    said = stopped_and_gone_on_with("search", monkeypatch, capsys)
    assert "fresh runs" in said
    found = tables("mixes-search")
    assert len(found["tried"]) == 6 and found["tried"]["n_runs"].tolist() == [2] * 6
    assert found["confirmed"]["n_runs"].tolist() == [3, 3]
    assert found["tried"]["subsidy.rate"].between(0, 0.8).all()
    assert pictures("mixes-search") == {"front", "mixes"}
    more = [word if word != "6" else "7" for word in COMMANDS["search"]]
    assert main(["search", *more, *RUNNING]) == 0
    again = tables("mixes-search")["tried"]
    pd.testing.assert_frame_equal(again[:6], found["tried"])
    assert len(again) == 7


def test_resilience_strikes_and_goes_on(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    said = stopped_and_gone_on_with("resilience", monkeypatch, capsys)
    assert said.startswith("colleges leave (10%, hubs first): ")
    found = tables("world-resilience")
    assert found["summary"]["shock"].nunique() == 4 and (found["summary"]["n_runs"] == 3).all()
    assert pictures("world-resilience") == {"paths", "recovery"}


@pytest.mark.long
def test_calibrate_checks_its_posterior_and_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("pyabc")
    said = stopped_and_gone_on_with("calibrate", monkeypatch, capsys)
    assert "half-life in 2021 over 2015" in said
    found = tables("coupling_2015_2021-calibration")
    rows = found["parameters"]
    assert rows["parameter"].tolist() == ["skill_half_life", "half_life_ratio", "labour_tightness", "field_flexibility"]
    assert (rows["prior_low"] <= rows["low"]).all() and (rows["high"] <= rows["prior_high"]).all()


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("hysteresis push.toml --never nothing", "--never nothing in design push is no arm: known are `never`"),
        ("hysteresis push.toml --replications 1", "--replications 1 gives no interval: give 2 or more"),
        ("hysteresis push.toml --rise 0", "rise = 0 is no length of a ramp: give quarters"),
        ("hysteresis push.toml --response substantive_dept", "metric `substantive_dept` is not measured: did you mean"),
        ("hysteresis mixes.toml", "design mixes has no arms to ramp up and down: write [arms.<name>]"),
        ("hysteresis pushes.toml", "pushes.toml cannot be read: No such file"),
        ("search mixes.toml --probability 2", "--probability 2.0 is not between 0 and 1: give"),
        ("search mixes.toml --proposals 0", "--proposals 0 is too few: give 1 or more"),
        ("search mixes.toml --confirm 0", "--confirm 0 is too few: give 1 or more"),
        ("search mixes.toml --seed -4", "--seed -4 is no seed: give 0 or more"),
        ("search mixes.toml --strategy tpee", "strategy `tpee` is unknown: did you mean `tpe`"),
        ("search mixes.toml --cost price", "--cost price in design mixes is no outcome: known are `cost`"),
        ("search push.toml", "--cost cost in design push is no outcome: "),
        ("calibrate no_anchors", "anchors `no_anchors` do not exist: known are `coupling_2015_2021`"),
        ("calibrate empty.csv", "anchors `empty.csv` hold no line: write one"),
        ("calibrate anchors.csv", "`related_2019` in anchors anchors.csv is no outcome: did you mean `related_2018`"),
        ("calibrate --points 24", "--points 24 is too few for 4 parameters: give 25 or more"),
        ("calibrate --draws 0", "--draws 0 is too few: give 1 or more"),
        ("calibrate --particles 3", "--particles 3 is too few: give 20 or more"),
        ("calibrate --seed -1", "--seed -1 is no seed: give 0 or more"),
        ("calibrate --design push.toml", "column `skill_half_life` in points is not varied"),
        ("calibrate --self-test 5", "--self-test 5 is too few to count ranks: give 20 or more"),
        ("resilience wrld", "scenario `wrld` does not exist: known are"),
        ("resilience world.toml --at 20", "at = 20 is not within the 20 quarters of the run: give --steps"),
        ("resilience world.toml --at 10 --hubs 1.5", "--hubs 1.5 is not a share above 0 and up to 1: give"),
        ("resilience world.toml --at 10 --replications 1", "--replications 1 gives no interval: give 2 or more"),
        ("resilience world.toml --at 10 --response n_comunities", "is not measured: did you mean `n_communities`"),
    ],
)
def test_what_cannot_be_asked_is_said_before_anything_is_run(
    command: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command.split(), "--store", "store", "--quiet", "--workers", "1"]) == 2
    assert message in capsys.readouterr().err
    assert not kept()
