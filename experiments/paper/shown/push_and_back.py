"""Row 21: is what comes of a push in proportion to it, as it is of anything linear, however late it answers?"""

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


def schedule(seen: Seen) -> tuple[int, int, int]:
    """Quarters of the row's push: it grows from the first to the second and is gone at the third."""
    (push,) = dict(seen.experiment.of.changes)["add_policies"]
    return int(push["from"]), int(push["until"]), int(push["until"] + push["fade"] + 1)


def _answers(seen: Seen) -> tuple[Column, Column]:
    """What the push moves, and twice what half of it moves, each less the run that is never pushed."""
    (half,) = seen.each
    spared = seen.against[seen.metric]
    return seen.of[seen.metric] - spared, 2.0 * (half[seen.metric] - spared)


def measure(seen: Seen) -> Column:
    """Mean over the push of what it moves less twice what half of it moves. Whatever is linear, however late, gives 0;
    that the world moves without a push is taken off."""
    begin, _, end = schedule(seen)
    whole, halves = _answers(seen)
    return (whole - halves)[:, begin:end].mean(axis=1)


def draw(seen: Seen) -> Figure:
    """The way up and the way down, less the run that is never pushed; and the push beside twice its half."""
    figure, (ax, time) = _draw.beside(2)
    begin, peak, end = schedule(seen)
    whole, halves = _answers(seen)
    mean = whole.mean(axis=0)
    up, down = mean[begin:peak], mean[peak:end][::-1]
    n = min(len(up), len(down))
    strength = np.linspace(0.0, 1.0, n)
    ax.fill_between(strength, up[:n], down[-n:], color=panels.PALE, lw=0)
    ax.plot(strength, up[:n], color=panels.BLUE, label=say("way up"))
    ax.plot(strength, down[-n:], color=panels.VERMILION, ls="--", label=say("way down"))
    ax.set(xlabel=say("strength of the push (share of the highest)"), ylabel=_draw.label(seen.metric))
    ax.set_title(say("less the run that is never pushed"))
    ax.legend()
    _draw.paths(time, {say("pushed"): whole, say("twice what half the push moves"): halves})
    time.axhline(0.0, color=panels.GREY, lw=0.6)
    return figure
