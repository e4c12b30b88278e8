"""Claims of the paper with their experiments (rows.toml), and the worlds of these (worlds.toml)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

from abm import scenario
from abm.machine.errors import InputError, nearest
from abm.quarter.measurement.metrics import catalogue
from abm.scenario import Scenario

HERE = Path(__file__).parent
LAST = 20
"""Quarters at the end of a run whose mean is compared where a row gives none."""
SIGNS = ("+", "-", "exists", "ordered")
"""A direction; or "exists": the effect is off 0, on whichever side; or "ordered": a stated order holds in a seed."""
IN_ORDER = 0.8
"""Share of seeds in which a stated order has to hold."""
COMBINATIONS = ("smaller", "product")


@dataclass(frozen=True)
class Side:
    """One side of a comparison: a world and what is changed in it (keys as those of Scenario.with_overrides)."""

    world: str
    changes: tuple[tuple[str, Any], ...] = ()

    @property
    def arm(self) -> str:
        """Its name among the arms of its world."""
        return ", ".join(self.said) or "as it is"

    @property
    def said(self) -> list[str]:
        """What is changed, one entry a change, in the words of scenarios."""
        found: list[str] = []
        for key, value in self.changes:
            if key == "add_policies":
                found += [_policy_said(policy) for policy in value]
            elif key == "policies":
                found.append("only " + ", ".join(map(_policy_said, value)))
            else:
                found.append(f"{key} = {value}")
        return found


def _policy_said(policy: Mapping[str, Any]) -> str:
    fields_said = ", ".join(f"{key} = {value}" for key, value in policy.items() if key != "rule")
    return f"{policy['rule']} ({fields_said})"


@dataclass(frozen=True)
class Experiment:
    """What is compared, in what, and how far apart both sides have to be."""

    sign: str
    """Direction of the effect: '+' or '-'; 'exists': either; 'ordered': a share of the seeds, those with the order."""
    least: float
    """Smallest effect that counts, in the outcome's unit; of 'ordered': in a seed, for the order to hold there."""
    of: Side
    against: Side
    outcome: tuple[str, ...]
    """A metric, or two that are combined."""
    combine: str = ""
    """'smaller': of the changes of two metrics; 'product': of two metrics; empty for one metric."""
    start: int | None = None
    """First quarter of the window; None: the last ``LAST`` quarters."""
    end: int | None = None
    before: tuple[int, int] | None = None
    """First and last quarter + 1 of another window of the same run: the outcome is what is kept of its level then."""
    each: tuple[Side, ...] = ()
    """What ``of`` does at once: its effect less the effects of these, each against ``against``."""
    relative: bool = False
    """Whether the effect is counted as a share of the level of the side ``against``."""
    needs: float | None = None
    """Least level on the side ``against``: without it the claim cannot be seen there."""
    shows: str = ""
    """Module of experiments/paper/shown that takes the effect from the runs and draws it; empty: the outcome's mean."""
    named: str = ""
    """What that module measures, in words."""
    named_zh: str = ""

    @property
    def direction(self) -> float:
        """What turns an effect that the claim foretells into one above 0."""
        return -1.0 if self.sign == "-" else 1.0

    @property
    def sides(self) -> tuple[Side, ...]:
        """Every side that is run."""
        return (self.of, self.against, *self.each)


@dataclass(frozen=True)
class Row:
    """One claim."""

    number: int
    section: str
    refs: tuple[int, ...]
    """Numbers in the paper's list of references."""
    claim: str
    claim_zh: str
    mechanism: str = ""
    """How the model holds it; for a row without an experiment, what it would take."""
    mechanism_zh: str = ""
    experiment: Experiment | None = None
    shown_by: str = ""
    """A command that shows it, where it is not judged here."""
    declined: str = ""
    """Why it is not modelled and not going to be."""
    declined_zh: str = ""


@cache
def _worlds() -> dict[str, dict[str, Any]]:
    return tomllib.loads((HERE / "worlds.toml").read_text("utf-8"))


def shocks_of(name: str) -> list[dict[str, Any]]:
    """What befalls every run of a world, as designs write it."""
    return _worlds()[name].get("shocks", [])


@cache
def worlds() -> dict[str, tuple[Scenario, str, str]]:
    """Scenario, title and Chinese title of each world, by name."""
    found: dict[str, tuple[Scenario, str, str]] = {}
    for name, given in _worlds().items():
        people = scenario.load(given["population"]).population
        whole = {field.name: getattr(people, field.name) for field in fields(people)}
        ruled = scenario.load(given["rules"]).with_overrides(population=whole).with_overrides(**given["changes"])
        found[name] = (ruled, given["title"], given["title_zh"])
    return found


