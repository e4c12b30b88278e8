"""Row 45: D six years later in the same run, behind a frontier that moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abm.machine.language import say
from experiments.figures import panels
from experiments.paper.shown import _draw

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from experiments.analysis.intervals import Column
    from experiments.paper.shown import Seen

IS_ONE_SIDED = True
FIRST, SECOND = (32, 36), (56, 60)
"""Quarters of the two years, six years apart; before the first the world settles."""


def measure(seen: Seen) -> Column:
    """D in the second year less D in the first."""
    d = seen.of[seen.metric]
    return d[:, slice(*SECOND)].mean(axis=1) - d[:, slice(*FIRST)].mean(axis=1)


def draw(seen: Seen) -> Figure:
    """D, and both its sides, through time."""
    figure, axes = _draw.beside(2)
    moving, standing = say("frontier moves"), say("frontier stands")
    _draw.paths(axes[0], {moving: seen.of[seen.metric], standing: seen.against[seen.metric]})
    axes[0].set_ylabel(_draw.label(seen.metric))
    _draw.paths(axes[1], {_draw.label(name): seen.of[name] for name in seen.experiment.outcome[1:]})
    axes[1].set_title(moving)
    for ax in axes:
        for year in (FIRST, SECOND):
            ax.axvspan(*year, color=panels.PALE, alpha=0.6, lw=0)
    return figure
