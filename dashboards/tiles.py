"""Where regions lie on the tile map."""

from __future__ import annotations

import csv
import math
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

import abm
from abm.state import Ints

if TYPE_CHECKING:
    from collections.abc import Sequence

PROVINCES = Path(abm.__file__).parent / "data" / "provinces.csv"
SMALL_RING = 12
"""Regions up to which an invented world is laid out as the ring that it is; more stand in a grid."""


@cache
def provinces() -> list[dict[str, str]]:
    """Rows of the table of provinces."""
    with PROVINCES.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def tiles(names: Sequence[str], *, is_ring: bool) -> Ints:
    """Column and row of each region's tile: the provinces' own places, two rows for a ring, else a grid. [R, 2]."""
    known = {row["name"]: (int(row["tile_column"]), int(row["tile_row"])) for row in provinces()}
    n = len(names)
    if all(name in known for name in names):
        places = [known[name] for name in names]
    elif is_ring:
        above = math.ceil(n / 2)
        places = [(i, 0) if i < above else (n - 1 - i, 1) for i in range(n)]
    else:
        across = math.ceil(math.sqrt(2 * n))
        places = [(i % across, i // across) for i in range(n)]
    return np.array(places, np.int64).reshape(n, 2)
