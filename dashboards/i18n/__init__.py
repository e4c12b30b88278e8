"""Words of the pages in English and Chinese: en.toml and zh.toml, the same keys in both.

What the model's catalogues name (parameters, levers, metrics, causes, stages) is not here a second
time: they have ``label`` and ``label_zh``, and catalogues.py for what is longer than a label.
"""

from __future__ import annotations

import math
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "zh")


@cache
def words(language: str) -> dict[str, str]:
    """All words of a language by dotted key, such as "pages.lab"."""
    table = tomllib.loads(Path(__file__).with_name(f"{language}.toml").read_text(encoding="utf-8"))
    return dict(_flat("", table))


def _flat(prefix: str, table: dict[str, Any]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in table.items():
        name = f"{prefix}{key}"
        found += _flat(f"{name}.", value) if isinstance(value, dict) else [(name, str(value))]
    return found


def section(language: str, name: str) -> dict[str, str]:
    """All texts of a section by the rest of their keys, and ``percent``: how a share is written."""
    texts = words(language)
    return {"percent": texts["percent"]} | {
        key.removeprefix(f"{name}."): text for key, text in texts.items() if key.startswith(f"{name}.")
    }


def say(language: str, key: str, **values: object) -> str:
    """The text of a key, with ``{names}`` filled in. KeyError for a key that does not exist."""
    text = words(language)[key]
    return text.format(**values) if values else text


def percent(language: str, share: float) -> str:
    """A share for reading, whole percents; a dash where nothing could be measured."""
    return say(language, "percent", n=f"{100 * share:.0f}") if math.isfinite(share) else "–"
