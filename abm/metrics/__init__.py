"""Metrics: state -> numbers, one file a group, found by discovery.

A group is a module of this folder with

    METRICS   a tuple of Metric: what its numbers are called and mean
    measure   (Seen) -> {name: number}, every name in every step; NaN where it cannot be measured yet

and, where its numbers exist by region, REGIONAL (a tuple of Metric) and ``by_region`` (Seen) ->
{name: array [R]}. To add a metric, copy ``lag.py``.
"""

from __future__ import annotations

import math
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from abm.kernels import kernel
from abm.tally import Sums

if TYPE_CHECKING:
    from abm.parameters import Parameters
    from abm.state import Floats, State

NAN = math.nan


@dataclass(frozen=True)
class Metric:
    """One number: what it is called, in what unit, between which bounds, and what it means."""

    name: str
    label: str
    label_zh: str
    unit: str
    low: float
    high: float
    meaning: str
    source: str = ""


class Seen(NamedTuple):
    """What a group of metrics may look at."""

    state: State
    p: Parameters
    nation: Sums
    """Sums over the nation: numbers."""
    regions: Sums
    """Sums by region: arrays [R]."""
    sums: Floats
    """All sums, [R + 1, N_SUMS], the nation last."""
    members: Floats
    """Shares of institutions in candidates, communities, self-sustaining communities: [3, R + 1]."""
    is_yearly: bool
    """Whether this is the quarter of the yearly look, or nothing was measured before."""

    memo: dict[str, Any]
    """What a group has worked out for both of its measures."""

    def flow(self, name: str) -> float:
        """A count or rate that a phase left, NaN if it left none."""
        return self.state.flows.get(name, NAN)

    def carried(self, *names: str) -> dict[str, float]:
        """Metrics as they were in the last step."""
        return {name: self.state.metrics.get(name, NAN) for name in names}


def share(part: float, whole: float) -> float:
    """part / whole, NaN where there is no whole."""
    return part / whole if whole > 0 else NAN


@kernel
def shares(part, whole):
    """part / whole by region, NaN where there is no whole. Shape [R]."""
    found = np.empty(whole.shape[0])
    for r in range(whole.shape[0]):
        found[r] = part[r] / whole[r] if whole[r] > 0.0 else NAN
    return found


@cache
def groups() -> tuple[ModuleType, ...]:
    """All groups, by name of their file."""
    names = sorted(m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_"))
    return tuple(import_module(f"{__name__}.{name}") for name in names)


def _gathered(attribute: str) -> dict[str, Metric]:
    found: dict[str, Metric] = {}
    for group in groups():
        for metric in getattr(group, attribute, ()):
            if metric.name in found:
                raise ValueError(
                    f"metric `{metric.name}` of {group.__name__} exists already in another group: rename one of them"
                )
            found[metric.name] = metric
    return found


@cache
def catalogue() -> dict[str, Metric]:
    """National metrics by name, in the order in which they are measured."""
    return _gathered("METRICS")


@cache
def regional_catalogue() -> dict[str, Metric]:
    """Regional metrics by name, in the order in which they are measured."""
    return _gathered("REGIONAL")


@cache
def measures() -> tuple[Callable[[Seen], dict[str, float]], ...]:
    """The national measure of each group."""
    return tuple(group.measure for group in groups())


@cache
def regional_measures() -> tuple[Callable[[Seen], dict[str, Floats]], ...]:
    """The regional measures of those groups that have one."""
    return tuple(group.by_region for group in groups() if hasattr(group, "by_region"))
