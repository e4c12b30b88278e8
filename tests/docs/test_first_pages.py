"""The pages that lead through a first sweep and a first policy: what they have one write is what the commands read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from abm.commands._main import main
from abm.machine import plugins
from experiments.design import load
from tests.docs.test_manual import ROOT


def block(page: str, kind: str) -> str:
    found = re.findall(rf"```{kind}\n(.*?)```", (ROOT / "docs" / page).read_text("utf-8"), re.DOTALL)
    assert len(found) == 1
    return found[0]


def commands(page: str) -> list[list[str]]:
    found = re.search(r"```\n(abm.*?)```", (ROOT / "docs" / page).read_text("utf-8"), re.DOTALL)
    assert found
    return [line.split()[1:] for line in found[1].strip().splitlines()]


def test_the_first_sweep_has_as_many_points_and_runs_as_its_page_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "reform.toml").write_text(block("first_sweep.md", "toml"), "utf-8")
    design = load("reform.toml")
    assert len(design.points()) == 15 and design.replications == 5
    run, status, report = commands("first_sweep.md")
    # As typed, but for the length and the number of seeds.
    assert main([*run, "--set", "steps=4", "--replications", "2", "--yes", "--quiet"]) == 0
    assert main(status) == 0 and main(report) == 0
    assert "30 runs are done. Failed negotiations: " in capsys.readouterr().out
    assert (tmp_path / "reports" / "reform" / "figures" / "effects.png").is_file()


def test_the_first_policy_is_a_rule_that_its_commands_know(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    # The commands set it; so it ends with this test.
    monkeypatch.setenv(plugins.VARIABLE, "")
    (tmp_path / "pay_for_practice.py").write_text(block("first_policy.md", "python"), "utf-8")
    (tmp_path / "paid.toml").write_text(block("first_policy.md", "toml"), "utf-8")
    policies, run, compare = commands("first_policy.md")
    assert main(policies) == 0
    assert "pay for practice" in capsys.readouterr().out
    assert main([*run, "--steps", "12", "--quiet"]) == 0
    assert (tmp_path / "results" / "paid" / "report.html").is_file()
    assert compare[3:5] == ["--seeds", "5"]
    assert main([*compare[:4], "2", *compare[5:], "--steps", "12", "--quiet"]) == 0
    assert "only paid has the policy pay_for_practice (rate 0.5, from 8, ramp 4)" in capsys.readouterr().out
