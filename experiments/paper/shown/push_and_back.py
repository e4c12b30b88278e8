"""Row 21: a push that grows and fades again; depth takes another way down than up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.machine.language import say
from experiments.figures import panels
from experiments.paper.shown import _draw

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from experiments.analysis.intervals import Column
    from experiments.paper.shown import Seen

BEGIN, PEAK, END = 8, 40, 72
"""Quarters: the push grows from the first to the second and is gone at the third."""


def _ways(depth: Column) -> tuple[Column, Column]:
    """Depth on the way up and, at the same strengths, on the way down. Shape [seeds, strengths] each."""
    return depth[:, BEGIN:PEAK], depth[:, PEAK:END][:, ::-1]


def measure(seen: Seen) -> Column:
    """Mean height of the loop: depth on the way down less depth on the way up."""
    up, down = _ways(seen.of[seen.metric])
    return (down - up).mean(axis=1)


def draw(seen: Seen) -> Figure:
    """The loop, its steepest part marked, and both worlds through time."""
    figure, (ax, time) = _draw.beside(2)
    up, down = (way.mean(axis=0) for way in _ways(seen.of[seen.metric]))
    strength = np.linspace(0.0, 1.0, len(up))
    ax.fill_between(strength, up, down, color=panels.PALE, lw=0)
    for way, name, colour, line in (
        (up, say("way up"), panels.BLUE, "-"),
        (down, say("way down"), panels.VERMILION, "--"),
    ):
        ax.plot(strength, way, color=colour, ls=line, label=name)
    rise = np.convolve(up, np.r_[np.ones(4), -np.ones(4)], "valid")
    at = int(np.argmax(rise)) + 3
    ax.axvspan(strength[max(at - 3, 0)], strength[min(at + 4, len(up) - 1)], color=panels.SKY, alpha=0.3, lw=0)
    ax.set(xlabel=say("strength of the push (share of the highest)"), ylabel=_draw.label(seen.metric))
    ax.set_title(say("blue strip: steepest part"))
    ax.legend()
    _draw.paths(time, {say("pushed"): seen.of[seen.metric], say("never pushed"): seen.against[seen.metric]})
    return figure
