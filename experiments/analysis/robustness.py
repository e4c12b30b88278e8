"""Robustness: which conclusions survive in worlds that one need not have chosen.

A conclusion is a question in a few words and its answer in one ("subsidy on depth": "raises"). The same study is asked
again under every protocol, at half, once and twice the size, in its own population and in another, all of these
crossed, each under seeds of its own. A conclusion survives where it is the same in all of them; where some do not tell
it, it survives as far as it is told; where some say otherwise, it does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np

from abm.machine.errors import InputError
from abm.machine.language import say, spoken
from experiments.analysis._noise import told
from experiments.analysis._runs import column, rows, usable
from experiments.design import Design

if TYPE_CHECKING:
    import pandas as pd

    from experiments.analysis.effects import Effects

AS_ASKED = "as asked"
NOT_TOLD = ("not told", "no answer")
SEEDS_APART = 1000
"""Between a study's seeds and fresh ones, and from world to world: no question takes seeds that far from its own."""
PROVINCES, SCALE, INVENTED = "china", 0.02, "classroom"
"""The other population: the provinces, as small as a classroom can wait for; for a study of provinces the classroom."""
SIZES = (0.5, 1.0, 2.0)
OWN_POPULATION, OTHER_POPULATION = "own population", "other population"
EVERYWHERE, WHERE_TOLD, NOWHERE_SURE = "everywhere", "where told", "no"
"""Whether a conclusion survives."""
Conclusions = Mapping[str, str]


@dataclass(frozen=True)
class Variant:
    """Another world for the same study."""

    name: str
    change: Callable[[Design], Design]
    levels: tuple[str, ...] = field(default=())
    """What it is made of, where worlds are crossed: "protocol nash", "size x 2", "other population"."""


def crossed(base_protocol: str) -> list[Variant]:
    """Every protocol x size x population, each under fresh seeds; first the study's own world under fresh seeds."""
    from abm.quarter.negotiation.protocols import names

    protocols = [base_protocol, *(name for name in names() if name != base_protocol)]
    sizes = sorted(SIZES, key=lambda size: size != 1.0)
    return [
        _world(i, *levels)
        for i, levels in enumerate(product(protocols, sizes, (OWN_POPULATION, OTHER_POPULATION)), start=1)
    ]


def variants(base_protocol: str) -> list[Variant]:
    """Protocols, sizes, another population, fresh seeds: each alone, all else as asked."""
    found: list[Variant] = []
    for world in crossed(base_protocol):
        own = (f"protocol {base_protocol}", "size x 1", OWN_POPULATION)
        apart = [level for level, as_asked in zip(world.levels, own, strict=True) if level != as_asked]
        if len(apart) <= 1:
            found.append(Variant(apart[0] if apart else "fresh seeds", world.change))
    return found


def _world(number: int, protocol: str, size: float, population: str) -> Variant:
    def change(design: Design) -> Design:
        made = design if population == OWN_POPULATION else _elsewhere(design)
        made = made.with_overrides(**_sized(made, size)) if size != 1.0 else made
        made = made if made.base.protocol == protocol else made.with_overrides(protocol=protocol)
        return replace(made, seed=design.seed + number * SEEDS_APART)

    levels = (f"protocol {protocol}", f"size x {size:g}", population)
    return Variant(", ".join(levels), change, levels)


def _sized(design: Design, factor: float) -> dict[str, Any]:
    spec = design.base.population
    if spec.source != "synthetic":
        return {"scale": spec.scale * factor}
    counts = ("n_colleges", "n_enterprises", "n_students")
    return {f"population.{name}": max(1, round(getattr(spec, name) * factor)) for name in counts}


def _elsewhere(design: Design) -> Design:
    from abm import scenario

    if design.base.population.source == "provinces":
        other = scenario.load(INVENTED)
    else:
        other = scenario.load(PROVINCES).with_overrides(scale=SCALE)
    return design.with_overrides(population=other.to_tables()["population"])


def in_words(world: str) -> str:
    """The name of a world, or of a level of one, in the language that is spoken."""
    parts: list[str] = []
    for level in world.split(", "):
        kind, _, name = level.rpartition(" ")
        if kind == "protocol":
            parts.append(say("protocol {name}", name=name))
        elif kind == "size x":
            parts.append(say("size x {factor}", factor=name))
        else:
            parts.append(spoken(level))
    return ", ".join(parts)


