"""95 % intervals: of a mean, of a share, of a ratio of means, of the area under a ROC curve."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

CONFIDENCE = 0.95
RESAMPLES = 2000

Numbers = npt.ArrayLike
Column = npt.NDArray[np.float64]


class Interval(NamedTuple):
    """An estimate and its 95 % interval; NaN bounds where there are too few runs for one."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3g} [{self.low:.3g}, {self.high:.3g}]"

    def columns(self, name: str) -> dict[str, float]:
        """As three columns of a table: name, name_low, name_high."""
        return {name: self.value, f"{name}_low": self.low, f"{name}_high": self.high}


def interval_of(row: Mapping[str, Any], name: str) -> Interval:
    """The interval that ``columns`` wrote into a row."""
    return Interval(*(float(row[f"{name}{end}"]) for end in ("", "_low", "_high")))


def mean_interval(values: Numbers, among: int = 1) -> Interval:
    """Mean with Student's t; NaN are left out. One value has no interval.

    among: for the largest of so many means, chosen after the fact, the interval that holds for all of them
    at once (Bonferroni).
    """
    from scipy.special import stdtrit

    found = np.asarray(values, np.float64)
    found = found[np.isfinite(found)]
    n = len(found)
    if n == 0:
        return Interval(math.nan, math.nan, math.nan)
    mean = float(found.mean())
    if n == 1:
        return Interval(mean, math.nan, math.nan)
    tail = (1 - CONFIDENCE) / 2 / among
    half = float(stdtrit(n - 1, 1 - tail)) * float(found.std(ddof=1)) / math.sqrt(n)
    return Interval(mean, mean - half, mean + half)


def difference_interval(groups: Sequence[Column], a: Column, b: Column, among: int = 1) -> Interval:
    """mean(a) - mean(b), two of some groups of independent values, with the variance pooled over all groups.

    among: as of ``mean_interval``. No interval where no group has two values.
    """
    from scipy.special import stdtrit

    mean, free = float(a.mean() - b.mean()), sum(len(group) for group in groups) - len(groups)
    if free < 1:
        return Interval(mean, math.nan, math.nan)
    variance = sum(float(((group - group.mean()) ** 2).sum()) for group in groups) / free
    half = float(stdtrit(free, 1 - (1 - CONFIDENCE) / 2 / among)) * math.sqrt(variance * (1 / len(a) + 1 / len(b)))
    return Interval(mean, mean - half, mean + half)


def band(values: Column) -> tuple[Column, Column, Column]:
    """``mean_interval`` of each column, NaN left out. Shape [runs, n] -> value, low, high of shape [n]."""
    from scipy.special import stdtrit

    there = np.isfinite(values)
    n = there.sum(axis=0)
    nothing = np.full(values.shape[1], math.nan)
    mean = np.divide(np.where(there, values, 0.0).sum(axis=0), n, out=nothing.copy(), where=n > 0)
    squares = np.where(there, (values - mean) ** 2, 0.0).sum(axis=0)
    variance = np.divide(squares, n - 1, out=nothing.copy(), where=n > 1)
    half = stdtrit(np.maximum(n - 1, 1), 0.5 + CONFIDENCE / 2) * np.sqrt(variance / np.maximum(n, 1))
    return mean, mean - half, mean + half


def share_interval(successes: int, n: int) -> Interval:
    """Share of successes with Wilson's interval, which neither leaves 0-1 nor vanishes at its ends."""
    from scipy.special import ndtri

    if n == 0:
        return Interval(math.nan, math.nan, math.nan)
    z = float(ndtri(0.5 + CONFIDENCE / 2))
    share = successes / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return Interval(share, max(0.0, middle - half), min(1.0, middle + half))


def ratio_interval(
    parts: Numbers, wholes: Numbers, seed: int = 0, resamples: int = RESAMPLES, among: int = 1
) -> Interval:
    """mean(parts) / mean(wholes) over pairs, with a percentile bootstrap over the pairs. among: see ``mean_interval``.

    NaN where the interval of the mean of ``wholes`` holds 0: a share of nothing is no share.
    """
    part, whole = np.asarray(parts, np.float64), np.asarray(wholes, np.float64)
    keep = np.isfinite(part) & np.isfinite(whole)
    part, whole = part[keep], whole[keep]
    below = mean_interval(whole)
    if len(part) < 2 or not (below.low > 0 or below.high < 0):
        return Interval(math.nan, math.nan, math.nan)
    rows = np.random.default_rng(seed).integers(0, len(part), (resamples, len(part)))
    ratios = part[rows].mean(axis=1) / whole[rows].mean(axis=1)
    tail = (1 - CONFIDENCE) / 2 / among
    low, high = np.quantile(ratios, [tail, 1 - tail])
    return Interval(float(part.mean() / whole.mean()), float(low), float(high))


def auc_interval(positive: Numbers, negative: Numbers) -> Interval:
    """Probability that a positive scores higher than a negative, with DeLong's interval (DeLong et al. 1988)."""
    from scipy.special import ndtri

    p, n = np.asarray(positive, np.float64), np.asarray(negative, np.float64)
    p, n = p[np.isfinite(p)], n[np.isfinite(n)]
    if len(p) == 0 or len(n) == 0:
        return Interval(math.nan, math.nan, math.nan)
    wins = (p[:, None] > n[None, :]) + 0.5 * (p[:, None] == n[None, :])
    area = float(wins.mean())
    if len(p) < 2 or len(n) < 2:
        return Interval(area, math.nan, math.nan)
    variance = wins.mean(axis=1).var(ddof=1) / len(p) + wins.mean(axis=0).var(ddof=1) / len(n)
    half = float(ndtri(0.5 + CONFIDENCE / 2)) * math.sqrt(float(variance))
    return Interval(area, max(0.0, area - half), min(1.0, area + half))
