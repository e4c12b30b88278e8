"""Checks a user's tables against the schema and says, all at once, what to mend and where."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from abm.machine.errors import Problem, TablesError
from abm.machine.inputs import shown
from abm.population.identity import LARGEST_EXACT, SHORTENED, written
from abm.population.schema import Column, Table
from abm.world.state import Floats

if TYPE_CHECKING:
    from pandas import DataFrame, Series

MOST_PROBLEMS = 10
"""Problems told at once; the rest is counted."""
GAPS = ("NA", "N/A", "n/a", "#N/A", "#N/A N/A", "NULL", "null", "NaN", "nan", "-", "--", "—", "——", "–", "/")
"""How people and programs write that a cell is empty."""
MOST_OF_A_KIND = 3
"""Rows told for one column."""


class Problems:
    """What is wrong with a user's tables, collected."""

    def __init__(self) -> None:
        self.told: list[Problem] = []
        self.untold = 0
        self.notes: list[str] = []
        """What was guessed, or passed over, in reading them."""

    def add(self, where: str, why: str, mend: str) -> None:
        """Note one problem: where it is, why it is one, how to mend it."""
        if len(self.told) < MOST_PROBLEMS:
            self.told.append(Problem(where, why, mend))
        else:
            self.untold += 1

    def add_rows(self, table: Checked, column: str, rows: Any, why: Callable[[int], str], mend: str) -> None:
        """Note the same problem in several rows; the first few are told, the others counted."""
        for row in rows[:MOST_OF_A_KIND]:
            self.add(f"{table.where(row)}, column `{column}`", why(int(row)), mend)
        self.untold += max(0, len(rows) - MOST_OF_A_KIND)

    def stop_if_any(self) -> None:
        """Raise TablesError with all that was noted."""
        if self.told:
            raise TablesError(self.told, self.untold)


