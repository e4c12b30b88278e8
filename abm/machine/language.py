"""In which language a person is spoken to: English, in which everything is written, or Chinese from one catalogue.

    say("stopped after {n} steps", n=3)      # a text of this program, its blanks filled in
    in_language("zh", metric.meaning)        # a text that the model says in English, wherever it was made
    told("zh", error)                        # an error

The catalogue, abm/languages/zh.toml, holds the Chinese by the English text itself, so that a text that changes is
missed by a test instead of being shown in an old translation. Catalogues of labels (parameters, levers, metrics) hold
both languages and make them known (``know_labels``). A text that is in neither (what a person wrote) stays as it is;
what a parser or the system says is quoted then.

The language is what ``--lang`` says, else the variable ABM_LANG, else ``language = "zh"`` in the settings file, else
what the system speaks to its user.
"""

from __future__ import annotations

import errno
import os
import re
import sys
import tomllib
import unicodedata
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from abm.machine.errors import InputError, TablesError

if TYPE_CHECKING:
    from re import Pattern

LANGUAGES = {"en": "English", "zh": "中文"}
PSEUDO = "pseudo"
"""English with every text of the catalogue in brackets: what stands outside has no translation. For tests."""
OPEN, CLOSE = "⟦", "⟧"
VARIABLE = "ABM_LANG"
CATALOGUE = Path(__file__).parents[1] / "languages" / "zh.toml"
BLANK = re.compile(r"\{(said|[@#~])?\}")
"""Any text, or what a parser or the system says; @: a label of a catalogue; #: what has no brackets (a number);
~: words within one sentence."""
OWN_WORDS = re.compile(r"'.*'|\".*\"|`[^`]*`", re.DOTALL)
"""Quoted: what a person wrote, or a name."""
UNKNOWN = "{}"
"""Key of what is said beside a text of parsers or the system that has no Chinese."""
QUOTES = ("is not valid TOML", "cannot be read")
"""Reasons after which the mend is what a parser or the system says."""
OF_SYSTEM = re.compile(r"\[(?:Errno|WinError) (\d+)\] (.*?)(?:: ('.*'))?", re.DOTALL)
LONGEST = 4000
"""Characters of a text that is compared with those that have blanks."""
PROSE = ("sources", "validation", "sentences")
"""Tables whose texts with blanks stand in what is told of a run."""
SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[^a-z\s]|[a-z][a-z ]*(?: \([^)]*\))?: )")
"""Also before a name in small letters that a sentence is about ("colleges leave: ...")."""
_CHINESE = 0x04
"""Primary language of Windows' language numbers."""


_chosen: str | None = None
_labels: list[Callable[[], Iterable[tuple[str, str]]]] = []
_words: list[Callable[[], Iterable[tuple[str, str]]]] = []


def know_labels(pairs: Callable[[], Iterable[tuple[str, str]]], *, in_prose_only: bool = False) -> None:
    """Let labels of a catalogue be found: pairs of English and Chinese, asked for when a text is looked up.

    ``in_prose_only``: for words that errors use as names (of tables and columns), such as "college".
    """
    (_words if in_prose_only else _labels).append(pairs)


def use(language: str | None) -> str:
    """Speak a language from now on (None: as the environment says). Returns its key; InputError for another."""
    global _chosen
    _chosen = None if language is None else _checked(language, f"--lang {language[:40]}")
    return current()


@contextmanager
def speaking(language: str | None) -> Generator[str]:
    """Speak a language inside, and the one from before afterwards."""
    global _chosen
    before = _chosen
    try:
        yield use(language)
    finally:
        _chosen = before


def current() -> str:
    """Key of the language that is spoken."""
    global _chosen
    if _chosen is None:
        _chosen = _wanted()
    return _chosen


def _wanted() -> str:
    for place, text in ((VARIABLE, os.environ.get(VARIABLE, "")), _from_settings()):
        if text:
            return _checked(text, f"{place} = {text[:40]}")
    # A guess that would come out as ??? is none.
    return "zh" if _system_is_chinese() and _can_show("中文") else "en"


def _checked(text: str, where: str) -> str:
    key = re.split(r"[-_.]", text.strip().lower())[0]
    if key not in (*LANGUAGES, PSEUDO):
        raise InputError(where, why="is no language", mend=f"known are {', '.join(f'`{k}`' for k in LANGUAGES)}")
    return key


def settings_file() -> Path:
    """Where a person's settings are looked for, such as ``language = "zh"``."""
    home = os.environ.get("APPDATA" if os.name == "nt" else "XDG_CONFIG_HOME", "")
    return (Path(home) if home else Path.home() / ".config") / "abm" / "settings.toml"


def _from_settings() -> tuple[str, str]:
    try:
        path = settings_file()
    except RuntimeError:
        # Who has no home has no settings.
        return "", ""
    try:
        text = path.read_text("utf-8-sig")
    except OSError:
        return "", ""
    except UnicodeDecodeError:
        raise InputError(f"{path}", why="is not UTF-8 text", mend="save the file as UTF-8") from None
    try:
        return f"`language` of {path}", str(tomllib.loads(text).get("language", ""))
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path}", why="is not valid TOML", mend=str(error)) from None


