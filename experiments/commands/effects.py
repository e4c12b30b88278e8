"""Say what each arm of a sweep does against a baseline: paired differences with intervals, and money per effect.

  abm effects studies/my-arms --baseline none
  abm effects studies/my-arms --baseline none --outcomes depth jobs --cost spent --per depth

Runs of two arms under the same seed make a pair. --cost names the outcome that counts the money, --per the one that it
buys (default: the first other). What moves by more than chance is tested for all arms and outcomes together, wrong in
at most 5 % of studies. The table is printed; the report has it with a figure for a journal (PNG, SVG).
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from experiments.analysis.effects import Effects
    from experiments.sweep.store import Study


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `abm effects`."""
    add = parser.add_argument
    add("store", type=Path, help="folder of a store (its newest study is taken), or of one study in it")
    add("--baseline", required=True, metavar="ARM", help="what the others are held against")
    add("--outcomes", nargs="+", metavar="NAME", help="outcomes to compare (default: all of the design, at most 12)")
    add("--cost", metavar="NAME", help="outcome that counts the money, such as one made of `spent`")
    add("--per", metavar="NAME", help="outcome that the money buys (default: the first other)")
    add("--out", type=Path, metavar="DIR", help="report folder (default: reports/DESIGN-effects)")
    add("--json", action="store_true", help="print JSON, write no report")


MOST = 12
"""Outcomes compared where none are named: each one more makes the test of all together blunter."""


def main(args: argparse.Namespace) -> int:
    """Compare, print, report."""
    from dataclasses import replace

    from abm.commands._tables import show
    from abm.machine.language import paragraph, say
    from experiments.analysis.effects import paired_effects
    from experiments.commands._methods import report
    from experiments.commands._store import found
    from experiments.design.design import question_of
    from experiments.report.report import own
    from experiments.sweep.store import reading

    study = found(args.store)[-1]
    with reading(study.folder):
        key = _key(study)
        outcomes, cost = _outcomes(study, args)
        runs = study.runs()
        runs[key] = runs[key].astype(str)
        effects = paired_effects(
            runs,
            outcomes,
            arm=key,
            baseline=args.baseline,
            cost=cost,
            labels={name: _label(name, study) for name in outcomes},
        )
        notes = [*effects.caveats, *study.matches(), *study.worlds_apart(args.baseline), *study.doubts]
        if not study.is_complete:
            notes.insert(0, say("The sweep is not complete."))
        notes += [*_nothing_to_tell(runs, effects, outcomes), *_seeds(effects)]
        effects = replace(effects, caveats=tuple(notes))
        heads, rows = _table(effects)
        show(heads, rows, as_json=args.json)
        if args.json:
            return 0
        print("\n" + "\n".join(map(paragraph, notes)) + "\n")
        about = study.manifest
        what = (
            say("Effects in {what}", what=own(about["title"] or about["design_name"])),
            about["question"] or question_of(study.keys),
        )
        return report([effects], f"{about['design_name']}-effects", what, args.out, study.provenance())


def _nothing_to_tell(runs: Any, effects: Effects, outcomes: list[str]) -> list[str]:
    """Outcomes that are the same in every run, and arms that have no value of one: each by its name."""
    from abm.machine.language import say
    from experiments.analysis._runs import column, rows, usable

    found: list[str] = []
    for outcome in outcomes:
        values = column(runs, outcome)[usable(runs, outcome)]
        if len(values) > 1 and values.min() == values.max():
            found.append(
                say("{outcome} is {value} in every run: there is nothing to compare.", outcome=outcome,
                    value=f"{values[0]:.3g}")
            )  # fmt: skip
    for row in rows(effects.table):
        if row["n_pairs"] < 2:
            found.append(
                say(
                    "{arm} has no pair with a value of {outcome}: leave it out with --outcomes, or run longer or more "
                    "seeds (an interval takes 2 pairs)." if row["n_pairs"] == 0
                    else "{arm} has 1 pair with a value of {outcome}: leave it out with --outcomes, or run longer or "
                    "more seeds (an interval takes 2 pairs).",
                    arm=row["arm"], outcome=row["outcome"],
                )
            )  # fmt: skip
    return found


MOST_ADVICE = 4
"""Differences for which seeds are advised."""


