"""One picture of the table: every effect with its interval, in multiples of the least effect that counts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from abm.machine.language import either, say, spoken
from abm.quarter.measurement.metrics import catalogue
from experiments.figures import panels
from experiments.figures import style as figure_style
from experiments.paper.judging import Judgement, Verdict
from experiments.paper.rows import IN_ORDER

HIGHEST = 100.0
"""Multiples at which the axis ends; what lies beyond is drawn at its end."""
ROW = 0.17
"""Inches of a row."""


def draw(judgements: Sequence[Judgement], folder: Path, name: str) -> str:
    """Write the picture as PNG and SVG: one row a claim, toward the right what the claim says. Returns
    the name of the PNG; empty where there is nothing to draw."""
    shown = [
        (j.row.number, j.row.experiment, j.effect, j.verdict is Verdict.STRONG)
        for j in judgements
        if j.row.experiment is not None and j.effect is not None and math.isfinite(j.effect.low)
    ]
    if not shown:
        return ""
    with figure_style.drawing():
        figure, ax = panels.panel(1.0 + ROW * len(shown))
        ax.axvspan(1.0, HIGHEST, color=panels.PALE, alpha=0.4, lw=0)
        ax.axvline(0.0, color=panels.GREY, lw=0.6)
        ax.axvline(1.0, color=panels.INK, lw=0.8, ls="--")
        names: list[str] = []
        for y, (number, experiment, effect, is_strong) in enumerate(shown):
            # Of what only has to exist either side will do; an order is a share of seeds.
            toward = math.copysign(1.0, effect.value) if experiment.sign == "exists" else experiment.direction
            least = IN_ORDER if experiment.sign == "ordered" else experiment.least
            low, value, high = (
                min(max(v * toward / least, -HIGHEST), HIGHEST) for v in (effect.low, effect.value, effect.high)
            )
            colour = panels.BLUE if is_strong else panels.VERMILION
            ax.plot([low, high], [y, y], color=colour, lw=1.4, solid_capstyle="butt")
            ax.plot([value], [y], "o" if is_strong else "s", color=colour, mfc=colour if is_strong else "white")
            labels = [spoken(catalogue()[name].label) for name in experiment.outcome]
            label = panels.shortened(
                either(experiment.named, experiment.named_zh) if experiment.shows else " / ".join(labels), 36
            )
            names.append(f"{label}  {number}")
        panels.rows(ax, names)
        ax.set_xscale("symlog", linthresh=1.0, linscale=0.5)
        ax.set_xlim(-HIGHEST, HIGHEST)
        ax.set_xticks([-100, -10, -1, 0, 1, 10, 100], ["-100", "-10", "-1", "0", "1", "10", "100"])
        ax.set_xlabel(say("effect in multiples of the least that counts, toward the right as the claim says"))
        ax.set_title(say("The paper in the model (filled: strong, open: weak)"))
        png, _ = figure_style.save(figure, folder, name)
    return png.name
