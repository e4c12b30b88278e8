"""Writing TOML: Python's tomllib only reads it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import cast


def scalar(value: object) -> str:
    """A string, number, truth value, list or inline table as TOML. TypeError for anything else."""
    if isinstance(value, str):
        # JSON strings are TOML basic strings but for DEL, which TOML wants escaped.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, Mapping):
        pairs = cast("Mapping[str, object]", value).items()
        return "{ " + ", ".join(f"{k} = {scalar(v)}" for k, v in pairs) + " }"
    if isinstance(value, Sequence):
        return "[" + ", ".join(scalar(v) for v in cast("Sequence[object]", value)) + "]"
    raise TypeError(f"{type(value).__name__} has no form in TOML")


def block(heading: str, entries: Mapping[str, object]) -> str:
    """One table: its heading (empty = top level) and its entries, a line each."""
    lines = [heading] if heading else []
    lines += [f"{key} = {scalar(value)}" for key, value in entries.items()]
    return "\n".join(lines) + "\n"
