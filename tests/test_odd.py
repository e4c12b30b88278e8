"""ODD.md against the program: tables up to date, equations that exist, functions that exist."""

from __future__ import annotations

import inspect
import re
from importlib import import_module
from pathlib import Path

import pytest

import abm
from abm.commands._explanations import equation_texts, equations, lever
from abm.commands.odd import filled
from abm.machine.errors import InputError
from abm.quarter import PHASES
from abm.world.levers import BY_NAME
from abm.world.parameters import CATALOGUE

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
    folders = {p.stem for p in (ROOT / "abm").iterdir()} - {"ODD"}
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
    assert callable(resolve(name)) or name == "machine.streams.Stream"


def test_phases_are_described_in_their_order() -> None:
    places = [TEXT.index(f"`quarter.{name}.{name}`") for name in PHASES]
    assert places == sorted(places)


def test_explanations_find_equations() -> None:
    assert equations("p.role_pull") == ["Eq. 33"]
    assert equations("p.effort_cost") == ["Eq. 20"]
    assert "Eq. 76" in equations("p.modularity_rewirings")


def read_by(name: str) -> set[str]:
    """Parameters that the function of an equation reads."""
    of = resolve(name)
    return set(re.findall(r"\bp\.(\w+)", inspect.getsource(getattr(of, "py_func", of)))) & set(CATALOGUE)


def test_a_parameter_is_found_in_the_equations_where_it_acts() -> None:
    found = {name: set(equations(f"p.{name}")) for name in CATALOGUE}
    assert [name for name, numbers in found.items() if not numbers] == []
    of_function: dict[str, set[str]] = {}
    for number, text in equation_texts().items():
        # A function may do what its equation takes from another: "demand by (7)", "h_s as in (6)".
        near = {f"Eq. {n}" for n in (number, *re.findall(r"[( ](\d+)[),]", text))}
        for function in re.findall(r"[\w.]+", text.partition("]\n")[0].rpartition("[")[2]):
            of_function.setdefault(function, set()).update(near)
    read = [(name, function) for function in of_function for name in read_by(function)]
    assert len(read) > 100
    assert [(name, function) for name, function in read if not found[name] & of_function[function]] == []


def test_a_lever_is_found_in_the_equations_where_it_acts() -> None:
    found = {name: lever(of)["equations"] for name, of in BY_NAME.items()}
    assert [name for name, numbers in found.items() if not numbers] == []
    # Utilities, funding, contracts that are paid, the realised surplus.
    assert {"Eq. 11", "Eq. 20", "Eq. 24", "Eq. 53"} <= set(found["subsidy_rate"]) & set(found["tax_credit"])
    # The reform of colleges is not that of students, which has a longer name.
    assert "Eq. 26" in found["evaluation_reform"]
    assert "Eq. 40" not in found["evaluation_reform"]
    assert "Eq. 54" in found["distribution_rule"]
