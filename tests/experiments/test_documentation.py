"""What docs/experiments.md shows, run as it stands there."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from experiments.design import load

TEXT = (Path(__file__).parents[2] / "docs" / "experiments.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


def test_designs_of_the_text_can_be_loaded() -> None:
    smallest, more, equal = blocks("toml")
    assert len(load(smallest).points()) == 36
    assert load(smallest).points().equals(load("talk-is-dear").points())
    assert len(load(more).points()) == 4
    assert tomllib.loads(more)["replications"] == 20
    matched = tomllib.loads(equal)["arms"]["supervision"]
    arms = tomllib.loads(more)["arms"] | {"supervision": matched}
    assert [match.arm for match in load({"arms": arms}).matches] == ["supervision"]


def test_python_of_the_text_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for code in blocks("python"):
        if "SLURMCluster" not in code:
            exec(code, names)
    assert len(names["runs"]) == 2
    assert len(names["ok"]) == 72
