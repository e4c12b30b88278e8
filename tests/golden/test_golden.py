"""No result moves unless it is meant to: the golden file holds."""

from __future__ import annotations

import pandas as pd
import pytest

from tests import golden

WORLDS = golden.worlds()
BEFORE = golden.read()


@pytest.mark.parametrize("name", WORLDS)
def test_world_gives_what_it_gave(name: str) -> None:
    assert name in BEFORE, "a new world: python -m tests.golden --write"
    names = golden.moved(BEFORE[name], golden.run(WORLDS[name]), by_bytes=golden.is_made_alike())
    assert not names, f"moved: {', '.join(names)}; if it is meant, python -m tests.golden --write"


def test_a_moved_column_is_named() -> None:
    before = pd.DataFrame({"digest": ["a", "b"], "number": [1.0, 2.0]}, index=["x", "y"])
    after = pd.DataFrame({"digest": ["a", "c", "d"], "number": [1.0, 2.0 + 1e-8, 0.0]}, index=["x", "y", "z"])
    assert golden.moved(before, after, by_bytes=True) == ["y", "z (new)"]
    assert golden.moved(before, after, by_bytes=False) == ["y", "z (new)"]
    after.loc["y", "number"] = 2.0 + 1e-12
    assert golden.moved(before, after, by_bytes=False) == ["z (new)"]
    assert golden.moved(after, before, by_bytes=True) == ["y", "z (gone)"]
