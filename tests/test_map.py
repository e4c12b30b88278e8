"""The map of the model, of what is asked of it, of its pages: few rooms, few ways between them, none of them back.

A room is a child of the package, and each phase of abm/quarter/ is one of its own. An arrow from one to another is any
import between their files, also those for types and those inside functions.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest

import abm
import dashboards
import experiments

PACKAGES = {str(package.__name__): Path(str(package.__file__)).parent for package in (abm, experiments, dashboards)}
MOST_ROOMS, MOST_ARROWS, LARGEST_SHARE = 18, 60, 1 / 5
each = pytest.mark.parametrize("package", list(PACKAGES))


@cache
def files(package: str) -> dict[str, Path]:
    """Files of a package by the names of their modules."""
    folder = PACKAGES[package]
    return {
        ".".join(path.relative_to(folder.parent).with_suffix("").parts).removesuffix(".__init__"): path
        for path in sorted(folder.rglob("*.py"))
    }


def room(module: str) -> str:
    """Room of a module; what lies in the package itself is the door, not a room."""
    parts = module.split(".")
    if len(parts) < 2:
        return ""
    return "/".join(parts[1:3]) if parts[1] == "quarter" and len(parts) > 2 else parts[1]


def is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def imported(package: str, module: str, *, is_running: bool = False) -> set[str]:
    """Modules of the package that a module imports; is_running leaves out those for types."""
    known = files(package).keys()
    found: set[str] = set()
    ahead: list[ast.AST] = [ast.parse(files(package)[module].read_text("utf-8"))]
    while ahead:
        node = ahead.pop()
        if is_running and is_for_types(node):
            continue
        ahead.extend(ast.iter_child_nodes(node))
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= (names & known) or ({node.module} & known)
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names} & known
    return found - {module}


def arrows(package: str) -> dict[str, set[str]]:
    """Rooms that each room imports from."""
    found: dict[str, set[str]] = defaultdict(set)
    for module in files(package):
        here = room(module)
        found[here] |= {room(other) for other in imported(package, module)} - {here, ""}
    return dict(found)


def circles(ways: Mapping[str, set[str]]) -> dict[str, list[str]]:
    """Places that lead back to themselves, each with all that can be reached from it."""
    found: dict[str, list[str]] = {}
    for start in ways:
        reached, ahead = set[str](), set(ways[start])
        while ahead:
            here = ahead.pop()
            reached.add(here)
            ahead |= ways.get(here, set()) - reached
        if start in reached:
            found[start] = sorted(reached)
    return found


@each
def test_rooms_and_arrows_are_few(package: str) -> None:
    found = arrows(package)
    rooms = {room(module) for module in files(package)} - {""}
    assert len(rooms) <= MOST_ROOMS, sorted(rooms)
    n_arrows = sum(len(targets) for here, targets in found.items() if here)
    assert n_arrows <= MOST_ARROWS, {here: sorted(targets) for here, targets in found.items()}


@each
def test_no_room_leads_back_to_itself(package: str) -> None:
    assert not circles(arrows(package))


@each
def test_no_file_leads_back_to_itself(package: str) -> None:
    # A package's face hands on what lies in its folder.
    faces = {module for module, path in files(package).items() if path.name == "__init__.py"}
    assert not circles({module: imported(package, module) - faces for module in files(package).keys() - faces})


@pytest.mark.parametrize("package", ["abm", "dashboards"])
def test_no_file_leads_back_to_itself_by_the_face_of_its_folder(package: str) -> None:
    assert not circles({module: imported(package, module) - {module} for module in files(package)})


def test_no_file_of_experiments_needs_itself_to_run() -> None:
    # A method and its figures lie in one folder: these know its result by its type alone.
    assert not circles({module: imported("experiments", module, is_running=True) for module in files("experiments")})


def test_a_circle_is_found() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == {"b": ["b", "c"], "c": ["b", "c"]}


def test_no_room_is_a_fifth_of_the_house() -> None:
    lines: dict[str, int] = defaultdict(int)
    for module, path in files("abm").items():
        lines[room(module)] += len(path.read_text("utf-8").splitlines())
    share = {name: n / sum(lines.values()) for name, n in lines.items()}
    assert max(share.values()) < LARGEST_SHARE, share
