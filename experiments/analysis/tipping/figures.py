"""Figure of early warnings: the ROC curves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from experiments.figures.panels import BLUE, GREY, PALE, VERMILION, panel

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from experiments.analysis.tipping import Warnings


def roc(found: Warnings) -> Figure:
    """Hits against false alarms of each indicator, the area under its curve beside its name above them."""
    table: Any = found.roc
    figure, ax = panel(3.2, 3.6)
    ax.plot([0, 1], [0, 1], color=PALE, linewidth=1)
    texts = [("no warning: on the diagonal", GREY)]
    for indicator, colour in (("autocorrelation", VERMILION), ("variance", BLUE)):
        own = table[table["indicator"] == indicator]
        ax.step(own["false_alarms"], own["hits"], where="post", color=colour, linewidth=1.8)
        area = found.auc[indicator]
        texts.append((f"{indicator}: {area.value:.2f} [{area.low:.2f}, {area.high:.2f}]", colour))
    # Above the picture: a curve may pass any place within it.
    for i, (text, colour) in enumerate(texts):
        ax.annotate(text, (0.0, 1.0), (0, 5 + 11 * i), xycoords="axes fraction", textcoords="offset points",
                    color=colour, fontsize=8)  # fmt: skip
    ax.set_aspect("equal")
    ax.set_xlim(-0.01, 1.01)
    ax.set_ylim(-0.01, 1.01)
    ax.set_xlabel("False alarms (share of runs that do not tip)")
    ax.set_ylabel("Hits (share of runs that tip)")
    figure.set_label("How well a rising indicator foretells tipping: area under the curve with its 95 % interval.")
    return figure
