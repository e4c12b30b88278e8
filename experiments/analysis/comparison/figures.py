"""Figure of a comparison: both scenarios over time, and below them their difference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abm.world.state import QUARTERS_A_YEAR
from experiments.analysis._runs import column
from experiments.figures import style as figure_style
from experiments.figures.panels import BLUE, INK, PALE, VERMILION, WIDTH, label_ends

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from experiments.analysis.comparison import Comparison


def both_and_difference(found: Comparison, metric: str) -> Figure:
    """Means with 95 % bands; the difference against its zero line."""
    from matplotlib.ticker import MaxNLocator

    table = found.series[found.series["metric"] == metric]
    years = column(table, "step") / QUARTERS_A_YEAR
    figure, axes = figure_style.new(WIDTH * 0.85, 3.9, rows=2, sharex=True, height_ratios=[3, 2])
    upper, lower = axes[:, 0]
    ends: list[tuple[float, str, str]] = []
    for name, arm, colour in ((found.a, "a", BLUE), (found.b, "b", VERMILION)):
        upper.fill_between(years, table[f"{arm}_low"], table[f"{arm}_high"], color=colour, alpha=0.2, linewidth=0)
        upper.plot(years, table[arm], color=colour, linewidth=1.8)
        ends.append((float(column(table, arm)[-1]), name, colour))
    label_ends(upper, float(years[-1]), ends, gap=0.1)
    lower.axhline(0.0, color=PALE, linewidth=1)
    lower.fill_between(years, table["low"], table["high"], color=INK, alpha=0.15, linewidth=0)
    lower.plot(years, table["difference"], color=INK, linewidth=1.6)
    label = found.labels.get(metric, metric.replace("_", " "))
    upper.set_ylabel(label[:1].upper() + label[1:])
    lower.set_ylabel("Difference")
    lower.set_xlabel("Years")
    upper.margins(x=0)
    figure.set_label(f"Above: both with 95 % bands over runs; below: {found.b} minus {found.a} under the same seeds.")
    lower.xaxis.set_major_locator(MaxNLocator(integer=True))
    return figure
