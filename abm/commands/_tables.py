"""Plain tables on standard output, or the same rows as JSON."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence


def width(text: str) -> int:
    """Columns that a terminal takes for a text: two for a Chinese character."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Rows under their heads, aligned; a line each."""
    cells = [list(heads), *([f"{cell:g}" if isinstance(cell, float) else str(cell) for cell in row] for row in rows)]
    widths = [max(width(line[i]) for line in cells) for i in range(len(heads))]
    lines = [
        "  ".join(cell + " " * (w - width(cell)) for cell, w in zip(line, widths, strict=True)).rstrip()
        for line in cells
    ]
    return "\n".join([lines[0], "  ".join("-" * w for w in widths), *lines[1:]])


def show(heads: Sequence[str], rows: Sequence[Sequence[object]], *, as_json: bool) -> None:
    """Print a table, or its rows as a JSON list of objects."""
    if as_json:
        print(json.dumps([dict(zip(heads, row, strict=True)) for row in rows], ensure_ascii=False, indent=2))
    else:
        print(table(heads, rows))
