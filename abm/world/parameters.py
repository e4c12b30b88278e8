"""Typed access to the catalogue of parameters (parameters.toml).

``CATALOGUE`` describes every parameter; a ``Parameters`` tuple holds one float for each and goes
straight into compiled kernels (``p.learning_rate``).
"""

from __future__ import annotations

import os
import tomllib
import warnings
from collections import namedtuple
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import numpy as np
from numpy.typing import NDArray

from abm.machine import language, plugins
from abm.machine.errors import InputWarning, ParameterError, nearest, with_unit
from abm.machine.inputs import number, shown
from abm.machine.language import of_place, say, spoken
from abm.world.levers import BY_NAME

Taken = TypeVar("Taken", bound=tuple[float, ...])
ROLES = ("uncertainty", "lever", "constant", "threshold")
ACTS = ("now", "reset")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One number of the model: what it means, where it may lie, and where its value comes from."""

    name: str
    group: str
    label: str
    label_zh: str
    symbol: str
    unit: str
    default: float
    low: float
    high: float
    role: str
    """uncertainty, lever, constant or threshold."""
    acts: str
    """'now' if a change acts in a running world, 'reset' if only when the world is built."""
    description: str
    source: str


def read_catalogue(path: Path) -> dict[str, Parameter]:
    """The catalogue of ``path``; a ParameterError names the entry that is incomplete or contradicts itself."""
    kinds: dict[str, Any] = {f.name: float if f.type == "float" else str for f in fields(Parameter)}
    catalogue: dict[str, Parameter] = {}
    for name, entry in tomllib.loads(path.read_text(encoding="utf-8")).items():
        place = f"[{name}] of {path.name}"
        if set(entry) != set(kinds) - {"name"}:
            odd = sorted(set(entry) ^ (set(kinds) - {"name"}))
            raise ParameterError(
                ", ".join(f"`{key}`" for key in odd),
                place=place,
                why="is missing or unknown",
                mend="see its neighbours",
            )
        p = Parameter(name=name, **{key: kinds[key](value) for key, value in entry.items()})
        if p.role not in ROLES or p.acts not in ACTS or not p.low <= p.default <= p.high:
            raise ParameterError("role, acts or low <= default <= high", place=place, why="does not hold")
        catalogue[name] = p
    return catalogue


def _from_outside(path: Path, known: Mapping[str, Parameter]) -> dict[str, Parameter]:
    """The parameters that a plug-in declares; PluginError for one that does not fit."""
    found: dict[str, Parameter] = {}
    for name, given in plugins.parsed(path).items():
        what, place = f"the parameter `{name}`", plugins.section_place(path, name)
        entry: dict[str, Any] = {"role": "uncertainty", "acts": "now", "symbol": name, "group": "plug-ins"}
        entry |= given if isinstance(given, dict) else {}
        lacks = [key for key in OF_OUTSIDE if key not in entry]
        extra = set(entry) - {f.name for f in fields(Parameter)}
        numbers = [number(entry.get(key)) for key in ("low", "default", "high")]
        if lacks or extra or not name.isidentifier():
            why = f"lacks {', '.join(f'`{key}`' for key in lacks)}" if lacks else "has a name or key that is not known"
            mend = f"write [name] and {', '.join(OF_OUTSIDE)}"
            raise plugins.PluginError(what, place=place, why=why, mend=mend, code="plugin.lacks")
        low, default, high = (0.0 if value is None else value for value in numbers)
        if None in numbers or not low <= default <= high or entry["role"] not in ROLES or entry["acts"] not in ACTS:
            why, mend = "has no low <= default <= high, or another role or acts", f"roles are {', '.join(ROLES)}"
            raise plugins.PluginError(what, place=place, why=why, mend=mend, code="plugin.unfit")
        if name in known or name in BY_NAME:
            why, mend = "has the name of one that exists already", "give it another name"
            raise plugins.PluginError(what, place=place, why=why, mend=mend, code="plugin.exists")
        if not entry.get("label_zh"):
            plugins.in_english_only(what, place)
        texts = {f.name: str(entry.get(f.name) or entry["label"]) for f in fields(Parameter) if f.type != "float"}
        found[name] = Parameter(**{**texts, "name": name}, default=default, low=low, high=high)
    return found


OF_OUTSIDE = ("default", "low", "high", "unit", "label", "description", "source")
"""What a plug-in's parameters.toml has to say of each; the rest of ``Parameter`` may stand beside it."""


