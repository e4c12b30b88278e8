"""Metrics: state -> numbers, one file a group, found by discovery.

A group is a module of this folder with

    METRICS   a tuple of Metric: what its numbers are called and mean
    measure   (Seen) -> {name: number}, every name in every step; NaN where it cannot be measured yet

and, where its numbers exist by region, REGIONAL (a tuple of Metric) and ``by_region`` (Seen) ->
{name: array [R]}. To add a metric, copy ``lag.py``. A plug-in's file with ``METRICS`` is a group too.
"""

from __future__ import annotations

import math
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from abm.machine import language, plugins
from abm.machine.kernels import kernel
from abm.quarter.measurement.tally import Sums
from abm.world.digests import changed, digests

if TYPE_CHECKING:
    from abm.world.parameters import Parameters
    from abm.world.state import Floats, State

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


@plugins.kept
def groups() -> tuple[ModuleType, ...]:
    """All groups, by name of their file, then those of plug-ins; PluginError for one that does not fit."""
    names = sorted(m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_"))
    outside = plugins.modules_with("METRICS", "measure")
    for module in outside:
        _fits(module)
    return (*(import_module(f"{__name__}.{name}") for name in names), *outside)


def _fits(module: ModuleType) -> None:
    """PluginError if a group from outside is not a whole one."""
    kind = f"group of metrics `{module.__name__.rpartition('.')[2]}`"
    plugins.need(module, kind, METRICS="a tuple of Metric", measure="a function of what is seen")
    if hasattr(module, "REGIONAL") or hasattr(module, "by_region"):
        plugins.need(module, kind, REGIONAL="a tuple of Metric", by_region="a function of what is seen")
    for attribute in ("METRICS", "REGIONAL"):
        listed: Any = getattr(module, attribute, ())
        if not isinstance(listed, tuple | list) or not all(isinstance(metric, Metric) for metric in listed):
            mend = "write a tuple of Metric(...)"
            raise plugins.refuse(module, attribute, f"`{attribute}` of the {kind}", "is no tuple of metrics", mend)


def _gathered(attribute: str) -> dict[str, Metric]:
    found: dict[str, Metric] = {}
    for group in groups():
        is_outside = not group.__name__.startswith(f"{__name__}.")
        for metric in getattr(group, attribute, ()):
            if metric.name in found:
                raise plugins.taken(group, attribute, "metric", metric.name)
            shown = metric
            if is_outside and not metric.label_zh:
                plugins.in_english_only(f"the metric `{metric.name}`", plugins.place(group, attribute))
                shown = replace(metric, label_zh=metric.label)
            found[metric.name] = shown
    return found


@plugins.kept
def catalogue() -> dict[str, Metric]:
    """National metrics by name, in the order in which they are measured."""
    return _gathered("METRICS")


@plugins.kept
def regional_catalogue() -> dict[str, Metric]:
    """Regional metrics by name, in the order in which they are measured."""
    return _gathered("REGIONAL")


language.know_labels(
    lambda: ((of.label, of.label_zh) for known in (regional_catalogue(), catalogue()) for of in known.values())
)


@plugins.kept
def measures() -> tuple[Callable[[Seen], dict[str, float]], ...]:
    """The national measure of each group."""
    return tuple(_held(group, "METRICS", "measure") for group in groups())


@plugins.kept
def regional_measures() -> tuple[Callable[[Seen], dict[str, Floats]], ...]:
    """The regional measures of those groups that have one."""
    return tuple(_held(group, "REGIONAL", "by_region") for group in groups() if hasattr(group, "by_region"))


def _held(group: ModuleType, listed: str, name: str) -> Callable[[Seen], Any]:
    """A measure of a group; one from outside is held to the names that it lists, and to writing nothing."""
    measure: Callable[[Seen], Any] = getattr(group, name)
    if group.__name__.startswith(f"{__name__}."):
        return measure
    due = [metric.name for metric in getattr(group, listed)]

    def held(seen: Seen) -> Any:
        before = digests(seen.state) if plugins.is_trial else {}
        found = measure(seen)
        if not isinstance(found, dict) or set(found) != set(due):
            mend = f"return {{{', '.join(f'`{key}`' for key in due)}}}, every name in every step"
            raise plugins.refuse(group, name, f"`{name}`", f"does not give what `{listed}` lists", mend)
        written = changed(before, digests(seen.state)) if before else set()
        if written:
            mend = "a metric only looks: work on a copy"
            raise plugins.refuse(
                group, name, f"`{name}`", f"writes {', '.join(sorted(written))}", mend, "plugin.writes"
            )
        return found

    return held
