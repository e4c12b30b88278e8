"""`abm validate --world-size`: shares of the same world with more, or smaller, institutions."""

from __future__ import annotations

import argparse
import math
from pathlib import Path

import pytest

from abm.machine.errors import InputError
from abm.scenario import load
from experiments.commands import validate as command
from experiments.validation import _world_size as world_size
from experiments.validation._world_size import Shift


def arguments(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    command.register(parser)
    return parser.parse_args(words)


def test_worlds_are_so_many_times_as_large() -> None:
    base = load("classroom")
    larger = world_size.changed(base, "colleges x 4, same seats").population
    assert (larger.n_colleges, larger.n_students) == (4 * base.population.n_colleges, base.population.n_students)
    assert world_size.changed(base, "").population == base.population


def test_what_has_to_hold_and_what_does() -> None:
    assert Shift("all x 4", "take_up", 0.1, 0.0, -0.019, 0.019).holds
    assert not Shift("all x 4", "take_up", 0.1, 0.0, -0.021, 0.019).holds
    assert not Shift("all x 4", "take_up", math.nan, math.nan, math.nan, math.nan).holds
    posts = "enterprises x 4, same posts"
    assert Shift(posts, "failed_by_funding", 0.1, 0.0, 0.0, 0.0).is_asked
    assert not Shift(posts, "take_up", 0.1, 0.0, 0.0, 0.0).is_asked
    assert "field_related_share" in world_size.shares() and "n_ties" not in world_size.shares()


def test_the_command_compares_and_writes(tmp_path: Path, capsys: pytest.CaptureFixture[str],
                                          monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    monkeypatch.setattr(world_size, "FACTORS", {"students x 4": {"n_students": 4}})
    monkeypatch.setattr(world_size, "STEPS", 24)
    out = tmp_path / "size.md"
    words = ("--world-size", "classroom", "--seeds", "3", "--workers", "1", "--quiet", "--out", str(out))
    code = command.main(arguments(*words))
    printed = capsys.readouterr().out
    assert printed.startswith("students x 4: ")
    page = out.read_text(encoding="utf-8")
    assert "| `field_related_share` |" in page and printed.strip() in page
    assert code == ("    " in printed)
    # Students do not meet anybody at a table: what they are many of changes no share by much.
    found = {s.share: s for s in world_size.shifts("classroom", range(501, 504), is_quiet=True)}
    assert abs(found["field_related_share"].mean) < 0.02


def test_only_invented_populations_can_be_multiplied() -> None:
    with pytest.raises(InputError, match="from provinces"):
        command.main(arguments("--world-size", "china", "--seeds", "2"))
