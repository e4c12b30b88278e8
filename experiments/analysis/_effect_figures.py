"""Figures of paired effects: differences with intervals, and costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from experiments.analysis._figures import BLUE, GREY, PALE, VERMILION, panel, panels, rows
from experiments.analysis._runs import rows as rows_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from experiments.analysis.effects import Effects


def differences(effects: Effects) -> Figure:
    """A panel an outcome: difference of each arm from the baseline, with its 95 % interval; filled = sure."""
    outcomes = list(dict.fromkeys(effects.table["outcome"]))
    arms = list(dict.fromkeys(effects.table["arm"]))
    figure, axes = panels(len(outcomes), 1.0 + 0.32 * len(arms))
    for ax, outcome in zip(axes, outcomes, strict=True):
        of = effects.table[effects.table["outcome"] == outcome].set_index("arm").loc[arms]
        ax.axvline(0.0, color=PALE, linewidth=1)
        for i, row in enumerate(rows_of(of)):
            is_sure = bool(row["low"] > 0 or row["high"] < 0)
            colour = GREY if not is_sure else BLUE if row["mean"] > 0 else VERMILION
            ax.plot([row["low"], row["high"]], [i, i], color=colour, linewidth=2, solid_capstyle="butt")
            ax.plot(row["mean"], i, "o", color=colour, markersize=6, markerfacecolor=colour if is_sure else "white")
        rows(ax, [str(arm) for arm in arms] if ax is axes[0] else [""] * len(arms))
        ax.set_xlabel(_wrapped(effects.labels.get(outcome, outcome.replace("_", " "))))
    figure.set_label(
        f"Difference from {effects.baseline} under the same seeds, with its 95 % interval; "
        "hollow and grey where it includes 0."
    )
    return figure


def _wrapped(text: str, width: int = 26) -> str:
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
