"""The review paper as a living table: every claim, the experiment that shows it in the model, and what came out.

  abm paper                    the table as it was last written
  abm paper --rows 24 30       some rows of it
  abm paper --run              run all experiments anew, and write table, pages and picture into paper/

A claim is strong if the whole 95 % interval of its effect lies beyond the least effect that counts, over seeds that
were never used to tune anything, with Holm's correction over all claims; one that something exists, if the interval
lies off 0 and the effect itself is that large; one of an order, if it holds in .8 of the seeds. Runs are kept in a
store: what was stopped goes on there. The exit code is 1 where the table is not of this model, or of other experiments
(it says "stale").
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from abm.machine.disk import unwritable
from abm.machine.errors import InputError
from abm.machine.language import say, speaking

if TYPE_CHECKING:
    from collections.abc import Sequence

    from experiments.paper import Judgement, Ran, Row, Table


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `abm paper`."""
    add = parser.add_argument
    add("--rows", nargs="+", type=int, metavar="N", help="only these rows")
    add("--run", action="store_true", help="run the experiments of the rows, and write what came out")
    add("--table", type=Path, metavar="FILE", help="print this table (default: the one that comes with the package)")
    add("--seeds", type=int, metavar="N", help="seeds of every side, with --run (default: 20)")
    add("--seed", type=int, metavar="N", help="where they begin, times a million (default: 2026)")
    add("--store", type=Path, metavar="DIR", help="folder that keeps the runs (default: studies/paper)")
    add("--fresh", action="store_true", help="set aside what the store holds, and begin anew")
    add("--out", type=Path, default=Path("paper"), metavar="DIR", help="where table and pages go (default: paper)")
    add("--workers", type=int, metavar="N", help="processes (default: all cores)")
    add("--quiet", action="store_true", help="no progress")


def main(args: argparse.Namespace) -> int:
    """Print the table, or run it; 1 if what is printed is stale."""
    from experiments.paper import judge, load, rows
    from experiments.paper.page import made_by, stale, text
    from experiments.paper.running import SHIPPED

    chosen = _chosen(rows(), args.rows)
    made = _run(chosen, args) if args.run else None
    table = load(args.table or SHIPPED) if made is None else made.table()
    # Holm's correction is over all that was run, whatever is shown of it.
    judgements = [judgement for judgement in judge(rows(), table) if judgement.row in chosen]
    print(text(judgements))
    print(made_by(table))
    if made is not None:
        print(_written(judgements, table, made, args.out))
    if table.is_stale:
        print(stale(table))
    return int(table.is_stale)


def _chosen(known: Sequence[Row], wanted: Sequence[int] | None) -> list[Row]:
    numbers = {row.number for row in known}
    for number in wanted or ():
        if number not in numbers:
            mend = f"rows are {min(numbers)} to {max(numbers)}"
            raise InputError(f"row {number}", place="--rows", why="does not exist", mend=mend)
    return [row for row in known if not wanted or row.number in wanted]


def _run(chosen: Sequence[Row], args: argparse.Namespace) -> Ran:
    from experiments.commands._methods import at_least
    from experiments.paper import ran, running
    from experiments.sweep.store import HOME, set_aside

    seeds = running.SEEDS if args.seeds is None else args.seeds
    seed = running.SEED if args.seed is None else args.seed
    at_least("--seeds", seeds, 2, "gives no interval")
    at_least("--seed", seed, 0, "is no seed")
    store = args.store or HOME / "paper"
    if args.fresh and (old := set_aside(store)) is not None:
        print(f"abm paper: {say('what {store} held is in {old}', store=store, old=old)}", file=sys.stderr)
    return ran(chosen, store=store, seeds=seeds, seed=seed, workers=args.workers, is_quiet=args.quiet)


def _written(judgements: Sequence[Judgement], table: Table, made: Ran, out: Path) -> str:
    """Write table, pages in both languages, the picture of all and those of single rows; where they are."""
    from experiments.paper.page import markdown
    from experiments.paper.picture import draw

    table.write(out / "table.json")
    try:
        for language, name in (("en", "paper"), ("zh", "paper_zh")):
            with speaking(language):
                pictures = made.pictures(out, "" if language == "en" else f"_{language}")
                page = markdown(judgements, table, draw(judgements, out, name), pictures)
                (out / f"{name}.md").write_text(page, encoding="utf-8", newline="\n")
    except OSError as error:
        raise unwritable(f"--out {out}", error, "give another folder") from error
    return say("table, pages and picture: {place}", place=out)
