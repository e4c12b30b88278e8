"""Row 83: what a shock takes, with communities at work and without, and how far it comes back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abm.machine.language import say
from experiments.figures import panels
from experiments.paper.rows import shocks_of
from experiments.paper.shown import _draw

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from experiments.analysis.intervals import Column
    from experiments.paper.shown import Seen

AT = int(shocks_of("struck")[0]["at"])
"""Quarter of the shocks; the row's other side ends all policies then."""
YEARS = 2


def _gaps(seen: Seen, metric: str) -> list[Column]:
    """What each shock takes, quarter by quarter: the run that is struck less the same run spared. Loss of hubs, end of
    all policies, loss of hubs where communities do nothing for their members."""
    ends, bare_struck, bare = (side[metric] for side in seen.each)
    return [seen.of[metric] - seen.against[metric], ends - seen.against[metric], bare_struck - bare]


def measure(seen: Seen) -> Column:
    """Share of depth that is kept in the two years after the loss of hubs, less the share that is kept where
    communities do nothing: above 0, communities withstand it better. (As shares: who has more has more to lose.)"""

    def kept(struck: Column, spared: Column) -> Column:
        after = slice(AT, AT + 4 * YEARS)
        return struck[:, after].mean(axis=1) / spared[:, after].mean(axis=1)

    _, bare_struck, bare = (side[seen.metric] for side in seen.each)
    return kept(seen.of[seen.metric], seen.against[seen.metric]) - kept(bare_struck, bare)


def draw(seen: Seen) -> Figure:
    """Every shock less the run that is spared, from two years before."""
    figure, axes = _draw.beside(len(seen.experiment.outcome))
    names = [say("hubs leave"), say("all policies end"), say("hubs leave, communities do nothing")]
    for ax, metric in zip(axes, seen.experiment.outcome, strict=True):
        gaps = {name: gap[:, AT - 8 :] for name, gap in zip(names, _gaps(seen, metric), strict=True)}
        _draw.paths(ax, gaps, AT - 8)
        ax.axhline(0.0, color=panels.GREY, lw=0.6)
        ax.axvline(AT, color=panels.GREY, lw=0.6, ls=":")
        ax.set_ylabel(_draw.label(metric))
    if (twice := axes[1].get_legend()) is not None:
        twice.remove()
    axes[0].set_title(say("less the run that is spared"))
    return figure
