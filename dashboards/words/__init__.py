"""Words of the pages in English and Chinese: en.toml and zh.toml, the same keys in both.

What the model's catalogues name (parameters, levers, metrics, causes, stages) is not here a second
time: they have ``label`` and ``label_zh``, and catalogues.py for what is longer than a label.
"""

from __future__ import annotations

import math
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from abm.machine import plugins
from abm.machine.errors import nearest

LANGUAGES = ("en", "zh")
"""Those that the pages are written in. Plug-ins may add others (``languages``)."""
SIGNS = ("percent", "colon", "comma", "stop")
PERCENT = re.compile(r"(?<=\d) (?=%)")
"""What stands between a number and its per cent sign."""


@plugins.kept
def languages() -> dict[str, str]:
    """What each language calls itself, by its key: a plug-in's file says ``language = "eo"`` and its ``name``.

    PluginError for one that exists already, or that translates what the pages do not say.
    """
    found = {"en": "English", "zh": "中文"}
    for path in plugins.tables("language"):
        table = plugins.parsed(path)
        key, known = str(table["language"]), words("en")
        unknown = next((name for name, _ in _flat("", table) if name not in {*known, "language", "name"}), None)
        if key in found or unknown:
            raise plugins.PluginError(
                f"`{unknown}`" if unknown else f"the language `{key}`",
                place=str(path),
                why="is no text of the pages" if unknown else "exists already",
                mend=nearest(unknown, known) if unknown else "give it another key",
                code="plugin.unfit" if unknown else "plugin.exists",
                values={"path": str(path)},
            )
        found[key] = str(table.get("name", key))
    return found


def words(language: str) -> dict[str, str]:
    """All words of a language by dotted key, such as "pages.lab"; English where one from outside has none."""
    return _words(language) if language in LANGUAGES else _plugged()[language]


@cache
def _words(language: str) -> dict[str, str]:
    table = tomllib.loads(Path(__file__).with_name(f"{language}.toml").read_text(encoding="utf-8"))
    return dict(_flat("", table))


@plugins.kept
def _plugged() -> dict[str, dict[str, str]]:
    tables = [plugins.parsed(path) for path in plugins.tables("language") if languages()]
    return {str(table["language"]): words("en") | dict(_flat("", table)) for table in tables}


def _flat(prefix: str, table: dict[str, Any]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in table.items():
        name = f"{prefix}{key}"
        # A number and its per cent sign stay on one line.
        found += _flat(f"{name}.", value) if isinstance(value, dict) else [(name, PERCENT.sub("\u00a0", str(value)))]
    return found


def section(language: str, name: str) -> dict[str, str]:
    """All texts of a section by the rest of their keys, and how shares and sentences are written (``SIGNS``)."""
    texts = words(language)
    return {key: texts[key] for key in SIGNS} | {
        key.removeprefix(f"{name}."): text for key, text in texts.items() if key.startswith(f"{name}.")
    }


def say(language: str, key: str, **values: object) -> str:
    """The text of a key, with ``{names}`` filled in. KeyError for a key that does not exist."""
    text = words(language)[key]
    return text.format(**values) if values else text


def percent(language: str, share: float) -> str:
    """A share for reading, whole percents; a dash where nothing could be measured."""
    return say(language, "percent", n=f"{100 * share:.0f}") if math.isfinite(share) else "–"
