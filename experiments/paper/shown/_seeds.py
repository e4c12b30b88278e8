"""What measures of rows share: which seeds judge, and statistics that are no mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from experiments.analysis.intervals import Column


def halves(n: int) -> tuple[slice, slice]:
    """Seeds that tell which is which, and those by which it is judged: what was chosen by looking is not judged by the
    same runs. (Chosen by all other seeds, one by one, noise alone would too often seem to be something.)"""
    return slice(0, n // 2), slice(n // 2, n)


def jackknifed(value: float, without: Column) -> Column:
    """Pseudo-values of a statistic of all seeds, from the same statistic without each seed: their mean with its
    t-interval is that of the statistic, where it is no mean (Tukey 1958). Shape [seeds]."""
    n = len(without)
    return n * value - (n - 1) * without
