"""What is cited, and what archives read, names the version that this is."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import abm

ROOT = Path(__file__).parents[1]


def test_citation_and_codemeta_name_this_version() -> None:
    cited = re.findall(r"^version: (.+)$", (ROOT / "CITATION.cff").read_text("utf-8"), re.MULTILINE)
    assert cited == [abm.__version__]
    assert json.loads((ROOT / "codemeta.json").read_text("utf-8"))["version"] == abm.__version__


def test_so_do_the_pages_that_say_how_to_cite() -> None:
    for page in ("README.md", "docs/cite_and_archive.md", "docs/cite_and_archive_zh.md"):
        said = re.findall(r"industry-education integration, version ([\w.]+\w)", (ROOT / page).read_text("utf-8"))
        assert said == [abm.__version__], page


def test_all_three_say_the_same_of_licence_and_python() -> None:
    about = json.loads((ROOT / "codemeta.json").read_text("utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert about["license"].endswith(f"/{project['license']}")
    assert f"license: {project['license']}\n" in (ROOT / "CITATION.cff").read_text("utf-8")
    assert about["programmingLanguage"]["version"] == project["requires-python"]
    assert about["description"] == project["description"] and about["keywords"] == project["keywords"]
