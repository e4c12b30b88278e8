"""Parquet files of others, read piece by piece within a budget.

A few hundred bytes may stand for gigabytes: a long text once, and two million rows that point to it. What a file
announces of its size counts the text once. So texts are read as they are kept, each once, and what they would take
is reckoned up before any of it is written out.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from abm.machine.errors import InputError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

CELLS_AT_ONCE = 2**20
"""Rows times columns of one piece."""
A_CELL = 8
"""Bytes that a cell takes at least: a number, or where a text is."""
LONGEST_CELL = 64 * 1024
"""Bytes of one text: an error of a run may be as long, nothing that we read is longer."""
MOST_COLUMNS = 2000
"""Of a table: a study that keeps every metric has some hundreds."""


@dataclass
class Budget:
    """What may still be read of the files that came together."""

    rows: int
    bytes: int
    mend: str
    """What to do about more than that."""
    rows_read: int = 0
    bytes_read: int = 0

    def take(self, name: str, rows: int, size: int) -> None:
        """Count what a piece holds once it is written out. InputError if that is too much."""
        self.rows_read, self.bytes_read = self.rows_read + rows, self.bytes_read + size
        self.check(name, self.rows_read, self.bytes_read)

    def check(self, name: str, rows: int, size: int) -> None:
        """The same for what a file announces."""
        if rows > self.rows or size > self.bytes:
            raise InputError(name, why=f"unpacks to {rows:,} rows and {size / 1024**2:,.0f} MB", mend=self.mend)


def table(path: Path, budget: Budget, name: str = "") -> pa.Table:
    """The table of a file. InputError, which calls it ``name``, if it cannot be read or is too large."""
    with _told(budget, name := name or str(path)):
        return _table(path, budget, name)


def frame(path: Path, budget: Budget, name: str = "") -> pd.DataFrame:
    """The same as a data frame: some values (an hour 30) come to light only there."""
    with _told(budget, name := name or str(path)):
        return _table(path, budget, name).to_pandas()


@contextmanager
def _told(budget: Budget, name: str) -> Generator[None]:
    import pyarrow as pa

    try:
        yield
    except MemoryError:
        raise InputError(name, why="does not fit into memory", mend=budget.mend) from None
    except (pa.ArrowException, ValueError, OSError, KeyError, TypeError, NotImplementedError, RuntimeError) as error:
        if isinstance(error, InputError):
            raise
        why = f"cannot be read as parquet ({(str(error).strip().splitlines() or [type(error).__name__])[0][:200]})"
        raise InputError(name, why=why, mend="write it again or use CSV") from error


def _table(path: Path, budget: Budget, name: str) -> pa.Table:
    import pyarrow as pa
    from pyarrow import parquet

    with parquet.ParquetFile(path) as file:
        about, schema = file.metadata, file.schema_arrow
        packed = sum(about.row_group(i).total_byte_size for i in range(about.num_row_groups))
        cells = about.num_rows * about.num_columns
        check_columns(name, about.num_columns)
        budget.check(name, about.num_rows, max(packed, A_CELL * cells))
        widths = [file.schema.column(i).length or 0 for i in range(about.num_columns)]
    for field in schema:
        if pa.types.is_nested(field.type):
            mend = "write one value into each cell"
            raise InputError(f"column {field.name[:60]!r}", place=name, why="holds lists or records", mend=mend)
    _check_cell(name, max(widths, default=0), budget)
    texts = [field.name for field in schema if _is_text(field.type)]
    at_once = max(1, CELLS_AT_ONCE // max(1, len(schema)))
    pieces: list[Any] = []
    with parquet.ParquetFile(path, read_dictionary=texts) as file:
        for piece in file.iter_batches(at_once, use_threads=False):
            size = sum(_size(column, name, budget) for column in piece.columns)
            budget.take(name, piece.num_rows, size)
            pieces.append(piece)
    if not pieces:
        return schema.empty_table()
    whole = pa.Table.from_batches(pieces)
    # Written out only now.
    columns = [whole.column(i).cast(field.type) for i, field in enumerate(schema)]
    return pa.Table.from_arrays(columns, schema=schema)


def _is_text(kind: Any) -> bool:
    import pyarrow as pa

    types = pa.types
    return any(
        is_so(kind) for is_so in (types.is_string, types.is_large_string, types.is_binary, types.is_large_binary)
    )


def check_columns(name: str, n: int) -> None:
    """InputError for more columns than any table has: each costs a reader more than its cells do."""
    if n > MOST_COLUMNS:
        raise InputError(name, why=f"has {n:,} columns", mend=f"at most {MOST_COLUMNS:,} are read")


def _check_cell(name: str, longest: int, budget: Budget) -> None:
    if longest > LONGEST_CELL:
        raise InputError(name, why=f"has a cell of {longest:,} bytes", mend=budget.mend)


def _size(column: Any, name: str, budget: Budget) -> int:
    """Bytes of a column of a piece once it is written out."""
    import pyarrow as pa
    from pyarrow import compute

    call: Any = compute
    if not pa.types.is_dictionary(column.type):
        return max(column.nbytes, A_CELL * len(column))
    if not _is_text(column.type.value_type):
        return A_CELL * len(column)
    lengths = call.binary_length(column.dictionary)
    _check_cell(name, call.max(lengths).as_py() or 0, budget)
    return A_CELL * len(column) + (call.sum(call.take(call.cast(lengths, pa.int64()), column.indices)).as_py() or 0)
