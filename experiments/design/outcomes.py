"""Outcomes: numbers that a run comes down to, each a metric reduced over part of the run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from abm.machine.errors import InputError, nearest
from abm.machine.inputs import shown, whole
from abm.world.state import QUARTERS_A_YEAR

if TYPE_CHECKING:
    import numpy.typing as npt

    from abm.quarter.measurement.metrics import Metric
    from abm.world.state import Floats

Reducer = Callable[["Floats", "npt.NDArray[np.bool_]"], "Floats"]


def _catalogue() -> Mapping[str, Metric]:
    """All metrics, by name; loaded here, since their modules wait for the compiler."""
    from abm.quarter.measurement.metrics import catalogue

    return catalogue()


def _last(values: Floats, seen: npt.NDArray[np.bool_]) -> Floats:
    rows = len(values) - 1 - np.argmax(seen[::-1], axis=0)
    return values[rows, np.arange(values.shape[1])]


REDUCERS: dict[str, Reducer] = {
    "mean": lambda values, seen: np.where(seen, values, 0.0).sum(axis=0) / np.maximum(seen.sum(axis=0), 1),
    "sum": lambda values, seen: np.where(seen, values, 0.0).sum(axis=0),
    "min": lambda values, seen: np.where(seen, values, np.inf).min(axis=0),
    "max": lambda values, seen: np.where(seen, values, -np.inf).max(axis=0),
    "last": _last,
}
"""How the quarters of a window become one number: (values, whether measured), shape [steps, n], to [n]."""

_FIELDS = ("metric", "reduce", "last", "from", "until")


@dataclass(frozen=True)
class Outcome:
    """One number of a run."""

    name: str
    metric: str
    reduce: str = "mean"
    last: int | None = QUARTERS_A_YEAR
    """Quarters at the end of the run that count; None = those of ``start`` and ``end``."""
    start: int = 0
    end: int | None = None

    def entry(self) -> dict[str, Any]:
        """What a design says under [outcomes] to have this outcome."""
        window = {"last": self.last} if self.last is not None else {"from": self.start, "until": self.end}
        return {"metric": self.metric, "reduce": self.reduce} | {k: v for k, v in window.items() if v is not None}

    def words(self) -> str:
        """What it is, for a reader."""
        about = _catalogue()[self.metric]
        when = f"last {self.last} quarters" if self.last is not None else f"quarters {self.start}-{self.end or 'end'}"
        unit = f", {about.unit}" if about.unit else ""
        return f"{about.label} ({self.reduce} of the {when}{unit})"


def reduced(outcomes: Sequence[Outcome], metrics: Mapping[str, Floats]) -> tuple[float, ...]:
    """The outcomes of a run from its metrics, each of shape [steps].

    Quarters in which nothing was measured are left out; NaN where nothing was in the whole window.
    """
    found = np.full(len(outcomes), np.nan)
    for (reduce, last, start, end), places in _alike(tuple(outcomes)).items():
        window = slice(-last, None) if last is not None else slice(start, end)
        values = np.array([metrics[outcomes[i].metric][window] for i in places], dtype=np.float64).T
        if len(values):
            seen = np.isfinite(values)
            found[list(places)] = np.where(seen.any(axis=0), REDUCERS[reduce](values, seen), np.nan)
    return tuple(found.tolist())


@lru_cache(maxsize=16)
def _alike(outcomes: tuple[Outcome, ...]) -> dict[tuple[str, int | None, int, int | None], list[int]]:
    """Outcomes that are reduced in the same way, by that way: they are worked out together."""
    found: dict[tuple[str, int | None, int, int | None], list[int]] = {}
    for i, o in enumerate(outcomes):
        found.setdefault((o.reduce, o.last, o.start, o.end), []).append(i)
    return found


def metric(name: object, where: str) -> str:
    """The name of a metric that exists."""
    if not isinstance(name, str) or name not in _catalogue():
        hint = nearest(str(name)[:80], _catalogue())
        raise InputError(f"metric `{str(name)[:80]}`", place=where, why="is not measured", mend=hint)
    return name


def outcomes(entry: object, where: str) -> tuple[Outcome, ...]:
    """The outcomes that a design asks for: None = all metrics, a list of metrics, or a table of outcomes."""
    if entry is None:
        return tuple(Outcome(name, name) for name in _catalogue())
    if isinstance(entry, Mapping):
        return tuple(_outcome(name, value, where) for name, value in cast("Mapping[str, Any]", entry).items())
    if isinstance(entry, Sequence) and not isinstance(entry, str) and entry:
        items = cast("Sequence[object]", entry)
        if len(set(map(str, items))) < len(items):
            raise InputError(f"`outcomes` = {shown(entry)}", place=where, why="names one twice")
        return tuple(Outcome(metric(name, where), str(name)) for name in items)
    mend = 'write outcomes = ["failed_share"], or name = { metric = "failed_share", last = 20 } under [outcomes]'
    raise InputError(f"`outcomes` = {shown(entry)}", place=where, why="is not a list of metrics", mend=mend)


def _outcome(name: str, entry: object, where: str) -> Outcome:
    place = f"outcome `{name}` of {where}"
    table: dict[str, Any] = {"metric": entry}
    if isinstance(entry, Mapping):
        table = dict(cast("Mapping[str, Any]", entry))
    odd = sorted(set(table) - set(_FIELDS))
    if odd:
        raise InputError(f"`{odd[0]}`", place=place, why="is unknown", mend=nearest(odd[0], _FIELDS))
    reduce = table.get("reduce", "mean")
    if reduce not in REDUCERS:
        raise InputError(
            f"`reduce` = {shown(reduce)}", place=place, why="is unknown", mend=nearest(str(reduce), REDUCERS)
        )
    is_window = "from" in table or "until" in table
    if is_window and "last" in table:
        raise InputError("`last`", place=place, why="does not go with from and until", mend="give one or the other")
    first, until = table.get("from", 0), table.get("until")
    for key, value, low in (("last", table.get("last", 1), 1), ("from", first, 0), ("until", until, 1)):
        if value is not None and (whole(value) is None or value < low):
            raise InputError(f"`{key}` = {shown(value)}", place=place, why=f"is not a whole number from {low} on")
    if until is not None and until <= first:
        raise InputError(f"`until` = {until}", place=place, why=f"does not come after `from` = {first}")
    last = None if is_window else int(table.get("last", QUARTERS_A_YEAR))
    return Outcome(name, metric(table.get("metric", name), place), reduce, last, int(first), until)
