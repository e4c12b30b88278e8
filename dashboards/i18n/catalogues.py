"""Chinese of texts that the model says in English: its catalogues, scenarios, table of validation, errors.

The catalogues hold labels in both languages; everything longer is in catalogues_zh.toml, by its English text. A
text that is not there (a visitor's own scenario, a message of the operating system) stays as it is.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from dashboards.i18n import say, words

if TYPE_CHECKING:
    from abm.errors import InputError

BLANK = "{}"
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
        found |= {english: chinese for english, chinese in table.items() if BLANK not in english}
    return found


@cache
def _blanked(table: str) -> list[tuple[re.Pattern[str], str]]:
    """Texts of a table with blanks, as patterns."""
    return [
        (re.compile("(.+?)".join(map(re.escape, english.split(BLANK))), re.DOTALL), chinese)
        for english, chinese in tables()[table].items()
        if BLANK in english
    ]


def in_language(language: str, text: str, blanked: tuple[str, ...] = ("sources", "validation")) -> str:
    """A text of the model in a visitor's language; ``blanked``: tables whose texts with blanks it may be."""
    if language != "zh" or not text:
        return text
    whole = _whole().get(text)
    if whole is not None or len(text) > LONGEST:
        return text if whole is None else whole
    for table in blanked:
        for pattern, chinese in _blanked(table):
            match = pattern.fullmatch(text)
            if match:
                return chinese.format(*(in_language(language, part, blanked) for part in match.groups()))
    return text


def told(language: str, error: InputError) -> str:
    """The message of an error in a visitor's language."""
    if language != "zh":
        return str(error)
    what, why, place = _of_limits(error.what), _of_error(error.why), _of_place(error.place)
    lines = error.mend.split("\n")
    # Problems of tables come together, a line each.
    mend = _of_error(error.mend) if len(lines) == 1 else "\n".join(map(_problem, lines))
    return what + (f"（{place}）" if place else "") + why + (f"：{mend}" if mend else "")


def _of_error(text: str) -> str:
    return in_language("zh", text, ("errors",))


def _of_place(text: str) -> str:
    return in_language("zh", text, ("places",))


def _of_limits(text: str) -> str:
    """What an error is about: a sentence of the dashboard's own limits, or a thing."""
    for key, english in words("en").items():
        if key.startswith("limits.") and "{" in english:
            match = re.fullmatch(re.sub(r"\\{(\w+)\\}", r"(?P<\1>.+?)", re.escape(english)), text)
            if match:
                return say("zh", key, **{name: _of_limits(part) for name, part in match.groupdict().items()})
    things = {words("en")[key]: words("zh")[key] for key in words("en") if key.startswith("limits.")}
    return things.get(text) or _of_error(text)


def _problem(line: str) -> str:
    """One problem of a table: its place, reason and mend."""
    where, colon, rest = line.strip().partition(": ")
    return f"{_of_place(where)}：{'；'.join(map(_of_error, rest.split('; ')))}" if colon else _of_error(where)
