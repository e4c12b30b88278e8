"""The examples of docs/methods.md and docs/policy_methods.md, run from the first to the last as a reader would."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

DOCS = Path(__file__).parents[2] / "docs"


def run(page: str) -> dict[str, Any]:
    """Run every example of a page, each with what the ones before it have made. Returns that."""
    blocks = re.findall(r"```python\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) >= 6
    names: dict[str, Any] = {}
    for block in blocks:
        exec(compile(block, f"docs/{page}", "exec"), names)
    return names


@pytest.mark.long
def test_every_example_of_the_methods_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names = run("methods.md")
    assert names["effects"].table["n_pairs"].tolist() == [4]
    assert sorted(names["found"].important(2)) == ["communication_cost", "platform"]
    assert names["box"].box.density >= 0.6
    assert 0.0 <= names["border"].doubtful < 0.5
    assert (tmp_path / "map.png").stat().st_size > 10_000
    assert names["critical"].low < names["critical"].value < names["critical"].high
    assert names["both"].n_pairs == 4


@pytest.mark.long
def test_every_example_of_the_methods_on_policies_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pyabc")
    monkeypatch.chdir(tmp_path)
    names = run("policy_methods.md")
    assert names["loops"].summary["n_runs"].tolist() == [3, 3, 3]
    assert names["warned"].counts["n_runs"].tolist() == [3, 3, 3, 3]
    assert set(names["mixes"].confirmed["n_runs"]) == {4} and len(names["mixes"].tried) == 4
    assert names["mixes"].tables["front"]["is_front"].all()
    fit = names["fit"]
    assert fit.parameters["parameter"].tolist() == list(names["eras"].RANGES)
    assert fit.predictive["outcome"].tolist() == [anchor.outcome for anchor in names["wanted"]]
    assert names["struck"].summary["shock"].nunique() == 4
