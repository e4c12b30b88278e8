"""What a design may tell a sampler."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from abm.machine.errors import InputError, nearest
from abm.machine.inputs import shown, whole


@dataclass(frozen=True)
class Option:
    """One word of a sampler: a whole number in low-high, or a text (no default: it must be given)."""

    meaning: str
    default: int | str | None = None
    low: int = 1
    high: int = 10_000_000

    def read(self, name: str, value: object, where: str) -> int | str:
        """The value, if it fits."""
        if isinstance(self.default, int):
            found = whole(value)
            if found is None or not self.low <= found <= self.high:
                why = f"is not a whole number in {self.low}-{self.high}"
                raise InputError(f"`{name}` = {shown(value)}", place=where, why=why, mend=self.meaning)
            return found
        if not isinstance(value, str):
            raise InputError(f"`{name}` = {shown(value)}", place=where, why="is not a text", mend=self.meaning)
        return value


def read_options(options: Mapping[str, Option], entries: Mapping[str, Any], where: str) -> dict[str, int | str]:
    """Every option of a sampler: what the design says, else its default."""
    for name in entries:
        if name not in options:
            raise InputError(f"`{name}`", place=where, why="is no option of this sampler", mend=nearest(name, options))
    found: dict[str, int | str] = {}
    for name, option in options.items():
        if name in entries:
            found[name] = option.read(name, entries[name], where)
        elif option.default is None:
            raise InputError(f"`{name}`", place=where, why="is missing", mend=option.meaning)
        else:
            found[name] = option.default
    return found
