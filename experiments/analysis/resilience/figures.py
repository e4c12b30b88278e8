"""Figures of resilience: the way down and back, and loss against time to recover."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from experiments.analysis._runs import rows as rows_of
from experiments.figures import style as figure_style
from experiments.figures.panels import BLUE, GREY, INK, VERMILION, WIDTH, label_ends, panel, rows

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from experiments.analysis.resilience import Resilience


def paths(found: Resilience) -> Figure:
    """A row a response: what each shock takes, as a share of the level before it, with 95 % intervals."""
    table: Any = found.paths
    responses = list(dict.fromkeys(table["response"]))
    figure, grid = figure_style.new(WIDTH, 1.9 * len(responses) + 0.4, rows=len(responses), sharex=True)
    for ax, response in zip(grid[:, 0], responses, strict=True):
        ends: list[tuple[float, str, str]] = []
        for i, shock in enumerate(dict.fromkeys(table["shock"])):
            own = table[(table["shock"] == shock) & (table["response"] == response)]
            colour = figure_style.LINES[i % len(figure_style.LINES)]
            ax.fill_between(own["quarter"], 100 * own["low"], 100 * own["high"], color=colour, alpha=0.18, linewidth=0)
            ax.plot(own["quarter"], 100 * own["mean"], color=colour, linewidth=1.6)
            ends.append((100 * float(own["mean"].iloc[-1]), str(shock), colour))
        ax.axhline(0.0, color=GREY, linewidth=0.6)
        ax.axvline(0.0, color=GREY, linewidth=0.6, linestyle=(0, (3, 3)))
        ax.set_xlim(float(table["quarter"].min()), float(table["quarter"].max()))
        label_ends(ax, float(table["quarter"].max()), ends)
        label = found.labels.get(response, response)
        ax.set_title(label[:1].upper() + label[1:], color=INK)
        ax.set_ylabel("Difference from the spared\nrun (% of level before)")
    grid[-1, 0].set_xlabel("Quarters after the shock")
    figure.set_label("Shocked runs less spared runs under the same seeds, mean with its 95 % interval.")
    return figure


def recovery(found: Resilience, tolerance: float) -> Figure:
    """A row a shock: loss in the deepest year and loss that lasts, and in words the time to recover."""
    table = [row for row in rows_of(found.summary) if row["response"] == found.summary["response"].iloc[0]]
    figure, ax = panel(1.0 + 0.45 * len(table))
    for i, row in enumerate(table):
        for name, colour, offset in (("loss", VERMILION, -0.13), ("lasting", BLUE, 0.13)):
            ax.plot([100 * row[f"{name}_low"], 100 * row[f"{name}_high"]], [i + offset] * 2, color=colour, linewidth=2)
            ax.plot(100 * row[name], i + offset, "o", color=colour, markersize=5)
        is_back = math.isfinite(row["quarters"])
        text = f"back after {row['quarters']:.0f} quarters" if is_back else "not back in most runs"
        text = text if 2 * row["n_hit"] >= row["n_runs"] else f"most runs lose less than {tolerance:.0%}"
        text = text if row["is_lost"] else "not told from chance"
        ax.annotate(
            text,
            (1.01, i),
            xycoords=("axes fraction", "data"),
            fontsize=8,
            color=INK,
            va="center",
            annotation_clip=False,
        )
    for text, colour, x in (("deepest year", VERMILION, 0.0), ("at the end", BLUE, 0.28)):
        ax.annotate(text, (x, 1.02), xycoords="axes fraction", color=colour, fontsize=8)
    ax.axvline(0.0, color=GREY, linewidth=0.6)
    rows(ax, [str(row["shock"]) for row in table])
    first = found.summary["response"].iloc[0]
    ax.set_xlabel(f"Loss of {found.labels.get(first, first)} (% of the level before)")
    figure.set_label("What each shock takes, with 95 % intervals, and the median time until the response is back.")
    return figure
