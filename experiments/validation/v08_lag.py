"""V8: training that lags behind demand costs coordination; there is a boundary, and deep ties move it."""

from __future__ import annotations

import numpy as np

from experiments.validation._pattern import Effect, Pattern, Runs, World, package, world

HALF_LIVES = (40, 20, 10, 5, 2)
_STEPS, _LAST = 80, 56


def _worlds() -> dict[str, World]:
    """Shallow worlds and worlds under the package, by half-life."""
    found: dict[str, World] = {}
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
    """Change of D a doubling of the lag ratio, shallow worlds."""
    return float(np.polyfit(_lags(), _curve(runs, "shallow", "coordination"), 1)[0])


_WORK = "field_related_share"


def _fall(runs: Runs) -> float:
    """Field-related jobs of the fastest shallow world minus those of the slowest."""
    curve = _curve(runs, "shallow", _WORK)
    return float(curve[-1] - curve[0])


def _moved(runs: Runs) -> float:
    """How many doublings more of the lag deep ties bear.

    The boundary of a world is the lag ratio at which field-related jobs fall below what shallow ties
    give at the usual half-life of 10 quarters; one that never falls so far counts as the last lag.
    """
    usual = HALF_LIVES.index(10)
    mark = _curve(runs, "shallow", _WORK)[usual]
    deep = np.minimum.accumulate(_curve(runs, "deep", _WORK))
    return float(np.interp(-mark, -deep, _lags()) - _lags()[usual])


PATTERN = Pattern(
    number="V8",
    statement="Coordination falls as the lag ratio rises; a boundary exists; deep ties move it",
    source="paper 5.2 P2",
    worlds=_worlds(),
    effects=(
        Effect("D a doubling of the lag ratio, shallow", _slope, below=0),
        Effect("field-related jobs, fastest - slowest demand, shallow", _fall, below=0),
        Effect("boundary, deep - shallow (doublings of the lag ratio)", _moved, above=0.5),
    ),
    note="The boundary is where field-related jobs fall below what shallow ties give at the usual half-life of 10 "
    "quarters. D itself falls by little: only one of its eight indicators follows the lag closely.",
)
