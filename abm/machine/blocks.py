"""Rows: how they are cut for several threads, and where those of a region begin."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from abm.machine.kernels import kernel

SMALL = 50_000
"""Rows below which threads cost more than they give."""
BLOCKS_A_THREAD = 4
"""More blocks than threads: colleges differ in size."""


def college_blocks(offsets: NDArray[np.int64], threads: int) -> list[tuple[int, int]]:
    """Cut C colleges or programmes into blocks with about equally many students. ``offsets`` [C + 1] of a cohort."""
    n_colleges = len(offsets) - 1
    if threads <= 1 or offsets[-1] < SMALL:
        return [(0, n_colleges)]
    n_blocks = threads * BLOCKS_A_THREAD
    targets = np.arange(1, n_blocks) * (int(offsets[-1]) / n_blocks)
    cuts = [0, *np.searchsorted(offsets[:-1], targets).tolist(), n_colleges]
    return [(lo, hi) for lo, hi in pairwise(cuts) if hi > lo]


def region_blocks(starts: NDArray[np.int64], threads: int) -> list[tuple[int, int]]:
    """One block a region where several threads pay, else one block. ``starts`` [R + 1] first student of each region.

    The largest come first: at the end no thread waits long for another.
    """
    n_regions = len(starts) - 1
    if threads <= 1 or starts[-1] < SMALL:
        return [(0, n_regions)]
    return [(r, r + 1) for r in np.argsort(-np.diff(starts), kind="stable").tolist()]


@kernel
def starts_by_region(region, n_regions):
    """First row of each region in columns sorted by region, and the end. Shape [R + 1]."""
    starts = np.zeros(n_regions + 1, np.int64)
    for i in range(region.shape[0]):
        starts[region[i] + 1] += 1
    for r in range(n_regions):
        starts[r + 1] += starts[r]
    return starts
