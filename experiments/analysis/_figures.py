"""What the figures of all methods share: panels in the style of `experiments.figure_style`, and labels at lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BLUE, VERMILION, GREEN, ORANGE, PURPLE, SKY = "#0072B2", "#D55E00", "#009E73", "#E69F00", "#CC79A7", "#56B4E9"
"""Okabe & Ito's colours: told apart with any kind of colour vision."""
COLOURS = (BLUE, VERMILION, GREEN, ORANGE, PURPLE, SKY)
INK, GREY, PALE = "#222222", "#6B6B6B", "#D9D9D9"
WIDTH = 6.3
"""Inches: the text width of a page."""


def panel(height: float, width: float = WIDTH) -> tuple[Figure, Axes]:
    """A figure with one panel, without a frame above and at the right. Sizes in inches."""
    figure, axes = panels(1, height, width)
    return figure, axes[0]


def panels(n: int, height: float, width: float = WIDTH) -> tuple[Figure, list[Axes]]:
    """A figure with n panels beside one another."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    axes: list[Any] = list(np.atleast_1d(figure.subplots(1, n)))
    for ax in axes:
        ax.spines[["top", "right"]].set_visible(False)
        ax.spines[["left", "bottom"]].set_color(GREY)
        ax.tick_params(labelsize=8, color=GREY, labelcolor=INK)
        ax.xaxis.label.set_size(9)
        ax.yaxis.label.set_size(9)
    return figure, axes


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
            name, (x, y - over), xytext=(5, 0), textcoords="offset points", color=colour, fontsize=8, va="center",
            annotation_clip=False,
        )  # fmt: skip


def shortened(text: str, longest: int = 44) -> str:
    """A label that fits beside a panel, cut at a word."""
    if len(text) <= longest:
        return text
    return text[:longest].rsplit(" ", 1)[0] + " ..."
