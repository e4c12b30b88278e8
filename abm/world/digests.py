"""Digests of a world: one for each column and each record of a step."""

from __future__ import annotations

import hashlib
from dataclasses import fields, is_dataclass

import numpy as np

from abm.world.state import State

GROUPS = ("governments", "sectors", "colleges", "programmes", "enterprises", "ties", "students")
SETTINGS = ("seed", "step", "threads", "table_rules")


def plain(value: object) -> object:
    """A value in a form whose text tells all of it apart; arrays as their bytes."""
    if isinstance(value, np.ndarray):
        return str(value.dtype), value.shape, value.tobytes()
    if isinstance(value, dict):
        return [(key, plain(item)) for key, item in sorted(value.items())]
    if isinstance(value, frozenset):
        return sorted(value)
    if is_dataclass(value) and not isinstance(value, type):
        return [(f.name, plain(getattr(value, f.name))) for f in fields(value)]
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return value.hex()
    return value


def digests(state: State) -> dict[str, str]:
    """By "group.column" for columns, by name for all else that the state remembers."""
    parts: dict[str, object] = {}
    for group in GROUPS:
        parts |= {f"{group}.{name}": column for name, column in getattr(state, group)._asdict().items()}
    parts |= {f.name: getattr(state, f.name) for f in fields(state) if f.name not in (*GROUPS, *SETTINGS)}
    return {
        name: hashlib.blake2b(repr(plain(part)).encode(), digest_size=12).hexdigest() for name, part in parts.items()
    }


def digest(state: State) -> str:
    """One for the whole world."""
    return hashlib.blake2b(repr(sorted(digests(state).items())).encode(), digest_size=16).hexdigest()


def changed(before: dict[str, str], after: dict[str, str]) -> set[str]:
    """Names of what is not as it was."""
    return {name for name in before if before[name] != after[name]}
