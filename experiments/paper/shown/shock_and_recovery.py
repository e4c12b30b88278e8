"""Row 83: what a shock takes, and how far it comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abm.machine.language import say
from experiments.figures import panels
from experiments.paper.shown import _draw

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from experiments.analysis.intervals import Column
    from experiments.paper.shown import Seen

AT = 48
"""Quarter of the shocks, as worlds.toml and the row's sides have it."""
YEARS = 2


def measure(seen: Seen) -> Column:
    """Depth in the two years after the loss of hubs less depth in the same quarters of the run that is spared."""
    gap = seen.of[seen.metric] - seen.against[seen.metric]
    return gap[:, AT : AT + 4 * YEARS].mean(axis=1)


def draw(seen: Seen) -> Figure:
    """Every shock less the run that is spared, from two years before."""
    figure, axes = _draw.beside(len(seen.experiment.outcome))
    names = [say("hubs leave"), say("all policies end")]
    for ax, metric in zip(axes, seen.experiment.outcome, strict=True):
        shocks = (seen.of, *seen.each)
        gaps = {n: (s[metric] - seen.against[metric])[:, AT - 8 :] for n, s in zip(names, shocks, strict=True)}
        _draw.paths(ax, gaps, AT - 8)
        ax.axhline(0.0, color=panels.GREY, lw=0.6)
        ax.axvline(AT, color=panels.GREY, lw=0.6, ls=":")
        ax.set_ylabel(_draw.label(metric))
    if (twice := axes[1].get_legend()) is not None:
        twice.remove()
    axes[0].set_title(say("less the run that is spared"))
    return figure