def _system_is_chinese() -> bool:
    if sys.platform == "win32":
        import ctypes

        return ctypes.windll.kernel32.GetUserDefaultUILanguage() & 0x3FF == _CHINESE
    spoken = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return spoken.lower().startswith("zh")


def _can_show(text: str) -> bool:
    try:
        text.encode(getattr(sys.stdout, "encoding", None) or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def say(text: str, /, **values: object) -> str:
    """A text of this program in the language that is spoken, with ``{names}`` filled in."""
    shown = said_in(current(), text)
    return shown.format(**values) if values else shown


def spoken(text: str) -> str:
    """A text that the model says in English (a label, a unit, a meaning) in the language that is spoken."""
    return in_language(current(), text)


def either(english: str, chinese: str) -> str:
    """Of a text that is there in both languages, the one that is spoken."""
    if current() == "en" or not chinese:
        return english
    return f"{OPEN}{english}{CLOSE}" if current() == PSEUDO else chinese


def said_in(language: str, text: str) -> str:
    """A text of the catalogue, its ``{names}`` still to be filled in; as it is if it has no translation."""
    return text if language == "en" else _whole(language).get(text, text)


def plural(n: float, one: str, many: str, **values: object) -> str:
    """What is said of one or of ``n`` things, ``{n}`` included."""
    return say(one if n == 1 else many, n=f"{n:,.0f}", **values)


def together(sentences: Iterable[str]) -> str:
    """Sentences behind one another, with a blank between them where the language has one."""
    text = ""
    for one in sentences:
        text += one if not text or text.endswith(("。", "！", "？", "；", "：")) else f" {one}"
    return text


def width(text: str) -> int:
    """Columns that a terminal takes for a text: two for a Chinese character."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def padded(text: str, columns: int) -> str:
    """A text filled up with blanks to the columns of a terminal."""
    return text + " " * (columns - width(text))


def wrapped(text: str, columns: int, indent: str = "", more: str | None = None) -> list[str]:
    """Lines of a text that fit a terminal; Chinese breaks between any two characters, but before no closing sign."""
    more = indent if more is None else more
    lines: list[str] = []
    line = indent
    for piece in _pieces(text):
        if width(line) + width(piece.rstrip()) > columns and line.strip():
            lines.append(line.rstrip())
            line = more
            piece = piece.lstrip()
        line += piece
    return [*lines, line.rstrip()] if line.strip() else lines or [""]


_PIECE = re.compile(r"[^\s\u2e80-\uffef]+\s*|[\u2e80-\uffef][，。；：、！？）】》”’〕]*\s*|\s+")


def _pieces(text: str) -> list[str]:
    return _PIECE.findall(text.replace("\n", " "))


@cache
def tables(language: str = "zh") -> Mapping[str, Mapping[str, str]]:
    """English text -> text of the language, by table of the catalogue."""
    found: dict[str, dict[str, str]] = tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))
    if language != PSEUDO:
        return found
    return {
        name: {text: f"{OPEN}{BLANK.sub('{}', text)}{CLOSE}" for text in table}
        for name, table in found.items()
        if name not in ("codes", "system")
    } | {"codes": {}, "system": {}}


def _whole(language: str, *, is_prose: bool = True) -> Mapping[str, str]:
    """Texts without blanks to be matched, labels included."""
    words = _known(language, _words) if is_prose else {}
    return words | _known(language, _labels) | _texts(language, is_prose=is_prose)


@cache
def _texts(language: str, *, is_prose: bool = True) -> dict[str, str]:
    """Those of the catalogue; descriptions of parameters also as errors quote them, in mid-sentence."""
    found: dict[str, str] = {}
    for english, other in tables(language)["parameters"].items():
        found[english[0].lower() + english[1:].rstrip(".")] = other.rstrip("。").replace(f".{CLOSE}", CLOSE)
    for table in (table for name, table in tables(language).items() if is_prose or name != "sentences"):
        found |= {english: other for english, other in table.items() if not BLANK.search(english)}
    return found


def _known(language: str, catalogues: list[Callable[[], Iterable[tuple[str, str]]]]) -> dict[str, str]:
    """Labels of catalogues, also as they begin a sentence."""
    pairs = [(label, zh) for of in catalogues for label, zh in of() if zh]
    found = {label: zh if language == "zh" else f"{OPEN}{label}{CLOSE}" for label, zh in pairs}
    return {label.capitalize(): other for label, other in found.items()} | found


@cache
def _blanked(language: str, table: str) -> list[tuple[Pattern[str], tuple[str, ...], str]]:
    """Texts of a table with blanks, as patterns with the kind of each blank.

    First what goes around a parser's words, then those with most text of their own.
    """
    found: list[tuple[Pattern[str], tuple[str, ...], str]] = []
    texts = tables(language)[table]
    for english in sorted(texts, key=lambda text: (not text.startswith("{said}"), -len(BLANK.sub("", text)))):
        # Text and kinds of blanks in turn.
        parts = BLANK.split(english)
        if len(parts) > 1 and any(parts[::2]):
            kinds = tuple(kind or "" for kind in parts[1::2])
            texts_between = [re.escape(part) for part in parts[::2]]
            pattern = texts_between[0]
            for kind, after in zip(kinds, texts_between[1:], strict=True):
                pattern += (_label_pattern(language) if kind == "@" else _OF_KIND.get(kind, "(.+?)")) + after
            found.append((re.compile(pattern, re.DOTALL), kinds, texts[english]))
    return found


_OF_KIND = {"#": r"([^()\[\]]+?)", "~": r"((?:(?![.!?]\s).)+?)"}


@cache
def _label_pattern(language: str) -> str:
    """Any label, the longest first: where it ends is known though no sign stands there."""
    labels = sorted(_known(language, _labels) | _known(language, _words), key=len, reverse=True)
    return f"({'|'.join(map(re.escape, labels))})"


def in_language(language: str, text: str, blanked: tuple[str, ...] = PROSE) -> str:
    """A text that was made in English, in a language; ``blanked``: tables whose texts with blanks it may be."""
    if language not in ("zh", PSEUDO) or not text or OWN_WORDS.fullmatch(text):
        return text
    whole = _whole(language, is_prose=blanked == PROSE).get(text)
    if whole is not None or len(text) > LONGEST:
        return text if whole is None else whole
    for table in blanked:
        for pattern, kinds, other in _blanked(language, table):
            match = pattern.fullmatch(text)
            if match:
                parts = zip(kinds, match.groups(), strict=True)
                return other.format(
                    *(_said(language, p) if kind == "said" else in_language(language, p, blanked) for kind, p in parts)
                )
    return text


def paragraph(text: str, language: str | None = None) -> str:
    """A paragraph that was made in English, sentence by sentence, in the language that is spoken."""
    language = language or current()
    if language == "en" or not text:
        return text
    whole = in_language(language, text)
    if whole != text:
        return whole
    parts = SENTENCE.split(text)
    shown: list[str] = []
    while parts:
        # The longest piece that is known: some sentences are told as two.
        for n in range(min(len(parts), 4), 0, -1):
            piece = " ".join(parts[:n])
            other = in_language(language, piece)
            if other != piece or n == 1:
                shown.append(other)
                del parts[:n]
                break
    return together(shown)


def told(language: str, error: InputError, thing: Callable[[str, str], str] | None = None) -> str:
    """The message of an error in a language: by its code where that has words, else by its English.

    ``thing``: what says what an error is about, where there are words for that elsewhere.
    """
    if language == "en":
        return str(error)
    by_code = tables(language)["codes"].get(error.code)
    if by_code is not None:
        place, mend = of_place(language, error.place), of_error(language, error.mend)
        text = by_code.format(**error.values, place=f"（{place}）" if place else " ")
        return text + (f"：{mend}" if mend else "")
    what = (thing or of_error)(language, error.what)
    why, place = of_error(language, error.why), of_place(language, error.place)
    if isinstance(error, TablesError):
        lines = [
            f"{of_place(language, p.place)}：{of_error(language, p.why)}；{of_error(language, p.mend)}"
            for p in error.problems
        ]
        mend = "\n".join(["", *lines, *([of_error(language, error.more)] if error.more else [])])
    elif error.why in QUOTES:
        mend = _said(language, error.mend) if error.mend else ""
    else:
        mend = of_error(language, error.mend)
    what += f"（{place}）" if place else " " * bool(re.search(r"[0-9A-Za-z]$", what))
    return what + why + (f"：{mend}" if mend else "")


def of_error(language: str, text: str) -> str:
    """A part of an error."""
    return in_language(language, text, ("errors",))


def of_place(language: str, text: str) -> str:
    """Where an error is."""
    return in_language(language, text, ("places",))


def _said(language: str, text: str) -> str:
    """What a parser or the system says; quoted if its translation is not known."""
    match = OF_SYSTEM.fullmatch(text)
    if match and int(match[1]) in errno.errorcode:
        name = errno.errorcode[int(match[1])]
        shown = _of_system(language, name, match[2]) or _said(language, match[2])
        return shown + (f" {match[3]}" if match[3] else "")
    for name in tables("zh")["system"]:
        if hasattr(errno, name) and text == os.strerror(getattr(errno, name)):
            return _of_system(language, name, text)
    other = in_language(language, text, ("said",))
    is_strange = other == text and re.search("[A-Za-z]{2}", text)
    return tables(language)["said"][UNKNOWN].format(text) if is_strange else other


def _of_system(language: str, name: str, text: str) -> str:
    if name not in tables("zh")["system"]:
        return ""
    return f"{OPEN}{text}{CLOSE}" if language == PSEUDO else tables(language)["system"][name]
