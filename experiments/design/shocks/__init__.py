"""Shocks: what befalls a world between two steps and is no policy, one file each, found by discovery.

A shock is a module of this folder with

    LABEL     what it is called
    FIELDS    its own numbers: name -> Field (default, range, unit, meaning)
    strike    (State, {field: number}) -> None, changes the world in place

A design calls it under [[shocks]] by ``shock = "<name>"`` with ``at`` (the steps done before it strikes)
and its fields, and may vary ``<name>.<field>``. At strength 0 a shock must change nothing: worlds with and
without it are then the same to the bit, and what differs between two points is its effect.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from abm.machine.errors import InputError, nearest, with_unit
from abm.machine.inputs import in_range, misfit, shown

if TYPE_CHECKING:
    from types import ModuleType

    from abm.world.state import State

AT = "at"


class Field(NamedTuple):
    """One number of a shock."""

    default: float
    low: float
    high: float
    unit: str
    meaning: str


@dataclass(frozen=True)
class Shock:
    """A shock as a design has it: its name, when it strikes, its numbers."""

    name: str
    at: int
    fields: tuple[tuple[str, float], ...]

    def with_fields(self, point: Mapping[str, Any]) -> Shock:
        """With the values that a point has of its fields (``<name>.<field>``)."""
        at = int(point.get(f"{self.name}.{AT}", self.at))
        return Shock(self.name, at, tuple((k, float(point.get(f"{self.name}.{k}", v))) for k, v in self.fields))

    @property
    def is_felt(self) -> bool:
        """Whether any of its numbers is not 0."""
        return any(value != 0 for _, value in self.fields)

    def strike(self, state: State) -> None:
        """Let it happen, if it is time."""
        if state.step == self.at:
            shocks()[self.name].strike(state, dict(self.fields))

    def to_table(self) -> dict[str, Any]:
        """As a design writes it."""
        return {"shock": self.name, AT: self.at, **dict(self.fields)}


@cache
def shocks() -> dict[str, ModuleType]:
    """All shocks by name."""
    names = sorted(m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_"))
    return {name: import_module(f"{__name__}.{name}") for name in names}


def fields_of(chosen: Sequence[Shock]) -> dict[str, Field]:
    """What may be varied of the shocks of a design: ``<name>.<field>`` -> field."""
    found: dict[str, Field] = {}
    for shock in chosen:
        about = f"{shocks()[shock.name].LABEL}: steps done before it"
        found[f"{shock.name}.{AT}"] = Field(0, 1, 1_000_000, "step", about)
        for key, of in shocks()[shock.name].FIELDS.items():
            found[f"{shock.name}.{key}"] = of
    return found


def shocks_from(entry: object, where: str) -> tuple[Shock, ...]:
    """The shocks under [[shocks]]; InputError for what does not fit."""
    if not isinstance(entry, Sequence) or isinstance(entry, str):
        raise InputError("`shocks`", place=where, why="is not a list of tables", mend="write [[shocks]]")
    return tuple(_shock(item, f"shocks[{i}] of {where}") for i, item in enumerate(cast("Sequence[object]", entry)))


def _shock(item: object, place: str) -> Shock:
    if not isinstance(item, Mapping):
        raise InputError("an entry", place=place, why="is not a table", mend="write [[shocks]]")
    table = dict(cast("Mapping[str, object]", item))
    name = table.pop("shock", None)
    if not isinstance(name, str) or name not in shocks():
        mend = nearest(str(name)[:60], shocks())
        raise InputError(f"shock `{str(name)[:60]}`", place=place, why="does not exist", mend=mend)
    at = table.pop(AT, None)
    if isinstance(at, bool) or not isinstance(at, int) or at < 1:
        mend = "give a whole number from 1 on"
        raise InputError(f"`at` = {at}", place=place, why="is no step to strike at", mend=mend)
    fields: dict[str, Field] = shocks()[name].FIELDS
    for key, value in table.items():
        if key not in fields:
            raise InputError(f"`{key[:60]}`", place=place, why="is unknown", mend=nearest(key[:60], fields))
        of = fields[key]
        if not in_range(value, of.low, of.high):
            mend = with_unit(of.meaning, of.unit)
            raise InputError(f"`{key}` = {shown(value)}", place=place, why=misfit(value, of.low, of.high), mend=mend)
    chosen = {key: float(cast("float", table.get(key, of.default))) for key, of in fields.items()}
    return Shock(name, at, tuple(chosen.items()))
