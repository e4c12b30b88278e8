"""Row 20: do regions pass the four stages of integration in their order?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.machine.language import current, say
from abm.world.vocabulary import BREAKTHROUGH, DEEP_INTEGRATION, DEPENDENCY, FRAGMENTATION, STAGES
from experiments.figures import style as figure_style
from experiments.paper.shown import _draw

if TYPE_CHECKING:
    import numpy.typing as npt
    from matplotlib.figure import Figure

    from abm.results import Results
    from experiments.analysis.intervals import Column
    from experiments.paper.shown import Seen

IS_ONE_SIDED = True
ORDER = (DEPENDENCY, FRAGMENTATION, BREAKTHROUGH, DEEP_INTEGRATION)


def keep(results: Results) -> dict[str, npt.NDArray[np.int8]]:
    """The stage of every region after every quarter. Shape [steps, R]."""
    stages = np.asarray(results.columns["regions"]["stage"], np.int8)
    return {"stage": stages.reshape(results.steps_done, len(results.region_names))}


def measure(seen: Seen) -> Column:
    """Share of regions that reach all four stages, each for the first time after the one before."""
    stage = seen.of["stage"]
    steps = stage.shape[1]
    first = [np.where((stage == s).any(axis=1), (stage == s).argmax(axis=1), steps) for s in ORDER]
    return ((first[0] < first[1]) & (first[1] < first[2]) & (first[2] < first[3]) & (first[3] < steps)).mean(axis=1)


def draw(seen: Seen) -> Figure:
    """Share of regions in each stage through time, with the reform and without."""
    figure, axes = _draw.beside(2)
    names = list(STAGES.labels(current()))
    colours = (figure_style.GREY, figure_style.PALE, figure_style.SKY, figure_style.BLUE)
    for ax, side, title in zip(
        axes, seen.sides, (say("orders, then reform"), say("orders, then nothing")), strict=False
    ):
        shares = [(side["stage"] == s).mean(axis=(0, 2)) for s in ORDER]
        ax.stackplot(np.arange(len(shares[0])), shares, colors=colours, labels=names)
        ax.set(title=title, xlabel=say("quarter"), ylim=(0, 1))
    axes[0].set_ylabel(say("share of regions"))
    axes[1].legend(loc="lower right", frameon=True, framealpha=0.9)
    return figure
