"""Figures of policy search: the front, and the mixes along it."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.analysis._runs import rows as rows_of
from experiments.figures.panels import BLUE, GREY, INK, PALE, VERMILION, panel, rows

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from experiments.analysis.search import Search


def front(found: Search) -> Figure:
    """Probability of keeping the goal against cost: tried, confirmed with intervals, the cheapest good one named."""
    goal, tried, confirmed, best = found.goal, _usable(found.tried), _usable(found.confirmed), found.cheapest
    figure, ax = panel(3.1)
    ax.plot(tried["cost"], tried["stayed"], ".", color=PALE, markersize=5)
    for row in rows_of(confirmed):
        colour = BLUE if row["is_front"] else GREY
        ax.plot([row["cost"]] * 2, [row["stayed_low"], row["stayed_high"]], color=colour, linewidth=1.2)
        ax.plot(
            row["cost"],
            row["stayed"],
            "o",
            color=colour,
            markersize=5,
            markerfacecolor=colour if row["is_front"] else "white",
        )
    ax.axhline(goal.probability, color=VERMILION, linewidth=0.8, linestyle=(0, (4, 3)))
    right = float(max(confirmed["cost"].max(), np.quantile(tried["cost"], 0.9))) * 1.05
    ax.set_xlim(0, right)
    ax.set_ylim(-0.03, 1.09)
    ax.annotate(
        f"asked for: {goal.probability:g}", (right, goal.probability), (-2, -9), textcoords="offset points",
        color=VERMILION, fontsize=8, ha="right",
    )  # fmt: skip
    if best is not None:
        ax.annotate(
            "cheapest", (best["cost"], best["stayed"]), (14, -30), textcoords="offset points", color=INK, fontsize=8,
            arrowprops={"arrowstyle": "-", "color": INK, "lw": 0.7},
        )  # fmt: skip
    ax.set_xlabel(goal.cost_label)
    ax.set_ylabel("Probability that the goal is reached\nand kept long after the exit")
    figure.set_label(
        "Every point is a mix of policies. Pale: tried with few runs; circles: run again under fresh seeds, with 95 % "
        "intervals, filled where no other is cheaper and as good."
    )
    return figure


def mixes(found: Search) -> Figure:
    """What the confirmed front is made of: a row a mix by cost, a column an instrument, the darker the stronger."""
    table: Any = found.tables["front"].sort_values("cost").reset_index(drop=True)
    names = [i.name for i in found.instruments]
    share = np.array([[(row[i.name] - i.low) / (i.high - i.low) for i in found.instruments] for row in rows_of(table)])
    figure, ax = panel(1.5 + 0.24 * len(table))
    ax.imshow(share, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for (i, j), value in np.ndenumerate(share):
        if value > 0.005:
            text = f"{table[names[j]].iloc[i]:.2f}"
            ax.annotate(text, (j, i), ha="center", va="center", fontsize=7, color="white" if value > 0.55 else INK)
    labels = [f"{row['cost']:.3g}   {row['reached']:.2f}   {row['stayed']:.2f}" for row in rows_of(table)]
    rows(ax, labels)
    ax.set_xticks(range(len(names)), [textwrap.fill(i.label or i.name, 11) for i in found.instruments], fontsize=6.5)
    ax.xaxis.tick_top()
    ax.tick_params(axis="x", length=0)
    for side in ("left", "bottom"):
        ax.spines[side].set_visible(False)
    ax.set_ylabel("Cost, probability reached, kept")
    figure.set_label(
        "The mixes on the confirmed front, the cheapest at the top: strength of each instrument, white where it is not "
        "used; at the left mean cost and the shares of fresh runs that reached and kept the goal."
    )
    return figure


def _usable(table: Any) -> Any:
    return table[table["n_runs"] > 0]
