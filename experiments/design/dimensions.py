"""What a design may vary: keys of a scenario with their label, unit and range, and the values chosen of each."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from abm.machine.errors import InputError, nearest, with_unit
from abm.machine.inputs import number, shown, whole
from abm.population.spec import PopulationSpec
from abm.scenario.policies import rules, settings
from abm.scenario.protocols import names as protocol_names
from abm.world.levers import BY_NAME
from abm.world.parameters import CATALOGUE
from experiments.design.shocks import fields_of

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from abm.world.state import Floats
    from experiments.design.shocks import Shock

GRID_VALUES = 5
"""Values of a range on a grid, unless the design says another ``n``."""
MOST_VALUES = 100_000
ARM = "arm"
"""The key that chooses among the design's [arms]."""

_SCHEDULE = ("from", "until", "ramp", "fade")
_FIELDS = frozenset(("low", "high", "n", "scale", "values"))


@dataclass(frozen=True)
class Known:
    """What is known of a key before a design says anything."""

    label: str
    unit: str = ""
    low: float = -math.inf
    high: float = math.inf
    is_whole: bool = False
    words: tuple[str, ...] | None = None
    """The words that it may be; empty = any. None for a number."""


DIGITS = 12
"""Significant digits of a value on a grid."""


@dataclass(frozen=True)
class Dimension:
    """One varied key: a range (``values`` empty) or a list of values."""

    name: str
    label: str
    unit: str
    low: float = math.nan
    high: float = math.nan
    values: tuple[Any, ...] = ()
    n: int = GRID_VALUES
    """Values of a range on a grid."""
    is_log: bool = field(default=False, kw_only=True)
    """Whether a range is divided evenly in the logarithm."""
    is_whole: bool = field(default=False, kw_only=True)

    @property
    def is_range(self) -> bool:
        """Whether any value between low and high may be taken."""
        return not self.values

    @property
    def is_numeric(self) -> bool:
        """Whether all values are numbers."""
        return self.is_range or all(number(value) is not None for value in self.values)

    def at(self, shares: Floats) -> list[Any]:
        """Values at shares 0-1 of the range, or of the list. Shape [n] to a list of n."""
        if self.values:
            places = np.minimum((shares * len(self.values)).astype(np.int64), len(self.values) - 1)
            return [self.values[i] for i in places]
        if self.is_whole:
            steps = np.floor(self.low + shares * (self.high - self.low + 1.0))
            return [int(value) for value in np.minimum(steps, self.high)]
        if self.is_log:
            low, high = math.log(self.low), math.log(self.high)
            return np.clip(np.exp(low + shares * (high - low)), self.low, self.high).tolist()
        return (self.low + shares * (self.high - self.low)).tolist()

    def share(self, value: Any) -> float:
        """The other way round: where in the range or the list a value lies, 0-1."""
        if self.values:
            return (self.values.index(value) + 0.5) / len(self.values)
        if self.is_log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def entry(self) -> list[Any] | dict[str, Any]:
        """What a design says under [vary] to have this dimension."""
        if self.values:
            return list(self.values)
        return {"low": self.low, "high": self.high, "n": self.n} | ({"scale": "log"} if self.is_log else {})

    def on_grid(self) -> list[Any]:
        """The listed values, or ``n`` even ones of the range with both ends."""
        if self.values:
            return list(self.values)
        if self.is_whole:
            return sorted({round(v) for v in np.linspace(self.low, self.high, self.n).tolist()})
        # 0.1, not 0.09999999999999999: a value is part of a run's key, and people look for it in tables.
        even: list[float] = self.at(np.linspace(0.0, 1.0, self.n))
        return [min(max(float(f"{value:.{DIGITS}g}"), self.low), self.high) for value in even]


def known(key: str, base: Scenario) -> Known | None:
    """What is known of a key of the scenario; None if it cannot be varied."""
    head, _, tail = key.partition(".")
    if key in CATALOGUE:
        p = CATALOGUE[key]
        return Known(p.label, p.unit, p.low, p.high)
    if key in BY_NAME:
        lever = BY_NAME[key]
        return Known(lever.label, lever.unit, lever.low, lever.high, lever.is_whole)
    if key == "protocol":
        return Known("bargaining protocol", words=tuple(protocol_names()))
    if key == "steps":
        return Known("steps", "quarters", 1, 1_000_000, True)
    if head == "population" or key == "scale":
        return _of_population(tail or key)
    if any(rule.name == head for rule in base.policies):
        of, name = rules()[head], rules()[head].label
        if tail in settings(of):
            setting = settings(of)[tail]
            return Known(f"{name}: {setting.meaning}", setting.unit, setting.low, setting.high)
        if tail in _SCHEDULE:
            return Known(f"{name}: {tail}", "quarters", 0, 1_000_000, True)
    return None


def _of_population(name: str) -> Known | None:
    if not hasattr(PopulationSpec(), name) or name == "regions":
        return None
    default = getattr(PopulationSpec(), name)
    if isinstance(default, str):
        return Known(f"population: {name}", words=())
    return Known(f"population: {name.removeprefix('n_')}", "", 0, math.inf, isinstance(default, int))


def _of_shock(key: str, struck: Sequence[Shock]) -> Known | None:
    """What is known of a field of the design's shocks; None if they have no such field."""
    found = fields_of(struck).get(key)
    return None if found is None else Known(found.meaning, found.unit, found.low, found.high)


