"""Say what would mend a world, tried in that world: each lever alone, under the same draws, ranked by what it does.

  abm advise classroom
  abm advise results/classroom-seed1 --horizon 12
  abm advise classroom --budget 20000 --pairs

The run is parted at a quarter into branches, one as it is and one for each lever that is meant to help, under each of
several seeds. Of a scenario the quarter is a third of its length unless --quarter says another; of RESULTS (a folder
that `abm run` wrote) it is the end, the first seed is that of the run, and the table (advice.csv) and the folder's
report.html get the mends. What most tables fail for and what works best in the world are both said, and whether they
are one.
"""

from __future__ import annotations

import argparse
import gc
import math
import os
from pathlib import Path
from typing import TYPE_CHECKING

from abm.machine.errors import InputError
from abm.machine.language import either, say, together, wrapped

if TYPE_CHECKING:
    from abm.results.advice import Advice
    from abm.results.branches import Course
    from abm.results.saved import Saved
    from abm.scenario import Scenario

WIDTH = 100
"""Columns of what is read."""


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `abm advise`."""
    add = parser.add_argument
    add("of", metavar="SCENARIO|RESULTS", help="name of a scenario, path of a .toml, or a folder that `abm run` wrote")
    add("--quarter", type=int, metavar="N", help="quarters that are done when levers are moved (default: see above)")
    add("--horizon", type=int, default=20, metavar="N", help="quarters that are played under each (default: 20)")
    add("--seeds", type=int, default=8, metavar="N", help="worlds in which each is tried (default: 8)")
    add("--first-seed", type=int, metavar="N", help="seed of the first (default: the scenario's, or that of the run)")
    what = (
        "public money that a change may cost over the horizon, in 1,000 yuan; all that cost money then go as far as it"
    )
    add("--budget", metavar="KCNY", help=f"{what} carries them (default: halfway to their end)")
    add("--pairs", action="store_true", help="try each two levers together, too")
    add("--population", metavar="PATH", nargs="+", help="folder or files of real institutions (CSV, .xlsx or parquet)")
    add("--json", action="store_true", help="print JSON")


def main(args: argparse.Namespace) -> int:
    """Try every lever, print what it does, write it into a results folder."""
    from abm.commands.run import LOOK_FOR_GARBAGE_EVERY
    from abm.results import mends, processors, warmup
    from abm.results.advice import advise
    from abm.results.branches import MARKS
    from abm.results.progress import BranchProgress

    gc.set_threshold(LOOK_FOR_GARBAGE_EVERY)
    scenario, of = _asked(args)
    quarter = of.steps_done if of is not None and args.quarter is None else args.quarter
    _check_options(args, of, scenario)
    cores = processors()

    def check(base: Course) -> None:
        """A run of before is asked about itself: this model must make the same one."""
        if of is not None and quarter and args.first_seed is None:
            of.check_quarter(quarter - 1, dict(zip(MARKS, base.marks.tolist(), strict=True)))

    with warmup.in_background(cores), BranchProgress() as progress:
        advice = advise(
            scenario,
            quarter,
            horizon=args.horizon,
            seeds=args.seeds,
            first_seed=args.first_seed,
            budget_kcny=_budget(args.budget),
            pairs=args.pairs,
            processes=min(cores, args.seeds),
            watch=progress.tell,
            check=check,
        )
    warmup.everything_is_compiled()
    _print(scenario, advice, as_json=args.json)
    if of is not None:
        place = mends.write(advice, of.folder)
        if not args.json:
            print("\n" + say("written: {file}", file=place))
    return 0


def _asked(args: argparse.Namespace) -> tuple[Scenario, Saved | None]:
    """The scenario that is played, and the run of before that it is of."""
    from abm.results.saved import saved
    from abm.scenario import load, names

    place = Path(args.of)
    if place.is_dir() and args.of not in names():
        of = saved(place)
        if args.population is not None:
            why, mend = "is for scenarios, and a run of before has its own institutions", "leave it out"
            raise InputError("--population", why=why, mend=mend)
        return of.scenario, of
    scenario = load(args.of)
    if args.population is not None:
        tables = {"population.source": "tables", "population.path": os.pathsep.join(args.population)}
        scenario = scenario.with_overrides(**tables)
    return scenario, None


def _check_options(args: argparse.Namespace, of: Saved | None, scenario: Scenario) -> None:
    """InputError for a number that does not fit, as the command line has it."""
    least = {"--horizon": (args.horizon, 1), "--seeds": (args.seeds, 1), "--first-seed": (args.first_seed, 0)}
    for option, (value, low) in least.items():
        if value is not None and value < low:
            raise InputError(f"{option} {value}", why=f"is not a whole number from {low} on", mend=f"write {option} 8")
    last = scenario.steps if of is None else of.steps_done
    if args.quarter is not None and not 0 <= args.quarter <= last:
        why = f"is not in the run, which has {last} quarters"
        raise InputError(f"--quarter {args.quarter}", why=why, mend=f"give 0 (its begin) to {last} (its end)")


def _budget(text: str | None) -> float | None:
    """The money that was given, as a number."""
    if text is None:
        return None
    try:
        value = float(text.replace(",", ""))
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value >= 0.0):
        why, mend = "is not an amount of money from 0 on, in 1,000 yuan", "write --budget 5000 for 5 million yuan"
        raise InputError(f"--budget {text[:40]}", why=why, mend=mend)
    return value


def _print(scenario: Scenario, advice: Advice, *, as_json: bool) -> None:
    from abm.commands._tables import show, table
    from abm.results import mends

    if as_json:
        rows = advice.rows()
        cells = [[None if isinstance(v, float) and math.isnan(v) else v for v in row.values()] for row in rows]
        show(list(rows[0]), cells, as_json=True)
        return

    def lines(text: str) -> str:
        return "\n".join(wrapped(text, WIDTH))

    title = either(scenario.title, scenario.title_zh) or scenario.name
    print(lines(together([say("{title}.", title=title), mends.about(advice)])) + "\n")
    print(lines(advice.verdict()))
    for name, rows in mends.tables(advice).items():
        print(f"\n{name}\n{table(mends.heads(), rows)}")
    print("\n" + lines(mends.legend()))
