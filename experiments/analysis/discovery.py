"""Scenario discovery: under which conditions do runs end in the cases of interest.

Two answers to the same question: a box (PRIM), which is a handful of conditions in words, and a tree
(CART, Breiman et al. 1984), which splits the whole space. Conditions whose quasi-p-value is not below
0.05 are dropped from the box in words: the data do not ask for them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pandas as pd

from abm.errors import InputError
from experiments.analysis._prim import Box, Mask, simplified, trajectory
from experiments.analysis._runs import Floats, check, column, lost, usable

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SURE = 0.05
"""Quasi-p-value below which a condition counts."""
DENSE = 0.8
"""Share of cases in the chosen box, if nobody asks for another."""
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
class Discovery:
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
        return {
            "trade_off": pd.DataFrame(rows, columns=["box", "coverage", "density", "mass", "n_restricted"]),
            "box": pd.DataFrame(limits, columns=["key", "low", "high", "quasi_p_low", "quasi_p_high"]),
            "tree": self.tree,
        }

    def figures(self) -> dict[str, Figure]:
        """The trade-off of boxes; the runs over the two surest conditions with the box."""
        from experiments.analysis._discovery_figures import runs_and_box, trade_off

        found = {"trade_off": trade_off(self)}
        if len(self.names) > 1:
            found["box"] = runs_and_box(self)
        return found

    def answer(self) -> str:
        """The box in words, with what it covers."""
        share = float(self.y.mean())
        words = [str(condition) for condition in self.conditions]
        if not words:
            return f"No condition tells the runs in which {self.case} ({share:.0%} of all) from the others."
        listed = words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]
        return (
            f"{self.case[0].upper()}{self.case[1:]} in {share:.0%} of the runs. With {listed} it is "
            f"{self.box.density:.0%}, and these runs are {self.box.coverage:.0%} of all such runs."
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

    The chosen box is the one that covers most of the cases at a density of at least ``min_density``
    (default: 0.8, or half way from the share of cases among all runs to 1 if that is more); where none is
    so dense, the densest; then limits that the data do not ask for are dropped. Raises InputError where all
    runs, or none, are cases, and for a density that all runs together have already.
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
    boxes = trajectory(x, y, mass_min=mass_min)
    dense = [i for i, b in enumerate(boxes) if b.density >= least]
    chosen = max(dense, key=lambda i: (boxes[i].coverage, -boxes[i].n_restricted), default=None)
    if chosen is None:
        chosen = max(range(len(boxes)), key=lambda i: (boxes[i].density, boxes[i].coverage))
    notes = tuple(note for note in [lost(runs, outcome)] if note)
    return Discovery(
        names=tuple(keys),
        x=x,
        y=y,
        boxes=boxes,
        box=simplified(x, y, boxes[chosen], boxes[0], SURE),
        tree=leaves(x, y, keys),
        case=f"{label or outcome.replace('_', ' ')} ends {bound}",
        titles=dict(titles or {}),
        caveats=notes,
    )


def leaves(x: Floats, y: Mask, names: Sequence[str], depth: int = 3) -> pd.DataFrame:
    """The leaves of a classification tree, densest first: conditions, share of runs, density, coverage."""
    from sklearn.tree import DecisionTreeClassifier

    fitted = DecisionTreeClassifier(max_depth=depth, min_samples_leaf=cast("Any", LEAF), random_state=0).fit(x, y)
    tree = fitted.tree_
    rows: list[tuple[str, float, float, float]] = []

    def descend(node: int, words: tuple[str, ...], inside: Mask) -> None:
        left, right = int(tree.children_left[node]), int(tree.children_right[node])
        if left == right:
            cases = int(y[inside].sum())
            text = " and ".join(words) or "always"
            rows.append((text, float(inside.mean()), cases / int(inside.sum()), cases / int(y.sum())))
            return
        j, cut = int(tree.feature[node]), float(tree.threshold[node])
        name = names[j].replace("_", " ")
        # The tree compares in single precision.
        is_left = x[:, j].astype(np.float32) <= cut
        descend(left, (*words, f"{name} <= {cut:.3g}"), inside & is_left)
        descend(right, (*words, f"{name} > {cut:.3g}"), inside & ~is_left)

    descend(0, (), np.ones(len(x), np.bool_))
    table = pd.DataFrame(rows, columns=["conditions", "mass", "density", "coverage"])
    return table.sort_values("density", ascending=False, kind="stable", ignore_index=True)
