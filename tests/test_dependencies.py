"""What the project needs: above known advisories, as the constraints have it, under permissive licences."""

from __future__ import annotations

import re
import sys
import tomllib
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

HERE = Path(__file__).parents[1]
PROJECT = tomllib.loads((HERE / "pyproject.toml").read_text("utf-8"))["project"]
FIRST_SAFE = {
    "starlette": "0.49.1",  # CVE-2025-54121 and CVE-2025-62727: a request makes the server busy
    "h11": "0.16",  # CVE-2025-43859: two readings of one chunked body
    "pyarrow": "14.0.1",  # CVE-2023-47248: a file runs code
    "solara": "1.35.1",  # CVE-2024-39903: any file is read
}
"""First versions without the advisories that concern what comes by network or from others' files."""
OF_WORKBENCH = {"platypus-opt"}
"""Under the GPL, version 3: only the extra `workbench` brings it, and pyproject says so."""
FREE_BUT_FOR_PARTS = {"docutils"}
"""In the public domain but for editor modes under the GPL, which nothing here uses; tests bring it, with numpydoc."""


def wanted(extra: str = "") -> list[Requirement]:
    texts = PROJECT["optional-dependencies"][extra] if extra else PROJECT["dependencies"]
    return [Requirement(text) for text in texts]


@pytest.mark.parametrize("name", FIRST_SAFE)
def test_bounds_lie_above_advisories(name: str) -> None:
    need = next(need for need in wanted() if need.name == name)
    least = [Version(part.version) for part in need.specifier if part.operator == ">="]
    assert least and least[0] >= Version(FIRST_SAFE[name])


def constraints(path: Path) -> dict[str, Version]:
    lines = [line for line in path.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    return {name: Version(number) for name, _, number in (line.partition("==") for line in lines)}


@pytest.mark.parametrize("path", sorted((HERE / ".ci").glob("constraints-*.txt")), ids=lambda path: path.stem)
def test_constraints_are_within_the_bounds(path: Path) -> None:
    pinned = constraints(path)
    assert len(pinned) > 60
    for need in [*wanted(), *wanted("dev"), *wanted("calibration"), *wanted("workbench"), *wanted("cluster")]:
        name = canonicalize_name(need.name)
        if name != "industry-education-abm" and name in pinned:
            assert need.specifier.contains(pinned[name], prereleases=True), need
    assert all(canonicalize_name(need.name) in pinned for need in wanted())


def licence(name: str) -> str:
    about = distribution(name).metadata
    texts = [about.get("License-Expression") or "", (about.get("License") or "")[:60]]
    return " ".join([*texts, *(text for text in about.get_all("Classifier") or () if text.startswith("License ::"))])


def test_no_licence_asks_for_more_than_our_own_but_one_that_is_named() -> None:
    sys.path.insert(0, str(HERE / ".ci"))
    try:
        from constraints import closure  # pyright: ignore[reportMissingImports]
    finally:
        sys.path.pop(0)
    found = closure("industry-education-abm", ("dev", "cluster", "calibration", "workbench"))
    texts = {name: licence(name) for name in found}
    strict = {
        name for name, text in texts.items() if re.search(r"(?<!L)GPL|General Public", text) and "Lesser" not in text
    }
    assert strict <= OF_WORKBENCH | FREE_BUT_FOR_PARTS
    assert not OF_WORKBENCH & closure("industry-education-abm", ("cluster", "calibration")).keys()
    text = (HERE / "pyproject.toml").read_text("utf-8")
    assert "Platypus-Opt" in text and "GPL-3" in text.partition("workbench = [")[0].splitlines()[-1]
