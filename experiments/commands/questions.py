"""Answer the questions that come with the package, each into a folder with text, figures and tables.

  abm questions                      all of them
  abm questions lag-ratio --quick    one, from a fraction of the runs
  abm questions --list               what they ask

All runs are kept in one store: what is there is not run again, and what was stopped goes on with the
same command. The folder --out gets, for each question, report.md, its figures (PNG) and its small tables,
and a README.md that lists the answers; the full reports (HTML, SVG, parquet) are in the store.

`abm questions --fresh` makes all of docs/results anew; it says beforehand how long that took the last time.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from abm.machine.disk import unwritable
from abm.machine.errors import InputError, nearest
from abm.machine.language import paragraph, say, spoken


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `abm questions`."""
    from experiments.commands._robust import add_robust

    add = parser.add_argument
    add("names", nargs="*", metavar="NAME", help="which questions (default: all)")
    add("--list", action="store_true", help="say what there is, run nothing")
    add("--quick", action="store_true", help="a fraction of the runs: the same methods, wider intervals")
    add(
        "--out", type=Path, default=Path("docs/results"), metavar="DIR", help="where answers go (default: docs/results)"
    )
    add("--store", type=Path, metavar="DIR", help="folder that keeps the runs (default: studies/questions)")
    add_robust(parser)
    add("--fresh", action="store_true", help="set aside what the store holds, and begin anew")
    add("--bilingual", action="store_true", help="answers in Chinese too, in README.zh.md of the folder")
    add("--workers", type=int, metavar="N", help="processes (default: all cores)")
    add("--quiet", action="store_true", help="no progress")


def main(args: argparse.Namespace) -> int:
    """Answer the questions one after the other; what is answered stays when the next one is stopped."""
    from abm.results.progress import duration
    from experiments.commands._answers import answer, index, last_time, model
    from experiments.questions import Setting, questions, wording
    from experiments.sweep.store import HOME, set_aside

    found = questions()
    for name in args.names:
        if name not in found:
            raise InputError(f"question `{name}`", why="does not exist", mend=nearest(name, found))
    if args.list:
        print("\n".join(f"{name:24} {spoken(wording(question))}" for name, question in found.items()))
        return 0
    try:
        args.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(f"--out {args.out}", error, "give another folder") from None
    store = args.store or HOME / ("questions-quick" if args.quick else "questions")
    if args.fresh and (old := set_aside(store)) is not None:
        print(f"abm questions: {say('what {store} held is in {old}', store=store, old=old)}", file=sys.stderr)
    setting = Setting(store, args.workers, args.quick, args.quiet)
    chosen = [name for name in found if name in args.names or not args.names]
    # Once: what is answered is written among the sources.
    made_by = model()
    if (commit := str(made_by["commit"] or "")).endswith("-dirty"):
        warning = say("warning: the source differs from its commit: answers will name {commit}, which nobody can fetch",
                      commit=commit)  # fmt: skip
        print(f"abm questions: {warning}", file=sys.stderr)
    if not args.quiet and (took := last_time(args.out, chosen, args.quick)) is not None:
        print(say("when last answered, these took {time} for {runs} runs on the cores of that machine",
                  time=duration(took[0]), runs=f"{took[1]:,}"), flush=True)  # fmt: skip
    begun = time.perf_counter()
    for i, name in enumerate(chosen, 1):
        if not args.quiet:
            head = say("{i} of {n}", i=i, n=len(chosen))
            print(f"{head}: {spoken(wording(found[name]))}", flush=True)
        said = answer(
            name, found[name], setting, args.out, robust=args.robust, made_by=made_by, is_bilingual=args.bilingual
        )
        print(f"  {paragraph(said)}", flush=True)
    print(f"{index(args.out)}")
    if not args.quiet:
        print(say("answered in {time}", time=duration(time.perf_counter() - begun)))
    return 0
