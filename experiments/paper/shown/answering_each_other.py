"""Row 81: what comes of it that parties act with an eye on each other."""

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
    """Depth with effort chosen less depth with effort fixed."""
    return (seen.of[seen.metric] - seen.against[seen.metric])[:, -LAST:].mean(axis=1)


def draw(seen: Seen) -> Figure:
    """What effort fixed, and every other protocol, change against the world as it is."""
    figure, axes = _draw.beside(len(seen.experiment.outcome))
    names = [say("effort fixed")]
    names += [dict(side.changes)["protocol"].replace("_", " ") for side in seen.experiment.each]
    for ax, metric in zip(axes, seen.experiment.outcome, strict=True):
        others = (seen.against, *seen.each)
        changes = [(side[metric] - seen.of[metric])[:, -LAST:].mean(axis=1) for side in others]
        _draw.effects(ax, names, changes, seen.experiment.least)
    _draw.titled(axes, seen.experiment.outcome)
    axes[0].set_xlabel(say("change against the world as it is"))
    return figure
