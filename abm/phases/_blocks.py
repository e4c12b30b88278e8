"""How the rows of the students are cut for several threads."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from abm.state import Ints

SMALL = 50_000
"""Rows below which threads cost more than they give."""
BLOCKS_A_THREAD = 4
"""More blocks than threads: colleges differ in size."""


def college_blocks(offsets: Ints, threads: int) -> list[tuple[int, int]]:
    """Cut C colleges into blocks with about equally many students. ``offsets`` [C + 1] of one cohort."""
    n_colleges = len(offsets) - 1
    if threads <= 1 or offsets[-1] < SMALL:
        return [(0, n_colleges)]
    n_blocks = threads * BLOCKS_A_THREAD
    targets = np.arange(1, n_blocks) * (int(offsets[-1]) / n_blocks)
    cuts = [0, *np.searchsorted(offsets[:-1], targets).tolist(), n_colleges]
    return [(lo, hi) for lo, hi in pairwise(cuts) if hi > lo]


def region_blocks(n_regions: int, n_students: int, threads: int) -> list[tuple[int, int]]:
    """One block a region where several threads pay, else one block."""
    if threads <= 1 or n_students < SMALL:
        return [(0, n_regions)]
    return [(r, r + 1) for r in range(n_regions)]
