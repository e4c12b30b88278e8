"""Figure of a sensitivity analysis: indices with intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from experiments.analysis._runs import rows as rows_of
from experiments.figures.panels import BLUE, GREY, PALE, VERMILION, panel, rows, shortened

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from experiments.analysis.sensitivity import Sensitivity

MOST = 15
"""Inputs shown; the table has them all."""


def indices(found: Sensitivity, index: str, meaning: str) -> Figure:
    """The largest indices with 95 % intervals; grey where an input is not told from noise."""
    table = found.table.head(MOST)
    figure, ax = panel(1.0 + 0.24 * len(table))
    ax.axvline(0.0, color=PALE, linewidth=1)
    for i, row in enumerate(rows_of(table)):
        colour = BLUE if row["is_told"] else GREY
        ax.plot([row["low"], row["high"]], [i, i], color=colour, linewidth=2, solid_capstyle="butt")
        ax.plot(row["index"], i, "o", color=colour, markersize=5)
    if "first" in table and found.method == "sobol":
        ax.plot(
            table["first"].clip(lower=0.0), range(len(table)), "|", color=VERMILION, markersize=9, markeredgewidth=2
        )
        row = int((table["index"] - table["first"]).to_numpy().argmax())
        first = max(0.0, float(table["first"].iloc[row]))
        ax.annotate("alone", (first, row), xytext=(0, 7), textcoords="offset points", ha="center", fontsize=7.5,
                    color=VERMILION)  # fmt: skip
        ax.annotate("with all others", (float(table["index"].iloc[row]), row), xytext=(0, 7), ha="center", fontsize=7.5,
                    textcoords="offset points", color=BLUE)  # fmt: skip
    rows(ax, [shortened(str(label)) for label in table["label"]])
    ax.set_xlabel(f"{index} for {found.label}\n({meaning})")
    figure.set_label(
        f"{index} of the {len(table)} inputs with the largest for {found.label}, with 95 % "
        "intervals; grey: not told from noise."
    )
    return figure
