"""Row 44: do provinces differ in D by more than chance makes the same province differ?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.machine.language import say
from experiments.figures import panels
from experiments.paper.rows import LAST
from experiments.paper.shown import _draw, _seeds

if TYPE_CHECKING:
    import numpy.typing as npt
    from matplotlib.figure import Figure

    from abm.results import Results
    from experiments.analysis.intervals import Column
    from experiments.paper.shown import Seen

IS_ONE_SIDED = True


def keep(results: Results) -> dict[str, npt.NDArray[np.float64]]:
    """D of every province, mean of the last quarters. Shape [R]."""
    found = np.asarray(results.columns["regions"]["coordination"], np.float64)
    last = found.reshape(results.steps_done, len(results.region_names))[-LAST:]
    known = np.isfinite(last)
    return {"coordination": np.where(known.any(axis=0), np.nanmean(np.where(known, last, np.nan), axis=0), np.nan)}


def _apart(d: Column) -> float:
    """Standard deviation over provinces of their mean over seeds, freed of what chance adds to it, less that between
    seeds: as the difference of both variances over the sum of both deviations, so that a variance which is below 0 once
    chance is taken off counts as it is. (Cut at 0 it has a bend just where the jackknife looks.) Shape [seeds, R] -> 1.
    """
    chance = float(np.nanmean(np.nanvar(d, axis=0, ddof=1)))
    between = float(np.nanvar(np.nanmean(d, axis=0), ddof=1))
    return (between - chance / len(d) - chance) / (np.sqrt(between) + np.sqrt(chance))


def measure(seen: Seen) -> Column:
    """The difference of both spreads, as pseudo-values of the jackknife over seeds."""
    d = seen.of["coordination"]
    return _seeds.jackknifed(_apart(d), np.array([_apart(np.delete(d, i, axis=0)) for i in range(len(d))]))


def draw(seen: Seen) -> Figure:
    """D of every province, from the lowest: mean over seeds and the middle nine tenths of seeds."""
    figure, (ax,) = _draw.beside(1)
    d = seen.of["coordination"]
    order = np.argsort(np.nanmean(d, axis=0))
    low, high = np.nanquantile(d, [0.05, 0.95], axis=0)
    ax.vlines(np.arange(len(order)), low[order], high[order], color=panels.SKY, lw=3)
    ax.plot(np.arange(len(order)), np.nanmean(d, axis=0)[order], "o", color=panels.BLUE)
    ax.set(xlabel=say("provinces, from the lowest"), ylabel=_draw.label("coordination"))
    ax.set_title(say("dot: mean over seeds, bar: nine seeds in ten"))
    return figure
