"""Single values that somebody typed: as a number, a text, a list; a ScenarioError says what does not fit, and where."""

from __future__ import annotations

import math
import re
from numbers import Integral, Real
from typing import Any, cast

from abm.machine.errors import ScenarioError


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


def misfit(value: object, low: float, high: float) -> str:
    """Why a value does not fit in [low, high]: it lies outside, or is no number at all, such as 0,3 or 三成."""
    if number(value) is None:
        return f"is not a number from {low:g} to {high:g} such as {(low + high) / 2:g}"
    return f"is outside {low:g}-{high:g}"


def shown(value: object) -> str:
    """A value as a message shows it: short, whatever somebody typed."""
    # Python refuses to print whole numbers of more than 4300 digits.
    text = f"a number of {value.bit_length()} bits" if isinstance(value, int) and abs(value) >= 10**60 else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


RESERVED = frozenset(["CON", "PRN", "AUX", "NUL", *(f"{port}{n}" for port in ("COM", "LPT") for n in range(1, 10))])
"""Names that no file may have on Windows."""


def word(key: str, value: object, where: str) -> str:
    """A text without lone surrogates; a ``name`` must also be able to name a folder."""
    if not isinstance(value, str) or any("\ud800" <= c <= "\udfff" for c in value):
        raise ScenarioError(f"`{key}` = {shown(value)}", place=where, why="is not a text", mend='write it as "..."')
    if key == "name" and not re.fullmatch(r"[\w-]{1,64}", value):
        raise ScenarioError(
            f"`name` = {shown(value)}",
            place=where,
            why="cannot name a folder",
            mend="use letters, digits, - and _, 64 at most",
        )
    if key == "name" and value.upper() in RESERVED:
        raise ScenarioError(
            f"`name` = {shown(value)}", place=where, why="is the name of a device on Windows", mend="choose another"
        )
    return value


def listed(key: str, value: object, where: str) -> list[Any]:
    """The value if it is a list; a ScenarioError says which key asks for one."""
    if not isinstance(value, list | tuple):
        raise ScenarioError(f"`{key}` = {shown(value)}", place=where, why="is not a list", mend=f"write {key} = [...]")
    return list(cast("list[Any]", value))


def words(key: str, value: object, where: str) -> tuple[str, ...]:
    """A list of texts."""
    return tuple(word(key, item, where) for item in listed(key, value, where))


def count(key: str, value: object, low: int, high: int, where: str) -> int:
    """A whole number in low-high."""
    count = whole(value)
    if count is None or not low <= count <= high:
        raise ScenarioError(f"`{key}` = {shown(value)}", place=where, why=f"is not a whole number in {low}-{high}")
    return count
