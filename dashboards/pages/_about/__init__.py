"""What the page About says: the model in words and equations (about.toml), and the table of validation."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from dashboards.teach.lessons import Words

FOLDER = Path(__file__).parent
_EXPERIMENTS = FOLDER.parents[2] / "experiments"
VALIDATION = (FOLDER.parents[2] / "docs" / "validation.md", _EXPERIMENTS / "validation" / "table.md")
"""Where the table of validation is: in a checkout, and inside the package."""


@dataclass(frozen=True)
class Item:
    """A party, phase or equation."""

    key: str
    title: Words
    text: Words
    math: tuple[str, ...] = ()
    """Lines of an equation, in the notation of mathml.py."""
    math_zh: tuple[str, ...] = ()
    """The same with its words in Chinese; empty where it has none."""


@dataclass(frozen=True)
class About:
    """The whole of about.toml."""

    lead: Words
    parties: tuple[Item, ...]
    phases: tuple[Item, ...]
    equations: tuple[Item, ...]
    limits: tuple[Words, ...]
    phases_note: Words
    patterns_zh: dict[str, str]
    """Statements of the patterns of validation in Chinese, by number."""


@dataclass(frozen=True)
class Effect:
    """One measured effect of a pattern, as the table of validation words it."""

    name: str
    value: str
    asked: str
    verdict: str


@dataclass(frozen=True)
class Pattern:
    """A pattern of the literature and what was found."""

    number: str
    statement: str
    holds: bool
    source: str
    effects: tuple[Effect, ...]


@cache
def about() -> About:
    """What the page says."""
    table: dict[str, Any] = tomllib.loads((FOLDER / "about.toml").read_text("utf-8"))
    return About(
        lead=Words(**table["lead"]),
        parties=tuple(Item(p["role"], Words(**p["name"]), Words(**p["text"])) for p in table["parties"]),
        phases=tuple(Item(p["name"], Words(**p["title"]), Words(**p["text"])) for p in table["phases"]),
        equations=tuple(
            Item(
                str(e["number"]),
                Words(**e["title"]),
                Words(**e["text"]),
                *map(tuple, (e["math"], e.get("math_zh", ()))),
            )
            for e in table["equations"]
        ),
        limits=tuple(Words(**limit) for limit in table["limits"]),
        phases_note=Words(**table["phases_note"]),
        patterns_zh=dict(table["patterns"]),
    )


@cache
def validation() -> tuple[Pattern, ...]:
    """The patterns, as `abm validate` last wrote them; empty where the table is not there."""
    for path in VALIDATION:
        if path.is_file():
            return patterns(path.read_text("utf-8"))
    return ()


def patterns(text: str) -> tuple[Pattern, ...]:
    """The patterns of a table of validation. Raises ValueError for a row that it does not have."""
    found: list[Pattern] = []
    for line in text.splitlines():
        if not line.startswith("| ") or line.startswith("| # "):
            continue
        number, head, source, *effect = (cell.strip() for cell in line.strip("|").split("|"))
        if number:
            statement, _, verdict = head.partition(": **")
            if verdict not in ("holds**", "does not hold**"):
                raise ValueError(f"`{line[:80]}` does not say whether the pattern holds")
            found.append(Pattern(number, statement, verdict == "holds**", source, ()))
        last = found[-1]
        effects = (*last.effects, Effect(*effect))
        found[-1] = Pattern(last.number, last.statement, last.holds, last.source, effects)
    return tuple(found)
