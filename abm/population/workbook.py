"""Sheets of a workbook (.xlsx), read piece by piece within a budget: a few kilobytes may unpack to gigabytes."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zlib import error as ZipError  # noqa: N812

from abm.machine import bounded
from abm.machine.bounded import Budget
from abm.machine.errors import InputError

if TYPE_CHECKING:
    from pandas import DataFrame

MOST_ROWS = 1_048_576
"""Of a sheet, as in Excel; of all sheets together as well."""
MOST_UNPACKED = 256 * 1024**2
"""Bytes of the workbook's parts, and of its cells once they are read."""
MOST_PARTS = 10_000
MOST_SHEETS = 50
MEND = "save its sheets as CSV"
INSTALL = 'install it by `pip install "industry-education-abm[excel]"`, or save its sheets as CSV'


def sheets(path: Path, budget: Budget | None = None) -> list[tuple[str, DataFrame]]:
    """Name and cells of each sheet that can be seen. InputError if the file is no workbook or unpacks to too much."""
    try:
        import openpyxl
    except ImportError:
        raise InputError(f"{path}", why="is a workbook, and `openpyxl` is not installed", mend=INSTALL) from None
    left = budget or Budget(MOST_ROWS, MOST_UNPACKED, MEND)
    try:
        _check_parts(path, left)
        # Read-only: openpyxl then goes through a sheet row by row; values: what Excel shows, not formulas.
        book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
        try:
            seen = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
            if len(seen) > MOST_SHEETS:
                raise InputError(f"{path}", why=f"has {len(seen)} sheets", mend=f"at most {MOST_SHEETS} are read")
            return [(str(sheet.title), _cells(path, sheet, left)) for sheet in seen]
        finally:
            book.close()
    except MemoryError:
        raise InputError(f"{path}", why="does not fit into memory", mend=MEND) from None
    except InputError:
        raise
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, EOFError, SyntaxError,
            zipfile.BadZipFile, ZipError, NotImplementedError, RuntimeError, RecursionError) as error:  # fmt: skip
        why = f"cannot be read as a workbook ({(str(error).strip().splitlines() or [type(error).__name__])[0][:200]})"
        raise InputError(f"{path}", why=why, mend="save it again as .xlsx, or use CSV") from error


def _check_parts(path: Path, left: Budget) -> None:
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
        if len(parts) > MOST_PARTS:
            raise InputError(f"{path}", why=f"has {len(parts):,} parts", mend=MEND)
        # A part cannot unpack to more than it announces: zipfile stops there.
        left.check(f"{path}", 0, sum(part.file_size for part in parts))
        for part in parts:
            if part.filename.endswith((".xml", ".rels")):
                with archive.open(part) as file:
                    head = file.read(4096).upper()
                if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
                    raise InputError(f"{path}", why="defines entities, which no spreadsheet writes", mend=MEND)


def _cells(path: Path, sheet: Any, left: Budget) -> DataFrame:
    """The cells of a sheet from its first line on, None where nothing stands."""
    import pandas as pd

    # What a sheet says of its own size may be wrong.
    sheet.reset_dimensions()
    rows: list[list[Any]] = []
    for row in sheet.iter_rows(values_only=True):
        cells = list(row)
        while cells and (cells[-1] is None or cells[-1] == ""):
            cells.pop()
        bounded.check_columns(f"{path}", len(cells))
        # A list of its own costs more than its cells; a text is counted as it is kept.
        size = 64 + sum(8 + (len(cell) if isinstance(cell, str) else 24) for cell in cells)
        left.take(f"{path}", 1, size)
        rows.append(cells)
    while rows and not rows[-1]:
        rows.pop()
    across = max(map(len, rows), default=0)
    left.check(f"{path}", left.rows_read, left.bytes_read + 8 * across * len(rows))
    return pd.DataFrame([row + [None] * (across - len(row)) for row in rows], dtype=object)
