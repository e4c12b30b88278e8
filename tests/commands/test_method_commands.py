"""The commands of the methods: a small design from file to report, and what they refuse."""

from __future__ import annotations

from pathlib import Path

import pytest

from abm.commands._main import main

DESIGN = """
name = "small"
base = "classroom"
steps = 16
replications = 2
sampler = { name = "latin_hypercube", n = 24 }
[population]
n_regions = 3
n_colleges = 9
n_enterprises = 45
n_students = 540
[vary]
communication_cost = { low = 0.0, high = 0.4 }
platform = {}
[outcomes]
failed_share = { metric = "failed_share", last = 8 }
n_ties = { metric = "n_ties", last = 8 }
"""


@pytest.fixture
def design(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A design file in the working folder."""
    monkeypatch.chdir(tmp_path)
    Path("small.toml").write_text(DESIGN, encoding="utf-8")
    return "small.toml"


def test_sensitivity_ranks_and_reports(design: str, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["sensitivity", design, "--n", "4", "--outcome", "failed_share", "n_ties", "--workers", "1", "--quiet"]
    assert main(command) == 0
    assert "price of one round of talk" in capsys.readouterr().out
    place = Path("reports/small-sobol")
    assert {path.stem for path in (place / "figures").glob("*.png")} == {"sobol_failed_share", "sobol_n_ties"}
    assert (place / "report.html").stat().st_size > 10_000


def test_discover_puts_a_box_into_words(design: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["discover", design, "--outcome", "failed_share", "--above", "0.6", "--workers", "1", "--quiet"]) == 0
    assert "failed negotiations ends above 0.6" in capsys.readouterr().out.lower()
    assert (Path("reports/small-conditions") / "tables" / "box.csv").exists()


def test_boundary_draws_a_map_and_goes_on(design: str, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["boundary", design, "--outcome", "failed_share", "--threshold", "0.6", "--workers", "1", "--quiet"]
    assert main([*command, "--points", "16"]) == 0
    assert "32 runs at 16 points" in capsys.readouterr().out
    assert (Path("reports/small-boundary") / "figures" / "phase_map.png").exists()


def test_compare_pairs_two_scenarios(design: str, capsys: pytest.CaptureFixture[str]) -> None:
    world = 'base = "classroom"\nsteps = 12\n' + DESIGN[DESIGN.index("[population]") : DESIGN.index("[vary]")]
    Path("calm.toml").write_text(world, encoding="utf-8")
    Path("push.toml").write_text(world + "[levers]\nplatform = 0.9\n", encoding="utf-8")
    command = ["compare", "calm.toml", "push.toml", "--seeds", "4", "--metrics", "failed_share", "--workers", "1"]
    assert main([*command, "--quiet"]) == 0
    assert "over 4 pairs of runs" in capsys.readouterr().out
    assert (Path("reports/compare-calm-push") / "figures" / "failed_share.png").exists()


@pytest.mark.parametrize(
    "command", ["boundary DESIGN --outcome failed_share --threshold 0.5", "sensitivity DESIGN --outcome failed_share"]
)
def test_a_method_asks_before_much_work(
    command: str, design: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("experiments.commands._consent.LARGE", 100.0)
    assert main([*command.replace("DESIGN", design).split(), "--workers", "1", "--quiet"]) == 2
    assert "on disk is much: add --yes if it is meant" in capsys.readouterr().err
    assert not list(Path("studies").rglob("manifest.json"))


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["sensitivity", "small.toml"], "--outcome is missing"),
        (["sensitivity", "small.toml", "--outcome", "faild_share"], "did you mean `failed_share`"),
        (["sensitivity", "small.toml", "--outcome", "n_ties", "--method", "sobl"], "did you mean `sobol`"),
        (["sensitivity", "small.toml", "--outcome", "n_ties", "--n", "1"], "ask for 2 or more"),
        (["discover", "small.toml", "--outcome", "n_ties", "--above", "1", "--density", "2"], "is not a share above 0"),
        (["boundary", "small.toml", "--outcome", "n_ties", "--threshold", "1", "--points", "3"], "ask for 16 or more"),
        (["boundary", "policies-that-matter", "--outcome", "related", "--threshold", "1"], "vary one or two"),
        (["compare", "classroom", "clasroom"], "did you mean `classroom`"),
        (["compare", "classroom", "fragmented", "--metrics", "faild_share"], "did you mean `failed_share`"),
        (["compare", "classroom", "fragmented", "--seeds", "1"], "ask for 2 or more"),
    ],
)
def test_what_cannot_be_asked_is_said(
    command: list[str], message: str, design: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command) == 2
    assert message in capsys.readouterr().err
