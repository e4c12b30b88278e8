"""ODD.md against the program: tables up to date, equations that exist, functions that exist."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

import abm
from abm.commands._explanations import equations
from abm.commands.odd import filled
from abm.errors import InputError
from abm.simulation import PHASES

ROOT = Path(abm.__file__).parents[1]
TEXT = (ROOT / "abm" / "ODD.md").read_text(encoding="utf-8")
FENCES = re.findall(r"^```\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
HEADS = re.findall(r"^\((\d+)\) (.*)$", "\n".join(FENCES), re.MULTILINE)
NUMBERS = [int(number) for number, _ in HEADS]
MENTION = re.compile(r"\bEqs?\.? (\d+(?:(?:-|, | and )\d+)*)")


def mentioned(text: str) -> set[int]:
    """Numbers of equations that a text refers to: 'Eq. 3, 5', 'Eq 20-23', 'Eq. 4 and 6'."""
    found: set[int] = set()
    for group in MENTION.findall(text):
        for part in re.split(r", | and ", group):
            first, _, last = part.partition("-")
            found.update(range(int(first), int(last or first) + 1))
    return found


def functions(text: str) -> list[str]:
    """Dotted names of functions of the package that stand in brackets after an equation's title, or in backticks."""
    named = [name for _, head in HEADS for name in re.findall(r"\[([^\]]+)\]$", head)[0].split(", ")]
    folders = {p.stem for p in (ROOT / "abm").iterdir()} - {"ODD", "parameters"}
    quoted = [name for name in re.findall(r"`(\w+(?:\.\w+)+)`", text) if name.split(".")[0] in folders]
    return sorted({*named, *(name for name in quoted if not name.endswith((".py", ".toml")))})


def resolve(name: str) -> object:
    """What a dotted name below abm stands for; an AttributeError if nothing does."""
    parts = name.split(".")
    for n in range(len(parts), 0, -1):
        try:
            found = import_module(".".join(["abm", *parts[:n]]))
        except ModuleNotFoundError:
            continue
        for part in parts[n:]:
            found = getattr(found, part)
        return found
    raise AttributeError(name)


def test_mentions_are_read() -> None:
    assert mentioned("(Eq. 26, 27, 32) and Eq 20-23; Eq. 4 and 6") == {26, 27, 32, 20, 21, 22, 23, 4, 6}


def test_tables_are_up_to_date() -> None:
    assert filled(TEXT) == TEXT, "run `abm odd --write`"


def test_missing_marks_are_an_error() -> None:
    with pytest.raises(InputError, match="levers"):
        filled(TEXT.replace("<!-- generated: levers -->", ""))


def test_every_number_stands_once() -> None:
    assert sorted(NUMBERS) == list(range(1, max(NUMBERS) + 1))


@pytest.mark.parametrize("folder", ["abm", "tests", "experiments"])
def test_equations_referred_to_exist(folder: str) -> None:
    sources = [ROOT / "abm" / "ODD.md", *sorted((ROOT / folder).rglob("*.py"))]
    unknown = {
        str(path.relative_to(ROOT)): sorted(lost)
        for path in sources
        if (lost := mentioned(path.read_text(encoding="utf-8")) - set(NUMBERS)) and path != Path(__file__)
    }
    assert not unknown


def test_every_equation_names_its_functions() -> None:
    assert [number for number, head in HEADS if not head.endswith("]")] == []
    assert len(functions(TEXT)) > 80


@pytest.mark.parametrize("name", functions(TEXT))
def test_functions_named_exist(name: str) -> None:
    assert callable(resolve(name)) or name == "streams.Stream"


def test_phases_are_described_in_their_order() -> None:
    places = [TEXT.index(f"`phases.{name}.{name}`") for name in PHASES]
    assert places == sorted(places)


def test_explanations_find_equations() -> None:
    assert equations("p.effort_cost") == ["Eq. 27", "Eq. 29"]
    assert "Eq. 76" in equations("p.modularity_rewirings")
