"""The examples of docs/methods.md, run from the first to the last as a reader would."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

TEXT = (Path(__file__).parents[2] / "docs" / "methods.md").read_text(encoding="utf-8")


def test_every_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    assert len(blocks) >= 7
    names: dict[str, Any] = {}
    for block in blocks:
        exec(compile(block, "docs/methods.md", "exec"), names)
    assert names["effects"].table["n_pairs"].tolist() == [4]
    assert sorted(names["found"].important(2)) == ["communication_cost", "platform"]
    assert names["box"].box.density >= 0.6
    assert 0.0 <= names["border"].doubtful < 0.5
    assert (tmp_path / "map.png").stat().st_size > 10_000
    assert names["critical"].low < names["critical"].value < names["critical"].high
    assert names["both"].n_pairs == 4