@dataclass(frozen=True)
class Robustness:
    """A row a conclusion: what was answered as asked and elsewhere."""

    table: pd.DataFrame
    """conclusion, as asked; where worlds are crossed a column a level with how many of its worlds say the same, else a
    column a world with its answer; same, not told, otherwise (worlds), worlds (in all), survives."""
    cells: pd.DataFrame
    """world, conclusion, answer."""
    skipped: Mapping[str, str]
    """Worlds that the study cannot be asked in, and why."""

    def answer(self) -> str:
        """How many conclusions survive, and which do not where."""
        return " ".join(self._sentences())

    def _sentences(self) -> Iterator[str]:
        if not len(self.table):
            yield say("There is no conclusion to hold against other worlds.")
            return
        table, n = rows(self.table), max(int(row["worlds"]) for row in rows(self.table))
        whole = sum(row["survives"] == EVERYWHERE for row in table)
        if n:
            yield say(
                "{n} of {all} conclusions are the same in all {worlds} worlds.", n=whole, all=len(table), worlds=n
            )
        for row in table:
            said = spoken(str(row[AS_ASKED]))
            values = {"conclusion": row["conclusion"], "own": said, "same": row["same"], "worlds": n}
            if row["survives"] == WHERE_TOLD:
                yield say("{conclusion}: {own} as asked and in {same} of {worlds} worlds, not told in the others.",
                          **values)  # fmt: skip
            elif row["survives"] == NOWHERE_SURE:
                of: Any = self.cells[self.cells["conclusion"] == row["conclusion"]]
                first = next(cell for cell in rows(of) if cell["answer"] not in (row[AS_ASKED], *NOT_TOLD))
                yield say("{conclusion}: {own} as asked and in {same} of {worlds} worlds, but {other} in {otherwise}, "
                          "first {world}.", **values, other=spoken(str(first["answer"])), otherwise=row["otherwise"],
                          world=in_words(first["world"]))  # fmt: skip
        for name, why in self.skipped.items():
            yield say("Not asked: {world} ({why}).", world=in_words(name), why=why)


def robustness(
    ask: Callable[[Variant | None], Conclusions],
    worlds: Sequence[Variant],
    tell: Callable[[str], None] = lambda _: None,
) -> Robustness:
    """Ask as asked and in every other world. One that raises InputError is left out and named."""
    import pandas as pd

    tell(AS_ASKED)
    first = ask(None)
    found: dict[str, Conclusions] = {}
    skipped: dict[str, str] = {}
    for variant in worlds:
        tell(variant.name)
        try:
            found[variant.name] = ask(variant)
        except InputError as error:
            skipped[variant.name] = str(error)
    asked = [world for world in worlds if world.name in found]
    levels = list(dict.fromkeys(level for world in asked for level in world.levels))
    cells = [(world.name, key, found[world.name].get(key, NOT_TOLD[1])) for world in asked for key in first]
    table: list[dict[str, Any]] = []
    for key, value in first.items():
        answers = {world.name: found[world.name].get(key, NOT_TOLD[1]) for world in asked}
        row: dict[str, Any] = {"conclusion": key, AS_ASKED: value}
        for level in levels:
            own = [answers[world.name] for world in asked if level in world.levels]
            row[level] = f"{sum(answer == value for answer in own)} of {len(own)}"
        row |= {} if levels else answers
        same = sum(answer == value for answer in answers.values())
        silent = sum(answer != value and answer in NOT_TOLD for answer in answers.values())
        otherwise = len(answers) - same - silent
        survives = EVERYWHERE if same == len(answers) else NOWHERE_SURE if otherwise else WHERE_TOLD
        table.append(row | {"same": same, "not told": silent, "otherwise": otherwise, "worlds": len(answers),
                            "survives": survives})  # fmt: skip
    columns = ["conclusion", AS_ASKED, *(levels or found), "same", "not told", "otherwise", "worlds", "survives"]
    return Robustness(
        pd.DataFrame(table, columns=columns), pd.DataFrame(cells, columns=["world", "conclusion", "answer"]), skipped
    )


def of_effects(effects: Effects) -> dict[str, str]:
    """What paired effects conclude: the direction of each, and the cheapest."""
    found = {
        f"{row['arm']} on {row['outcome']}": _direction(bool(row["is_told"]), row["mean"])
        for row in rows(effects.table)
    }
    priced = [row for row in rows(effects.costs) if np.isfinite(row["cost"])]
    if priced and not effects.ties:
        found["cheapest"] = str(min(priced, key=lambda row: row["cost"])["arm"])
    elif priced:
        found["cheapest"] = "not told"
    return found


def of_keys(runs: pd.DataFrame, keys: Sequence[str], outcomes: Sequence[str]) -> dict[str, str]:
    """Whether each outcome rises or falls with each key that is a number, by rank correlation over points, together."""
    import pandas as pd
    from scipy import stats

    names: list[str] = []
    signs: list[float] = []
    tests: list[float] = []
    for outcome in outcomes:
        good: Any = runs[usable(runs, outcome)]
        for key in keys:
            if pd.api.types.is_object_dtype(good[key]) or len(set(good[key])) < 2:
                continue
            means: Any = good.groupby("point")[[key, outcome]].mean()
            if len(means) < 4 or means[outcome].nunique() < 2:
                continue
            found: Any = stats.spearmanr(column(means, key), column(means, outcome))
            names.append(f"{outcome} over {key}")
            signs.append(float(found.statistic))
            tests.append(float(found.pvalue))
    if not names:
        return {}
    sure = told(tests)[1]
    words = ("rises", "falls")
    return {
        name: _direction(bool(is_sure), sign, words) for name, is_sure, sign in zip(names, sure, signs, strict=True)
    }


def _direction(is_told: bool, value: float, words: tuple[str, str] = ("raises", "lowers")) -> str:
    return NOT_TOLD[0] if not is_told else words[0] if value > 0 else words[1]
