"""Row 81: what comes of it that parties bargain with an eye on each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abm.machine.language import say
from experiments.paper.rows import LAST
from experiments.paper.shown import _draw

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from experiments.analysis.intervals import Column
    from experiments.paper.shown import Seen


def measure(seen: Seen) -> Column:
    """Depth where parties concede in turn less depth where one names a contract and the others take it or go."""
    return (seen.of[seen.metric] - seen.against[seen.metric])[:, -LAST:].mean(axis=1)


def draw(seen: Seen) -> Figure:
    """What every other protocol changes against the world as it is."""
    figure, axes = _draw.beside(len(seen.experiment.outcome))
    others = (seen.experiment.against, *seen.experiment.each)
    for ax, metric in zip(axes, seen.experiment.outcome, strict=True):
        changes = [(side[metric] - seen.of[metric])[:, -LAST:].mean(axis=1) for side in seen.sides[1:]]
        _draw.effects(ax, list(map(_draw.named, others)), changes, seen.experiment.least)
    _draw.titled(axes, seen.experiment.outcome)
    axes[0].set_xlabel(say("change against the world as it is"))
    return figure
