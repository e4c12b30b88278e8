"""PopulationSpec: the [population] of a scenario, who lives in its world."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from abm.machine.errors import ScenarioError, nearest
from abm.machine.inputs import count, in_range, shown, word, words
from abm.world.conditions import Conditions

SOURCES = ("synthetic", "provinces", "tables")


@dataclass(frozen=True)
class PopulationSpec:
    """Who lives in the world: how many, or from which tables."""

    source: str = "synthetic"
    """'synthetic' = counts below; 'provinces' = the 31 provinces; 'tables' = files at ``path``."""
    scale: float = 1.0
    """Share of the numbers of institutions and people that is simulated."""
    regions: tuple[str, ...] = ()
    """Codes or names of the provinces taken; empty = all."""
    n_regions: int = 6
    n_colleges: int = 36
    n_enterprises: int = 180
    n_students: int = 7200
    """Enrolled in all three years."""
    n_sectors: int = 8
    n_skills: int = 8
    """Skill fields K."""
    n_slots: int = 8
    """Colleges that an enterprise can remember, H."""
    path: str = ""
    """Folder or file of tables, for 'tables'."""


@dataclass(frozen=True)
class Populated(Conditions):
    """What a world is built from: conditions, and who lives in it."""

    population: PopulationSpec = field(default_factory=PopulationSpec)


_COUNTS = {
    "n_regions": (1, 1000),
    "n_colleges": (0, 1_000_000),
    "n_enterprises": (0, 10_000_000),
    "n_students": (0, 200_000_000),
    "n_sectors": (1, 100),
    "n_skills": (2, 64),
    "n_slots": (1, 32),
}


def population_from(base: PopulationSpec, table: Mapping[str, Any], where: str) -> PopulationSpec:
    """``base`` with everything replaced that a [population] table says; ScenarioError for what does not fit."""
    changes: dict[str, Any] = {}
    known = [f.name for f in fields(PopulationSpec)]
    for key, value in table.items():
        if key in _COUNTS:
            changes[key] = count(key, value, *_COUNTS[key], where)
        elif key == "scale":
            if not in_range(value, 1e-6, 1000.0):
                raise ScenarioError(f"`scale` = {shown(value)}", place=where, why="is not a number in 0.000001-1000")
            changes[key] = float(value)
        elif key == "regions":
            changes[key] = words(key, value, where)
        elif key in known:
            changes[key] = word(key, value, where)
        else:
            raise ScenarioError(
                f"`{key[:80]}`", place=where, why="is not part of a population", mend=nearest(key[:80], known)
            )
    spec = replace(base, **changes)
    if spec.source not in SOURCES:
        raise ScenarioError(
            f"`source` = {shown(spec.source)}", place=where, why="is unknown", mend=nearest(spec.source, SOURCES)
        )
    if spec.source == "tables" and not spec.path:
        raise ScenarioError("`path`", place=where, why="is missing", mend="say where the tables are")
    return spec
