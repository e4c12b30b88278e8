"""What was seen in the world and calibrations are held to: one CSV file a set, each figure with its source.

A set has the columns outcome, value, spread (standard deviation about what a run should come to), label,
source. ``context.csv`` holds official figures that caveats speak of (fact, year, value, unit, publisher).
"""

from __future__ import annotations

import csv
from pathlib import Path

from abm.machine.errors import InputError, nearest
from abm.population.files import encoding_of
from experiments.analysis.calibration import Anchor

FOLDER = Path(__file__).parent
CONTEXT = "context"


def names() -> list[str]:
    """The sets that come with the package."""
    return sorted(path.stem for path in FOLDER.glob("*.csv") if path.stem != CONTEXT)


def load(name: str) -> tuple[Anchor, ...]:
    """A set by its name, or from a .csv file; InputError for what is no anchor."""
    path = Path(name) if name.endswith(".csv") else FOLDER / f"{name}.csv"
    if not path.is_file():
        raise InputError(f"anchors `{name}`", why="do not exist", mend=nearest(name, names()))
    found: list[Anchor] = []
    # Also as Excel and WPS save it: with a mark before the first heading, in GBK, in UTF-16.
    with path.open(encoding=encoding_of(path), newline="") as file:
        for line, row in enumerate(csv.DictReader(file), 2):
            try:
                value, spread = float(row["value"]), float(row["spread"])
                found.append(Anchor(row["outcome"], value, spread, row["label"], row["source"]))
            except (KeyError, TypeError, ValueError):
                mend = "columns are outcome, value, spread, label, source"
                raise InputError(f"line {line}", place=path.name, why="is no anchor", mend=mend) from None
    if not found:
        raise InputError(f"anchors `{name}`", why="hold no line", mend="write one below the heading")
    return tuple(found)


def context(fact: str, year: int) -> float:
    """An official figure of ``context.csv``."""
    with (FOLDER / f"{CONTEXT}.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["fact"] == fact and int(row["year"]) == year:
                return float(row["value"])
    raise InputError(f"`{fact}` of {year}", place=f"{CONTEXT}.csv", why="is not there")
