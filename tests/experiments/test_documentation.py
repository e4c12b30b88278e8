"""What docs/experiments.md shows, run as it stands there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from experiments.design import load
from experiments.sweep.store import Store

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "experiments.md").read_text(encoding="utf-8")


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
    names: dict[str, Any] = {"__name__": "__main__"}
    for code in blocks("python"):
        if "Cluster" not in code:
            exec(code, names)
    assert len(names["runs"]) == 2
    assert len(names["ok"]) == 72


SHORT = 'sweep("talk-is-dear", '
SHORTER = SHORT + "steps=4, replications=1, vary={'communication_cost': [0.0, 0.2]}, "
"""As the page has it, but for the length and the number of runs."""


@pytest.mark.slow
def test_dask_of_the_text_runs(tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    (code,) = (code for code in blocks("python") if "LocalCluster" in code)
    assert SHORT in code and "__main__" in code
    (tmp_path / "on_a_cluster.py").write_text(code.replace(SHORT, SHORTER), "utf-8")
    # A script of its own, as its reader has it: workers import it again, and its main part must not run there.
    paths = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, "on_a_cluster.py"], cwd=tmp_path, capture_output=True, text=True, timeout=240,
        env=os.environ | {"PYTHONPATH": paths, "PYTHONUTF8": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    runs = [run for study in Store(tmp_path / "talk").studies() for run in study.runs()["status"]]
    assert runs == ["ok", "ok"]
