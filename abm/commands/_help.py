"""Help in the language that is spoken: what commands say of themselves is translated where it is shown."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from typing import Any

from abm.machine import language

WIDTH = 100
EXAMPLE = re.compile(r"(  \S.*?)(?:(\s{2,})(\S.*))?")
"""A line that begins with two blanks: a command, and perhaps what it does."""
TABLES = ("help",)


class Formatter(argparse.RawDescriptionHelpFormatter):
    """As argparse lays help out; Chinese lines are broken by what they take on a terminal."""

    def _split_lines(self, text: str, width: int) -> list[str]:
        if language.current() == "en":
            return super()._split_lines(text, width)
        return language.wrapped(text, width)


def speak() -> None:
    """Let argparse say its own words (usage, errors) in the language that is spoken."""

    def plural(one: str, many: str, n: int) -> str:
        return language.say(one if n == 1 else many)

    # argparse asks its module for these two each time; it has no other way to be told.
    ours: Any = argparse
    ours._, ours.ngettext = language.say, plural


def translate(parser: argparse.ArgumentParser) -> None:
    """Put what a parser and its subparsers say into the language that is spoken."""
    if language.current() == "en":
        return
    for one in with_parts(parser):
        one.description = description(one.description or "")
        for action in actions(one):
            if action.help:
                action.help = text(action.help)


def with_parts(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    """A parser and its subparsers."""
    yield parser
    for action in actions(parser):
        if hasattr(action, "_choices_actions"):
            yield from dict.fromkeys(action.choices.values())


def actions(parser: argparse.ArgumentParser) -> Iterator[Any]:
    """What a parser takes, each subcommand's line included."""
    known: Any = parser
    for action in known._actions:
        yield action
        yield from getattr(action, "_choices_actions", ())


def text(english: str) -> str:
    """A text of the help."""
    return language.in_language(language.current(), english, TABLES)


def description(english: str) -> str:
    """What a command says of itself: paragraphs, and examples whose commands stay as they are."""
    shown: list[str] = []
    for paragraph in english.split("\n\n"):
        lines = paragraph.splitlines()
        if all(line.startswith("  ") for line in lines):
            shown.append("\n".join(map(example, lines)))
        else:
            shown.append("\n".join(language.wrapped(text(" ".join(lines)), WIDTH)))
    return "\n\n".join(shown)


def example(line: str) -> str:
    """A line of examples."""
    found = EXAMPLE.fullmatch(line.rstrip())
    return f"{found[1]}{found[2]}{text(found[3])}" if found and found[3] else line
