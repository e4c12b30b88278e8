"""Typed access to the catalogue of parameters (parameters.toml).

``CATALOGUE`` describes every parameter; a ``Parameters`` tuple holds one float for each and goes
straight into compiled kernels (``p.learning_rate``).
"""

from __future__ import annotations

import math
import tomllib
from collections import namedtuple
from collections.abc import Mapping
from dataclasses import dataclass, fields
from numbers import Integral, Real
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from abm.errors import ParameterError, nearest, with_unit

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


CATALOGUE: dict[str, Parameter] = read_catalogue(Path(__file__).with_name("parameters.toml"))

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


def as_row(p: Parameters) -> NDArray[Any]:
    """The parameters as one record, which kernels read faster than a tuple (``p[0].learning_rate``). Shape [1]."""
    row = np.array([tuple(p)], ROW)
    row.flags.writeable = False
    return row


def number(value: object) -> float | None:
    """``value`` as a finite float, or None if it is not one (truth values are not numbers)."""
    if isinstance(value, bool) or not isinstance(value, Real):
        return None
    try:
        as_float = float(value)
    except OverflowError:
        return None
    return as_float if math.isfinite(as_float) else None


def whole(value: object) -> int | None:
    """``value`` as a whole number, or None if it is not one (3.0 is)."""
    as_float = number(value)
    if as_float is None or not as_float.is_integer():
        return None
    return int(value) if isinstance(value, Integral) else int(as_float)


def in_range(value: object, low: float, high: float) -> bool:
    """Whether ``value`` is a finite number in [low, high]."""
    as_float = number(value)
    return as_float is not None and low <= as_float <= high


def validated(overrides: Mapping[str, object], where: str = "", base: Parameters = DEFAULTS) -> Parameters:
    """``base`` with ``overrides`` applied; a ParameterError names the first bad one and how to mend it.

    ``where`` says where the overrides stand, such as "[parameters] of talk.toml".
    """
    changes: dict[str, float] = {}
    for name, value in overrides.items():
        p = CATALOGUE.get(name)
        if p is None:
            raise ParameterError(
                f"`{name}`", place=where, why="is not a parameter of the catalogue", mend=nearest(name, CATALOGUE)
            )
        as_float = number(value)
        if as_float is None:
            raise ParameterError(
                f"`{name}` = {shown(value)}",
                place=where,
                why="is not a finite number",
                mend=f"{with_unit(p.label, p.unit)}, from {p.low:g} to {p.high:g}",
            )
        if not p.low <= as_float <= p.high:
            raise ParameterError(
                f"`{name}` = {shown(value)}",
                place=where,
                why=f"is outside {p.low:g}-{p.high:g}",
                mend=f"{with_unit(p.label, p.unit)}; {p.description[0].lower()}{p.description[1:].rstrip('.')}",
            )
        changes[name] = as_float
    return base._replace(**changes) if changes else base  # pyright: ignore[reportPrivateUsage]


def shown(value: object) -> str:
    """A value as a message shows it: short, whatever somebody typed."""
    # Python refuses to print whole numbers of more than 4300 digits.
    text = f"a number of {value.bit_length()} bits" if isinstance(value, int) and abs(value) >= 10**60 else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
