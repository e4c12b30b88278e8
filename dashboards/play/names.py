"""What institutions are called in the game: by their own tables, or by invented names in an invented world."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from abm.population.provinces import provinces
from abm.world.vocabulary import COLLEGE, ENTERPRISE
from dashboards.words import LANGUAGES

if TYPE_CHECKING:
    from abm.population import Tables
    from abm.world.state import State

Said = dict[str, str]
"""A text by language."""


@cache
def _lists() -> dict[str, list[list[str]]]:
    return tomllib.loads(Path(__file__).with_name("names.toml").read_text("utf-8"))


@dataclass(frozen=True)
class Names:
    """Names of all institutions, regions and sectors, each in every language."""

    enterprises: tuple[Said, ...]
    colleges: tuple[Said, ...]
    regions: tuple[Said, ...]

    def of(self, party: int, row: int) -> Said:
        """The name of an institution; for government and students that of their region."""
        if party == ENTERPRISE:
            return self.enterprises[row]
        return self.colleges[row] if party == COLLEGE else self.regions[row]


def names_of(known: Tables, state: State) -> Names:
    """Names of everybody in a world."""
    is_invented = known.called is None
    region_zh = {p.name: p.name_zh for p in provinces()}
    regions = tuple(
        {"en": name.capitalize(), "zh": region_zh.get(name) or name.replace("region ", "区域 ")}
        for name in known.regions.name
    )
    if not is_invented:
        called = known.members
        return Names(
            tuple(_same(called.enterprise.label(row)) for row in range(len(state.enterprises.id))),
            tuple(_same(called.college.label(row)) for row in range(len(state.colleges.id))),
            tuple(_same(name) for name in known.regions.name),
        )
    words, sectors, colleges = (_lists()[key] for key in ("words", "sectors", "colleges"))
    return Names(
        tuple(
            _joined(words[e % len(words)], sectors[int(s) % len(sectors)], e // len(words))
            for e, s in enumerate(state.enterprises.sector)
        ),
        tuple(
            _joined(colleges[c % len(colleges)], ["College", "学院"], c // len(colleges))
            for c in range(len(state.colleges.id))
        ),
        regions,
    )


def _same(name: str) -> Said:
    return dict.fromkeys(LANGUAGES, name)


def _joined(word: list[str], kind: list[str], again: int) -> Said:
    """A word and a kind; a number where the words do not suffice."""
    number = f" {again + 1}" if again else ""
    return {"en": f"{word[0]} {kind[0]}{number}", "zh": f"{word[1]}{kind[1]}{number.strip()}"}
