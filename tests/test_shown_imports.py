"""Every import that README and the pages of docs/ show works as it stands there."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
OURS = r"(?:abm|experiments|dashboards)"
IMPORT = re.compile(rf"^ *(from {OURS}[\w.]* import (?:\([^)]*\)|[^\n]+)|import {OURS}[\w.]*[^\n]*)$", re.MULTILINE)
NAME = re.compile(r"`(experiments\.[\w.]+)")
"""A dotted name in running text: `experiments.connectors.batch.batch(design)`."""
FOLDER = re.compile(rf"`({OURS}/[\w./]+)`|\]\((?:\.\./)*({OURS}/[\w./]+)[#)]")


def shown(pattern: re.Pattern[str]) -> list[tuple[str, str]]:
    return sorted({
        (page.name, next(part for part in match.groups() if part))
        for page in PAGES
        for match in pattern.finditer(page.read_text("utf-8"))
    })  # fmt: skip


@pytest.mark.parametrize(("page", "line"), shown(IMPORT))
def test_import_of_a_page_works(page: str, line: str) -> None:
    found: dict[str, object] = {}
    exec(compile(line, page, "exec"), found)
    assert found.keys() - {"__builtins__"}, line


@pytest.mark.parametrize(("page", "name"), shown(NAME))
def test_name_in_a_page_is_there(page: str, name: str) -> None:
    module, _, last = name.rpartition(".")
    assert hasattr(import_module(module), last), page


@pytest.mark.parametrize(("page", "path"), shown(FOLDER))
def test_file_or_folder_of_a_page_is_there(page: str, path: str) -> None:
    assert (ROOT / path).exists(), page


def test_pages_show_some_of_each() -> None:
    assert len(shown(IMPORT)) >= 20 and len(shown(NAME)) >= 4 and len(shown(FOLDER)) >= 10
