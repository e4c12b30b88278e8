"""Figures of scenario discovery: the trade-off between boxes, and the chosen box over the runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from experiments.figures.panels import BLUE, GREY, INK, PALE, VERMILION, panel

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from experiments.analysis.discovery import Discovery


def trade_off(found: Discovery) -> Figure:
    """Coverage against density of all boxes; the number of conditions is printed where it changes."""
    figure, ax = panel(3.0, 3.9)
    coverage = np.array([box.coverage for box in found.boxes])
    density = np.array([box.density for box in found.boxes])
    ax.plot(coverage, density, "-", color=PALE, linewidth=1)
    ax.plot(coverage, density, "o", color=BLUE, markersize=3.5)
    last, height = 0, 2.0
    for box in found.boxes:
        if box.n_restricted != last and abs(box.density - height) > 0.05:
            last, height = box.n_restricted, box.density
            word = "condition" if last == 1 else "conditions"
            ax.annotate(f"{last} {word}", (box.coverage, box.density), xytext=(-7, -2), textcoords="offset points",
                        fontsize=7.5, color=BLUE, ha="right", va="top")  # fmt: skip
    ax.plot(found.box.coverage, found.box.density, "o", color=VERMILION, markersize=8, markerfacecolor="none")
    ax.annotate("chosen", (found.box.coverage, found.box.density), xytext=(8, 4), textcoords="offset points",
                fontsize=7.5, color=VERMILION)  # fmt: skip
    ax.set_xlim(0.0, 1.05)
    ax.set_ylim(0.0, 1.05)
    ax.set_xlabel("Coverage (share of all cases in the box)")
    ax.set_ylabel("Density (share of the box that are cases)")
    figure.set_label("The boxes that PRIM passed through: the more of the cases a box covers, the less dense it is.")
    return figure


def runs_and_box(found: Discovery) -> Figure:
    """Runs over the two keys with the surest conditions; cases are filled; the box is drawn."""
    from matplotlib.patches import Rectangle

    names = [c.name for c in found.conditions][:2]
    names += [name for name in found.names if name not in names][: 2 - len(names)]
    i, j = (found.names.index(name) for name in names)
    figure, ax = panel(3.4, 4.2)
    x, y = found.x[:, i], found.x[:, j]
    ax.plot(x[found.y], y[found.y], "o", color=VERMILION, markersize=3)
    # Wider and hollow, so that seeds of one point that differ can both be seen.
    ax.plot(x[~found.y], y[~found.y], "o", color=GREY, markersize=4.5, markerfacecolor="none", markeredgewidth=0.8)
    low, high = found.box.low, found.box.high
    ax.add_patch(
        Rectangle((low[i], low[j]), high[i] - low[i], high[j] - low[j], fill=False, edgecolor=INK, linewidth=1.6)
    )
    ax.set_xlabel(found.titles.get(names[0], names[0].replace("_", " ").capitalize()))
    ax.set_ylabel(found.titles.get(names[1], names[1].replace("_", " ").capitalize()))
    figure.set_label(
        f"Runs by their two surest conditions; filled: {found.case}; ring: not so; both: some seeds of the point do, "
        "others do not; frame: the chosen box."
    )
    return figure
