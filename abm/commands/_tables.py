"""Plain tables on standard output, or the same rows as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import cast

from abm.machine.language import current, either, padded, said_in, say, spoken, width

TOLD = {"unit", "label", "meaning", "source", "population", "of", "acts", "range", "expected", "rationale", "title"}
"""Columns whose cells are texts of the model; what stands in others are names and numbers."""


def table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Rows under their heads, aligned; a line each."""
    cells = [list(heads), *([f"{cell:g}" if isinstance(cell, float) else str(cell) for cell in row] for row in rows)]
    widths = [max(width(line[i]) for line in cells) for i in range(len(heads))]
    lines = ["  ".join(padded(cell, w) for cell, w in zip(line, widths, strict=True)).rstrip() for line in cells]
    return "\n".join([lines[0], "  ".join("-" * w for w in widths), *lines[1:]])


def show(heads: Sequence[str], rows: Sequence[Sequence[object]], *, as_json: bool) -> None:
    """Print a table, or its rows as a JSON list of objects."""
    if as_json:
        print(json.dumps([dict(zip(heads, row, strict=True)) for row in rows], ensure_ascii=False, indent=2))
    else:
        print(table(*_in_language(heads, rows)))


def _in_language(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> tuple[list[str], list[list[object]]]:
    """A table in the language that is spoken: of a text and its Chinese the one, headings and texts translated."""
    language = current()
    if language == "en":
        return list(heads), [list(row) for row in rows]
    kept = [i for i, head in enumerate(heads) if not head.endswith("_zh") or head.removesuffix("_zh") not in heads]
    chinese = {i: heads.index(f"{head}_zh") for i, head in enumerate(heads) if f"{head}_zh" in heads}

    def cell(row: Sequence[object], i: int) -> object:
        if i in chinese:
            return either(str(row[i]), str(row[chinese[i]]))
        is_told = heads[i].removesuffix("_zh") in TOLD and not heads[i].endswith("_zh")
        return spoken(str(row[i])) if is_told and isinstance(row[i], str) else row[i]

    return [said_in(language, heads[i]) for i in kept], [[cell(row, i) for i in kept] for row in rows]


def one_language(entry: Mapping[str, object]) -> dict[str, object]:
    """What is known of one thing, in the language that is spoken."""
    heads = list(entry)
    shown, (row,) = _in_language(heads, [[None if isinstance(v, list) else v for v in entry.values()]])
    lists: dict[str, list[object]] = {
        said_in(current(), head): [_told(one) for one in cast("list[object]", value)]
        for head, value in entry.items()
        if isinstance(value, list)
    }
    return {head: lists.get(head, value) for head, value in zip(shown, row, strict=True)}


_SETTING = re.compile(
    r"(?P<name>\w+) = (?P<default>\S+) \((?P<low>-?[^-\s]+)-(?P<high>-?\S+) (?P<unit>[^)]+)\): (?P<meaning>.+)"
)
"""A setting of a rule: its name is what people write, and stays."""


def _told(text: object) -> object:
    """A line of a list; what is not known as a whole, such as "name: what it means", keeps all but the meaning."""
    if not isinstance(text, str):
        return text
    if setting := _SETTING.fullmatch(text):
        said = {key: value if key == "name" else spoken(value) for key, value in setting.groupdict().items()}
        return say("{name} = {default} ({low}-{high} {unit}): {meaning}", **said)
    whole = spoken(text)
    if whole != text:
        return whole
    head, colon, meaning = text.partition(": ")
    return f"{head}: {spoken(meaning)}" if colon else spoken(text)
