"""Run a design: every point, every replication, into a store that keeps each run once.

  abm sweep talk-is-dear
  abm sweep my_design.toml --replications 20 --workers 8
  abm sweep my_design.toml --dask tcp://10.0.0.1:8786 --store /scratch/talk
  abm sweep my_arms.toml --advise          how many seeds it takes to tell the arms apart
  abm sweep my_arms.toml --robust          and which conclusions survive in other worlds
  abm sweep my_design.toml --shard $SLURM_ARRAY_TASK_ID/20 --store /scratch/talk

What is in the store already is not run again: a sweep that was stopped, by Ctrl-C or by a power cut,
goes on with the same command. Failed runs are rows with their error. docs/experiments.md says more.
"""

from __future__ import annotations

import argparse
import shlex
import sys
from pathlib import Path
from typing import Any

from abm.machine.errors import InputError
from abm.machine.language import paragraph, say


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `abm sweep`."""
    from experiments.commands._consent import add_yes
    from experiments.commands._robust import add_robust

    add = parser.add_argument
    add("design", help="name of a shipped design or path of a .toml")
    add("--store", type=Path, metavar="DIR", help="folder that keeps the runs (default: studies/DESIGN)")
    add("--replications", type=int, metavar="N", help="seeds of every point (default: the design's)")
    what = "another value for whatever the base can be told (steps=40, subsidy_rate=0.2); may be repeated"
    add("--set", dest="settings", action="append", default=[], metavar="KEY=VALUE", help=what)
    who = parser.add_mutually_exclusive_group()
    who.add_argument("--workers", type=int, metavar="N", help="processes on this machine (default: all cores)")
    who.add_argument("--dask", metavar="ADDRESS", help="scheduler of a Dask cluster")
    who.add_argument("--mpi", action="store_true", help="MPI: mpiexec -n 64 python -m mpi4py.futures -m abm sweep ...")
    add("--executor", metavar="NAME", help="serial, threads or processes for --workers (default: what pays)")
    add("--shard", metavar="I/N", help="do the I-th of N parts, for job arrays; all meet in the store")
    add("--fresh", action="store_true", help="set aside what the store holds, and begin anew")
    add("--advise", action="store_true", help="run a few seeds only, and say how many tell the arms apart")
    add_robust(parser)
    add("--retry-failed", action="store_true", help="run failed runs again")
    add_yes(parser)
    add("--quiet", action="store_true", help="no progress")


def main(args: argparse.Namespace) -> int:
    """Sweep, and say where the runs are; 1 if some failed, 130 when stopped."""
    from abm.commands.run import overrides_of
    from experiments.commands._consent import consent
    from experiments.design import load
    from experiments.sweep import store, sweep
    from experiments.sweep.driver import Interrupted

    design = load(args.design)
    if args.settings:
        design = design.with_overrides(**overrides_of(args))
    if args.replications is not None:
        design = design.with_replications(args.replications)
    planned = design.replications
    if args.advise:
        from experiments.analysis.sample_size import PILOT

        design = design.with_replications(min(PILOT, planned))
    place = args.store or store.HOME / design.name
    if args.fresh:
        old = store.set_aside(place)
        if old is not None:
            print(f"abm sweep: {say('what {store} held is in {old}', store=place, old=old)}", file=sys.stderr)
    try:
        study = sweep(
            design, place, args.workers, _executor(args), args.quiet,
            shard=_shard(args.shard), confirm=consent(args.yes), retry_failed=args.retry_failed,
        )  # fmt: skip
    except Interrupted as stop:
        how = say("the same command without --fresh goes on" if args.fresh else "the same command goes on")
        print(f"abm sweep: {stop}{say('; ')}{how}", file=sys.stderr)
        return 130
    runs = study.summary()
    n_failed = list(runs["status"]).count("failed")
    done, all_runs = f"{len(runs):,}", f"{study.manifest['runs']:,}"
    print(
        say(
            "{n} of {all} runs are done, {failed} failed: {place}", n=done, all=all_runs, failed=n_failed,
            place=study.folder,
        )
    )  # fmt: skip
    if n_failed:
        errors = runs.loc[runs["status"] != "ok", "error"].value_counts()
        print("\n".join(f"  {n} x {' '.join(error.split())[:110]}" for error, n in errors.head(5).items()))
    print("".join(f"{paragraph(line)}\n" for line in [*study.matches(), *study.worlds_apart()]), end="")
    if args.advise:
        from experiments.commands._advice import advise

        print("\n".join(advise(study, planned, args.workers)))
    if args.robust:
        from experiments.commands._robust import of_design

        print(of_design(design, place, args))
    print(f"abm report {shlex.quote(str(place))}")
    return 1 if n_failed else 0


def _executor(args: argparse.Namespace) -> Any:
    if args.dask is not None:
        from experiments import executors

        return executors.start("dask", 0, args.dask)
    return "mpi" if args.mpi else args.executor


def _shard(text: str | None) -> tuple[int, int]:
    if text is None:
        return 1, 1
    part, _, whole = text.partition("/")
    if not (part.isdigit() and whole.isdigit()):
        raise InputError(f"--shard {text}", why="is not I/N", mend="write --shard 3/20 for the third of twenty parts")
    return int(part), int(whole)
