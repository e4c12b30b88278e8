"""Games: which world, how many rounds, how long each part lasts. Three come with the package, one file each."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from abm.machine.errors import InputError, nearest
from abm.scenario import load
from abm.world.state import QUARTERS_A_YEAR
from abm.world.vocabulary import PARTIES

if TYPE_CHECKING:
    from abm.scenario import Scenario

FOLDER = Path(__file__).with_name("games")
DEFAULT = "lesson"
PARTS = ("look", "negotiate", "deliver", "see")
"""Parts of a round, in their order."""
MOST_SEATS = 60
MOST_INSTITUTIONS = 2000
"""Enterprises of a world in which people play: more would make a year too slow to wait for."""


@dataclass(frozen=True)
class Plan:
    """One game, before anybody has joined."""

    name: str
    title: str
    title_zh: str
    minutes: int
    """Of a lesson that it is made for."""
    rounds: int
    seconds: tuple[float, ...]
    """Time limit of each of PARTS."""
    roles: tuple[str, ...]
    cards: tuple[str, ...]
    """Policy rules that can be played between rounds."""
    scenario: Scenario

    @cached_property
    def seed(self) -> int:
        """Seed of the world."""
        return self.scenario.seed


def names() -> list[str]:
    """The games that come with the package, the shortest first."""
    return sorted((path.stem for path in FOLDER.glob("*.toml")), key=lambda name: _table(name)["minutes"])


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8"))


def plan(name: str, seed: int | None = None, pace: float = 1.0) -> Plan:
    """The game of that name, or the default one in the world of a scenario file. InputError for neither.

    ``pace``: all time limits times this.
    """
    if name in names():
        table = _table(name)
        overrides: dict[str, Any] = {"name": f"play_{name}", "title": table["title"], "title_zh": table["title_zh"]}
        overrides |= {"population": table["population"], "policies": table.get("policies", [])}
        # What the base says of itself is about another world.
        overrides |= {"rationale": table["rationale"], "expected": ""}
        scenario = load(str(table["base"])).with_overrides(**overrides)
    elif name.endswith(".toml"):
        table, scenario = _table(DEFAULT), load(name)
    else:
        mend = f"{nearest(name[:80], names())}; a scenario has to be a file that ends in .toml"
        raise InputError(f"game `{name[:80]}`", why="does not exist", mend=mend)
    if scenario.population.source == "synthetic" and scenario.population.n_enterprises > MOST_INSTITUTIONS:
        raise InputError(
            f"`n_enterprises` = {scenario.population.n_enterprises:,}", place=scenario.name,
            why="is more than a class can wait for", mend=f"give at most {MOST_INSTITUTIONS:,}",
        )  # fmt: skip
    overrides = {"steps": table["rounds"] * QUARTERS_A_YEAR} | ({} if seed is None else {"seed": seed})
    scenario = scenario.with_overrides(**overrides)
    limits = cast("dict[str, float]", table["seconds"])
    return Plan(
        name, scenario.title, scenario.title_zh or scenario.title, table["minutes"], table["rounds"],
        tuple(pace * float(limits[part]) for part in PARTS), tuple(r for r in PARTIES if r in table["roles"]),
        tuple(table["cards"]), scenario,
    )  # fmt: skip
