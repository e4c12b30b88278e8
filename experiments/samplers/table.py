"""The rows that the design itself lists under [[points]], in their order; needs no [vary]."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from abm.errors import InputError
from experiments.samplers._options import Option

if TYPE_CHECKING:
    import pandas as pd

OPTIONS: dict[str, Option] = {}


def rows(entries: list[dict[str, Any]], options: dict[str, Any], where: str) -> pd.DataFrame:
    """The rows as a table. Shape [rows, keys]."""
    import pandas as pd

    if not entries:
        raise InputError("[[points]]", place=where, why="is missing", mend="list the points, a table each")
    for i, row in enumerate(entries):
        if set(row) != set(entries[0]):
            odd = sorted(set(row) ^ set(entries[0]))[0]
            raise InputError(f"`{odd}`", place=f"points[{i}] of {where}", why="is not in every row")
    return pd.DataFrame(entries)
