"""Figures of hysteresis: the loops, and the way through time."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.figures import style as figure_style
from experiments.figures.panels import BLUE, GREY, INK, PALE, VERMILION, label_ends, panel, panels

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from experiments.analysis.hysteresis import Hysteresis


def loops(found: Hysteresis) -> Figure:
    """A panel a push: the first response on the way up and down against the lever's strength."""
    table: Any = found.loops
    first = table["response"].iloc[0]
    pushes = list(dict.fromkeys(table["push"]))
    figure, axes = panels(len(pushes), 2.7)
    top, bottom = table[["up", "down"]].to_numpy().max(), min(0.0, table[["up", "down"]].to_numpy().min())
    for ax, push in zip(axes, pushes, strict=True):
        own = table[(table["push"] == push) & (table["response"] == first)]
        x = own["strength"].to_numpy()
        ax.fill_between(x, own["up"], own["down"], color=PALE, linewidth=0)
        for way, colour, begin in (("up", BLUE, 0.45), ("down", VERMILION, 0.55)):
            y = own[way].to_numpy()
            ax.plot(x, y, color=colour, linewidth=1.8)
            at = int(begin * len(x))
            ahead = at + 6 if way == "up" else at - 6
            ax.annotate(
                "", (x[ahead], y[ahead]), (x[at], y[at]), arrowprops={"arrowstyle": "-|>", "color": colour, "lw": 1.8}
            )
        ax.axhline(0.0, color=GREY, linewidth=0.6)
        ax.set_title(textwrap.fill(push, 20), fontsize=9, loc="left", color=INK)
        ax.set_ylim(bottom - 0.05 * (top - bottom), top + 0.12 * (top - bottom))
        ax.set_xlabel("Strength (share)")
    own = table[(table["push"] == pushes[-1]) & (table["response"] == first)]
    for way, colour, offset in (("up", BLUE, -9), ("down", VERMILION, 9)):
        y = float(np.interp(0.3, own["strength"], own[way]))
        axes[-1].annotate(
            f"way {way}", (0.3, y), (0, offset), textcoords="offset points", color=colour, fontsize=8, ha="center",
            va="center",
        )  # fmt: skip
    axes[0].set_ylabel(_capital(f"{found.labels.get(first, first)},\nabove the world never pushed"))
    figure.set_label(
        "Each policy is ramped up and down within one run; mean over runs of what it adds to the same world without "
        "it. The grey area between the two ways is the loop."
    )
    return figure


def paths(found: Hysteresis) -> Figure:
    """Through time: what each push adds, with its 95 % interval, below the time in which it acts."""
    table: Any = found.paths
    first = table["response"].iloc[0]
    figure, ax = panel(2.9)
    ramp = found.ramp
    ax.axvspan(ramp.start, ramp.exit, color="#F0F0F0", linewidth=0)
    ends: list[tuple[float, str, str]] = []
    for i, push in enumerate(dict.fromkeys(table["push"])):
        own = table[(table["push"] == push) & (table["response"] == first)]
        colour = figure_style.LINES[i % len(figure_style.LINES)]
        ax.fill_between(own["step"], own["low"], own["high"], color=colour, alpha=0.18, linewidth=0)
        ax.plot(own["step"], own["mean"], color=colour, linewidth=1.8)
        ends.append((float(own["mean"].iloc[-1]), str(push), colour))
    ax.axhline(0.0, color=GREY, linewidth=0.6)
    ax.set_xlim(0, ramp.steps - 1)
    low, high = ax.get_ylim()
    ax.set_ylim(low, high + 0.1 * (high - low))
    for x, text in ((ramp.start, "ramped up and down"), (ramp.exit, "nothing")):
        ax.annotate(text, (x, ax.get_ylim()[1]), (3, -3), textcoords="offset points", color=GREY, fontsize=8, va="top")
    label_ends(ax, ramp.steps - 1, ends)
    ax.set_xlabel("Quarter")
    ax.set_ylabel(_capital(f"{found.labels.get(first, first)},\nabove the world never pushed"))
    figure.set_label("What each policy adds to the same world without it, mean over runs with its 95 % interval.")
    return figure


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