def _whole_catalogue() -> dict[str, Parameter]:
    found = read_catalogue(Path(__file__).with_name("parameters.toml"))
    for path in plugins.declared("parameters.toml"):
        found |= _from_outside(path, found)
    return found


CATALOGUE: dict[str, Parameter] = _whole_catalogue()
language.know_labels(lambda: ((p.label, p.label_zh) for p in CATALOGUE.values()))
"""The model's own, then those of plug-ins."""

if TYPE_CHECKING:

    class Parameters(tuple[float, ...]):
        """One float64 for each entry of the catalogue, in its order."""

        _fields: ClassVar[tuple[str, ...]]

        def __getattr__(self, name: str) -> float: ...
        def _asdict(self) -> dict[str, float]: ...
        def _replace(self, **changes: float) -> Parameters: ...
        @classmethod
        def _make(cls, values: Any) -> Parameters: ...
else:
    Parameters = namedtuple("Parameters", tuple(CATALOGUE))

DEFAULTS: Parameters = Parameters._make(p.default for p in CATALOGUE.values())  # pyright: ignore[reportPrivateUsage]

ROW = np.dtype([(name, np.float64) for name in CATALOGUE])


def taken(kind: type[Taken], p: Any) -> Taken:
    """Those of the parameters ``p`` that a named tuple names, as such a tuple: what a kernel needs of them."""
    named: Any = kind
    return named._make(getattr(p, name) for name in named._fields)


def as_row(p: Parameters) -> NDArray[Any]:
    """The parameters as one record, which kernels read faster than a tuple (``p[0].learning_rate``). Shape [1]."""
    row = np.array([tuple(p)], ROW)
    row.flags.writeable = False
    # Plain Python reads the fields of a record only from this kind of array.
    return row.view(np.recarray) if os.environ.get("NUMBA_DISABLE_JIT") == "1" else row


RETIRED = {
    "public_funds_cost": "public money is promised by rules and taken out of budgets, so that governments weigh no "
    "price for it at the table; `budget_per_enterprise` makes it scarce, `entity_contribution` is what a "
    "joint entity takes",
}
"""Parameters of earlier versions: why each acts no more, and what to write instead. Files that set them still run."""


def validated(overrides: Mapping[str, object], where: str = "", base: Parameters = DEFAULTS) -> Parameters:
    """``base`` with ``overrides`` applied; a ParameterError names the first bad one and how to mend it.

    One that is retired is left out, with an InputWarning.

    ``where`` says where the overrides stand, such as "[parameters] of talk.toml".
    """
    changes: dict[str, float] = {}
    for name, value in overrides.items():
        p = CATALOGUE.get(name)
        if name in RETIRED:
            place = of_place(language.current(), where or "parameters")
            text = say(
                "`{name}` ({place}) acts no more: {reason}.", name=name, place=place, reason=spoken(RETIRED[name])
            )
            warnings.warn(text, InputWarning, stacklevel=2)
            continue
        if p is None:
            raise ParameterError(
                f"`{name}`",
                place=where,
                why="is not a parameter of the catalogue",
                mend=nearest(name, CATALOGUE),
                code="parameter.unknown",
                values={"name": name},
            )
        as_float = number(value)
        if as_float is None:
            raise ParameterError(
                f"`{name}` = {shown(value)}",
                place=where,
                why="is not a finite number",
                mend=f"{with_unit(p.label, p.unit)}, from {p.low:g} to {p.high:g}",
                code="parameter.no_number",
                values={"name": name, "value": shown(value), "low": p.low, "high": p.high},
            )
        if not p.low <= as_float <= p.high:
            raise ParameterError(
                f"`{name}` = {shown(value)}",
                place=where,
                why=f"is outside {p.low:g}-{p.high:g}",
                mend=f"{with_unit(p.label, p.unit)}; {p.description[0].lower()}{p.description[1:].rstrip('.')}",
                code="parameter.out_of_range",
                values={"name": name, "value": shown(value), "low": p.low, "high": p.high},
            )
        changes[name] = as_float
    return base._replace(**changes) if changes else base  # pyright: ignore[reportPrivateUsage]
