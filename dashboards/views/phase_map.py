"""Map of outcomes: what becomes of a world at each pair of two settings, how sure that is, and where the run stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import solara

from abm.results.figures import number
from dashboards.live.scenes import PLAIN, Scene, Style, Table
from dashboards.views.live_canvas import LiveCanvas
from dashboards.words import percent
from dashboards.words.vocabulary import words

if TYPE_CHECKING:
    from abm.world.state import Floats

KIND = "phase_map"


@dataclass(frozen=True)
class PhaseMap:
    """Outcome of a sweep over two settings. X and Y values."""

    x_name: str
    """Label of the setting across, with its unit."""
    y_name: str
    outcome: str
    """Label of what is shown."""
    x: Floats  # [X] ascending
    y: Floats  # [Y] ascending
    mean: Floats  # [Y, X] mean over the runs of a cell; NaN = not run yet
    spread: Floats  # [Y, X] half-width of its 95 % interval
    boundary: float
    """Outcome at which one regime passes into the other."""
    low: float = 0.0
    high: float = 1.0
    is_good: bool = True
    """Whether more is better: then high is blue and low is vermilion."""

    def is_uncertain(self) -> np.ndarray:
        """Cells whose interval holds the boundary: here the sweep cannot tell the regimes apart. Shape [Y, X]."""
        return np.abs(self.mean - self.boundary) <= self.spread


def scene_of(chart: PhaseMap, trail: Floats, language: str) -> Scene:
    """Cells, the band of uncertainty, and the way of the live run; ``trail`` [n, 2], its last point is now."""
    spoken = words(language)
    known = np.isfinite(chart.mean)
    above = float((chart.mean[known] >= chart.boundary).mean()) if known.any() else float("nan")
    names = {"outcome": chart.outcome, "boundary": number(chart.boundary), "share": percent(language, above)}

    def table() -> Table:
        head = [chart.x_name, chart.y_name, chart.outcome, spoken["phase_map_spread"]]
        return head, [
            [number(float(x)), number(float(y)), number(float(chart.mean[j, i])), number(float(chart.spread[j, i]))]
            for j, y in enumerate(chart.y)
            for i, x in enumerate(chart.x)
        ]

    return Scene(
        spoken["phase_map_label"].format(**names),
        {
            "x_name": chart.x_name, "y_name": chart.y_name, "outcome": chart.outcome, "low": chart.low,
            "high": chart.high, "boundary": chart.boundary, "is_good": chart.is_good,
        },
        {
            "x": chart.x, "y": chart.y, "mean": chart.mean, "is_uncertain": chart.is_uncertain().astype(np.uint8),
            "trail": np.asarray(trail, np.float32).reshape(-1, 2),
        },
        table,
    )  # fmt: skip


@solara.component
def View(chart: PhaseMap, trail: Floats, language: str = "en", style: Style = PLAIN):  # noqa: N802
    """The map; ``on_act`` hears ("cell", row * X + column) for a cell that is to be opened as a run."""
    spoken = words(language)
    element = LiveCanvas.element(  # pyright: ignore[reportAttributeAccessIssue]
        kind=KIND, title=spoken["phase_map_title"], words=spoken, **style.traits()
    )

    def offer() -> None:
        solara.get_widget(element).offer(lambda: scene_of(chart, trail, language))  # pyright: ignore[reportAttributeAccessIssue]

    solara.use_effect(offer, [id(chart), len(trail), language])
