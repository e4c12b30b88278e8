"""Where regions lie on the tile map."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from abm.population.provinces import provinces
from abm.world.state import Ints

if TYPE_CHECKING:
    from collections.abc import Sequence

SMALL_RING = 12
"""Regions up to which an invented world is laid out as the ring that it is; more stand in a grid."""


def tiles(names: Sequence[str], *, is_ring: bool) -> Ints:
    """Column and row of each region's tile: the provinces' own places, two rows for a ring, else a grid. [R, 2]."""
    known = {p.name: p.tile for p in provinces()}
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
