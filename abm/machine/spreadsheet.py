"""Tables for spreadsheets: CSV that Excel opens with its Chinese whole, workbooks, and no cell that is a formula.

Excel takes a CSV file for text of the country's old code page unless it begins with a byte-order mark; and it
carries out what begins with = + - or @, whoever wrote it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from abm.machine.errors import InputError

if TYPE_CHECKING:
    from pandas import DataFrame

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet take a text for something to carry out."""
BETWEEN = "; "
"""Between the members of a list in one cell."""
MOST_ROWS = 1_048_575
"""Of a sheet below its head, as in Excel."""
INSTALL = 'install it by `pip install "industry-education-abm[excel]"`, or take CSV'
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


def escaped(text: str) -> str:
    """A text that a spreadsheet shows as it is: an apostrophe before what it would carry out. Numbers stay."""
    return f"'{text}" if text.startswith(FORMULA) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def plain(value: Any) -> Any:
    """A cell as one value: the members of a list behind one another."""
    return BETWEEN.join(map(str, value)) if isinstance(value, (list, tuple)) else value


def write_csv(frame: DataFrame, path: Path, *, bom: bool = True) -> None:
    """Write a table as CSV (UTF-8, commas); ``bom``: with the byte-order mark by which Excel knows it."""
    shown = frame.copy(deep=False)
    for name in shown.columns:
        if shown[name].dtype.kind not in "biufM":
            shown[name] = [_text(value) for value in shown[name]]
    shown.columns = [escaped(str(name)) for name in shown.columns]
    shown.to_csv(path, index=False, lineterminator="\n", encoding="utf-8-sig" if bom else "utf-8")


def _text(value: Any) -> Any:
    value = plain(value)
    return escaped(value) if isinstance(value, str) else value


def write_workbook(frames: Mapping[str, DataFrame], path: Path) -> None:
    """Write tables as the sheets of one workbook. InputError for a table with more rows than a sheet has."""
    try:
        from openpyxl import Workbook
        from openpyxl.cell import WriteOnlyCell
    except ImportError:
        raise InputError("a workbook", why="needs `openpyxl`, which is not installed", mend=INSTALL) from None
    for name, frame in frames.items():
        if len(frame) > MOST_ROWS:
            why = f"has {len(frame):,} rows, more than a sheet holds"
            raise InputError(f"table {name}", why=why, mend="take CSV or parquet")
    book = Workbook(write_only=True)

    def cell(sheet: Any, value: Any) -> Any:
        value = plain(value)
        if hasattr(value, "item"):
            value = value.item()
        if not isinstance(value, str):
            return None if isinstance(value, float) and not math.isfinite(value) else value
        text = WriteOnlyCell(sheet, _ILLEGAL.sub("", value)[:32_767])
        # A text, whatever it begins with.
        text.data_type = "s"
        return text

    for name, frame in frames.items():
        sheet = book.create_sheet(name[:31])
        sheet.freeze_panes = "A2"
        sheet.append([cell(sheet, str(column)) for column in frame.columns])
        for row in frame.itertuples(index=False, name=None):
            sheet.append([cell(sheet, value) for value in row])
    book.save(path)
