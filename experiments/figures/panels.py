"""What the figures of all methods share: panels in the style of `experiments.figures.style`, and labels at lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from experiments.figures import style as figure_style
from experiments.figures.style import BLUE, GREEN, GREY, INK, PALE, PURPLE, SKY, VERMILION

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["BLUE", "GREEN", "GREY", "INK", "PALE", "PURPLE", "SKY", "VERMILION"]

WIDTH = 6.3
"""Inches: the text width of a page."""


def panel(height: float, width: float = WIDTH) -> tuple[Figure, Axes]:
    """A figure with one panel. Sizes in inches."""
    figure, axes = panels(1, height, width)
    return figure, axes[0]


def panels(n: int, height: float, width: float = WIDTH) -> tuple[Figure, list[Axes]]:
    """A figure with n panels beside one another."""
    figure, axes = figure_style.new(width, height, columns=n)
    found: list[Any] = list(axes[0])
    return figure, found


def plain_log(ax: Axes, axis: str) -> None:
    """A logarithmic axis ("x" or "y") with plain numbers at 1, 2 and 5 times the powers of ten."""
    from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

    ax.set(**{f"{axis}scale": "log"})
    of = ax.xaxis if axis == "x" else ax.yaxis
    of.set_major_locator(LogLocator(base=10, subs=(1.0, 2.0, 5.0)))
    of.set_major_formatter(StrMethodFormatter("{x:g}"))
    of.set_minor_formatter(NullFormatter())


def rows(ax: Axes, names: Sequence[str]) -> None:
    """Names of rows at the left, the first at the top."""
    ax.set_yticks(range(len(names)), list(names))
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0)


def label_ends(ax: Axes, x: float, ends: Sequence[tuple[float, str, str]], gap: float = 0.06) -> None:
    """Names at the right ends of lines (y, name, colour), moved apart where they would overlap."""
    low, high = ax.get_ylim()
    order = sorted(range(len(ends)), key=lambda i: ends[i][0])
    places = [ends[i][0] for i in order]
    for k in range(1, len(places)):
        places[k] = max(places[k], places[k - 1] + gap * (high - low))
    over = max(0.0, places[-1] - high) if places else 0.0
    for i, y in zip(order, places, strict=True):
        _, name, colour = ends[i]
        ax.annotate(
            name, (x, y - over), xytext=(5, 0), textcoords="offset points", color=colour, fontsize=7.5, va="center",
            annotation_clip=False,
        )  # fmt: skip


def shortened(text: str, longest: int = 44) -> str:
    """A label that fits beside a panel, cut at a word."""
    if len(text) <= longest:
        return text
    return text[:longest].rsplit(" ", 1)[0] + " ..."
