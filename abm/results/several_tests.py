"""Several tests of one study: how sure each of them is when all are looked at."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

LEVEL = 0.05
"""Chance that any of them is told where nothing acts."""


def holm(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Holm's (1979) adjusted p of several tests: below a level where that test is told at that level in all.
    Shape [d]."""
    order = np.argsort(p, kind="stable")
    raised = np.maximum.accumulate(p[order] * (len(p) - np.arange(len(p))))
    found = np.empty(len(p))
    found[order] = np.minimum(raised, 1.0)
    return found