@cache
def rows() -> tuple[Row, ...]:
    """All rows, by number. InputError for one that cannot be read."""
    given = tomllib.loads((HERE / "rows.toml").read_text("utf-8"))["rows"]
    return tuple(sorted((read(entry) for entry in given), key=lambda row: row.number))


_OF_ROW = ("section", "claim", "claim_zh", "mechanism", "mechanism_zh", "shown_by", "declined", "declined_zh")
_NEEDED = ("row", "section", "refs", "claim", "claim_zh")
_NEEDED_TO_RUN = ("sign", "least", "world", "of", "against", "outcome")
_SHOWN = ("shows", "named", "named_zh")
_OF_EXPERIMENT = (
    *_NEEDED_TO_RUN, "combine", "start", "end", "before", "each", "relative", "needs", *_SHOWN
)  # fmt: skip


def read(entry: Mapping[str, Any]) -> Row:
    """A row from its table in rows.toml. InputError for one that cannot be read."""
    where = f"row {entry.get('row')} of rows.toml"
    known = ("row", "refs", *_OF_ROW, *_OF_EXPERIMENT)
    for key in entry:
        if key not in known:
            raise InputError(f"`{key}`", place=where, why="is unknown", mend=nearest(key, known))
    for key in (*_NEEDED, *(_NEEDED_TO_RUN if "outcome" in entry else ())):
        if key not in entry:
            raise InputError(f"`{key}`", place=where, why="is missing", mend="see the top of rows.toml")
    text = {key: str(entry[key]) for key in _OF_ROW if key in entry}
    experiment = _experiment(entry, where) if "outcome" in entry else None
    if sum((experiment is not None, "shown_by" in text, "declined" in text)) > 1:
        raise InputError(where, why="is judged, shown elsewhere or declined: only one of these")
    return Row(number=int(entry["row"]), refs=tuple(entry["refs"]), experiment=experiment, **text)


def _experiment(entry: Mapping[str, Any], where: str) -> Experiment:
    sign, combine = entry["sign"], entry.get("combine", "")
    outcome: Sequence[str] = (entry["outcome"],) if isinstance(entry["outcome"], str) else tuple(entry["outcome"])
    for name in outcome:
        if name not in catalogue():
            raise InputError(f"metric `{name}`", place=where, why="is not measured", mend=nearest(name, catalogue()))
    shows = str(entry.get("shows", ""))
    if shows or sign in SIGNS[2:]:
        _check_shown(entry, shows, where)
    elif sign not in SIGNS or (len(outcome) == 2) != (combine in COMBINATIONS):
        why = "has a sign that is none, or two metrics and no way to combine them"
        raise InputError(
            where, why=why, mend=f"`sign` is one of {', '.join(SIGNS)}, `combine` of {', '.join(COMBINATIONS)}"
        )

    if not shows and (("before" in entry and "start" not in entry) or (len(outcome) > 1 and "start" in entry)):
        why = "has a window before and none after, or a window for two metrics"
        raise InputError(where, why=why, mend="a window is for one metric")

    def side(changes: Mapping[str, Any]) -> Side:
        world = str(changes.get("world", entry["world"]))
        if world not in worlds():
            raise InputError(f"world `{world}`", place=where, why="does not exist", mend=nearest(world, worlds()))
        return Side(world, tuple(sorted((key, value) for key, value in changes.items() if key != "world")))

    return Experiment(
        sign=sign,
        least=float(entry["least"]),
        of=side(entry["of"]),
        against=side(entry["against"]),
        outcome=tuple(outcome),
        combine=combine,
        start=entry.get("start"),
        end=entry.get("end"),
        before=(int(entry["before"][0]), int(entry["before"][1])) if "before" in entry else None,
        each=tuple(side(changes) for changes in entry.get("each", ())),
        relative=bool(entry.get("relative", False)),
        needs=entry.get("needs"),
        shows=shows,
        named=str(entry.get("named", "")),
        named_zh=str(entry.get("named_zh", "")),
    )


def _check_shown(entry: Mapping[str, Any], shows: str, where: str) -> None:
    """InputError for a row that is to be shown and does not say by what, or has what only a mean of outcomes has."""
    if entry["sign"] not in SIGNS:
        raise InputError(where, why="has a sign that is none", mend=f"`sign` is one of {', '.join(SIGNS)}")
    known = sorted(path.stem for path in (HERE / "shown").glob("*.py") if not path.name.startswith("_"))
    if shows not in known:
        what = f"`shows` = {shows}" if shows else "`shows`"
        raise InputError(what, place=where, why="is no module of `experiments/paper/shown`", mend=nearest(shows, known))
    for key in _SHOWN:
        if key not in entry:
            raise InputError(f"`{key}`", place=where, why="is missing", mend="see the top of rows.toml")
    for key in ("combine", "start", "end", "before", "relative", "needs"):
        if key in entry:
            raise InputError(f"`{key}`", place=where, why="does not go with `shows`", mend="leave it out")
