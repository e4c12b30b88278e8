"""Which file, or which sheet of a workbook, holds which of a user's tables, and the cells of each.

People save as their spreadsheet lets them: in GBK or UTF-16, as `colleges (1).csv` or `Colleges.CSV`, in one workbook.
What is read so was guessed, and is said: ``notes``.
"""

from __future__ import annotations

import codecs
import csv
import os
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from abm.machine import bounded
from abm.machine.bounded import Budget
from abm.machine.errors import InputError
from abm.population.checking import Problems
from abm.population.schema import TABLES

if TYPE_CHECKING:
    from pandas import DataFrame

LARGEST_FILE = 2 * 1024**3
"""Bytes; a larger file would not fit into a laptop's memory once read."""
LARGEST_LIST = 64 * 1024**2
"""Bytes of a list of institutions alone."""
MOST_ROWS = 50_000_000
"""Rows of a table; each is an institution, a group of students or a border."""
FEWER = "put rows together (students may be groups) or take fewer regions"
EXAMPLE = "`abm template DIR` writes an example"
SUFFIXES = (".csv", ".parquet", ".xlsx")
OLD_WORKBOOKS = (".xls", ".xlsb", ".xlsm", ".et", ".ett", ".ods")
"""Workbooks that Excel, WPS and LibreOffice save too, and that are not read."""
SEPARATORS = (",", "\t", ";")
"""What stands between cells, the likeliest first: tabs in Excel's "Unicode text",
semicolons where commas stand in numbers."""
PIECE = 1024**2
"""Bytes that are looked at at once for their encoding."""
_COPY = re.compile(r"(?:\s*[(（]\d+[)）]|\s*-?\s*(?:的?副本|copy)\s*\d*|\s*[-_]\s*\d{1,2})+$", re.IGNORECASE)
"""What systems and people append to the name of a copy."""
_COPY_OF = re.compile(r"^(?:copy of|副本)\s*[-_]?\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Sheet:
    """One table as it was found: its cells, the number of each row in its source, and what was guessed."""

    source: str
    """As messages name it."""
    path: Path
    frame: DataFrame
    numbers: npt.NDArray[np.int64]
    """What the source calls the rows (lines of a CSV count from its header, line 1)."""


def listed(paths: Path | str | Iterable[Path | str] | None) -> list[Path]:
    """Paths one by one; a text may hold several, as PATH does."""
    if isinstance(paths, str):
        paths = paths.split(os.pathsep)
    return [paths] if isinstance(paths, Path) else [Path(path) for path in paths or []]


def plain_name(name: str) -> str:
    """A name without ending, capitals and what copies append: `Colleges - 副本 (2).CSV` gives colleges."""
    text = unicodedata.normalize("NFKC", name).strip()
    stem, dot, ending = text.rpartition(".")
    text = stem if dot and f".{ending.lower()}" in SUFFIXES else text
    return _COPY.sub("", _COPY_OF.sub("", text)).strip().lower()


def by_columns(names: Sequence[str]) -> str | None:
    """The table to which columns of these names belong, if it is one only; it must have all that is required."""
    scores: dict[str, int] = {}
    for table in TABLES.values():
        known = sum(table.column(name) is not None for name in names)
        has_all = all(column.name in names for column in table.columns if column.is_required)
        if has_all and (table.prefix is None or any(table.column(name) is table.prefix for name in names)):
            scores[table.name] = known
    best = max(scores.values(), default=0)
    found = [name for name, score in scores.items() if score == best]
    return found[0] if len(found) == 1 else None


def files_of(paths: Path | str | Iterable[Path | str] | None) -> list[Path]:
    """The files that are read at a path. InputError if some are missing."""
    return list(dict.fromkeys(sheet.path for sheet in find(paths, Problems()).values()))


def find(paths: Path | str | Iterable[Path | str] | None, problems: Problems) -> dict[str, Sheet]:
    """The tables at paths, a folder or files; what was guessed, and tables that are there twice, go into ``problems``.
    InputError if one is missing."""
    places = listed(paths)
    named: list[Path] = []
    in_folders: list[Path] = []
    for path in places:
        if not path.exists():
            raise InputError(f"{path}", why="is neither a file nor a folder", mend=EXAMPLE)
        if path.is_dir():
            inside = sorted(file for file in path.iterdir() if file.is_file())
            in_folders += [f for f in inside if f.suffix.lower() in SUFFIXES and not f.name.startswith((".", "~$"))]
        else:
            named.append(path)
    finder = _Finder(problems)
    for path in named:
        if path.suffix.lower() not in SUFFIXES:
            raise _untold(path)
        finder.take(path, is_named=True)
    # Exact names before those of copies.
    in_folders.sort(key=lambda file: (_by_name(file)[1], file.name))
    for path in in_folders:
        if _by_name(path)[0]:
            finder.take(path)
    for path in in_folders:
        if not _by_name(path)[0]:
            finder.look_into(path)
    found = finder.found
    absent = [name for name, table in TABLES.items() if table.is_required and name not in found]
    if absent:
        where = ", ".join(str(path) for path in places) or "the population"
        why = f"has no {absent[0]}.csv, {absent[0]}.xlsx or {absent[0]}.parquet"
        raise InputError(where, why=why, mend=EXAMPLE)
    return found


class _Finder:
    """Tables found so far, and how near the name of each is to the table's: 0 exactly, 1 a variant, 2 by columns."""

    def __init__(self, problems: Problems) -> None:
        self.notes, self._problems = problems.notes, problems
        self.found: dict[str, Sheet] = {}
        self._ways: dict[str, int] = {}

    def look_into(self, path: Path) -> None:
        """Take a file whose name says nothing only where a table is missing that must be there."""
        if all(name in self.found for name, table in TABLES.items() if table.is_required):
            self.notes.append(f"{path.name} is ignored: its name is not that of a table")
            return
        try:
            self.take(path, is_guess=True)
        except InputError as error:
            self.notes.append(f"{path.name} is ignored: {error.why or error}")

    def take(self, path: Path, *, is_named: bool = False, is_guess: bool = False) -> None:
        """The tables of a file; ``is_named``: it was given itself, not its folder; ``is_guess``: its name is not
        that of a table."""
        table, way = _by_name(path)
        if table in self.found and not is_named and way > self._ways[table]:
            self.notes.append(f"{path.name} is ignored: {self.found[table].source} holds {table}")
            return
        if table in self.found:
            self._note_twice(f"{path}", table)
            return
        for sheet in read(path, self.notes):
            which, how = (table, way) if sheet.source == path.name else _by_sheet(sheet, path)
            if which is None:
                which, how = by_columns([str(name) for name in sheet.frame.columns]), 2
            if which is None:
                if is_named and path.suffix.lower() != ".xlsx":
                    raise _untold(path)
                self.notes.append(f"{sheet.source} is ignored: neither its name nor its columns are those of a table")
            elif which in self.found and is_guess:
                self.notes.append(f"{sheet.source} is ignored: {self.found[which].source} holds {which}")
            elif which in self.found:
                self._note_twice(sheet.source, which)
            else:
                self.found[which], self._ways[which] = sheet, how
                if how:
                    self.notes.append(f"{sheet.source} is read as {which}{', by its columns' if how == 2 else ''}")

    def _note_twice(self, source: str, table: str) -> None:
        self._problems.add(source, f"holds the same table as {self.found[table].source}", "give one of them")


def _untold(path: Path) -> InputError:
    mend = f"name it one of {', '.join(TABLES)}, with the ending .csv, .xlsx or .parquet"
    return InputError(f"{path}", why="does not tell which table it holds", mend=mend)


def _by_name(path: Path) -> tuple[str | None, int]:
    """The table that a file's name means, and how far the name is from it: 0 exactly, 1 a variant."""
    plain = plain_name(path.name)
    return (plain, int(path.stem.lower() != plain)) if plain in TABLES else (None, 0)


def _by_sheet(sheet: Sheet, path: Path) -> tuple[str | None, int]:
    name = sheet.source.removeprefix(f"{path.name}, sheet ")
    plain = plain_name(name)
    return (plain, int(name.lower() != plain)) if plain in TABLES else (None, 0)


def read(path: Path, notes: list[str]) -> list[Sheet]:
    """The tables of a file: one, or a workbook's sheets."""
    size = path.stat().st_size
    if size == 0:
        raise InputError(f"{path}", why="is empty", mend="write a line of column names and a row for each member")
    if size > LARGEST_FILE:
        why = f"has {size / 1024**3:.1f} GiB, more than fits into memory"
        raise InputError(f"{path}", why=why, mend=FEWER)
    suffix = path.suffix.lower()
    if suffix == ".parquet":
        frame = with_index(bounded.frame(path, Budget(MOST_ROWS, LARGEST_FILE, FEWER)))
        return [Sheet(path.name, path, frame, np.arange(len(frame)) + 1)]
    if suffix == ".xlsx":
        from abm.population.workbook import sheets

        found = [(name, *_headed(cells)) for name, cells in sheets(path)]
        kept = [one for one in found if len(one[1].columns)]
        if not kept:
            raise InputError(f"{path}", why="is empty", mend="write a line of column names and a row for each member")
        if len(kept) == 1 and plain_name(path.name) in TABLES:
            return [Sheet(path.name, path, kept[0][1], kept[0][2])]
        return [Sheet(f"{path.name}, sheet {name}", path, frame, numbers) for name, frame, numbers in kept]
    frame, numbers = _headed(_csv(path, notes))
    return [Sheet(path.name, path, frame, numbers)]


def cells_of(path: Path, notes: list[str]) -> list[tuple[str, DataFrame]]:
    """The cells of a CSV file, or of each sheet of a workbook, as they stand, and what messages call each."""
    suffix = path.suffix.lower()
    if suffix in OLD_WORKBOOKS:
        raise InputError(f"{path}", why="is a workbook of another kind", mend="open it and save it as .xlsx")
    if suffix == ".xlsx":
        from abm.population.workbook import sheets

        return [(f"{path.name}, sheet {name}", cells) for name, cells in sheets(path)]
    return [(path.name, _ragged(path, notes))]


def _ragged(path: Path, notes: list[str]) -> DataFrame:
    """The cells of a CSV file whose lines may be of any length: titles stand above a list, totals below it."""
    import pandas as pd

    size = path.stat().st_size
    if size > LARGEST_LIST:
        raise InputError(f"{path}", why=f"has {size / 1024**2:.0f} MiB", mend="a list of institutions is shorter")
    encoding = encoding_of(path)
    if encoding != "utf-8-sig":
        notes.append(f"{path.name} is read as {encoding.upper()}")
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        text = file.read()
    try:
        lines = list(csv.reader(text.splitlines(), delimiter=_between(text.splitlines())))
    except csv.Error as error:
        why = f"cannot be read as CSV ({first_line(error)})"
        raise InputError(f"{path}", why=why, mend="check commas and quotes there") from error
    longest = max(map(len, lines), default=0)
    return pd.DataFrame([line + [""] * (longest - len(line)) for line in lines], dtype=object)


def _between(lines: Sequence[str]) -> str:
    """What stands between the cells of most lines: a comma, else a tab or a semicolon, as spreadsheets save them."""
    return max(SEPARATORS, key=lambda sign: sum(sign in line for line in lines))


def with_index(frame: DataFrame) -> DataFrame:
    """A frame whose named index, as pandas writes it after set_index, is columns again."""
    lost = [name for name in frame.index.names if name is not None and name not in frame.columns]
    if lost:
        frame = frame.reset_index(level=lost)
    return frame.reset_index(drop=True)


def _headed(cells: DataFrame) -> tuple[DataFrame, npt.NDArray[np.int64]]:
    """The rows under the first filled line, which names the columns; and the number of each row in the file."""
    import pandas as pd

    cells = cells.astype(object)
    cells = cells.where(cells.notna(), "")
    # Equal to "": lines that a spreadsheet left behind below or between the rows.
    is_row = np.array((cells != "").any(axis=1), np.bool_)
    if not is_row.any():
        return pd.DataFrame(), np.empty(0, np.int64)
    head = int(np.argmax(is_row))
    names = [str(name).strip() for name in cells.iloc[head]]
    is_row[head] = False
    cells.columns = pd.Index(names)
    # Columns without a name and without a cell, as spreadsheets leave them at the right.
    kept = [i for i, name in enumerate(names) if name or bool((cells.iloc[:, i][is_row] != "").any())]
    return cells.iloc[:, kept][is_row].reset_index(drop=True), np.flatnonzero(is_row) + 1


def _csv(path: Path, notes: list[str]) -> DataFrame:
    """The cells of a CSV file as texts."""
    import pandas as pd

    encoding = encoding_of(path)
    if encoding != "utf-8-sig":
        notes.append(f"{path.name} is read as {encoding.upper()}")
    try:
        with path.open(encoding=encoding, errors="replace", newline="") as file:
            head = file.readline(PIECE * 16)
        bounded.check_columns(f"{path}", head.count(",") + 1)
        separator = _between([head])
        if separator != ",":
            between = "tabs" if separator == "\t" else "semicolons"
            notes.append(f"{path.name} is read with {between} between its columns")
        options: dict[str, Any] = {"header": None, "dtype": str, "na_filter": False, "skip_blank_lines": False}
        frame = pd.read_csv(path, encoding=encoding, sep=separator, **options)
    except MemoryError:
        raise InputError(f"{path}", why="does not fit into memory", mend=FEWER) from None
    except InputError:
        raise
    except (ValueError, OSError, csv.Error) as error:
        why = f"cannot be read as CSV ({first_line(error)})"
        raise InputError(f"{path}", why=why, mend="check commas and quotes there") from error
    return frame


def encoding_of(path: Path) -> str:
    """The encoding of a text: UTF-8 if it is that, UTF-16 by its mark or its zeros, else GB18030 (with GBK in it)."""
    with path.open("rb") as file:
        head = file.read(4096)
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        for encoding in ("utf-16-le", "utf-16-be") if b"\0" in head else ():
            first = head[: len(head) // 2 * 2].decode(encoding, "ignore").partition("\n")[0]
            if "\0" not in first and ("," in first or "\t" in first):
                return encoding
        for encoding in ("utf-8-sig", "gb18030"):
            file.seek(0)
            decoder = codecs.getincrementaldecoder(encoding)()
            try:
                is_first, piece = True, b"x"
                while piece:
                    piece = file.read(PIECE)
                    text = decoder.decode(piece, final=not piece)
                    if encoding == "gb18030" and is_first and not _is_chinese(text):
                        break
                    is_first = False
                else:
                    return encoding
            except UnicodeDecodeError:
                continue
    why = "is in no encoding that is known here (UTF-8, UTF-16, GBK, GB18030)"
    raise InputError(f"{path}", why=why, mend="save it as 'CSV UTF-8'")


def _is_chinese(text: str) -> bool:
    """Whether most of what is not ASCII are common characters: any other code page would give rare ones."""
    strange = [character for character in text if not character.isascii()]
    common = sum(1 for character in strange if character.encode("gb2312", "ignore"))
    return 2 * common >= len(strange)


def first_line(error: Exception) -> str:
    """What an error of the reader says, without its later lines."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