def keys(base: Scenario) -> list[str]:
    """Every key that a design on this base may vary."""
    own = [f"{rule.name}.{key}" for rule in base.policies for key in (*settings(type(rule)), *_SCHEDULE)]
    spec = [f"population.{name}" for name in vars(PopulationSpec()) if name != "regions"]
    return [*CATALOGUE, *BY_NAME, *dict.fromkeys(own), *spec, "protocol", "steps", ARM]


def flat(entries: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Keys with dots, which TOML reads as tables of tables, as one key each."""
    found: dict[str, Any] = {}
    for key, value in entries.items():
        if isinstance(value, Mapping) and value and not set(value) & _FIELDS:
            found |= flat(cast("Mapping[str, Any]", value), f"{prefix}{key}.")
        else:
            found[prefix + key] = value
    return found


def dimension(key: str, entry: object, base: Scenario, where: str, struck: Sequence[Shock] = ()) -> Dimension:
    """The dimension that an entry of [vary] describes; InputError for one that scenario and shocks do not have."""
    about = known(key, base) or _of_shock(key, struck)
    if about is None:
        head, _, tail = key.partition(".")
        mend = nearest(key, [*keys(base), *fields_of(struck)])
        if tail and head in rules() and tail in (*settings(rules()[head]), *_SCHEDULE):
            mend = f"the base has no policy `{head}`: add one under [[policies]]"
        raise InputError(f"`{key[:80]}`", place=where, why="cannot be varied", mend=mend)
    if isinstance(entry, Mapping):
        return _range(key, dict(cast("Mapping[str, object]", entry)), about, base, where, struck)
    if isinstance(entry, Sequence) and not isinstance(entry, str):
        return _listed(key, list(cast("Sequence[object]", entry)), about, base, where)
    mend = f"write {key} = [value, value, ...] or {key} = {{ low = ..., high = ... }}"
    raise InputError(f"`{key}` = {shown(entry)}", place=where, why="does not vary", mend=mend)


def _listed(key: str, values: list[object], about: Known, base: Scenario, where: str) -> Dimension:
    if not values:
        raise InputError(f"`{key}` = []", place=where, why="has no values", mend="list at least one")
    if any(isinstance(value, list | dict) for value in values) or len({repr(value) for value in values}) < len(values):
        raise InputError(f"`{key}` = {shown(values)}", place=where, why="is not a list of different values")
    if about.words is None:
        values = [_checked(key, value, about, where) for value in values]
    for value in values:
        _fits(key, value, base, where)
    return Dimension(key, about.label, about.unit, values=tuple(values), is_whole=about.is_whole)


def _checked(key: str, value: object, about: Known, where: str) -> float | int:
    """A number of the right kind within the catalogue's range."""
    as_number = whole(value) if about.is_whole else number(value)
    if as_number is None or not about.low <= as_number <= about.high:
        kind = "a whole number" if about.is_whole else "a number"
        span = f" in {about.low:g}-{about.high:g}" if math.isfinite(about.high) else ""
        mend = with_unit(about.label, about.unit)
        raise InputError(f"`{key}` = {shown(value)}", place=where, why=f"is not {kind}{span}", mend=mend)
    return as_number


def _fits(key: str, value: object, base: Scenario, where: str) -> None:
    """Let the scenario itself look at the value, where it is the scenario's."""
    if known(key, base) is None:
        return
    try:
        base.with_overrides(**{key: value})
    except InputError as error:
        raise error.placed(where, InputError) from None


def _range(
    key: str, entry: dict[str, object], about: Known, base: Scenario, where: str, struck: Sequence[Shock]
) -> Dimension:
    odd = sorted(set(entry) - _FIELDS)
    if odd:
        raise InputError(f"`{odd[0]}` of `{key}`", place=where, why="is unknown", mend=nearest(odd[0], _FIELDS))
    if "values" in entry:
        return dimension(key, entry["values"], base, where, struck)
    if about.words is not None:
        mend = f"list them: {key} = {list(about.words)}" if about.words else f"list them: {key} = [...]"
        raise InputError(f"`{key}`", place=where, why="takes words and has no range", mend=mend)
    ends = {"low": about.low, "high": about.high} | {k: entry[k] for k in ("low", "high") if k in entry}
    if not math.isfinite(number(ends["high"]) or (0.0 if "high" in entry else math.inf)):
        raise InputError(f"`{key}`", place=where, why="has no largest value of its own", mend="give low and high")
    low, high = (_checked(f"{key}.{end}", value, about, where) for end, value in ends.items())
    n = whole(entry.get("n", GRID_VALUES))
    if n is None or not 1 < n <= MOST_VALUES:
        why = f"is not a whole number in 2-{MOST_VALUES}"
        raise InputError(f"`n` = {shown(entry['n'])} of `{key}`", place=where, why=why)
    scale = entry.get("scale", "linear")
    if scale not in ("linear", "log"):
        raise InputError(f"`scale` = {shown(scale)} of `{key}`", place=where, why='is neither "linear" nor "log"')
    if low >= high:
        raise InputError(f"`{key}`: low = {low:g}, high = {high:g}", place=where, why="is no range", mend="low < high")
    if scale == "log" and low <= 0:
        raise InputError(f"`{key}`: low = {low:g}", place=where, why="has no logarithm", mend="give a low above 0")
    for value in (low, high):
        _fits(key, value, base, where)
    return Dimension(key, about.label, about.unit, low, high, n=n, is_log=scale == "log", is_whole=about.is_whole)
