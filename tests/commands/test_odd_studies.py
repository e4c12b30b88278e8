"""Studies in which something lacks: what it is, and how it is mended, is said in both languages."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from abm.commands._main import main
from experiments.runs import identity

DESIGN = """
name = "odd"
steps = 8
replications = 4
simulator = "tests.experiments.simulators:uneven"

[outcomes]
flat = { metric = "agreement_rate", last = 4 }
gone = { metric = "mean_substantive_depth", last = 4 }
chance = { metric = "failed_share", last = 4 }

[arms.none]
policies = []

[arms.subsidy]
policies = [{ rule = "subsidy", rate = 0.5 }]

[arms.short]
policies = []
steps = 4
"""
ENGLISH = re.compile(r"\b[a-z]{2,} [a-z]{2,} [a-z]{2,} [a-z]{2,}")
Said = Callable[..., tuple[int, str]]


@pytest.fixture(params=["en", "zh"])
def said(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Said:
    """A command in one of both languages: its exit code and all that it prints; no sentence of it in the other."""
    monkeypatch.chdir(tmp_path)
    Path("odd.toml").write_text(DESIGN, encoding="utf-8")

    def ask(*words: str) -> tuple[int, str]:
        code = main(["--lang", request.param, *words])
        caught = capsys.readouterr()
        told = caught.out + caught.err
        if request.param == "zh":
            assert not ENGLISH.search(told), told
        return code, told

    return ask


def either(told: str, english: str, chinese: str) -> bool:
    return english in told or chinese in told


QUIET = ("--workers", "1", "--executor", "serial", "--quiet", "--yes")


def test_a_constant_a_gap_and_arms_of_unlike_length_are_named(said: Said) -> None:
    assert said("sweep", "odd.toml", *QUIET)[0] == 0
    code, told = said("effects", "studies/odd", "--baseline", "none")
    assert code == 0
    assert either(told, "flat is 0.5 in every run: there is nothing", "flat 在每次运行中都是 0.5：没有可比较的")
    assert either(told, "subsidy has no pair with a value of gone: leave it", "subsidy 没有一对运行有 gone 的数值")
    assert either(told, "steps: 8 and 4", "8 与 4")
    code, told = said("effects", "studies/odd", "--baseline", "arm-x")
    assert code == 2 and either(told, "is not an arm", "不是方案") and "arm-x" in told and "subsidy" in told


def test_runs_too_few_for_a_sentence_are_said_with_how_many_it_takes(said: Said) -> None:
    code, told = said("sweep", "odd.toml", *QUIET, "--replications", "1", "--advise")
    assert code == 0 and either(told, "that takes 2 seeds of each arm", "每个方案或点需要 2 个")
    code, told = said("effects", "studies/odd", "--baseline", "none")
    assert code == 0 and either(
        told, "subsidy has 1 pair with a value of chance", "subsidy 只有 1 对运行有 chance 的数值"
    )
    code, told = said("sweep", "odd.toml", *QUIET, "--advise")
    assert code == 0 and either(told, "4 seeds tell differences from", "4 个随机种子可辨别")
    assert either(told, "to tell it takes about", "辨别它约需") and either(told, "(", "（")


def test_a_store_of_another_model_is_named_with_the_mend(said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    assert said("sweep", "odd.toml", *QUIET)[0] == 0
    monkeypatch.setattr(identity, "model", lambda: "9.9.9+000000000000")
    code, told = said("sweep", "odd.toml", *QUIET)
    assert code == 2 and "9.9.9" in told and "--fresh" in told and "--store" in told
    code, told = said("effects", "studies/odd", "--baseline", "none")
    assert code == 0 and "9.9.9" in told
    assert "`abm sweep DESIGN --fresh` makes them with this one" in told or "用现在的模型重新运行" in told
