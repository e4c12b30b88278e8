"""What a user imports is documented: numpydoc's sections, every parameter by name and type, examples that run."""

from __future__ import annotations

import doctest
import inspect
from importlib import import_module

import pytest
from numpydoc.validate import validate

import abm

FACES = ("abm", "abm.scenario", "abm.results", "abm.agents")
ALWAYS = {"GL03", "GL05", "GL06", "GL07", "GL08", "GL10", "SS01", "SS02", "SS03", "SS06"}
NOT_MADE_BY_USERS = {"View", "College", "Enterprise", "Government", "Student", "InputError", "ScenarioError", "Watcher"}
"""Agents are views that the model makes; errors are raised, and a watcher is any class with these methods."""
FIELDS_SAY_IT = {"PopulationSpec"}
"""What a file sets; each field has its words beside it."""
CALLED = {"PR01", "PR02", "PR03", "PR04", "PR05", "PR07", "PR10", "RT01", "RT03"}
"""Parameters and what is returned."""


def public() -> dict[str, object]:
    """Functions and classes of the faces by the name under which they are imported."""
    found: dict[str, object] = {}
    for face in FACES:
        module = import_module(face)
        for name in module.__all__:
            of = getattr(module, name)
            if callable(of) and of.__module__.startswith("abm."):
                found[f"{face}.{name}"] = of
    return found


PUBLIC = public()
METHODS = sorted(
    {
        f"{of.__module__}.{of.__qualname__}.{name}"
        for public_class in PUBLIC.values()
        if inspect.isclass(public_class)
        for of in public_class.__mro__
        if of.__module__.startswith("abm.")
        for name, member in vars(of).items()
        if not name.startswith("_") and (inspect.isroutine(member) or isinstance(member, property))
    }
)


def missing(name: str, codes: set[str]) -> list[str]:
    return [f"{code} {words}" for code, words in validate(name)["errors"] if code in codes]


def test_the_faces_hand_on_what_readme_shows() -> None:
    assert {"abm.run", "abm.Results", "abm.Scenario", "abm.IntegrationModel"} <= PUBLIC.keys()
    assert len(METHODS) > 20


@pytest.mark.parametrize("name", PUBLIC)
def test_public_names_are_documented(name: str) -> None:
    of = PUBLIC[name]
    is_main = name.partition("abm.")[2] in abm.__all__ or (inspect.isfunction(of) and name.startswith("abm.scenario"))
    codes = ALWAYS if of.__name__ in NOT_MADE_BY_USERS | FIELDS_SAY_IT else ALWAYS | CALLED
    assert not missing(name, codes | ({"EX01"} if is_main else set()))


@pytest.mark.parametrize("name", METHODS)
def test_their_methods_are_documented(name: str) -> None:
    is_made_by_user = name.split(".")[-2] not in NOT_MADE_BY_USERS
    assert not missing(name, ALWAYS | CALLED if is_made_by_user else ALWAYS)


@pytest.mark.parametrize("name", [name for name, of in PUBLIC.items() if ">>>" in (of.__doc__ or "")])
def test_their_examples_run(name: str) -> None:
    of, runner = PUBLIC[name], doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    examples = doctest.DocTestFinder(recurse=False).find(of, name, globs={})
    assert sum(len(test.examples) for test in examples) > 0
    for test in examples:
        assert runner.run(test).failed == 0
