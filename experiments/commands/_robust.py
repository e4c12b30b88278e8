"""`--robust`: the same study in other worlds, crossed or each alone, and which conclusions survive."""

from __future__ import annotations

import argparse
import re
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from abm.machine.language import say, spoken

if TYPE_CHECKING:
    from experiments.analysis.robustness import Conclusions, Robustness, Variant
    from experiments.design import Design
    from experiments.questions import Setting

CROSSED, EACH = "crossed", "each"
FOLDER = "robust"
"""Of a store: the runs of other worlds, a store each."""


def _place(store: Path, variant: Variant | None) -> Path:
    return store / FOLDER / (re.sub(r"[^a-z0-9]+", "-", variant.name) if variant else "as-asked")


def add_robust(parser: argparse.ArgumentParser) -> None:
    """The option."""
    what = (
        "also in other worlds, which conclusions survive: protocols x sizes x populations, crossed, under fresh seeds; "
        "`--robust each`: each alone, a third of the runs"
    )
    parser.add_argument("--robust", nargs="?", const=CROSSED, choices=(CROSSED, EACH), help=what)


def _worlds(how: str, protocol: str) -> list[Variant]:
    from experiments.analysis import robustness

    return (robustness.crossed if how == CROSSED else robustness.variants)(protocol)


def of_question(question: ModuleType, setting: Setting, how: str = CROSSED) -> Robustness:
    """A question, from a fraction of the runs, in other worlds."""
    from abm.scenario import Scenario
    from experiments.analysis.robustness import robustness

    worlds = _worlds(how, Scenario().protocol)
    number = iter(range(len(worlds) + 1))

    def ask(variant: Variant | None) -> Conclusions:
        asked = replace(setting, variant=variant, is_quick=True, store=_place(setting.store, variant))
        return question.ask(asked).conclusions

    def tell(name: str) -> None:
        if not setting.is_quiet:
            print("  " + _told(name, next(number), len(worlds)), file=sys.stderr, flush=True)

    return robustness(ask, worlds, tell)


def _told(name: str, i: int, n: int) -> str:
    from experiments.analysis.robustness import in_words

    return say("other worlds, {i} of {n}: {name}", i=i, n=n, name=in_words(name))


def _said(cell: str) -> str:
    n, of, whole = cell.partition(" of ")
    return say("{n} of {all}", n=n, all=whole) if of and n.isdigit() else spoken(cell)


def of_design(design: Design, place: Path, args: argparse.Namespace) -> str:
    """A sweep in other worlds; the table, as it is printed, with what survives."""
    from abm.commands._tables import table
    from experiments.analysis._runs import rows
    from experiments.analysis.effects import paired_effects
    from experiments.analysis.robustness import in_words, of_effects, of_keys, robustness
    from experiments.commands._consent import consent
    from experiments.commands.effects import MOST
    from experiments.design.dimensions import ARM
    from experiments.sweep import sweep

    outcomes = [outcome.name for outcome in design.outcomes][:MOST]

    def ask(variant: Variant | None) -> Conclusions:
        asked = design if variant is None else variant.change(design)
        store = place if variant is None else _place(place, variant)
        runs = sweep(asked, store, args.workers, None, True, confirm=consent(args.yes)).runs()
        if design.keys != (ARM,):
            return of_keys(runs, design.keys, outcomes)
        return of_effects(paired_effects(runs, outcomes, arm=ARM, baseline=str(design.points()[ARM].iloc[0])))

    def tell(name: str) -> None:
        if not args.quiet:
            print(_told(name, next(number), len(worlds)), file=sys.stderr, flush=True)

    worlds = _worlds(args.robust, design.base.protocol)
    number = iter(range(len(worlds) + 1))
    found = robustness(ask, worlds, tell)
    # A line a level: so many columns fit no terminal.
    lines: list[list[str]] = []
    for row in rows(found.table):
        cells = [(in_words(str(name)), _said(str(row[name]))) for name in found.table.columns[1:]]
        lines += [[str(row["conclusion"]) if not i else "", *cell] for i, cell in enumerate(cells)]
    heads = [say("conclusion"), say("where"), say("worlds that say the same, or what is said there")]
    return f"{table(heads, lines)}\n{found.answer()}"
