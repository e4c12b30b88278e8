"""Row 54: one trade, several models of integration side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.machine.language import say
from experiments.paper.rows import LAST
from experiments.paper.shown import _draw, _seeds

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from experiments.analysis.intervals import Column
    from experiments.paper.shown import Seen


def measure(seen: Seen) -> Column:
    """Depth in the model that is deepest less that in the next one; which they are is told by the first half of the
    seeds, the difference is that of the second half."""
    depth = np.array([side[seen.metric][:, -LAST:].mean(axis=1) for side in seen.sides])
    first, second = _seeds.halves(depth.shape[1])
    order = np.argsort(depth[:, first].mean(axis=1))[::-1]
    return depth[order[0], second] - depth[order[1], second]


def draw(seen: Seen) -> Figure:
    """Every outcome in every model, with its interval."""
    figure, axes = _draw.beside(len(seen.experiment.outcome))
    names = [
        say("order-based classes by command"),
        say("paid cooperation"),
        say("watched cooperation"),
        say("community"),
    ]
    for ax, metric in zip(axes, seen.experiment.outcome, strict=True):
        _draw.effects(ax, names, [side[metric][:, -LAST:].mean(axis=1) for side in seen.sides])
    _draw.titled(axes, seen.experiment.outcome)
    return figure
