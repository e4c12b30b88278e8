"""Scenario discovery: under which conditions do runs end in the cases of interest.

Two answers to the same question: a box (PRIM), which is a handful of conditions in words, and a tree
(CART, Breiman et al. 1984), which splits the whole space. The one chosen is that box of PRIM, or that leaf of the
tree, which covers most of the cases at the density that is asked for; where none is so dense, the densest, and that is
said. Conditions whose quasi-p-value is not below 0.05 are dropped from the box in words: the data do not ask for them.

Whatever is searched for in noise is found there. So half of the points choose a box and the other half, which had no
part in that, says whether it holds more cases than chance puts there, and the other way round; seeds of one point stay
together. Intervals resample points.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from abm.machine.errors import InputError
from abm.results.notebook import Shown
from experiments.analysis._runs import Floats, check, column, lost, usable
from experiments.analysis.discovery.prim import Box, Mask, boxed, simplified, trajectory
from experiments.analysis.intervals import Interval, share_interval

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SURE = 0.05
"""Quasi-p-value below which a condition counts."""
DENSE = 0.8
"""Share of cases in the chosen box, if nobody asks for another."""
LEVEL = 0.05
"""Share of studies of pure chance that may say that they found a box."""
DRAWS = 999
"""Resamples of points."""
DEPTH = 3
"""Splits of the tree one after another."""
FEWEST = 10
"""Points in each half."""
REDONE = 30
"""Resamples of the points on which the choice of a box is repeated."""
NORMAL = 1.96
NOTHING = Interval(math.nan, math.nan, math.nan)
LEAF = 0.05
"""Smallest share of the runs in a leaf of the tree, as in the box."""


@dataclass(frozen=True)
class Condition:
    """One condition of a box: a varied key and the limits that it must respect (None = free on that side)."""

    name: str
    low: float | None
    high: float | None
    quasi_p: float

    def __str__(self) -> str:
        name = self.name.replace("_", " ")
        if self.low is None:
            return f"{name} at most {self.high:.3g}"
        if self.high is None:
            return f"{name} at least {self.low:.3g}"
        return f"{name} from {self.low:.3g} to {self.high:.3g}"


@dataclass(frozen=True)
class Discovery(Shown):
    """Boxes of PRIM, the one chosen, and the tree.

    x: shape [n, d], y: shape [n]: the runs that could be used, and which are cases.
    """

    names: tuple[str, ...]
    x: Floats
    y: Mask
    boxes: tuple[Box, ...]
    """All boxes on the way, from the whole space on."""
    box: Box
    """The one chosen, without the limits that the data do not ask for."""
    tree: pd.DataFrame
    """Leaves: conditions in words, share of runs, density of cases, share of the cases."""
    case: str
    """What a case is, in words that follow 'runs in which'."""
    titles: Mapping[str, str]
    """Key -> label with unit, for axes."""
    source: str = "PRIM"
    """What gave the box: "PRIM" or "tree"."""
    target: float = 0.0
    """Density that was asked for."""
    p: float = 0.0
    """Of a box as dense as that where nothing acts, by halves of the points."""
    density: Interval = NOTHING
    """Of the box's runs, with a 95 % interval over points."""
    coverage: Interval = NOTHING
    fresh: float = math.nan
    """Density in the halves of the points that had no part in choosing the box."""
    caveats: tuple[str, ...] = ()

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """Conditions of the chosen box, the surest first."""
        return conditions(self.names, self.box, self.boxes[0])

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The trade-off, the chosen box and the tree."""
        rows = [(i, b.coverage, b.density, b.mass, b.n_restricted) for i, b in enumerate(self.boxes)]
        limits = [
            (name, self.box.low[j], self.box.high[j], *self.box.quasi_p[j].tolist())
            for j, name in enumerate(self.names)
        ]
        about = {"source": self.source, "target": self.target, "p": self.p, "fresh_density": self.fresh}
        for name, interval in (("density", self.density), ("coverage", self.coverage)):
            about |= {name: interval.value, f"{name}_low": interval.low, f"{name}_high": interval.high}
        return {
            "chosen": pd.DataFrame([about]),
            "trade_off": pd.DataFrame(rows, columns=["box", "coverage", "density", "mass", "n_restricted"]),
            "box": pd.DataFrame(limits, columns=["key", "low", "high", "quasi_p_low", "quasi_p_high"]),
            "tree": self.tree,
        }

    def figures(self) -> dict[str, Figure]:
        """The trade-off of boxes; the runs over the two surest conditions with the box."""
        from experiments.analysis.discovery.figures import runs_and_box, trade_off

        found = {"trade_off": trade_off(self)}
        if len(self.names) > 1:
            found["box"] = runs_and_box(self)
        return found

    def answer(self) -> str:
        """The box in words, with what it covers."""
        share = float(self.y.mean())
        words = [str(condition) for condition in self.conditions]
        if not words or not self.p <= LEVEL:
            return f"No condition tells the runs in which {self.case} ({share:.0%} of all) from the others."
        listed = words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]
        d, c = self.density, self.coverage
        missed = ""
        if d.value < self.target:
            missed = f" No box and no leaf holds the {self.target:.0%} that were asked for; this is the densest."
        return (
            f"{self.case[0].upper()}{self.case[1:]} in {share:.0%} of the runs. With {listed} it is "
            f"{d.value:.0%} ({d.low:.0%} to {d.high:.0%}), and these runs are {c.value:.0%} ({c.low:.0%} to "
            f"{c.high:.0%}) of all such runs.{missed}"
        )


def conditions(names: Sequence[str], box: Box, whole: Box) -> tuple[Condition, ...]:
    """The limits of a box, the surest first."""
    found: list[Condition] = []
    for j, name in enumerate(names):
        low = float(box.low[j]) if box.low[j] > whole.low[j] else None
        high = float(box.high[j]) if box.high[j] < whole.high[j] else None
        if low is not None or high is not None:
            found.append(Condition(name, low, high, float(np.nanmin(box.quasi_p[j]))))
    return tuple(sorted(found, key=lambda c: c.quasi_p))


def discover(
    runs: pd.DataFrame,
    keys: Sequence[str],
    outcome: str,
    *,
    above: float | None = None,
    below: float | None = None,
    min_density: float | None = None,
    mass_min: float = 0.05,
    label: str = "",
    titles: Mapping[str, str] | None = None,
) -> Discovery:
    """Boxes and tree for the runs whose outcome lies above (or below) a bound.

    The chosen box is the one of PRIM, or the leaf of the tree, that covers most of the cases at a density of at least
    ``min_density`` (default: 0.8, or half way from the share of cases among all runs to 1 if that is more); where
    none is so dense, the densest, and the answer says so; then limits that the data do not ask for are dropped.
    Raises InputError where all runs, or none, are cases, and for a density that all runs together have already.
    """
    check(runs, *keys, outcome)
    if (above is None) == (below is None):
        raise InputError("the bound", why="is missing or double", mend="give either above or below")
    kept = runs[usable(runs, outcome)]
    x = np.column_stack([column(kept, key) for key in keys])
    value = column(kept, outcome)
    if above is not None:
        y, bound = np.asarray(value > above), f"above {above:g}"
    else:
        y, bound = np.asarray(value < (below or 0.0)), f"below {below or 0.0:g}"
    if not 0 < y.sum() < len(y):
        raise InputError(
            f"`{outcome}` {bound}",
            why=f"holds in {int(y.sum()):,} of {len(y):,} runs",
            mend="choose a bound that divides them",
        )
    share = float(y.mean())
    least = max(DENSE, (1.0 + share) / 2) if min_density is None else min_density
    if least <= share:
        raise InputError(
            f"a density of {least:g}",
            why=f"is no more than that of all runs, of which {share:.0%} have `{outcome}` {bound}",
            mend=f"ask for more than {share:.2g}, or for the conditions of the other side",
        )
    point = column(kept, "point") if "point" in kept else np.arange(len(kept), dtype=np.float64)
    point = np.unique(point, return_inverse=True)[1]
    boxes, box, source = _chosen(x, y, least, mass_min)
    p, fresh = _held_out(x, y, point, least, mass_min)
    density, coverage = _over_points(box.holds(x), y, point)
    if p <= LEVEL:
        density, coverage = _with_choice(x, y, point, (least, mass_min), (density, coverage))
    notes = [note for note in [lost(runs, outcome)] if note]
    if p <= LEVEL:
        notes.append(
            f"The box was chosen on these runs. Boxes chosen by one half of the points hold {fresh:.0%} in the other."
        )
    if point.max() + 1 < 2 * FEWEST:
        notes.append(f"{point.max() + 1} points cannot tell a box from chance; it takes {2 * FEWEST} or more.")
    return Discovery(
        names=tuple(keys),
        x=x,
        y=y,
        boxes=boxes,
        box=box,
        tree=leaves(x, y, keys),
        case=f"{label or outcome.replace('_', ' ')} ends {bound}",
        titles=dict(titles or {}),
        source=source,
        target=least,
        p=p,
        density=density,
        coverage=coverage,
        fresh=fresh,
        caveats=tuple(notes),
    )


def _chosen(x: Floats, y: Mask, least: float, mass_min: float) -> tuple[tuple[Box, ...], Box, str]:
    """All boxes of PRIM, and of these and the leaves of the tree the one that covers most at the density asked for."""
    boxes = trajectory(x, y, mass_min=mass_min)
    kept = [(simplified(x, y, box, boxes[0], SURE), "PRIM") for box in _best_of(list(boxes), least)]
    kept += [(simplified(x, y, box, boxes[0], SURE), "tree") for box in _best_of(_leaf_boxes(x, y, boxes[0]), least)]
    best = _best_of([box for box, _ in kept], least)[0]
    return boxes, *next(pair for pair in kept if pair[0] is best)


def _best_of(boxes: list[Box], least: float) -> list[Box]:
    """The one that covers most at the density asked for, else the densest; none of none."""
    dense = [box for box in boxes if box.density >= least]
    if dense:
        return [max(dense, key=lambda box: (box.coverage, -box.n_restricted))]
    return [max(boxes, key=lambda box: (box.density, box.coverage))] if boxes else []


def _held_out(x: Floats, y: Mask, point: Any, least: float, mass_min: float) -> tuple[float, float]:
    """p of a box chosen by one half of the points in the other, and its density there; both ways, the surer counts.

    The share of cases of whole points is exchanged between points, so that seeds of a point are not counted as
    independent.
    """
    rng = np.random.default_rng(0)
    n = int(point.max()) + 1
    is_first = rng.permutation(n) < n // 2
    found, held, cases = [1.0], 0, 0
    for half in (is_first, ~is_first):
        mine = half[point]
        if half.sum() < FEWEST or (~half).sum() < FEWEST or not 0 < y[mine].sum() < mine.sum():
            continue
        _, box, _ = _chosen(x[mine], y[mine], least, mass_min)
        inside = box.holds(x) & ~mine
        held, cases = held + int(inside.sum()), cases + int(y[inside].sum())
        others = np.flatnonzero(~half)
        share = np.bincount(point, weights=y, minlength=n)[others] / np.bincount(point, minlength=n)[others]
        is_in = (np.bincount(point, weights=inside, minlength=n) > 0)[others]
        seen = share[is_in].sum()
        drawn = rng.permuted(np.tile(share, (DRAWS, 1)), axis=1)[:, : int(is_in.sum())].sum(axis=1)
        found.append((1 + int((drawn >= seen - 1e-9).sum())) / (1 + DRAWS))
    return min(1.0, 2 * min(found)), cases / held if held else math.nan


def _over_points(inside: Mask, y: Mask, point: Any) -> tuple[Interval, Interval]:
    """Density and coverage of a box with 95 % intervals, by the bootstrap over points."""
    n = int(point.max()) + 1
    both, held, cases = (
        np.bincount(point, weights=of, minlength=n) for of in (inside & y, inside, y.astype(np.float64))
    )
    drawn = np.random.default_rng(0).integers(n, size=(DRAWS, n))
    found: list[Interval] = []
    for whole in (held, cases):
        with np.errstate(divide="ignore", invalid="ignore"):
            shares = both[drawn].sum(axis=1) / whole[drawn].sum(axis=1)
        low, high = np.nanquantile(shares, [0.025, 0.975])
        value = float(both.sum() / whole.sum())
        if value == 1.0:
            # A resample of a box full of cases is full of them: it is as sure as so many points make it.
            low = share_interval(int((whole > 0).sum()), int((whole > 0).sum())).low
        found.append(Interval(value, float(low), float(high)))
    return found[0], found[1]


def _with_choice(
    x: Floats, y: Mask, point: Any, asked: tuple[float, float], fixed: tuple[Interval, Interval]
) -> tuple[Interval, Interval]:
    """The intervals of a box that was chosen on the same runs: wider, and further down.

    The choice is repeated on resamples of the points; how much more each box promises in its resample than it holds in
    the runs is the error of such a promise (Efron 1983, Journal of the American Statistical Association 78).
    """
    n = int(point.max()) + 1
    rows = [np.flatnonzero(point == i) for i in range(n)]
    rng = np.random.default_rng(0)
    errors: list[tuple[float, float]] = []
    for _ in range(REDONE):
        drawn = np.concatenate([rows[i] for i in rng.integers(n, size=n)])
        if not 0 < y[drawn].sum() < len(drawn):
            continue
        _, box, _ = _chosen(x[drawn], y[drawn], *asked)
        inside = box.holds(x)
        if inside.any():
            errors.append((box.density - float(y[inside].mean()), box.coverage - float(y[inside].sum() / y.sum())))
    if len(errors) < 2:
        return fixed
    found: list[Interval] = []
    for interval, error in zip(fixed, np.array(errors).T, strict=True):
        middle, half = interval.value - float(error.mean()), NORMAL * float(error.std(ddof=1))
        # What is printed lies within; where all resamples agree, the points alone say how sure it is.
        low = min(max(0.0, middle - half), interval.low)
        found.append(Interval(interval.value, low, max(min(1.0, middle + half), interval.value)))
    return found[0], found[1]


def _leaf_boxes(x: Floats, y: Mask, whole: Box) -> list[Box]:
    """The leaves of the tree as boxes."""
    return [boxed(x, y, leaf.low, leaf.high, whole) for leaf in _split(x, y, DEPTH) if leaf.cuts]


@dataclass(frozen=True)
class _Leaf:
    """A leaf of the tree: its cuts (input, whether below, where), limits, and what lies in it."""

    cuts: tuple[tuple[int, bool, float], ...]
    low: Floats
    high: Floats
    inside: Mask


def _split(x: Floats, y: Mask, depth: int) -> list[_Leaf]:
    """The leaves of a classification tree."""
    from sklearn.tree import DecisionTreeClassifier

    fitted = DecisionTreeClassifier(max_depth=depth, min_samples_leaf=cast("Any", LEAF), random_state=0).fit(x, y)
    tree = fitted.tree_
    found: list[_Leaf] = []

    def descend(node: int, leaf: _Leaf) -> None:
        left, right = int(tree.children_left[node]), int(tree.children_right[node])
        if left == right:
            found.append(leaf)
            return
        j, cut = int(tree.feature[node]), float(tree.threshold[node])
        # The tree compares in single precision.
        is_left = x[:, j].astype(np.float32) <= cut
        low, high = leaf.low.copy(), leaf.high.copy()
        low[j], high[j] = x[~is_left, j].min(), x[is_left, j].max()
        descend(left, _Leaf((*leaf.cuts, (j, True, cut)), leaf.low, high, leaf.inside & is_left))
        descend(right, _Leaf((*leaf.cuts, (j, False, cut)), low, leaf.high, leaf.inside & ~is_left))

    descend(0, _Leaf((), x.min(axis=0), x.max(axis=0), np.ones(len(x), np.bool_)))
    return found


def leaves(x: Floats, y: Mask, names: Sequence[str], depth: int = DEPTH) -> pd.DataFrame:
    """The leaves of a classification tree, densest first: conditions, share of runs, density, coverage."""
    rows: list[tuple[str, float, float, float]] = []
    for leaf in _split(x, y, depth):
        cuts = [f"{names[j].replace('_', ' ')} {'<=' if below else '>'} {cut:.3g}" for j, below, cut in leaf.cuts]
        cases = int(y[leaf.inside].sum())
        row = float(leaf.inside.mean()), cases / int(leaf.inside.sum()), cases / int(y.sum())
        rows.append((" and ".join(cuts) or "always", *row))
    table = pd.DataFrame(rows, columns=["conditions", "mass", "density", "coverage"])
    return table.sort_values("density", ascending=False, kind="stable", ignore_index=True)
