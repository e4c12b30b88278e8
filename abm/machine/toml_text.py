"""Values as TOML: written, which Python's tomllib cannot, and read where a person wrote one alone."""

from __future__ import annotations

import json
import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, cast

from abm.machine.errors import InputError

_NUMBER = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(%?)", re.ASCII)
"""A number as people write it, and whether it is in percent."""


WIDE = {"“": '"', "”": '"', "‘": "'", "’": "'", "＝": "=", "，": ",", "：": ":", "［": "[", "］": "]", "＂": '"'}
"""Signs that a Chinese keyboard gives, and what TOML wants instead."""
_QUOTED = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'[^'\n]*'|#.*")


def unreadable(text: str, where: str, error: Exception, kind: type[InputError] = InputError) -> InputError:
    """The error for a text that is no TOML: a sign of a Chinese keyboard that stands there, else what parsers say."""
    said = str(error)[:200]
    place = re.search(r"\(at line (\d+), column \d+\)", said)
    lines = text.splitlines()
    line = int(place[1]) if place else len(lines)
    if 0 < line <= len(lines):
        # What stands within quotes or behind # may be any sign.
        sign = next((c for c in _QUOTED.sub("", lines[line - 1]) if c in WIDE), "")
        if sign:
            mend = f"write {WIDE[sign]} in its place"
            return kind(f"`{sign}`", place=f"line {line} of {where}", why="is a sign of a Chinese keyboard", mend=mend)
    return kind(where, why="is not valid TOML", mend=said)


def read(text: str, what: str) -> Any:
    """The value that a person wrote, named ``what`` in an error: as in TOML, or a number such as .3, 30 % or ０.３.

    Anything else is a word. InputError for what is nested too deeply to be a value of anything.
    """
    try:
        found = tomllib.loads(f"value = {text}")
        # What cannot be written again (a date, a number of thousands of digits) is a word too.
        scalar(found["value"])
    except RecursionError:
        raise InputError(what, why="is nested too deeply", mend="write a number, a word or a list of them") from None
    except (ValueError, TypeError):
        return _number_or_word(text)
    return found["value"] if len(found) == 1 else text


def _number_or_word(text: str) -> float | str:
    match = _NUMBER.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if match is None:
        return text
    return round(float(match[1]) / 100, 12) if match[2] else float(match[1])


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
