"""The rows of a CSV file whose heading names the keys, in their order; needs no [vary]."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from abm.machine.errors import InputError
from abm.population.files import encoding_of
from experiments.design.samplers._options import Option

if TYPE_CHECKING:
    import pandas as pd

OPTIONS = {"file": Option("the CSV file, seen from the design's folder")}


def rows(entries: list[dict[str, Any]], options: dict[str, Any], where: str) -> pd.DataFrame:
    """The rows of the file. Shape [rows, keys]."""
    import pandas as pd

    path = Path(options["file"])
    try:
        # Also as Excel and WPS save it: in GBK, in UTF-16.
        found = pd.read_csv(path, encoding=encoding_of(path))
    except (OSError, UnicodeDecodeError, ValueError) as error:
        raise InputError(f"{path}", place=where, why="cannot be read as CSV", mend=str(error)[:200]) from None
    if found.empty or found.isna().any(axis=None):
        why = "has no rows" if found.empty else "has empty cells"
        raise InputError(f"{path}", place=where, why=why, mend="give every key a value in every row")
    return found
