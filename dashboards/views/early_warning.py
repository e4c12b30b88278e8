"""Is a tipping point near? Variance and memory of cooperation around its trend, and whether both rise.

A system that loses its resilience returns more slowly from disturbances: what it does in one quarter
resembles the last more (lag-1 autocorrelation), and it strays further (variance). Both rising is a
warning, not a proof. Method: Dakos et al. 2012 (residuals from a moving mean, rolling window, Kendall's tau).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dashboards.live.scenes import Scene, Seen, Table
from dashboards.views.live_view import view
from dashboards.words.vocabulary import words

if TYPE_CHECKING:
    from abm.world.state import Floats
    from dashboards.live.frames import World

KIND = "early_warning"
METRIC = "substantive_depth_per_enterprise"
SMOOTHING = 8
"""Quarters of the moving mean that is taken for the trend."""
WINDOW = 16
"""Quarters over which variance and autocorrelation are taken."""
TREND = 24
"""Last values of an indicator whose rise is judged: more than a window, so that the first and the last share no
quarter."""
RISING = 0.6
"""Kendall's tau from which an indicator counts as rising (assumption)."""


class Indicators(NamedTuple):
    """Early-warning indicators; NaN where the window is not yet full. Shapes [step]."""

    variance: Floats
    memory: Floats


def indicators(values: Floats) -> Indicators:
    """Variance and lag-1 autocorrelation of the residuals in a rolling window."""
    n = len(values)
    trend = np.array([values[max(0, t + 1 - SMOOTHING) : t + 1].mean() for t in range(n)])
    rest = values - trend
    variance, memory = np.full(n, np.nan), np.full(n, np.nan)
    for t in range(SMOOTHING + WINDOW - 2, n):
        window = rest[t + 1 - WINDOW : t + 1]
        if not np.isfinite(window).all():
            continue
        variance[t] = window.var(ddof=1)
        centred = window - window.mean()
        below = float((centred**2).sum())
        if below > 0:
            memory[t] = float((centred[1:] * centred[:-1]).sum()) / below
    return Indicators(variance, memory)


def rise(values: Floats) -> float:
    """Kendall's tau of the last TREND values against time, -1 to 1; NaN where there are fewer."""
    last = values[-TREND:]
    if len(last) < TREND or not np.isfinite(last).all():
        return float("nan")
    later, earlier = np.triu_indices(TREND, 1)[::-1]
    return float(np.sign(last[later] - last[earlier]).sum() / (TREND * (TREND - 1) / 2))


TOLD: tuple[Callable[[float], str], ...] = (
    lambda depth: f"{depth:.3f}", lambda variance: f"{variance:.2g}", lambda memory: f"{memory:.2f}",
)  # fmt: skip
"""How the series, its variance and its memory are written, in the picture as in its table."""


def _last(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(known[-1]) if len(known) else float("nan")


def ground(world: World, language: str) -> Scene:
    """How long the run may become."""
    return Scene(words={"horizon": world.scenario.steps})


def scene(seen: Seen) -> Scene:
    """The two indicators and the series behind them."""
    spoken, values = words(seen.language), seen.metric(METRIC)
    found = indicators(values)
    rises = [rise(found.variance), rise(found.memory)]
    if not np.isfinite(rises).all():
        judgement = "unknown"
    else:
        judgement = ("calm", "mixed", "warning")[sum(tau >= RISING for tau in rises)]

    def table() -> Table:
        head = [spoken[key] for key in ("year", "warning_series", "warning_variance", "warning_memory")]
        years = range(3, seen.step, 4)
        return head, [
            [(t + 1) // 4, *(told(of[t]) for told, of in zip(TOLD, (values, *found), strict=True))] for t in years
        ]

    return Scene(
        spoken[f"warning_{judgement}"],
        {
            "step": seen.step, "judgement": judgement, "sentence": spoken[f"warning_{judgement}"], "rising": RISING,
            "last": [told(_last(of)) for told, of in zip(TOLD, (values, *found), strict=True)],
            "rises": [tau if np.isfinite(tau) else None for tau in rises],
        },
        {"values": values, "variance": found.variance, "memory": found.memory},
        table,
    )  # fmt: skip


View = view(KIND, scene, ground)
