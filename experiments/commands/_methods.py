"""What the commands of the methods share: a design from the arguments, its outcomes, and the report at the end."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from abm.machine.errors import InputError, nearest
from abm.machine.language import paragraph, say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd
    from matplotlib.figure import Figure

    from experiments.design import Design


class Result(Protocol):
    """What every method gives back."""

    @property
    def tables(self) -> Mapping[str, pd.DataFrame]:
        """Tables by name."""
        ...

    @property
    def caveats(self) -> tuple[str, ...]:
        """What a reader must know."""
        ...

    def figures(self) -> Mapping[str, Figure]:
        """Figures by name."""
        ...

    def answer(self) -> str:
        """A few sentences."""
        ...


def add_shared(parser: argparse.ArgumentParser) -> None:
    """Arguments that all methods on a design have."""
    add = parser.add_argument
    add("design", help="name of a shipped design or path of a .toml")
    add_running(parser)
    add("--replications", type=int, metavar="N", help="seeds of every point (default: the design's)")
    what = "another value for whatever the base can be told (steps=40, subsidy_rate=0.2); may be repeated"
    add("--set", dest="settings", action="append", default=[], metavar="KEY=VALUE", help=what)


def add_running(parser: argparse.ArgumentParser) -> None:
    """Arguments on where runs and report are kept, who runs, and how much."""
    from experiments.commands._consent import add_yes

    add = parser.add_argument
    add("--store", type=Path, metavar="DIR", help="folder that keeps the runs (default: studies/NAME)")
    add("--out", type=Path, metavar="DIR", help="report folder (default: reports/NAME-METHOD)")
    add("--workers", type=int, metavar="N", help="processes (default: all cores)")
    add("--quiet", action="store_true", help="no progress")
    add_yes(parser)


def designed(args: argparse.Namespace) -> Design:
    """The design with the arguments' changes."""
    from abm.commands.run import overrides_of
    from experiments.design import load

    design = load(args.design)
    if args.settings:
        design = design.with_overrides(**overrides_of(args))
    return design if args.replications is None else design.with_replications(args.replications)


def at_least(option: str, value: int, least: int, why: str = "is too few") -> None:
    """InputError for an option below its least value, before anything is run."""
    if value < least:
        raise InputError(f"{option} {value}", why=why, mend=f"give {least} or more")


def outcome_of(design: Design, name: str | None, option: str = "--outcome") -> str:
    """The outcome that an option asks for, or the design's only one; InputError says what there is."""
    known = [outcome.name for outcome in design.outcomes]
    if name is None and len(known) == 1:
        return known[0]
    if name is None:
        shown = ", ".join(known[:12]) + (" ..." if len(known) > 12 else "")
        raise InputError(option, why="is missing", mend=f"design {design.name} has {shown}")
    if name not in known:
        raise InputError(
            f"{option} {name}", place=f"design {design.name}", why="is no outcome", mend=nearest(name, known)
        )
    return name


def label_of(design: Design, outcome: str) -> str:
    """The outcome in words, without how it is reduced."""
    from abm.quarter.measurement.metrics import catalogue

    metric = next(o.metric for o in design.outcomes if o.name == outcome)
    return catalogue()[metric].label


def metric_labels(names: Sequence[str]) -> dict[str, str]:
    """Metrics in words; InputError for one that is not measured."""
    from abm.quarter.measurement.metrics import catalogue

    for name in names:
        if name not in catalogue():
            raise InputError(f"metric `{name}`", why="is not measured", mend=nearest(name, catalogue()))
    return {name: catalogue()[name].label for name in names}


def report(results: Sequence[Result], name: str, what: tuple[str, str], out: Path | None, about: dict[str, Any]) -> int:
    """Write the report of some results and print their answers. what: title and question."""
    from experiments.report.report import write
    from experiments.runs import identity

    answers = [result.answer() for result in results]
    place = write(
        out or Path("reports") / name,
        *what,
        answers,
        {key: table for result in results for key, table in result.tables.items()},
        {key: figure for result in results for key, figure in result.figures().items()},
        {**about, "model": identity.model(), **identity.installation()},
        list(dict.fromkeys(note for result in results for note in result.caveats)),
    )
    print("\n\n".join(map(paragraph, answers)))
    print("\n" + say("report: {place}", place=place))
    return 0


def words(design: Design) -> tuple[str, str]:
    """Title and question of a design, or what stands for them."""
    return design.title or design.name, design.asks


def sources(design: Design, n_runs: int, **others: Any) -> dict[str, Any]:
    """Where the runs of a report come from."""
    return {
        "design": design.name,
        "base scenario": design.base.name,
        "runs": n_runs,
        "replications": design.replications,
        "study seed": design.seed,
        **others,
    }
