"""Row 75: which of talent, research and technology leads, and by how many quarters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.machine.language import say
from experiments.paper.shown import _draw

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from experiments.analysis.intervals import Column
    from experiments.paper.shown import Seen

IS_ONE_SIDED = True
YEAR = 4
"""Quarters over which a path is smoothed, so that one quarter's noise is no date."""


def halfway(series: Column) -> Column:
    """Quarter in which each path [seeds, steps], smoothed over a year, has gone half its way from its first two years
    to its last five, between two quarters by the straight line; NaN where it does not rise."""
    found = np.full(len(series), np.nan)
    for i, path in enumerate(np.nan_to_num(series)):
        smooth = np.convolve(path, np.full(YEAR, 1 / YEAR), "valid")
        low, high = smooth[:8].mean(), smooth[-20:].mean()
        beyond = np.flatnonzero(smooth >= (low + high) / 2)
        if high > low and len(beyond) and beyond[0] > 0:
            at = int(beyond[0])
            found[i] = at - 1 + ((low + high) / 2 - smooth[at - 1]) / (smooth[at] - smooth[at - 1]) + (YEAR - 1) / 2
    return found


def measure(seen: Seen) -> Column:
    """Quarters by which the second series goes half its way before the third."""
    _, second, third = seen.experiment.outcome
    return halfway(seen.of[third]) - halfway(seen.of[second])


def draw(seen: Seen) -> Figure:
    """The three series, each from its least to its highest mean, and how far each is behind the first that rises."""
    figure, axes = _draw.beside(2)
    scaled: dict[str, Column] = {}
    for name in seen.experiment.outcome:
        path = seen.of[name]
        middle = np.nanmean(path, axis=0)
        low, high = np.nanmin(middle), np.nanmax(middle)
        scaled[_draw.label(name)] = (path - low) / max(float(high - low), 1e-9)
    _draw.paths(axes[0], scaled)
    axes[0].set_ylabel(say("from the least (0)\nto the highest mean (1)"))
    a, b, c = seen.experiment.outcome
    at = {name: halfway(seen.of[name]) for name in (a, b, c)}
    pairs = [(b, c), (a, c), (b, a)]
    names = [say("{first} before {second}", first=_draw.label(x), second=_draw.label(y)) for x, y in pairs]
    _draw.effects(axes[1], names, [at[y] - at[x] for x, y in pairs], seen.experiment.least)
    axes[1].set_xlabel(say("quarters"))
    return figure
