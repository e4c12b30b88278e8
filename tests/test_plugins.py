"""Code and words from outside the package, through commands, a sweep of several processes, and the dashboard."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pandas as pd
import pytest

from abm.commands._main import main
from abm.machine import plugins
from abm.machine.plugins import PluginError, PluginWarning

LENDING = Path(__file__).parent / "outside" / "lending"
DESIGN = Path(__file__).parent / "outside" / "designs" / "credit_reaches.toml"

RULE = '''
from dataclasses import dataclass
from abm.scenario.policies import Policy, lever


@dataclass(frozen=True, kw_only=True)
class Voucher(Policy):
    """Vouchers."""

    name = "voucher"
    label = "voucher"
    label_zh = "券"
    source = "none: a test"
    rate: float = lever("subsidy_rate", 0.2, "share")

    def levers(self, seen):
        return {"subsidy_rate": self.rate}
'''
METRIC = """
from abm.quarter.measurement.metrics import Metric

METRICS = (Metric("one", "one", "一", "1", 0, 1, "One.", "a test"),)


def measure(seen):
    return {"one": 1.0}
"""
PROTOCOL = '''
"""A protocol."""
from abm.machine.kernels import kernel

SOURCE = "a test"


@kernel
def agree(utility, reservation, proposer, patience, room, contract, time):
    for t in range(utility.shape[0]):
        contract[t], time[t] = -1, 0.0
'''
DETECTOR = """
KIND, LABEL, LABEL_ZH, MEANING, SOURCE = "never", "never", "从不", "Never.", "a test"


def detect(trajectory, p):
    return []


def said(detection):
    return ""
"""
PHASE = """
from abm.quarter.technology import technology as as_it_is

PHASE = "technology"


def technology(state, scenario):
    as_it_is(state, scenario)
"""


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test adds is gone after it."""
    for name in (plugins.VARIABLE, plugins.TRIED):
        monkeypatch.setenv(name, "")


