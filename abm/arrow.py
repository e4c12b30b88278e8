"""Tables of columns as Arrow tables.

``pyarrow.table`` asks pandas about every column, and importing pandas takes a fifth of a second, more
than a classroom run; here the memory of a column is handed over as it is.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from abm.recording import Columns


def table(columns: Columns) -> pa.Table:
    """An Arrow table of numbers, truth values, words and lists of numbers; columns in their order."""
    return pa.Table.from_arrays([_array(values) for values in columns.values()], names=list(columns))


def _array(values: Any) -> pa.Array:
    """One column. A list without entries says nothing of its type and becomes nulls, as in pyarrow."""
    if isinstance(values, np.ndarray):
        return _numbers(values)
    if not values:
        return pa.nulls(0)
    if isinstance(values[0], str):
        words = [word.encode() for word in values]
        return pa.Array.from_buffers(pa.string(), len(words), [None, _offsets(words), pa.py_buffer(b"".join(words))])
    numbers = np.fromiter(chain.from_iterable(values), np.int64)
    return pa.Array.from_buffers(
        pa.list_(pa.int64()), len(values), [None, _offsets(values)], children=[_numbers(numbers)]
    )


def _numbers(values: np.ndarray) -> pa.Array:
    # Arrow keeps eight truth values in a byte.
    memory = np.packbits(values, bitorder="little") if values.dtype == np.bool_ else np.ascontiguousarray(values)
    return pa.Array.from_buffers(pa.from_numpy_dtype(values.dtype), len(values), [None, pa.py_buffer(memory)])


def _offsets(parts: list[Any]) -> pa.Buffer:
    """Where each of the parts, laid end to end, begins, and where the last one ends."""
    return pa.py_buffer(np.cumsum([0, *map(len, parts)], dtype=np.int32))
