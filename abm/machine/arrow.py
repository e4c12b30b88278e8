"""Tables of columns as Arrow tables.

``pyarrow.table`` asks pandas about every column, and importing pandas takes a fifth of a second, more
than a classroom run; here the memory of a column is handed over as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import Any

import numpy as np
import pyarrow as pa


def table(columns: Mapping[str, Any]) -> pa.Table:
    """An Arrow table of numbers, truth values, words and lists of either; columns in their order."""
    return pa.Table.from_arrays([_array(values) for values in columns.values()], names=list(columns))


def _array(values: Any) -> pa.Array:
    """One column. A list without entries says nothing of its type and becomes nulls, as in pyarrow."""
    if isinstance(values, np.ndarray):
        return _numbers(values)
    if not values:
        return pa.nulls(0)
    if isinstance(values[0], str):
        return _words(values)
    members = list(chain.from_iterable(values))
    inside = _words(members) if members and isinstance(members[0], str) else _numbers(np.array(members, np.int64))
    return pa.Array.from_buffers(pa.list_(inside.type), len(values), [None, _offsets(values)], children=[inside])


def _words(values: list[str]) -> pa.Array:
    """A column of words. The same few come again and again: each is encoded once."""
    place = {word: i for i, word in enumerate(dict.fromkeys(values))}
    which = np.fromiter(map(place.__getitem__, values), np.int32, len(values))
    return pa.DictionaryArray.from_arrays(_numbers(which), _texts(list(place))).dictionary_decode()


def _texts(values: list[str]) -> pa.Array:
    texts = [text.encode() for text in values]
    return pa.Array.from_buffers(pa.string(), len(texts), [None, _offsets(texts), pa.py_buffer(b"".join(texts))])


def _numbers(values: np.ndarray) -> pa.Array:
    # Arrow keeps eight truth values in a byte.
    memory = np.packbits(values, bitorder="little") if values.dtype == np.bool_ else np.ascontiguousarray(values)
    return pa.Array.from_buffers(pa.from_numpy_dtype(values.dtype), len(values), [None, pa.py_buffer(memory)])


def _offsets(parts: list[Any]) -> pa.Buffer:
    """Where each of the parts, laid end to end, begins, and where the last one ends."""
    return pa.py_buffer(np.cumsum([0, *map(len, parts)], dtype=np.int32))
