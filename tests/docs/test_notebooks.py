"""Notebooks of the manual: they run as they stand, give what is stored in them, and are the same in both languages."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.docs.test_manual import ROOT, loaded

FOLDER = ROOT / "docs" / "notebooks"
NAMES = sorted(path.name for path in FOLDER.glob("*.ipynb"))
SECONDS = re.compile(r"[\d.]+ (?:s\b|秒)")
"""How long a run took."""
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?")
LARGEST = 300_000


def notebook(name: str) -> Any:
    return json.loads((FOLDER / name).read_text("utf-8"))


def cells(of: Any, kind: str) -> list[str]:
    return ["".join(cell["source"]) for cell in of["cells"] if cell["cell_type"] == kind]


def texts(of: Any) -> list[str]:
    """What came out of a notebook in words and numbers, a text a cell; of a page without its marks and styles."""
    found: list[str] = []
    for cell in of["cells"]:
        for out in cell.get("outputs", ()):
            data = out.get("data", {"text/plain": out.get("text", "")})
            text = "".join(data.get("text/html", data.get("text/plain", "")))
            bare = re.sub(r"<[^>]*>", " ", re.sub(r"<style.*?</style>", "", text, flags=re.DOTALL))
            found.append(SECONDS.sub("", bare))
    return found


def test_there_are_some_and_each_is_there_in_both_languages() -> None:
    assert NAMES
    for name in NAMES:
        other = name.replace("_zh", "") if "_zh" in name else name.replace(".ipynb", "_zh.ipynb")
        assert cells(notebook(name), "code") == cells(notebook(other), "code")
        headings = [re.findall("^#+ ", text, re.MULTILINE) for text in cells(notebook(name), "markdown")]
        assert headings == [re.findall("^#+ ", text, re.MULTILINE) for text in cells(notebook(other), "markdown")]


@pytest.mark.parametrize("name", NAMES)
def test_what_is_stored_is_small_and_names_no_machine(name: str) -> None:
    text = (FOLDER / name).read_text("utf-8")
    assert len(text.encode()) < LARGEST
    assert not re.search(r"/home/|/root|/tmp|/work/|/Users/|C:\\|0x[0-9a-f]{6,}", text)
    of = notebook(name)
    assert set(of["metadata"]) == {"kernelspec", "language_info"}
    assert of["metadata"]["kernelspec"]["name"] == "python3"
    code = [cell for cell in of["cells"] if cell["cell_type"] == "code"]
    assert sum("image/png" in out.get("data", {}) for cell in code for out in cell["outputs"]) >= 2
    assert not any(cell["metadata"] for cell in of["cells"])
    assert all(out["output_type"] in ("execute_result", "display_data") for cell in code for out in cell["outputs"])


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_it_runs_and_gives_what_is_stored(name: str, tmp_path: Path) -> None:
    pytest.importorskip("nbclient")
    store = loaded(FOLDER / "store.py")
    stored, now = texts(notebook(name)), texts(store.played(FOLDER / name, tmp_path))
    assert len(stored) == len(now) > 5
    for old, new in zip(stored, now, strict=True):
        assert NUMBER.sub("", old).split() == NUMBER.sub("", new).split()
        numbers = [[float(number) for number in NUMBER.findall(text)] for text in (old, new)]
        assert numbers[0] == pytest.approx(numbers[1], rel=1e-6)
