"""Figures of regime boundaries: the phase map, and the curve along one key."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from experiments.analysis._runs import column
from experiments.analysis._space import title
from experiments.figures.panels import BLUE, GREY, INK, PALE, SKY, VERMILION, panel, plain_log

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from experiments.analysis.boundary import Boundary, Critical

DOUBT = (0.025, 0.975)
"""Chances between which the side of a place is in doubt."""


def phase_map(found: Boundary) -> Figure:
    """Both regimes, the line between them, the band in which the side is in doubt, and the points that were run."""
    if len(found.space.dimensions) == 1:
        return _line(found)
    from matplotlib.colors import LinearSegmentedColormap

    figure, ax = panel(3.9, 5.2)
    side = round(len(found.cells) ** 0.5)
    x, y = found.space.dimensions
    across, along = (np.array(d.at(np.linspace(0.0, 1.0, side)), np.float64) for d in (x, y))
    mean, chance = (values.reshape(side, side).T for values in (found.mean, found.chance))
    span = float(np.max(np.abs(mean - found.threshold))) or 1.0
    shades = LinearSegmentedColormap.from_list("sides", ["#3D8FC2", "#FFFFFF", "#E07F3B"])
    filled = ax.pcolormesh(
        across, along, mean, cmap=shades, vmin=found.threshold - span, vmax=found.threshold + span, shading="gouraud",
        rasterized=True,
    )  # fmt: skip
    if chance.min() < DOUBT[1] and chance.max() > DOUBT[0]:
        ax.contour(across, along, chance, levels=list(DOUBT), colors=INK, linewidths=0.7, linestyles="dashed")
    if mean.min() < found.threshold < mean.max():
        ax.contour(across, along, mean, levels=[found.threshold], colors=INK, linewidths=1.8)
    ax.plot(found.points[x.name], found.points[y.name], ".", color=INK, markersize=1.8, alpha=0.55)
    for d, axis in ((x, "x"), (y, "y")):
        if d.is_log:
            plain_log(ax, axis)
    ax.set_xlabel(title(x))
    ax.set_ylabel(title(y))
    _name_sides(ax, found, across, along, mean)
    bar = figure.colorbar(filled, ax=ax, pad=0.02)
    bar.ax.set_ylim(float(mean.min()), float(mean.max()))
    bar.set_label(found.label.capitalize(), size=9)
    bar.ax.tick_params(labelsize=8)
    bar.ax.axhline(found.threshold, color=INK, linewidth=1.8)
    figure.set_label(
        f"Where {found.label} crosses {found.threshold:.3g} (thick line); between the dashed lines the side is in "
        f"doubt (chance {DOUBT[0]:.1%} to {DOUBT[1]:.1%}). Dots: the points that were run."
    )
    return figure


def _name_sides(ax: Axes, found: Boundary, across: object, along: object, mean: object) -> None:
    """'above' and 'below' the threshold, each in the middle of where its side is most itself."""
    x, y, height = np.asarray(across), np.asarray(along), np.asarray(mean) - found.threshold
    for sign, word in ((1.0, "above"), (-1.0, "below")):
        inside = sign * height > 0
        if inside.mean() < 0.03:
            continue
        # The place furthest from the other side and from the frame, by steps of the map.
        depth = _depth(inside)
        if depth.max() < len(inside) / 12:
            continue
        row, column = np.unravel_index(int(depth.argmax()), depth.shape)
        ax.annotate(
            f"{word} {found.threshold:.3g}", (x[column], y[row]), ha="center", va="center", fontsize=8, color=INK,
            bbox={"boxstyle": "round,pad=0.2", "facecolor": "white", "edgecolor": "none", "alpha": 0.8},
        )  # fmt: skip


def _depth(inside: np.ndarray) -> np.ndarray:
    """Steps from each cell to the nearest cell of the other kind, the frame counted as one."""
    from scipy.ndimage import distance_transform_edt

    return np.asarray(distance_transform_edt(np.pad(inside, 1)))[1:-1, 1:-1]


def _line(found: Boundary) -> Figure:
    """The outcome along one dimension with the points that were run."""
    (x,) = found.space.dimensions
    figure, ax = panel(2.8, 4.6)
    across = np.array(x.at(found.cells[:, 0]), np.float64)
    _, sd = found.surface.predict(found.cells)
    ax.fill_between(across, found.mean - 1.96 * sd, found.mean + 1.96 * sd, color=SKY, alpha=0.35, linewidth=0)
    ax.plot(across, found.mean, color=BLUE, linewidth=1.8)
    ax.plot(found.points[x.name], found.points["mean"], ".", color=GREY, markersize=4)
    ax.axhline(found.threshold, color=INK, linewidth=0.9, linestyle="dashed")
    for value in found.line[x.name] if len(found.line) else ():
        ax.axvline(value, color=VERMILION, linewidth=1.2)
    if x.is_log:
        plain_log(ax, "x")
    ax.set_xlabel(title(x))
    ax.set_ylabel(found.label.capitalize())
    figure.set_label(
        f"{found.label.capitalize()} with its 95 % band; dots are means of points, the vertical line the boundary."
    )
    return figure


def curve(found: Critical) -> Figure:
    """The outcome along a key with its 95 % band, the threshold, and the critical value with its interval."""
    figure, ax = panel(3.0, 4.8)
    table = found.curve
    x = column(table, found.key)
    if np.isfinite(found.value):
        ax.axvspan(found.low, found.high, color=VERMILION, alpha=0.18, linewidth=0)
        ax.axvline(found.value, color=VERMILION, linewidth=1.4)
    ax.axhline(found.threshold, color=INK, linewidth=0.9, linestyle="dashed")
    ax.plot(found.points[found.key], found.points["mean"], ".", color=PALE, markersize=4)
    ax.fill_between(x, table["low"], table["high"], color=SKY, alpha=0.4, linewidth=0)
    ax.plot(x, table["mean"], color=BLUE, linewidth=1.8)
    if found.is_log:
        plain_log(ax, "x")
    if np.isfinite(found.value):
        ax.annotate(
            f"{found.value:.3g}\n({found.low:.3g}-{found.high:.3g})", (found.value, ax.get_ylim()[1]), xytext=(5, -2),
            textcoords="offset points", color=VERMILION, fontsize=7.5, va="top",
        )  # fmt: skip
    ax.annotate(f"threshold {found.threshold:.3g}", (float(np.min(x)), found.threshold), xytext=(2, 3),
                textcoords="offset points", fontsize=7.5, color=INK)  # fmt: skip
    ax.set_xlabel(found.key_label[:1].upper() + found.key_label[1:])
    ax.set_ylabel(found.label[:1].upper() + found.label[1:])
    figure.set_label(
        f"{found.label[:1].upper()}{found.label[1:]} with its 95 % band over replications; the vertical band is the "
        "interval of the critical value."
    )
    return figure
