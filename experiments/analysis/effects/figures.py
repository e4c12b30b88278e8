"""Figures of paired effects: differences with intervals, and costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from experiments.analysis._runs import rows as rows_of
from experiments.figures import style as figure_style
from experiments.figures.panels import BLUE, GREY, PALE, VERMILION, panel, rows
from experiments.figures.style import DOUBLE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from experiments.analysis.effects import Effects


MOST_BESIDE = 4
"""Panels beside one another in two columns of a journal, so that their names do not run into one another."""


def differences(effects: Effects) -> Figure:
    """A panel an outcome, four a row: difference of each arm, with its 95 % interval; filled = told."""
    outcomes = list(dict.fromkeys(effects.table["outcome"]))
    arms = list(dict.fromkeys(effects.table["arm"]))
    n_rows = -(-len(outcomes) // MOST_BESIDE)
    n_columns = -(-len(outcomes) // n_rows)
    figure, grid = figure_style.new(DOUBLE, n_rows * (1.0 + 0.26 * len(arms)), rows=n_rows, columns=n_columns)
    axes: list[Axes] = list(grid.flat)
    for ax in axes[len(outcomes) :]:
        ax.remove()
    for ax, outcome in zip(axes, outcomes, strict=False):
        of = effects.table[effects.table["outcome"] == outcome].set_index("arm").loc[arms]
        ax.axvline(0.0, color=PALE, linewidth=1)
        for i, row in enumerate(rows_of(of)):
            is_sure = bool(row["is_told"])
            colour = GREY if not is_sure else BLUE if row["mean"] > 0 else VERMILION
            ax.plot([row["low"], row["high"]], [i, i], color=colour, linewidth=2, solid_capstyle="butt")
            ax.plot(row["mean"], i, "o", color=colour, markersize=6, markerfacecolor=colour if is_sure else "white")
        rows(ax, [_wrapped(str(arm), 20) for arm in arms] if ax in grid[:, 0] else [""] * len(arms))
        ax.locator_params(axis="x", nbins=3)
        ax.set_xlabel(_wrapped(effects.labels.get(outcome, outcome.replace("_", " ")), 28 - 2 * n_columns))
    figure.set_label(
        f"Difference from {effects.baseline} under the same seeds, with its 95 % interval; "
        "hollow and grey where it is not told from chance, all tested together at 5 %."
    )
    return figure


def _wrapped(text: str, width: int) -> str:
    import textwrap

    return "\n".join(textwrap.wrap(text, width))


def costs(effects: Effects) -> Figure:
    """What a unit gained costs, with its 95 % interval; arms that gain nothing are named without a price."""
    of = effects.costs
    figure, ax = panel(1.0 + 0.32 * len(of))
    top = float(np.nanmax(of["cost_high"]))
    for i, row in enumerate(rows_of(of)):
        if np.isfinite(row["cost"]):
            ax.plot([row["cost_low"], row["cost_high"]], [i, i], color=BLUE, linewidth=2, solid_capstyle="butt")
            ax.plot(row["cost"], i, "o", color=BLUE, markersize=6)
        else:
            ax.annotate("gains nothing that is sure", (0.0, i), color=GREY, fontsize=7.5, va="center")
    rows(ax, [str(arm) for arm in of["arm"]])
    ax.set_xlim(min(0.0, float(np.nanmin(of["cost_low"]))), top * 1.05)
    ax.set_xlabel(_wrapped(effects.labels.get("cost", "Cost of a unit gained"), 60))
    figure.set_label(
        f"What a unit gained against {effects.baseline} costs, with its 95 % interval (bootstrap over pairs)."
    )
    return figure
