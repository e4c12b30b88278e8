"""One value that a person wrote: what it is taken for, and what belongs to a run and not to its scenario."""

from __future__ import annotations

import argparse
import math
from typing import Any

import pytest

from abm import IntegrationModel
from abm.commands.run import overrides_of
from abm.machine.errors import InputError
from abm.machine.toml_text import read, scalar
from abm.results import Run
from abm.scenario import load
from dashboards.controls import links
from experiments import design


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.3", 0.3),
        (".3", 0.3),
        ("-.3", -0.3),
        ("3.", 3.0),
        ("30%", 0.3),
        ("30 %", 0.3),
        ("7%", 0.07),
        ("０.３", 0.3),
        ("３０％", 0.3),
        ("1e-3", 0.001),
        ("3", 3),
        ("true", True),
        ('"a b"', "a b"),
        ("[1, 2]", [1, 2]),
        ("concession", "concession"),
        ("2021-01-01", "2021-01-01"),
        ("1\nother = 2", "1\nother = 2"),
        ("一些", "一些"),
        ("", ""),
    ],
)
def test_a_value_is_taken_for_what_it_means(text: str, value: object) -> None:
    found = read(text, "x")
    assert (type(found), found) == (type(value), value)
    assert read(scalar(found), "x") == found
    # The same in a link.
    assert links._setting(f"x={text}") == {"x": value}


def test_a_number_of_thousands_of_digits_and_a_deep_nest_are_no_values() -> None:
    assert read("9" * 5000, "x") == math.inf
    for text in ("[" * 5000, "[" * 5000 + "]" * 5000, "{a = " * 3000):
        with pytest.raises(InputError, match="x is nested too deeply") if text[0] == "[" else pytest.raises(InputError):
            read(text, "x")


def asked(*settings: str) -> dict[str, Any]:
    return overrides_of(argparse.Namespace(settings=list(settings), seed=None, threads=None, main=None, command="run"))


def test_settings_may_be_written_on_a_chinese_keyboard() -> None:
    assert asked("subsidy_rate＝０.３", "steps=4") == {"subsidy_rate": 0.3, "steps": 4}


@pytest.mark.parametrize("key", ["scenario", "threads"])
def test_what_belongs_to_a_run_is_no_part_of_its_scenario(key: str) -> None:
    says = f"`{key}` is not part of a scenario: .* itself with `abm run"
    with pytest.raises(InputError, match=says):
        load("classroom").with_overrides(**{key: 2})
    with pytest.raises(InputError, match=says):
        links.read(f"set={key}=2").build()


def test_a_model_of_mesa_says_where_threads_belong() -> None:
    with pytest.raises(InputError, match="`threads` is not part of a scenario"):
        IntegrationModel("classroom", threads=2)


def test_names_of_python_are_no_settings() -> None:
    for key in ("self", "cls"):
        with pytest.raises(InputError, match=f"`{key}` cannot be set"):
            load("classroom").with_overrides(**{key: 1})
    with pytest.raises(InputError, match="`seed` = 'x'"):
        Run.begin("classroom", seed="x")
    for threads in ("2", 0, 1.5):
        with pytest.raises(InputError, match=r"threads = .* is no whole number from 1 on"):
            Run.begin("classroom", threads=threads)  # pyright: ignore[reportArgumentType]


ASKED: dict[str, Any] = {"vary": {"communication_cost": [0.0, 0.01]}, "outcomes": ["failed_share"]}


def test_a_seed_that_would_change_nothing_in_a_design_is_refused() -> None:
    with pytest.raises(InputError, match=r"`seed` in \[arms.a\] of .* would change nothing: .* from the design"):
        design.load(ASKED | {"arms": {"a": {"seed": 3}, "b": {}}})
    with pytest.raises(InputError, match=r"`seed` in design .* would change nothing"):
        design.load(ASKED).with_overrides(seed=3)
    for changes in ({"threads": 2}, {"scenario": "china"}, {"self": 1}):
        with pytest.raises(InputError):
            design.load(ASKED | {"arms": {"a": changes, "b": {}}})
        with pytest.raises(InputError):
            design.load(ASKED).with_overrides(**changes)


@pytest.mark.parametrize(
    ("points", "says"),
    [
        (3, "is missing"),
        ([], "is missing"),
        ([3], r"points\[0\] = 3 .* is not a table"),
        ([{}], r"points\[0\] = \{\} .* is not a table"),
        ([{"communication_cost": [0.1]}], r"`communication_cost` = \[0.1\] in points\[0\] .* is no single value"),
        ([{"communication_cost": 0.1}, {"initial_trust": 0.1}], r"points\[1\] .* is not in every row"),
    ],
)
def test_points_that_are_none_are_named(points: object, says: str) -> None:
    with pytest.raises(InputError, match=says):
        design.load({"sampler": "table", "points": points, "outcomes": ["failed_share"]})
