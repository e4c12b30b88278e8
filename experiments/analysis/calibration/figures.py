"""Figures of calibration: posteriors, predictive check, ranks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.analysis._runs import rows as rows_of
from experiments.figures.panels import BLUE, GREY, INK, PALE, VERMILION, panel, panels, rows

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from experiments.analysis.calibration import Calibration


def posteriors(found: Calibration) -> Figure:
    """A row a parameter over the range of its prior: 90 % interval, median, best fit."""
    table = rows_of(found.parameters)
    figure, ax = panel(0.9 + 0.42 * len(table))
    for i, row in enumerate(table):
        low, span = row["prior_low"], row["prior_high"] - row["prior_low"]
        share = {key: (row[key] - low) / span for key in ("low", "median", "high", "point")}
        ax.plot([0, 1], [i, i], color=PALE, linewidth=5, solid_capstyle="butt")
        ax.plot([share["low"], share["high"]], [i, i], color=BLUE, linewidth=5, solid_capstyle="butt")
        ax.plot(share["median"], i, "o", color="white", markersize=6, markeredgecolor=BLUE, markeredgewidth=1.5)
        ax.plot(share["point"], i, "x", color=VERMILION, markersize=6, markeredgewidth=1.5)
        for x, value, side in ((0, low, "right"), (1, row["prior_high"], "left")):
            ax.annotate(
                f"{value:g}", (x, i), (-5 if side == "right" else 5, 0), textcoords="offset points", ha=side,
                va="center", fontsize=8, color=GREY,
            )  # fmt: skip
        ax.annotate(
            f"{row['median']:.3g} [{row['low']:.3g}, {row['high']:.3g}]", (0.5 * (share["low"] + share["high"]), i),
            (0, 8), textcoords="offset points", ha="center", fontsize=8, color=INK,
        )  # fmt: skip
    rows(ax, [str(row["label"]) for row in table])
    ax.set_ylim(len(table) - 0.5, -0.75)
    ax.set_xlim(-0.08, 1.08)
    ax.set_xticks([])
    ax.spines["bottom"].set_visible(False)
    ax.tick_params(axis="y", pad=6)
    figure.set_label(
        "Pale: range of the prior, blue: 90 % interval of the posterior, circle: its median, cross: best single fit."
    )
    return figure


def predictive(found: Calibration) -> Figure:
    """A row an anchor: what was seen, and 90 % of fresh runs of the model."""
    table = rows_of(found.predictive)
    figure, ax = panel(0.95 + 0.42 * len(table))
    for i, row in enumerate(table):
        colour = BLUE if row["is_met"] else VERMILION
        ax.plot([row["low"], row["high"]], [i, i], color=colour, linewidth=5, solid_capstyle="butt", alpha=0.5)
        ax.plot(row["median"], i, "|", color=colour, markersize=11, markeredgewidth=2)
        ax.plot(row["seen"], i, "D", color=INK, markersize=5)
        word = "met" if row["is_met"] else "not met"
        ax.annotate(
            f"{word}: seen {row['seen']:.3g}, model {row['median']:.3g}", (row["seen"], i), (0, 9),
            textcoords="offset points", fontsize=8, color=colour if not row["is_met"] else INK, ha="center",
        )  # fmt: skip
    rows(ax, [str(row["label"]) for row in table])
    ax.set_ylim(len(table) - 0.5, -0.75)
    ax.set_xlabel("Value (share, or index from 0 to 1)")
    figure.set_label("Diamond: what was seen; bar: 90 % of fresh runs of the model at draws from the posterior.")
    return figure


def ranks(table: Any, levels: int) -> Figure:
    """A panel a parameter: how often each rank of the truth came, and the band in which 95 % of uniform counts lie."""
    from scipy import stats

    figure, axes = panels(len(table.columns), 2.3)
    low, high = stats.binom.ppf([0.025, 0.975], len(table), 1 / levels)
    for ax, name in zip(axes, table.columns, strict=True):
        ax.axhspan(float(low), float(high), color=PALE, linewidth=0)
        ax.bar(np.arange(levels), np.bincount(table[name], minlength=levels), width=0.8, color=BLUE)
        ax.set_title(str(name).replace("_", " "), fontsize=9, loc="left", color=INK)
        ax.set_xlabel(f"Rank of the truth among {levels - 1} draws")
    axes[0].set_ylabel("Data sets")
    figure.set_label("Ranks of the truth in its posterior; grey: where 95 % of counts lie if ranks are uniform.")
    return figure
