"""What every policy rule has: fields with units and ranges, a schedule, regions, a condition.

A rule is a deterministic function of what a government may observe. It remembers nothing: what it
did last quarter it sees in ``Observation.levers``, like everybody else.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, ClassVar

import numpy as np

from abm.machine.errors import ScenarioError, nearest, with_unit
from abm.machine.inputs import in_range, misfit, shown
from abm.world.levers import BY_NAME, COLUMN
from abm.world.state import Floats

Moves = Mapping[str, float | Floats]
"""Lever name -> value for all regions (a number) or for each (shape [R])."""

COMPARISONS = ("above", "below")
SCOPES = ("region", "nation")


@dataclass(frozen=True)
class Observation:
    """What a government may see at the start of a quarter: published figures, never private columns."""

    step: int
    n_regions: int
    nation: Mapping[str, float]
    """All metrics of the last quarter, by name; NaN before the first."""
    levers: Floats
    """What policy moved last quarter, shape [R, L] in the order of ``levers.L``."""
    regional: Callable[[str], Floats | None]
    """Metric of the last quarter by region, shape [R], NaN where nobody was measured; None = not measured by region."""

    def lever(self, name: str) -> Floats:
        """One lever of last quarter by region. Shape [R]."""
        return self.levers[:, COLUMN[name]]

    def metric(self, name: str) -> Floats:
        """A metric of last quarter by region, or the nation's where it is not measured by region. Shape [R].

        NaN before the first quarter. Raises ScenarioError for a name that nobody measures.
        """
        by_region = self.regional(name)
        if by_region is not None:
            return by_region
        return np.full(self.n_regions, self.national(name))

    def national(self, name: str) -> float:
        """A metric of the nation last quarter; NaN before the first. ScenarioError for one that nobody measures."""
        if name not in self.nation:
            raise ScenarioError(f"metric `{name[:80]}`", why="is not measured", mend=nearest(name[:80], self.nation))
        return self.nation[name]


@dataclass(frozen=True)
class When:
    """A condition on last quarter's metrics: the rule acts only where it holds (closed loop)."""

    metric: str
    threshold: float
    comparison: str = "above"
    scope: str = "region"
    """'region' = each region by its own figure where there is one; 'nation' = all by the nation's."""

    def holds(self, seen: Observation) -> Floats:
        """1 where the condition holds, else 0; never where nothing was measured. Shape [R]."""
        if self.scope == "nation":
            value = np.full(seen.n_regions, seen.national(self.metric))
        else:
            value = seen.metric(self.metric)
        is_met = value > self.threshold if self.comparison == "above" else value < self.threshold
        return is_met.astype(np.float64)


def number(default: float, low: float, high: float, unit: str, meaning: str) -> Any:
    """A field of a rule: a number with its unit, range and meaning."""
    return field(default=default, metadata={"low": low, "high": high, "unit": unit, "meaning": meaning})


def lever(name: str, default: float, meaning: str) -> Any:
    """A field that sets a lever: unit and range are the lever's."""
    of = BY_NAME[name]
    return number(default, of.low, of.high, of.unit, meaning)


def schedule(default: Any, meaning: str) -> Any:
    """A field that all rules share: when, where and under which condition a rule acts."""
    return field(default=default, metadata={"meaning": meaning, "schedule": True})


@dataclass(frozen=True, kw_only=True)
class Policy:
    """Base of all rules. A subclass names itself and its source, and says in ``levers`` what it moves."""

    name: ClassVar[str] = ""
    label: ClassVar[str] = ""
    label_zh: ClassVar[str] = ""
    source: ClassVar[str] = ""

    from_step: int = schedule(0, "first step at which the rule acts")
    until_step: int | None = schedule(None, "first step at which it has been withdrawn")
    ramp: int = schedule(0, "quarters from nothing to full strength")
    fade: int = schedule(0, "quarters from full strength to nothing after `until`")
    regions: tuple[str | int, ...] = schedule((), "regions (names, codes or numbers from 0); empty = all")
    when: When | None = schedule(None, "condition on last quarter's metrics")  # noqa: RUF009

    def __post_init__(self) -> None:
        check(type(self), {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}, f"policy `{self.name}`")
        for key in settings(type(self)):
            object.__setattr__(self, key, float(getattr(self, key)))
        object.__setattr__(self, "regions", tuple(self.regions))

    def levers(self, seen: Observation) -> Moves:
        """Full-strength values of the levers that this rule moves, by name."""
        raise TypeError(f"{type(self).__name__} does not say what it moves: give it a method `levers`")

    def strength(self, step: int) -> float:
        """Share of full strength at a step, 0-1: ramped in from ``from_step``, faded out from ``until_step``."""
        if step < self.from_step:
            return 0.0
        grown = (step - self.from_step + 1) / (self.ramp + 1)
        if self.until_step is None or step < self.until_step:
            return min(1.0, grown)
        # Withdrawn before the ramp has ended, it fades from where it was.
        reached = min(1.0, (self.until_step - self.from_step) / (self.ramp + 1))
        return reached * max(0.0, 1.0 - (step - self.until_step + 1) / (self.fade + 1))


@dataclass(frozen=True, slots=True)
class Setting:
    """One of a rule's own numbers."""

    name: str
    default: float
    low: float
    high: float
    unit: str
    meaning: str


@cache
def settings(rule: type[Policy]) -> dict[str, Setting]:
    """The rule's own numbers (without schedule, regions and condition), by name."""
    found: dict[str, Setting] = {}
    for f in dataclasses.fields(rule):
        if "schedule" not in f.metadata:
            m = f.metadata
            default: Any = f.default
            found[f.name] = Setting(f.name, float(default), float(m["low"]), float(m["high"]), m["unit"], m["meaning"])
    return found


def check(rule: type[Policy], values: Mapping[str, object], place: str) -> None:
    """Raise a ScenarioError for the first value outside the range of its field."""
    own = settings(rule)
    for key, of in own.items():
        if key in values and not in_range(values[key], of.low, of.high):
            raise ScenarioError(
                f"`{key}` = {shown(values[key])}",
                place=place,
                why=misfit(values[key], of.low, of.high),
                mend=with_unit(of.meaning, of.unit),
                code="policy.out_of_range",
                values={"field": key, "value": shown(values[key]), "low": of.low, "high": of.high},
            )
    for key in ("from_step", "until_step", "ramp", "fade"):
        value = values.get(key)
        if value is None and key == "until_step":
            continue
        if key in values and (isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 1_000_000):
            raise ScenarioError(
                f"`{key.removesuffix('_step')}` = {shown(value)}",
                place=place,
                why="is not a whole number of quarters from 0 on",
                code="policy.no_quarter",
                values={"field": key.removesuffix("_step"), "value": shown(value)},
            )
    first, until = values.get("from_step", 0), values.get("until_step")
    if isinstance(first, int) and isinstance(until, int) and until <= first:
        raise ScenarioError(
            f"`until` = {until}",
            place=place,
            why=f"does not come after `from` = {first}",
            mend="the rule would never act",
            code="policy.never_acts",
            values={"from": first, "until": until},
        )
