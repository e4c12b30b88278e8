"""The rows that the design itself lists under [[points]], in their order; needs no [vary]."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from abm.machine.errors import InputError
from abm.machine.inputs import shown
from experiments.design.dimensions import flat
from experiments.design.samplers._options import Option

if TYPE_CHECKING:
    import pandas as pd

OPTIONS: dict[str, Option] = {}


def rows(entries: object, options: dict[str, Any], where: str) -> pd.DataFrame:
    """The rows as a table. Shape [rows, keys]."""
    import pandas as pd

    if not isinstance(entries, list) or not entries:
        raise InputError("[[points]]", place=where, why="is missing", mend="list the points, a table each")
    found: list[dict[str, Any]] = []
    for i, entry in enumerate(cast("list[object]", entries)):
        at, mend = f"points[{i}] of {where}", "write name = value for every key, a number or a word each"
        if not isinstance(entry, dict) or not entry:
            raise InputError(f"points[{i}] = {shown(entry)}", place=where, why="is not a table", mend=mend)
        row = flat(cast("dict[str, Any]", entry))
        for key, value in row.items():
            if isinstance(value, list | dict):
                raise InputError(f"`{key[:80]}` = {shown(value)}", place=at, why="is no single value", mend=mend)
        found.append(row)
        if set(row) != set(found[0]):
            odd = sorted(set(row) ^ set(found[0]))[0]
            raise InputError(f"`{odd[:80]}`", place=at, why="is not in every row")
    return pd.DataFrame(found)
