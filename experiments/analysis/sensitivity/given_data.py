"""Delta and PAWN from points that were drawn at random: how far the outcome's distribution moves with an input.

Both compare the outcome in slices of an input's range with the outcome on the whole, and take the mean over slices:
delta (Borgonovo 2007, Eq. 4) the largest difference of the chance of any set of outcomes, PAWN (Pianosi & Wagener 2018,
Eq. 2, mean over slices) that of any outcome "at most so much". The set is learned from nine tenths of the points and
its chances are counted in the tenth that was left out: counted in the points that it was learned from, an input that
does nothing has an index far above 0, and so has every other one (SALib's delta and PAWN of 300 points gave .23 and .30
where .25 and .24 are right, with .09 and .14 for an idle input). A set that was learned from few points is not quite
the best one, which makes the index too small: what half of the points lose more than all of them tells how much.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from experiments.analysis._runs import Floats

SLICES = 10
"""Parts of an input's range, of equally many points. What moves within a slice alone is not seen."""
LEAST = 100
"""Points, ten a slice."""
FOLDS = 10
"""Parts of the points, each of which is left out once."""
REACH = 0.5
"""How far beyond its edge a slice learns from its neighbours, in slices: with a weight that falls to 0."""
LOST = 1.5
"""What the best set has more than the learned one, in units of what the learned one has more than those of halves:
1 / (2^a - 1) where the loss falls with the points by a power a = .74, as seen from 100 to 600 points."""
WIDER = 1.2
"""Sets of different folds are learned from common points, which the spread over points does not show. By trial on six
inputs whose index is known, with 100 to 1,000 points; judged on other ones (docs/methods_trusted.md)."""
_Rows = npt.NDArray[np.intp]


def indices(kind: str, unit: Floats, values: Floats, seed: int) -> tuple[Floats, Floats]:
    """Index of every input and its standard error.

    kind: ``delta`` or ``pawn``; unit: [points, inputs]; values: [points]. NaN with fewer than ``LEAST`` points.
    """
    if len(values) < LEAST:
        return np.full(unit.shape[1], np.nan), np.full(unit.shape[1], np.nan)
    rng = np.random.default_rng(seed)
    found = [_index(kind, x, values, rng) for x in unit.T]
    return np.array([one[0] for one in found]), np.array([one[1] for one in found])


def _index(kind: str, x: Floats, y: Floats, rng: np.random.Generator) -> tuple[float, float]:
    n = len(y)
    rank = np.empty(n, np.intp)
    rank[np.argsort(x, kind="stable")] = np.arange(n)
    own = rank * SLICES // n
    fold = _folds(own, rng)
    apart = np.abs((rank + 0.5) / n * SLICES - (np.arange(SLICES)[:, None] + 0.5)) - 0.5
    weight = np.clip(1.0 - apart / REACH, 0.0, 1.0)
    whole, halves = np.empty(n), np.empty(n)
    for k in range(FOLDS):
        out, others = fold == k, rng.permutation(np.delete(np.arange(FOLDS), k))
        parts = [np.isin(fold, half) for half in np.array_split(others, 2)]
        whole[out] = _counted(kind, y, weight, own, np.flatnonzero(~out), np.flatnonzero(out))
        halves[out] = np.mean(
            [_counted(kind, y, weight, own, np.flatnonzero(part), np.flatnonzero(out)) for part in parts], axis=0
        )
    counted = whole + LOST * (whole - halves)
    within = sum(float(counted[own == s].var(ddof=1)) * int((own == s).sum()) for s in range(SLICES))
    return float(counted.mean()), WIDER * within**0.5 / n


def _folds(own: _Rows, rng: np.random.Generator) -> _Rows:
    """Which fold a point is in: each has as many of every slice."""
    fold, begun = np.empty(len(own), np.intp), 0
    for s in range(SLICES):
        at = rng.permutation(np.flatnonzero(own == s))
        fold[at] = (np.arange(len(at)) + begun) % FOLDS
        begun += len(at)
    return fold


def _counted(kind: str, y: Floats, weight: Floats, own: _Rows, learned: _Rows, left_out: _Rows) -> Floats:
    """For each point left out: whether it lies in the set of its slice, less the share of slices in whose set it lies.

    The mean over points is the mean over slices of how much likelier its set is in a slice than on the whole.
    """
    order = learned[np.argsort(y[learned], kind="stable")]
    of_slice = weight[:, order] / weight[:, order].sum(axis=1, keepdims=True)
    more = of_slice - 1.0 / len(order)
    inside = (_at_most if kind == "pawn" else _likelier)(y[order], more, of_slice, y[left_out])
    return inside[own[left_out], np.arange(len(left_out))] - inside.mean(axis=0)


def _at_most(sorted_y: Floats, more: Floats, of_slice: Floats, y: Floats) -> Floats:
    """Membership [slices, points] in "at most so much", the value at which distribution functions lie furthest apart;
    counted negative where the slice has fewer."""
    # Values that are the same are one step of a distribution function.
    is_end = np.r_[np.diff(sorted_y) > 0, True]
    distance = np.where(is_end, more.cumsum(axis=1), 0.0)
    at = np.abs(distance).argmax(axis=1)
    sign = np.sign(distance[np.arange(len(at)), at])
    return np.where(y <= sorted_y[at][:, None], sign[:, None], 0.0)


def _likelier(sorted_y: Floats, more: Floats, of_slice: Floats, y: Floats) -> Floats:
    """Membership [slices, points] in the outcomes whose density is higher in the slice, by normal kernels as wide as
    Silverman's rule makes them for a slice."""
    points = float(np.median(1.0 / (of_slice**2).sum(axis=1)))
    width = float(sorted_y.std()) * (0.75 * points) ** -0.2
    if not width:
        return np.zeros((len(more), len(y)))
    return ((more @ np.exp(-0.5 * ((sorted_y[:, None] - y) / width) ** 2)) > 0).astype(np.float64)