def _seeds(effects: Effects) -> list[str]:
    """How many seeds would tell the largest of the differences that are not told."""
    from abm.machine.language import say
    from experiments.analysis._runs import rows
    from experiments.analysis.sample_size import MOST, PILOT, seeds_for

    table = rows(effects.table)
    open_ = [row for row in table if not row["is_told"] and row["n_pairs"] >= PILOT and row["variance_paired"] > 0]
    found: list[tuple[int, str]] = []
    for row in open_:
        n = seeds_for(row["mean"], row["variance_paired"] ** 0.5, len(table))
        if n < MOST:
            found.append((n, say("{arm} on {outcome} about {n}", arm=row["arm"], outcome=row["outcome"], n=f"{n:,}")))
    if not found:
        return []
    listed = say(", ").join(text for _, text in sorted(found)[:MOST_ADVICE])
    return [say("Seeds that would tell differences as large as those seen, with a chance of 80 %: {listed}.",
                listed=listed)]  # fmt: skip


def _key(study: Study) -> str:
    """What tells the arms apart: the only key that varies."""
    from abm.machine.errors import InputError

    if len(study.keys) != 1:
        why = f"varies {', '.join(study.keys)}; arms are compared in a study that varies one key alone"
        mend = "write each combination as an [arms.NAME] of its own"
        raise InputError(f"design `{study.manifest['design_name']}`", place=f"{study.folder}", why=why, mend=mend)
    return str(study.keys[0])


def _outcomes(study: Study, args: argparse.Namespace) -> tuple[list[str], tuple[str, str] | None]:
    """Outcomes to compare, and what counts the money with what it buys."""
    from abm.machine.errors import InputError, nearest

    kept = study.outcomes
    wanted: list[str] = list(dict.fromkeys(args.outcomes or kept[:MOST]))
    for option, name in (*(("--outcomes", name) for name in wanted), ("--cost", args.cost), ("--per", args.per)):
        if name is not None and name not in kept:
            raise InputError(f"{option} {name}", place=f"{study.folder}", why="was not kept", mend=nearest(name, kept))
    if args.cost is None:
        if args.per is not None:
            raise InputError(f"--per {args.per}", why="says what money buys, and no money", mend="give --cost too")
        return wanted, None
    others = [name for name in wanted if name != args.cost]
    bought = args.per or next(iter(others), None)
    if bought is None or bought == args.cost:
        raise InputError(f"--cost {args.cost}", why="buys nothing", mend="give --per another outcome")
    return list(dict.fromkeys([*wanted, bought, args.cost])), (args.cost, bought)


def _label(name: str, study: Study) -> str:
    """An outcome in words, with what is measured and its unit where the name does not say so."""
    from abm.machine.errors import with_unit
    from abm.machine.language import say, spoken
    from abm.quarter.measurement.metrics import catalogue

    spec = study.manifest["design"].get("outcomes", {})
    of = spec.get(name) if isinstance(spec, dict) else None
    of = of if isinstance(of, dict) else {}
    about = catalogue().get(name) or catalogue().get(str(of.get("metric", "")))
    if about is None:
        return name.replace("_", " ")
    # A sum over quarters is no longer one a quarter.
    unit = about.unit.removesuffix("/quarter") if of.get("reduce") == "sum" else about.unit
    label = spoken(about.label if unit in about.label.split() else with_unit(about.label, unit))
    return label if name in catalogue() else f"{name.replace('_', ' ')}{say(', ')}{label}"


def _table(effects: Effects) -> tuple[list[str], list[list[Any]]]:
    """The table that is printed: a row an outcome and arm, with prices beside what they buy."""
    from experiments.analysis._runs import rows

    price = {row["arm"]: row for row in rows(effects.costs)}
    heads = ["outcome", "arm", effects.baseline, "difference", "low", "high", "p", "pairs"]
    heads += ["cost of 1", "cost low", "cost high"] if price else []
    found: list[list[Any]] = []
    for row in rows(effects.table):
        line = [row["outcome"], row["arm"], *(_short(row[name]) for name in ("baseline", "mean", "low", "high", "p"))]
        line.append(row["n_pairs"])
        if price:
            own = price[row["arm"]] if row["outcome"] == effects.bought else {}
            line += [_short(own.get(name)) for name in ("cost", "cost_low", "cost_high")]
        found.append(line)
    return heads, found


def _short(value: Any) -> str:
    """Three digits; a dash where there is no number."""
    from experiments.analysis.wording import number

    return "-" if value is None or value != value else number(value)
