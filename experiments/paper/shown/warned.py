"""Row 85: do the usual indicators warn before a run tips?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.machine.language import say
from abm.world.parameters import CATALOGUE
from experiments.analysis.intervals import Interval, auc_interval
from experiments.analysis.tipping import INDICATORS, tipping_step, warnings_of
from experiments.figures import panels
from experiments.paper.shown import _draw, _seeds

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from experiments.analysis.intervals import Column
    from experiments.analysis.tipping import Warnings
    from experiments.paper.shown import Seen

IS_ONE_SIDED = True
START = 8
"""Quarters at the beginning that are not looked at."""
INDICATOR = INDICATORS[0]


def _window() -> tuple[int, float, float]:
    size, jump, ratio = (float(CATALOGUE[f"tipping_{name}"].default) for name in ("window", "jump", "ratio"))
    return int(size), jump, ratio


def _warned(seen: Seen) -> tuple[list[int], Warnings | None]:
    """Step at which each run of the push tips (-1: never), and how well it was foretold."""
    window, jump, ratio = _window()
    paths = list(np.nan_to_num(seen.of[seen.metric]))
    tips = [tipping_step(path, window, jump, ratio) for path in paths]
    n = sum(at >= 0 for at in tips)
    if n < 3 or len(tips) - n < 3:
        return tips, None
    return tips, warnings_of(paths, tips, window=window, start=START, margin=window)


def measure(seen: Seen) -> Column:
    """Area under the ROC curve of runs that tip against runs of the same push that do not, less one half, as
    pseudo-values of the jackknife over runs; NaN where fewer than three runs tip or stay."""
    _, warned = _warned(seen)
    none = np.full(len(seen.of[seen.metric]), np.nan)
    if warned is None:
        return none
    scores = warned.scores.sort_values("run")
    tips, tau = scores["tips"].to_numpy(bool), scores[INDICATOR].to_numpy(np.float64)
    known = np.isfinite(tau)

    def area(rows: Column) -> float:
        return auc_interval(tau[rows & tips], tau[rows & ~tips]).value - 0.5

    return _seeds.jackknifed(area(known), np.array([area(known & (np.arange(len(tau)) != i)) for i in range(len(tau))]))


def draw(seen: Seen) -> Figure:
    """Paths of the push, those that tip apart, and the ROC curves of the indicators."""
    figure, (ax, curve) = _draw.beside(2)
    tips, warned = _warned(seen)
    for path, at in zip(seen.of[seen.metric], tips, strict=True):
        ax.plot(path, color=panels.VERMILION if at >= 0 else panels.GREY, lw=0.6)
    ax.set(xlabel=say("quarter"), ylabel=_draw.label(seen.metric))
    ax.set_title(say("{n} of {all} runs tip", n=sum(at >= 0 for at in tips), all=len(tips)))
    curve.plot([0, 1], [0, 1], color=panels.GREY, lw=0.6)
    curve.set(xlabel=say("false alarms (share)"), ylabel=say("hits (share)"))
    if warned is None:
        curve.set_title(say("too few of either kind"))
        return figure
    for name, said, colour, line in zip(
        INDICATORS, (say("variance"), say("memory")), (panels.BLUE, panels.VERMILION), ("-", "--"), strict=True
    ):
        roc = warned.roc[warned.roc["indicator"] == name]
        area: Interval = warned.auc[name]
        curve.plot(roc["false_alarms"], roc["hits"], color=colour, ls=line, label=f"{said}: {area}")
    curve.legend(loc="lower right")
    return figure
