"""PRIM, the patient rule induction method: boxes that hold many cases of interest.

Friedman & Fisher (1999), Bump hunting in high-dimensional data; as used in scenario discovery by
Bryant & Lempert (2010). From the whole space the method peels off, one thin slice after another, the
slice whose loss raises the density of cases most for the runs it costs; then it pastes slices back
where that does not hurt. Every box on the way is kept: the choice between coverage, density and
number of conditions is the reader's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from experiments.analysis._runs import Floats

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Box:
    """Limits of a box and how well it holds the cases.

    low, high: shape [d], both inclusive. quasi_p: shape [d, 2], the chance of so many cases in the box
    if the limit below (above) were idle; NaN where there is no limit.
    """

    low: Floats
    high: Floats
    coverage: float
    """Share of all cases that lie in the box."""
    density: float
    """Share of the box's runs that are cases."""
    mass: float
    """Share of all runs that lie in the box."""
    n_restricted: int
    quasi_p: Floats

    def holds(self, x: Floats) -> Mask:
        """Which rows of x, shape [n, d], lie in the box."""
        return np.asarray(((x >= self.low) & (x <= self.high)).all(axis=1))


@dataclass(frozen=True)
class _Candidate:
    """A slice taken off or put back: the new limits and what lies inside."""

    low: Floats
    high: Floats
    inside: Mask
    score: float
    n_free: int


def trajectory(
    x: Floats, y: Mask, *, peel: float = 0.05, paste: float = 0.05, mass_min: float = 0.05
) -> tuple[Box, ...]:
    """All boxes from the whole space to the densest, in the order of peeling and pasting.

    x: shape [n, d]; y: which runs are cases, shape [n]. Scores are the gain of density over the number
    of runs given up (or won back); ties go to the box with fewer conditions.
    """
    first_low, first_high = x.min(axis=0), x.max(axis=0)
    found = [_Candidate(first_low, first_high, np.ones(len(x), np.bool_), 0.0, x.shape[1])]
    for propose in (_peels, _pastes):
        alpha = peel if propose is _peels else paste
        while (best := _best(propose(x, y, found[-1], found[0], alpha))) is not None:
            now = found[-1]
            enough = best.inside.sum() >= mass_min * len(x)
            moves = best.inside.sum() != now.inside.sum()
            gains = best.score > 0
            if not (enough and moves and gains):
                break
            found.append(best)
    return tuple(_box(x, y, candidate, found[0]) for candidate in found)


def _best(candidates: list[_Candidate]) -> _Candidate | None:
    """The highest score, among equals the fewest conditions, among those the first."""
    return max(candidates, key=lambda c: (c.score, c.n_free), default=None)


def _peels(x: Floats, y: Mask, now: _Candidate, first: _Candidate, alpha: float) -> list[_Candidate]:
    """One slice off each end of each dimension."""
    found: list[_Candidate] = []
    for j in range(x.shape[1]):
        values = x[now.inside, j]
        for is_high in (True, False):
            limit = edge(values, 1 - alpha if is_high else alpha)
            keep = x[:, j] <= limit if is_high else x[:, j] >= limit
            found.append(_moved(y, now, first, j, is_high, limit, now.inside & keep))
    return found


def _pastes(x: Floats, y: Mask, now: _Candidate, first: _Candidate, alpha: float) -> list[_Candidate]:
    """One slice back onto each end of each dimension that has been cut."""
    found: list[_Candidate] = []
    cut = (now.low > first.low) | (now.high < first.high)
    for j in np.flatnonzero(cut):
        others = np.delete(np.arange(x.shape[1]), j)
        beside = ((x[:, others] >= now.low[others]) & (x[:, others] <= now.high[others])).all(axis=1)
        for is_high in (False, True):
            beyond = beside & (x[:, j] >= now.high[j] if is_high else x[:, j] <= now.low[j])
            if beyond.any():
                limit = edge(x[beyond, j], alpha if is_high else 1 - alpha)
            else:
                limit = float(first.high[j] if is_high else first.low[j])
            low, high = (now.low[j], limit) if is_high else (limit, now.high[j])
            inside = beside & (x[:, j] >= low) & (x[:, j] <= high)
            found.append(_moved(y, now, first, int(j), is_high, limit, inside))
    return found


def _moved(
    y: Mask, now: _Candidate, first: _Candidate, j: int, is_high: bool, limit: float, inside: Mask
) -> _Candidate:
    """The candidate with one limit moved."""
    low, high = now.low.copy(), now.high.copy()
    (high if is_high else low)[j] = limit
    before, after = np.count_nonzero(now.inside), np.count_nonzero(inside)
    gain = (np.count_nonzero(y & inside) / after if after else 0.0) - np.count_nonzero(y & now.inside) / before
    score = gain / abs(before - after) if before != after else 0.0
    n_free = int(((low == first.low) & (high == first.high)).sum())
    return _Candidate(low, high, inside, score, n_free)


def edge(values: Floats, share: float) -> float:
    """Where to cut so that about a share of the values lies below: midway between two distinct neighbours.

    Many equal values are cut off, or kept, together.
    """
    ordered = np.sort(values)
    place = (len(ordered) - 1) * share
    below, above = math.floor(place), math.ceil(place)
    if share > 0.5:
        while ordered[below] == ordered[above] and below > 0:
            below -= 1
    else:
        while ordered[below] == ordered[above] and above < len(ordered) - 1:
            above += 1
    return float((ordered[below] + ordered[above]) / 2)


def simplified(x: Floats, y: Mask, box: Box, whole: Box, sure: float) -> Box:
    """The box without the limits that the data do not ask for: the least sure is dropped first, and again.

    A limit stays if its quasi-p-value is below ``sure``.
    """
    while np.nanmax(box.quasi_p, initial=0.0) >= sure:
        j, end = np.unravel_index(int(np.nanargmax(box.quasi_p)), box.quasi_p.shape)
        low, high = box.low.copy(), box.high.copy()
        (high if end else low)[j] = (whole.high if end else whole.low)[j]
        box = boxed(x, y, low, high, whole)
    return box


def boxed(x: Floats, y: Mask, low: Floats, high: Floats, whole: Box) -> Box:
    """The box with these limits; whole: that of all runs."""
    inside = np.asarray(((x >= low) & (x <= high)).all(axis=1))
    first = _Candidate(whole.low, whole.high, np.ones(len(x), np.bool_), 0.0, x.shape[1])
    return _box(x, y, _Candidate(low, high, inside, 0.0, 0), first)


def _box(x: Floats, y: Mask, candidate: _Candidate, first: _Candidate) -> Box:
    inside = candidate.inside
    n, cases = np.count_nonzero(inside), np.count_nonzero(y & inside)
    quasi_p = np.full((x.shape[1], 2), np.nan)
    for j in range(x.shape[1]):
        for end, limits, idle in ((0, candidate.low, first.low), (1, candidate.high, first.high)):
            if limits[j] == idle[j]:
                continue
            low, high = candidate.low.copy(), candidate.high.copy()
            (high if end else low)[j] = idle[j]
            without = ((x >= low) & (x <= high)).all(axis=1)
            chance = np.count_nonzero(y & without) / np.count_nonzero(without)
            # So many cases or more, by the binomial distribution.
            quasi_p[j, end] = special.bdtrc(cases - 1, n, chance)
    return Box(
        low=candidate.low,
        high=candidate.high,
        coverage=cases / max(1, int(y.sum())),
        density=cases / n,
        mass=n / len(x),
        n_restricted=x.shape[1] - int(((candidate.low == first.low) & (candidate.high == first.high)).sum()),
        quasi_p=quasi_p,
    )
