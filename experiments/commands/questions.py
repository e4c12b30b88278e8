"""Answer the questions that come with the package, each into a folder with text, figures and tables.

  abm questions                      all of them
  abm questions lag-ratio --quick    one, from a fraction of the runs
  abm questions --list               what they ask

All runs are kept in one store: what is there is not run again, and what was stopped goes on with the
same command. The folder --out gets, for each question, report.md, its figures (PNG) and its small tables,
and a README.md that lists the answers; the full reports (HTML, SVG, parquet) are in the store.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from abm.errors import InputError, nearest


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `abm questions`."""
    add = parser.add_argument
    add("names", nargs="*", metavar="NAME", help="which questions (default: all)")
    add("--list", action="store_true", help="say what there is, run nothing")
    add("--quick", action="store_true", help="a fraction of the runs: the same methods, wider intervals")
    add(
        "--out", type=Path, default=Path("docs/results"), metavar="DIR", help="where answers go (default: docs/results)"
    )
    add("--store", type=Path, metavar="DIR", help="folder that keeps the runs (default: studies/questions)")
    add("--fresh", action="store_true", help="set aside what the store holds, and begin anew")
    add("--workers", type=int, metavar="N", help="processes (default: all cores)")
    add("--quiet", action="store_true", help="no progress")


def main(args: argparse.Namespace) -> int:
    """Answer the questions one after the other; what is answered stays when the next one is stopped."""
    from experiments.commands._answers import answer, index
    from experiments.questions import Setting, questions, wording
    from experiments.store import HOME, set_aside

    found = questions()
    for name in args.names:
        if name not in found:
            raise InputError(f"question `{name}`", why="does not exist", mend=nearest(name, found))
    if args.list:
        print("\n".join(f"{name:24} {wording(question)}" for name, question in found.items()))
        return 0
    try:
        args.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        why = f"cannot be written ({error.strerror})"
        raise InputError(f"--out {args.out}", why=why, mend="give another folder") from None
    store = args.store or HOME / ("questions-quick" if args.quick else "questions")
    if args.fresh and (old := set_aside(store)) is not None:
        print(f"abm questions: what {store} held is in {old}", file=sys.stderr)
    setting = Setting(store, args.workers, args.quick, args.quiet)
    chosen = [name for name in found if name in args.names or not args.names]
    for i, name in enumerate(chosen, 1):
        if not args.quiet:
            print(f"{i} of {len(chosen)}: {wording(found[name])}", flush=True)
        print(f"  {answer(name, found[name], setting, args.out)}", flush=True)
    print(f"{index(args.out)}")
    return 0