class Checked:
    """A table whose columns are taken out one by one, checked. ``frame`` holds texts or typed columns.

    ``numbers`` [n]: what the source calls the rows (lines of a CSV file, rows of parquet or of a frame).
    """

    def __init__(self, table: Table, frame: DataFrame, source: str, problems: Problems, numbers: Any = None) -> None:
        self.table, self.frame, self.source, self.problems = table, frame, source, problems
        self.numbers = np.arange(len(frame)) + 1 if numbers is None else numbers
        self.gaps: dict[str, int] = {}
        """Cells of a column in which it is written that there is no value."""
        self._check_names()

    def __len__(self) -> int:
        return len(self.frame)

    def where(self, row: int) -> str:
        """Name of the source and number of the row."""
        return f"{self.source}, row {self.numbers[row]}"

    @property
    def lacks(self) -> list[str]:
        """Required columns that are not there."""
        return [c.name for c in self.table.columns if c.is_required and not self.has(c.name)]

    def _check_names(self) -> None:
        names = [str(name) for name in self.frame.columns]
        known = [column.name for column in self.table.columns]
        for name in sorted({name for name in names if names.count(name) > 1}):
            self.problems.add(self.source, f"column `{name}` is there twice", "keep one of them")
        missing = self.lacks
        strangers = [name for name in dict.fromkeys(names) if self.table.column(name) is None]
        for name in missing:
            near = get_close_matches(name, strangers, n=1, cutoff=0.6)
            has = ", ".join(f"`{n}`" for n in names[:12]) or "none"
            mend = f"rename `{near[0]}`" if near else f"add it (columns found: {has})"
            if len(names) == 1 and any(mark in names[0] for mark in ";\t|"):
                mend = "separate the columns by commas"
            self.problems.add(self.source, f"column `{name}` is missing", mend)
        for name in strangers:
            near = get_close_matches(name, [k for k in known if k not in names], n=1, cutoff=0.8)
            if near and near[0] not in missing:
                self.problems.add(self.source, f"column `{name}` is unknown", f"did you mean `{near[0]}`?")

    def has(self, name: str) -> bool:
        """Whether the table has the column."""
        return name in [str(n) for n in self.frame.columns]

    def _series(self, name: str) -> Series | None:
        if not self.has(name):
            return None
        found: Any = self.frame[name]
        # A name twice: told already.
        return self._emptied(found if found.ndim == 1 else found.iloc[:, 0])

    def _emptied(self, series: Series) -> Series:
        """The column with an empty cell wherever a spreadsheet or a person wrote that there is no value."""
        if series.dtype.kind in "biuf":
            return series
        is_gap = series.isin(GAPS)
        if not is_gap.any():
            return series
        self.gaps[str(series.name)] = int(is_gap.sum())
        return series.astype(object).where(~is_gap, "")

    def texts(self, name: str) -> list[str]:
        """A column of names without outer blanks; "" = empty."""
        series = self._series(name)
        column = self.table.column(name)
        assert column is not None
        if series is None:
            return [""] * len(self)
        empty_cells = series.isna().tolist()
        values = ["" if is_na else str(v).strip() for v, is_na in zip(series.tolist(), empty_cells, strict=True)]
        if column.is_required:
            empty = [row for row, value in enumerate(values) if not value]
            self.problems.add_rows(self, name, empty, lambda _: "is empty", f"fill in the {column.meaning}")
        return values

    def numbers_of(self, name: str, column: Column | None = None) -> Floats:
        """A column of numbers, checked; NaN = empty, missing or wrong (noted). Shape [n]."""
        import pandas as pd

        series = self._series(name)
        column = column or self.table.column(name)
        assert column is not None
        if series is None:
            return np.full(len(self), np.nan)
        is_number = pd.api.types.is_numeric_dtype(series.dtype) and not pd.api.types.is_complex_dtype(series.dtype)
        texts = series if is_number else series.map(_number_or_text)
        is_empty = (texts.isna() if is_number else texts.isna() | (texts == "")).to_numpy(dtype=bool)
        numbers: Any = pd.to_numeric(texts, errors="coerce")
        values = np.array(numbers.to_numpy(dtype=np.float64, na_value=np.nan))
        wrong = ~is_empty & ~np.isfinite(values)
        outside = np.isfinite(values) & ((values < column.low) | (values > column.high))
        broken = np.isfinite(values) & ~outside & (column.kind == "whole") & (values != np.floor(values))
        low, high = f"{column.low:,.10g}", f"{column.high:,.10g}"
        kind = "a whole number" if column.kind == "whole" else "a number"
        told = f"write {kind} from {low} to {high} ({column.unit})"
        cells = texts.tolist()
        for rows, why in (
            (np.flatnonzero(wrong), lambda row: f"{shown(cells[row])} is no number"),
            (np.flatnonzero(outside), lambda row: f"{cells[row]} is outside {low} to {high}"),
            (np.flatnonzero(broken), lambda row: f"{cells[row]} is no whole number"),
        ):
            self.problems.add_rows(self, name, rows, why, told)
        values[wrong | outside | broken] = np.nan
        if column.is_required:
            self.problems.add_rows(self, name, np.flatnonzero(is_empty), lambda _: "is empty", told)
        return values

    def ids(self, name: str) -> list[str]:
        """A column of ids, every cell filled, as they are written; "" = empty (noted)."""
        import pandas as pd

        series = self._series(name)
        if series is None:
            return [""] * len(self)
        cells = [None if is_na else v for v, is_na in zip(series.tolist(), series.isna().tolist(), strict=True)]
        mend = "write any text or number"
        is_long = [isinstance(v, float) and abs(v) >= LARGEST_EXACT for v in cells]
        values = [written(v) for v in cells]
        if not pd.api.types.is_numeric_dtype(series.dtype):
            is_long = [a or SHORTENED.fullmatch(v) is not None for a, v in zip(is_long, values, strict=True)]
        self.problems.add_rows(self, name, [row for row, v in enumerate(values) if not v], lambda _: "is empty", mend)
        self.problems.add_rows(
            self, name, [row for row, found in enumerate(is_long) if found],
            lambda row: f"{shown(values[row])} has lost its last digits", "give the column the format text",
        )  # fmt: skip
        return values

    def unique(self, name: str, values: list[Any]) -> None:
        """Note values that are there twice."""
        first: dict[Any, int] = {}
        again: list[int] = []
        for row, value in enumerate(values):
            if value != value or value == "":
                continue
            if value in first:
                again.append(row)
            else:
                first[value] = row
        told = [f"is the same as in row {self.numbers[first[values[row]]]}" for row in again[:MOST_OF_A_KIND]]
        reasons = dict(zip(again, told, strict=False))
        self.problems.add_rows(
            self, name, again, lambda row: f"{shown(_plain(values[row]))} {reasons[row]}", "give every row its own"
        )

    def rows_of(self, name: str, known: dict[Any, int], values: list[Any], what: str) -> npt.NDArray[np.int32]:
        """Rows of another table that a column names; -1 = empty or unknown (noted). Shape [n]."""
        rows = np.array([known.get(value, -1) for value in values], np.int32)
        strangers = [row for row, value in enumerate(values) if value == value and value != "" and rows[row] < 0]

        def why(row: int) -> str:
            near = get_close_matches(str(values[row]), [str(k) for k in list(known)[:10_000]], n=1, cutoff=0.6)
            hint = f" (did you mean {near[0]!r}?)" if near and isinstance(values[row], str) else ""
            return f"{what} {shown(_plain(values[row]))} is unknown{hint}"

        self.problems.add_rows(self, name, strangers, why, f"correct it or add it to {what}s")
        return rows


def _number_or_text(value: Any) -> Any:
    """A cell as to_numeric takes it: numbers and gaps as they are, all else as a text without outer blanks."""
    return value if value is None or isinstance(value, (int, float)) else str(value).strip()


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, float) or (isinstance(value, str) and value.isdecimal()) else value
