"""The ties seen from the programmes' side."""

from __future__ import annotations

import numpy as np

from abm.machine.kernels import kernel
from abm.world.programmes import programme_row


@kernel
def ties_by_programme(ties, n_fields, n_programmes):
    """Reverse index of the active ties (level > 0).

    Returns ``starts`` int64 [P + 1], ``enterprise`` int32 [T] and ``slot`` int32 [T]: the ties of a programme are
    starts[row]..starts[row + 1], ordered by enterprise row, then slot.
    """
    n_enterprises, n_slots = ties.level.shape
    starts = np.zeros(n_programmes + 1, np.int64)
    for e in range(n_enterprises):
        for h in range(n_slots):
            if ties.level[e, h] > 0:
                starts[programme_row(ties.college[e, h], ties.field[e, h], n_fields) + 1] += 1
    for row in range(n_programmes):
        starts[row + 1] += starts[row]
    enterprise = np.empty(starts[n_programmes], np.int32)
    slot = np.empty(starts[n_programmes], np.int32)
    following = starts[:n_programmes].copy()
    for e in range(n_enterprises):
        for h in range(n_slots):
            if ties.level[e, h] > 0:
                row = programme_row(ties.college[e, h], ties.field[e, h], n_fields)
                i = following[row]
                enterprise[i] = e
                slot[i] = h
                following[row] = i + 1
    return starts, enterprise, slot