def abm(*arguments: object, where: Path, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if key not in (plugins.VARIABLE, plugins.TRIED)}
    return subprocess.run(
        [sys.executable, "-m", "abm", *map(str, arguments)],
        cwd=where, capture_output=True, text=True, env={**environment, "ABM_WARMUP": "0", **more}, timeout=900,
    )  # fmt: skip


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.timeout(900)
def test_one_of_each_kind_runs_by_a_command_from_outside(tmp_path: Path) -> None:
    done = abm("run", "lending", "--plugin", LENDING, "--out", "mine", "--no-report", "--quiet", where=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    manifest = json.loads((tmp_path / "mine" / "manifest.json").read_text())
    assert set(manifest["plugins"]) == {"abm_plugins.lending"}
    metrics = pd.read_parquet(tmp_path / "mine" / "metrics.parquet")
    assert metrics.credit_given.tolist() == pytest.approx([0.4] * 6)
    assert (pd.read_parquet(tmp_path / "mine" / "regions.parquet").credit_reach == 0.5).all()
    assert "credit_boom" in set(pd.read_parquet(tmp_path / "mine" / "detections.parquet").kind)
    assert "credit flows: 40%" in (tmp_path / "mine" / "summary.txt").read_text()


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.long
def test_worker_processes_of_a_sweep_have_the_same(tmp_path: Path) -> None:
    sweep = ("sweep", DESIGN, "--executor", "processes", "--workers", 2, "--store", "studies", "--quiet", "--yes")
    done = abm(*sweep, where=tmp_path, ABM_PLUGINS=str(LENDING))
    assert done.returncode == 0, done.stderr
    parts = [pd.read_parquet(path) for path in (tmp_path / "studies").rglob("summary/*.parquet")]
    found = pd.concat(parts)
    assert set(found.status) == {"ok"}
    assert sorted(found.given) == pytest.approx([0.48, 0.56, 0.64, 0.72])


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_dashboard_shows_them() -> None:
    script = """
        from abm.scenario import load
        from dashboards.words import languages, say
        from dashboards.teach.lessons import lessons
        from dashboards.teach.lessons.playing import broken, sweep
        from dashboards.live import levers
        lesson, = (found for found in lessons() if found.name == "credit_lesson")
        (seed, values), *_ = sweep(lesson).items()
        assert broken(lesson, values) == [], values
        assert languages()["eo"] == "Esperanto"
        assert say("eo", "pages.lab") == "Laboratorio" and say("eo", "pages.map") == say("en", "pages.map")
        controls = {control.key: control for control in levers.controls(load("lending"), advanced=True)}
        assert controls["credit_reach"].label_zh == "授信覆盖面"
        assert controls["daring_of_banks"].label == "daring of banks"
        assert "credit_line.reach" in controls
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        capture_output=True, text=True, env={**os.environ, plugins.VARIABLE: str(LENDING)}, timeout=900,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def write(folder: Path, **files: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text)
    return folder


def refusal(capsys: pytest.CaptureFixture[str], path: Path) -> str:
    """What `abm run` says and that it began nothing."""
    assert main(["run", "classroom", "--steps", "1", "--plugin", str(path), "--out", str(path.parent / "none")]) == 2
    assert not (path.parent / "none").exists()
    return capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        (RULE.replace("def levers", "def lever_s"), 7, "lacks `levers`: give it a method"),
        (RULE.replace('name = "voucher"', 'name = "subsidy"'), 7, "has the name of one that exists already"),
        (RULE.replace("@dataclass(frozen=True, kw_only=True)\n", ""), 6, "is no dataclass: write @dataclass"),
        (RULE.replace('{"subsidy_rate": self.rate}', '{"subsidy_rat": self.rate}'), 7, "lever `subsidy_rat`"),
        (RULE.replace("return {", "return 1 / 0 or {"), 17, "raises ZeroDivisionError: division by zero"),
        (RULE.replace("return {", "seen.levers[:] = 1.0\n        return {"), 17, "raises ValueError: assignment"),
        (RULE + "\nif True\n", 19, "is not Python"),
        ("import nothing_of_that_name\n", 1, "raises ModuleNotFoundError"),
        ("X = 1\n", 1, "holds nothing that the model knows"),
        (METRIC.replace("def measure", "def measured"), 4, "lacks `measure`: give it a function"),
        (METRIC.replace('"one", "one"', '"failed_share", "one"'), 4, "has the name of one that exists already"),
        (METRIC.replace('{"one": 1.0}', '{"two": 1.0}'), 7, "does not give what `METRICS` lists: return {`one`}"),
        (
            METRIC.replace("return", "seen.state.governments.budget[:] = 0.0\n    return"),
            7,
            "writes governments.budget: a metric only looks",
        ),
        (PROTOCOL.replace('SOURCE = "a test"', ""), 9, "lacks `SOURCE`"),
        (PROTOCOL.replace("@kernel\n", ""), 8, "is not compiled: write @kernel"),
        (PROTOCOL.replace("= -1, 0.0", "= 7, 0.0"), 9, "picks a contract below somebody's reservation value"),
        (PROTOCOL.replace("= -1, 0.0", "= 55, 0.0"), 9, "does not write a contract of -1 to 54"),
        (DETECTOR.replace("def said", "def says"), 2, "lacks `said`"),
        (DETECTOR.replace('"never", "never"', '"tipping", "never"'), 2, "has the name of one that exists"),
        (PHASE.replace('PHASE = "technology"', 'PHASE = "weather"'), 4, "does not exist: phases are technology"),
        (PHASE.replace("def technology", "def tecnology"), 4, "lacks `technology`"),
        (PHASE + "    state.governments.budget[:] = 0.0\n", 7, "writes governments.budget: in the place of technology"),
    ],
)
def test_what_does_not_fit_is_told_with_its_line_before_anything_runs(
    text: str, line: int, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "mine", odd=text) / "odd.py"
    told = refusal(capsys, path.parent)
    assert f"{path}, line {line}" in told and said in told, told
    assert "Traceback" not in told


def test_nothing_is_half_registered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from abm.quarter.measurement.metrics import catalogue
    from abm.scenario.policies import rules

    known = set(rules())
    folder = write(tmp_path / "mine", good=RULE, odd=METRIC.replace("def measure", "def measured"))
    assert main(["policies", "--plugin", str(folder)]) == 2
    monkeypatch.setenv(plugins.VARIABLE, "")
    assert set(rules()) == known and "one" not in catalogue()


@pytest.mark.parametrize(
    ("name", "said"),
    [("nowhere", "is not there"), ("notes.txt", "is neither a folder nor a file of Python or TOML")],
)
def test_a_source_that_is_none(name: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "notes.txt").write_text("x")
    assert said in refusal(capsys, tmp_path / name)


def test_two_plug_ins_of_one_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in ("a", "b"):
        write(tmp_path / folder, mine=RULE)
    monkeypatch.setenv(plugins.VARIABLE, os.pathsep.join(str(tmp_path / folder / "mine.py") for folder in "ab"))
    with pytest.raises(PluginError, match="has the name of"):
        plugins.active()


def test_without_a_chinese_label_english_is_shown_and_a_line_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from abm.scenario.policies import rules

    path = write(tmp_path / "mine", voucher=RULE.replace('    label_zh = "券"\n', "")) / "voucher.py"
    monkeypatch.setenv(plugins.VARIABLE, str(path))
    with pytest.warns(PluginWarning, match=re.escape(f"`voucher` in {path}, line 7 has no Chinese label")):
        assert rules()["voucher"].label_zh == "voucher"


def test_declarations_that_come_after_the_model_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from abm.results import trial

    (tmp_path / "levers.toml").write_text("")
    monkeypatch.setenv(plugins.VARIABLE, str(tmp_path))
    with pytest.raises(PluginError, match="comes too late"):
        trial.check()


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("levers", "[subsidy_rate]\n", "lacks `unit`, `low`"),
        ("levers", (LENDING / "levers.toml").read_text("utf-8").replace("credit_reach", "platform"), "exists already"),
        ("levers", (LENDING / "levers.toml").read_text("utf-8").replace('"max"', '"most"'), "combine is one of add"),
        ("levers", "x = [", "is not valid TOML"),
        ("parameters", (LENDING / "parameters.toml").read_text("utf-8").replace("0.8", "8"), "low <= default"),
        (
            "parameters",
            (LENDING / "parameters.toml").read_text("utf-8").replace("daring_of_banks", "learning_rate"),
            "has the name of one that exists already",
        ),
    ],
)
def test_levers_and_parameters_that_do_not_fit(name: str, text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / f"{name}.toml").write_text(text, "utf-8")
    done = abm("policies", "--plugin", tmp_path, where=tmp_path)
    assert done.returncode == 2 and said in done.stderr and f"{name}.toml" in done.stderr, done.stderr


def test_an_edit_is_another_run_and_a_comment_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from abm.results.code_identity import code_of_scenario
    from abm.scenario import load

    folder = write(tmp_path / "mine", voucher=RULE, _helper="X = 1\n")
    before = code_of_scenario(load("classroom"))
    monkeypatch.setenv(plugins.VARIABLE, str(folder))
    first = code_of_scenario(load("classroom"))
    assert set(first) - set(before) == {"abm_plugins.mine"}
    (folder / "_helper.py").write_text("# why\nX = 1\n")
    assert code_of_scenario(load("classroom")) == first
    (folder / "_helper.py").write_text("X = 2\n")
    assert code_of_scenario(load("classroom")) != first


def test_a_package_offers_its_own_by_an_entry_point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from abm.scenario.policies import named

    write(tmp_path / "own_bank", __init__="", voucher=RULE)
    about = tmp_path / "own_bank-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: own-bank\nVersion: 1\n")
    (about / "entry_points.txt").write_text("[abm.plugins]\nbank = own_bank\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert named("voucher").__module__ == "own_bank.voucher"
    assert set(plugins.codes()) == {"own_bank"}


PAGE = (Path(__file__).parents[1] / "docs" / "extend.md").read_text("utf-8")


@pytest.mark.parametrize("kind", ["policy rule", "protocol", "Metrics", "detector", "phase"])
def test_what_the_page_shows_works_as_it_stands_there(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from abm.results import trial

    (section,) = (part for part in PAGE.split("\n## ") if kind in part.partition("\n")[0])
    (code,) = re.findall("```python\n(.*?)```", section, re.DOTALL)
    monkeypatch.setenv(plugins.VARIABLE, str(write(tmp_path / "shown", example=code)))
    trial.check()
    assert plugins.modules()


def test_levers_and_parameters_of_the_page_are_those_that_are_tried() -> None:
    import tomllib

    shown = [tomllib.loads(text) for text in re.findall("```toml\n(\\[[a-z_]+\\]\n.*?)```", PAGE, re.DOTALL)]
    ours = [tomllib.loads((LENDING / f"{name}.toml").read_text("utf-8")) for name in ("levers", "parameters")]
    assert [list(table) for table in shown] == [list(table) for table in ours]
    assert [set(next(iter(a.values()))) - set(next(iter(b.values()))) for a, b in zip(shown, ours, strict=True)] == [
        set(),
        set(),
    ]


def test_an_error_keeps_its_code_and_values_at_another_place_and_through_a_pickle() -> None:
    import pickle

    from abm.scenario import ScenarioError, load
    from dashboards.words.catalogues import told

    with pytest.raises(ScenarioError) as caught:
        load("classroom").with_overrides(changes=[{"from": 2, "subsidy_rat": 0.2}])
    error = pickle.loads(pickle.dumps(caught.value))
    assert (error.code, error.values) == ("scenario.unsettable", {"key": "subsidy_rat"})
    assert "from 2" in error.place and str(error) == str(caught.value)
    assert told("zh", error).startswith("`subsidy_rat`（") and "不能设定：" in told("zh", error)
