"""V8: training that lags behind demand costs coordination; there is a boundary, and deep ties move it."""

from __future__ import annotations

import numpy as np

from experiments.validation._pattern import Effect, Pattern, Run, Runs, package, world

HALF_LIVES = (40, 20, 10, 5, 2.5)
_STEPS, _LAST = 80, 24
_METRIC = "curriculum_fit"


def _worlds():
    found = {}
    for h in HALF_LIVES:
        found[f"shallow {h:g}"] = world(policies=(), skill_half_life=float(h), steps=_STEPS)
        found[f"deep {h:g}"] = world(policies=package(0, ramp=0), skill_half_life=float(h), steps=_STEPS)
    return found


def _curve(runs: Runs, kind: str, name: str) -> np.ndarray:
    """The metric by half-life, from the slowest demand (smallest lag) to the fastest."""
    return np.array([runs[f"{kind} {h:g}"].last(name, _LAST) for h in HALF_LIVES])


def _lags() -> np.ndarray:
    """Lag ratio with a revision interval of 20 quarters, in doublings."""
    return np.log2((20 / 2 + 12) / np.array(HALF_LIVES))


def _slope(runs: Runs) -> float:
    return float(np.polyfit(_lags(), _curve(runs, "shallow", "coordination"), 1)[0])


def _boundary(runs: Runs, kind: str, level: float) -> float:
    """Doublings of the lag ratio at which D falls below a level; the ends where it never or always is."""
    curve, lags = np.minimum.accumulate(_curve(runs, kind, "coordination")), _lags()
    return float(np.interp(-level, -curve, lags))


def _moved(runs: Runs) -> float:
    """How far deep ties move the boundary, in doublings; the boundary is where shallow worlds are half-way down."""
    curve = _curve(runs, "shallow", "coordination")
    level = 0.5 * (curve.max() + curve.min())
    return _boundary(runs, "deep", level) - _boundary(runs, "shallow", level)


PATTERN = Pattern(
    number="V8",
    statement="Coordination falls as the lag ratio rises; a boundary exists; deep ties move it",
    source="paper 5.2 P2",
    worlds=_worlds(),
    effects=(
        Effect("D a doubling of the lag ratio, shallow", _slope, below=0),
        Effect("boundary, deep - shallow (doublings)", _moved, above=0.5),
    ),
)
