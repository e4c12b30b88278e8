"""Chinese of texts that the model says in English: its catalogues, scenarios, table of validation, errors.

The catalogues hold labels in both languages; everything longer is in catalogues_zh.toml, by its English text. A
text that is not there (what a visitor wrote) stays as it is; what a parser or the system says is quoted then.
"""

from __future__ import annotations

import errno
import os
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from abm.errors import TablesError
from dashboards.i18n import say, words

if TYPE_CHECKING:
    from abm.errors import InputError

BLANK = re.compile(r"\{(said)?\}")
"""Any text, or what a parser or the system says."""
OWN_WORDS = re.compile(r"'.*'|\".*\"|`[^`]*`", re.DOTALL)
"""Quoted: what a visitor wrote, or a name."""
UNKNOWN = "{}"
"""Key of what is said beside a text of parsers or the system that has no Chinese."""
QUOTES = ("is not valid TOML", "cannot be read")
"""Reasons after which the mend is what a parser or the system says."""
OF_SYSTEM = re.compile(r"\[(?:Errno|WinError) (\d+)\] (.*?)(?:: ('.*'))?", re.DOTALL)
LONGEST = 4000
"""Characters of a text that is compared with those that have blanks."""


@cache
def tables() -> dict[str, dict[str, str]]:
    """English text -> Chinese text, by table of the file."""
    return tomllib.loads(Path(__file__).with_name("catalogues_zh.toml").read_text(encoding="utf-8"))


@cache
def _whole() -> dict[str, str]:
    """Texts without blanks, labels included; descriptions also as errors quote them, in mid-sentence."""
    from abm.levers import LEVERS
    from abm.metrics import catalogue
    from abm.parameters import CATALOGUE

    known = [*CATALOGUE.values(), *LEVERS, *catalogue().values()]
    found = {entry.label: entry.label_zh for entry in known if entry.label_zh}
    for english, chinese in tables()["parameters"].items():
        found[english[0].lower() + english[1:].rstrip(".")] = chinese.rstrip("。")
    for table in tables().values():
        found |= {english: chinese for english, chinese in table.items() if not BLANK.search(english)}
    return found


@cache
def _blanked(table: str) -> list[tuple[re.Pattern[str], tuple[str, ...], str]]:
    """Texts of a table with blanks, as patterns with the kind of each blank.

    First what goes around a parser's words, then those with most text of their own.
    """
    found: list[tuple[re.Pattern[str], tuple[str, ...], str]] = []
    for english in sorted(tables()[table], key=lambda text: (not text.startswith("{said}"), -len(BLANK.sub("", text)))):
        # Text and kinds of blanks in turn.
        parts = BLANK.split(english)
        if len(parts) > 1 and any(parts[::2]):
            pattern = "(.+?)".join(map(re.escape, parts[::2]))
            kinds = tuple(kind or "" for kind in parts[1::2])
            found.append((re.compile(pattern, re.DOTALL), kinds, tables()[table][english]))
    return found


def in_language(language: str, text: str, blanked: tuple[str, ...] = ("sources", "validation")) -> str:
    """A text of the model in a visitor's language; ``blanked``: tables whose texts with blanks it may be."""
    if language != "zh" or not text or OWN_WORDS.fullmatch(text):
        return text
    whole = _whole().get(text)
    if whole is not None or len(text) > LONGEST:
        return text if whole is None else whole
    for table in blanked:
        for pattern, kinds, chinese in _blanked(table):
            match = pattern.fullmatch(text)
            if match:
                parts = zip(kinds, match.groups(), strict=True)
                return chinese.format(*(_said(p) if kind else in_language(language, p, blanked) for kind, p in parts))
    return text


def told(language: str, error: InputError) -> str:
    """The message of an error in a visitor's language."""
    if language != "zh":
        return str(error)
    what, why, place = _of_limits(error.what), _of_error(error.why), _of_place(error.place)
    if isinstance(error, TablesError):
        lines = [f"{_of_place(p.place)}：{_of_error(p.why)}；{_of_error(p.mend)}" for p in error.problems]
        mend = "\n".join(["", *lines, *([_of_error(error.more)] if error.more else [])])
    else:
        mend = (_said if error.why in QUOTES else _of_error)(error.mend)
    what += f"（{place}）" if place else " " * bool(re.search(r"[0-9A-Za-z]$", what))
    return what + why + (f"：{mend}" if mend else "")


def _of_error(text: str) -> str:
    return in_language("zh", text, ("errors",))


def _of_place(text: str) -> str:
    return in_language("zh", text, ("places",))


def _said(text: str) -> str:
    """What a parser or the system says; quoted if its Chinese is not known."""
    match = OF_SYSTEM.fullmatch(text)
    if match and int(match[1]) in errno.errorcode:
        name = errno.errorcode[int(match[1])]
        return (tables()["system"].get(name) or _said(match[2])) + (f" {match[3]}" if match[3] else "")
    for name, chinese in tables()["system"].items():
        if hasattr(errno, name) and text == os.strerror(getattr(errno, name)):
            return chinese
    chinese = in_language("zh", text, ("said",))
    return chinese if chinese != text or not re.search("[A-Za-z]{2}", text) else tables()["said"][UNKNOWN].format(text)


def _of_limits(text: str) -> str:
    """What an error is about: a sentence of the dashboard's own limits, or a thing."""
    for key, english in words("en").items():
        if key.startswith("limits.") and "{" in english:
            match = re.fullmatch(re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+?)", re.escape(english)), text)
            if match:
                return say("zh", key, **{name: _of_limits(part) for name, part in match.groupdict().items()})
    things = {words("en")[key]: words("zh")[key] for key in words("en") if key.startswith("limits.")}
    return things.get(text) or _of_error(text)
