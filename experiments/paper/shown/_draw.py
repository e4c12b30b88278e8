"""What the pictures of rows share: paths with their interval, marks of effects, names of metrics."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from abm.machine.language import either, say, spoken, wrapped
from abm.quarter.measurement.metrics import catalogue
from abm.world.levers import LEVERS
from abm.world.parameters import CATALOGUE
from experiments.analysis.intervals import Column, band, mean_interval
from experiments.figures import panels
from experiments.figures import style as figure_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from experiments.paper.rows import Side

HEIGHT = 2.5
"""Inches."""
WIDE, MOST_LINES = 26, 3
"""Signs of a line, and lines, that a name may have beside a panel."""


def label(metric: str) -> str:
    """The label of a metric in the language that is spoken."""
    return spoken(catalogue()[metric].label)


def beside(n: int, height: float = HEIGHT) -> tuple[Figure, list[Axes]]:
    """A figure with n panels beside one another."""
    return panels.panels(n, height)


def titled(axes: Sequence[Axes], metrics: Sequence[str]) -> None:
    """The label of a metric above each panel, broken to its width; names of rows at the first panel alone."""
    for ax, metric in zip(axes, metrics, strict=True):
        ax.set_title("\n".join(wrapped(label(metric), 18)))
    for ax in axes[1:]:
        ax.set_yticklabels([])


def paths(ax: Axes, lines: Mapping[str, Column], start: int = 0) -> None:
    """Means over seeds with their 95 % intervals, each of shape [seeds, steps], named in a legend."""
    for i, (name, values) in enumerate(lines.items()):
        middle, low, high = band(values)
        x = np.arange(start, start + values.shape[1])
        colour = figure_style.LINES[i % len(figure_style.LINES)]
        ax.fill_between(x, low, high, color=colour, alpha=0.15, linewidth=0)
        ax.plot(x, middle, color=colour, label=name, ls=("-", "--", "-.", ":")[i % 4])
    ax.set_xlabel(say("quarter"))
    if len(lines) > 1:
        ax.legend(loc="best")


def effects(ax: Axes, names: Sequence[str], values: Sequence[Column], least: float | None = None) -> None:
    """One row an effect: its mean over seeds with the 95 % interval (Student's t)."""
    ax.axvline(0.0, color=panels.GREY, lw=0.6)
    if least is not None:
        ax.axvspan(-least, least, color=panels.PALE, alpha=0.5, lw=0)
    for y, of in enumerate(values):
        found = mean_interval(of)
        ax.plot([found.low, found.high], [y, y], color=panels.BLUE, lw=1.4, solid_capstyle="butt")
        ax.plot([found.value], [y], "o", color=panels.BLUE)
    panels.rows(ax, ["\n".join(broken(name)) for name in names])


def broken(name: str) -> list[str]:
    """A name in lines that fit beside a panel; what is left out is marked."""
    lines = wrapped(name, WIDE)
    return lines if len(lines) <= MOST_LINES else [*lines[: MOST_LINES - 1], f"{lines[MOST_LINES - 1]} ..."]


def named(side: Side) -> str:
    """What is changed on a side, by the labels of its parameters and levers, in the language that is spoken."""
    labels = {name: parameter.label for name, parameter in CATALOGUE.items()} | {one.name: one.label for one in LEVERS}
    told: list[str] = []
    for key, value in side.changes:
        if key == "protocol":
            told.append({"nash": say("Nash bargaining"), "take_it_or_leave_it": say("take it or leave it")}[value])
        else:
            told.append(f"{spoken(labels[key])} {value:g}")
    return either(", ", "，").join(told) or say("as it is")
