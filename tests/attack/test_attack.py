"""The attack in short: what once fell and some new inputs for every reader, faults of each kind, script in reports.

All of it: ``python -m tests.attack``; ``.ci/run --full`` runs it too.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.attack import faults, inputs, keeping, network, page
from tests.attack.readers import READERS
from tests.attack.tally import Tally


@pytest.mark.parametrize("name", READERS)
def test_a_reader_refuses_or_takes_whatever_comes(name: str, tmp_path: Path) -> None:
    tally = inputs.run(name, 40, 7, 8, tmp_path, keeps=False)
    assert not tally.fell
    assert tally.tried > 0 and sum(tally.came.values()) == tally.tried


@pytest.mark.parametrize(("name", "n"), [("flips", 24), ("disk", 12)])
def test_a_store_loses_nothing_and_is_never_read_wrong(name: str, n: int) -> None:
    tally = faults.PARTS[name](n, 7, time.monotonic() + 8)
    assert not tally.fell
    assert tally.tried > 3


@pytest.mark.parametrize(("name", "n"), [("worlds", 2), ("keeping", 30)])
def test_what_is_kept_is_whole_or_not_there(name: str, n: int) -> None:
    tally = keeping.PARTS[name](n, 7, time.monotonic() + 20)
    assert not tally.fell
    assert tally.tried >= 2


def test_script_in_texts_stays_text() -> None:
    tally = network.scripts(1, 7)
    assert not tally.fell
    assert tally.tried == 4


def test_what_falls_is_counted_and_what_other_parts_gave_stays(tmp_path: Path) -> None:
    place, bad, good = tmp_path / "attack.md", Tally("input", "x"), Tally("faults", "y")
    bad.fall("it | died")
    good.check(True, "well", "")
    page.write([bad], 3, place)
    page.write([good], 4, place)
    rows = [line for line in place.read_text("utf-8").splitlines() if line.startswith(("| input", "| faults"))]
    assert [row.split(" | ")[1:4] for row in rows] == [["x", "1", "1"], ["y", "1", "0"]]
    assert "fell: it / died" in rows[0]
