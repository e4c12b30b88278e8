"""Row 19: does each era have a drive of its own, and do they follow one another?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from experiments.figures import panels
from experiments.paper.shown import _draw

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from experiments.analysis.intervals import Column
    from experiments.paper.shown import Seen

IS_ONE_SIDED = True
WINDOWS = ((20, 40), (60, 80), (120, 140))
"""Last five years of each era, in the order of the row's outcomes: ties that grew, ties ordered or paid, ties held by
joint research."""


def measure(seen: Seen) -> Column:
    """The share that ought to lead in an era less the largest of the others there; the smallest of the three eras."""
    shares = np.array([np.nan_to_num(seen.of[name]) for name in seen.experiment.outcome])
    leads: list[Column] = []
    for i, (start, end) in enumerate(WINDOWS):
        mean = shares[:, :, start:end].mean(axis=2)
        leads.append(mean[i] - np.delete(mean, i, axis=0).max(axis=0))
    return np.min(leads, axis=0)


def draw(seen: Seen) -> Figure:
    """The three shares through time; the years that are judged are marked in the colour of the share that ought to
    lead there."""
    figure, (ax,) = _draw.beside(1)
    names = seen.experiment.outcome
    _draw.paths(ax, {_draw.label(name): np.nan_to_num(seen.of[name]) for name in names})
    for line, window in zip(ax.get_lines(), WINDOWS, strict=True):
        ax.axvspan(*window, color=line.get_color(), alpha=0.08, lw=0)
    ax.axhline(0.0, color=panels.GREY, lw=0.6)
    return figure
