"""Row 88: an experiment of several rules, each against none."""

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


def _effects(seen: Seen, metric: str) -> Column:
    """What each rule does to an outcome, by seed. Shape [rules, seeds]."""
    rules = (seen.of, *seen.each)
    return np.array([np.nanmean((side[metric] - seen.against[metric])[:, -LAST:], axis=1) for side in rules])


def measure(seen: Seen) -> Column:
    """Effect of the best rule less the mean of all; which one is best is told by the first half of the seeds, the
    effect is that of the second half."""
    effects = _effects(seen, seen.metric)
    first, second = _seeds.halves(effects.shape[1])
    best = int(np.argmax(effects[:, first].mean(axis=1)))
    return effects[best, second] - effects[:, second].mean(axis=0)


def draw(seen: Seen) -> Figure:
    """Effect of every rule on every outcome, money among them."""
    figure, axes = _draw.beside(len(seen.experiment.outcome), 2.7)
    sides = (seen.experiment.of, *seen.experiment.each)
    names = list(map(_draw.named, sides))
    for ax, metric in zip(axes, seen.experiment.outcome, strict=True):
        _draw.effects(ax, names, list(_effects(seen, metric)))
    _draw.titled(axes, seen.experiment.outcome)
    axes[0].set_xlabel(say("change against the world as it is"))
    return figure
