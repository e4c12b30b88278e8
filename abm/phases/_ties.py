"""The ties seen from the colleges' side."""

from __future__ import annotations

import numpy as np

from abm.kernels import kernel


@kernel
def ties_by_college(ties, n_colleges):
    """Reverse index of the active ties (level > 0).

    Returns ``starts`` int64 [C + 1], ``enterprise`` int32 [T] and ``slot`` int32 [T]: the ties of college c are
    starts[c]..starts[c + 1], ordered by enterprise row, then slot.
    """
    n_enterprises, n_slots = ties.level.shape
    starts = np.zeros(n_colleges + 1, np.int64)
    for e in range(n_enterprises):
        for h in range(n_slots):
            if ties.level[e, h] > 0:
                starts[ties.college[e, h] + 1] += 1
    for c in range(n_colleges):
        starts[c + 1] += starts[c]
    enterprise = np.empty(starts[n_colleges], np.int32)
    slot = np.empty(starts[n_colleges], np.int32)
    following = starts[:n_colleges].copy()
    for e in range(n_enterprises):
        for h in range(n_slots):
            if ties.level[e, h] > 0:
                i = following[ties.college[e, h]]
                enterprise[i] = e
                slot[i] = h
                following[ties.college[e, h]] = i + 1
    return starts, enterprise, slot
