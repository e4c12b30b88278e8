"""Reading single values of an input file; a ScenarioError says what does not fit, and where."""

from __future__ import annotations

import re
from typing import Any, cast

from abm.errors import ScenarioError
from abm.parameters import shown, whole


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
    return value


def listed(key: str, value: object, where: str) -> list[Any]:
    """A list."""
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
