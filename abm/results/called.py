"""A run's tables as a reader gets them: beside each row number of an institution, its id and its name.

The tables that the recorder leaves hold numbers only: rows of the world, and the members of communities by draw key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from abm.population.identity import Members
    from abm.population.tables import Called
    from abm.results.recording import Columns
    from abm.world.state import Keys

KINDS = ("region", "enterprise", "college")
LISTS = {"enterprises": "enterprise", "colleges": "college"}
"""Columns that list members of a kind by their draw key."""
NOBODY = -1
"""Row, and whole-number id, where a row of a table concerns none of a kind; as a text id it is empty."""


def with_names(columns: Columns, called: Called, keys: dict[str, Keys]) -> Columns:
    """The columns of a table with ids and names; ``keys`` are the draw keys of colleges and of enterprises by row."""
    found: Columns = {}
    for column, values in columns.items():
        if column in LISTS:
            kind = LISTS[column]
            found.update(_listed(column, values, getattr(called, kind), keys[kind]))
            continue
        found[column] = values
        if column in KINDS:
            members: Members = getattr(called, column)
            found[f"{column}_id"] = _ids(members, values)
            found[f"{column}_name"] = _picked(members.name, values)
    return found


def _ids(members: Members, rows: Any) -> Any:
    if isinstance(members.id, list):
        return _picked(members.id, rows)
    return np.append(members.id, NOBODY)[np.asarray(rows)]


def _picked(texts: list[str], rows: Any) -> list[str]:
    return [texts[row] if row >= 0 else "" for row in np.asarray(rows).tolist()]


def _listed(column: str, lists: Any, members: Members, keys: Keys) -> Columns:
    row_of = {int(key): row for row, key in enumerate(keys)} if lists else {}
    rows = [[row_of[int(key)] for key in one] for one in lists]
    ids: Any = members.id if isinstance(members.id, list) else members.id.tolist()
    return {
        column: [[ids[row] for row in one] for one in rows],
        f"{column.removesuffix('s')}_names": [[members.name[row] for row in one] for one in rows],
    }
