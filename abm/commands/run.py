"""Run a scenario and say what happened.

The results go to a folder: tables (parquet), the scenario as it was run, a manifest, a summary to
read and a report to open in a browser. Ctrl-C stops after the current step and keeps what is done.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
from pathlib import Path
from typing import Any

from abm.machine.errors import InputError
from abm.machine.language import paragraph, say
from abm.machine.toml_text import read

DEFAULT_SCENARIO = "china"
LOOK_FOR_GARBAGE_EVERY = 100_000
"""New objects between two looks for garbage. What is imported and loaded stays: to look through it again and again,
as Python does, is a tenth of the time of a classroom run."""


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `abm run`."""
    add = parser.add_argument
    add("scenario", nargs="?", default=DEFAULT_SCENARIO, help="name of a scenario or path of a .toml (default: china)")
    add("--seed", type=int, metavar="N", help="seed of every draw (default: the scenario's, mostly 1)")
    add("--steps", type=int, metavar="N", help="quarters to run (default: the scenario's)")
    what = "another value for a parameter, a lever or a policy's field (subsidy.rate=0.2); may be repeated"
    add("--set", dest="settings", action="append", default=[], metavar="KEY=VALUE", help=what)
    add("--population", metavar="PATH", nargs="+", help="folder or files of real institutions (CSV, .xlsx or parquet)")
    add("--protocol", metavar="NAME", help="bargaining protocol")
    add("--threads", type=int, metavar="N", help="threads (default: all cores); results do not depend on it")
    add("--out", type=Path, metavar="DIR", help="results folder (default: results/SCENARIO-seedN)")
    add("--csv", action="store_true", help="write every table as CSV too, as Excel opens it")
    add("--no-bom", action="store_true", help="CSV without the byte-order mark that Excel needs for Chinese")
    add("--xlsx", action="store_true", help="write all tables as one workbook too")
    add("--quiet", action="store_true", help="print only the verdict and the folder")
    add("--no-report", action="store_true", help="do not write report.html")


def main(args: argparse.Namespace) -> int:
    """Run, write the folder, print the summary; 130 when interrupted."""
    gc.set_threshold(LOOK_FOR_GARBAGE_EVERY)
    from abm.results import Run, folder, processors, warmup
    from abm.results.progress import Progress

    for option, value, least in (("--seed", args.seed, 0), ("--steps", args.steps, 1), ("--threads", args.threads, 1)):
        if value is not None and value < least:
            raise InputError(
                f"{option} {value}", why=f"is not a whole number from {least} on", mend=f"write {option} 5"
            )
    run = Run.begin(args.scenario, args.seed, threads=args.threads, **_overrides(args))
    steps = run.scenario.steps
    place = args.out or folder.fresh(Path("results") / f"{run.scenario.name}-seed{run.scenario.seed}")
    folder.check(place)
    for note in run.notes:
        print(f"abm run: {paragraph(note)}", file=sys.stderr)
    with warmup.in_background(processors()), Progress(steps, is_quiet=args.quiet) as progress:
        results = run.finish(progress)
    if results.is_complete:
        warmup.everything_is_compiled()
    results.save(place, csv=args.csv, report=not args.no_report, bom=not args.no_bom, xlsx=args.xlsx)
    print(results.verdict() if args.quiet else results.summary())
    print("\n" + say("results: {place}", place=place))
    if not results.is_complete:
        kept = say("stopped after {n} of {all} steps, kept as partial", n=results.steps_done, all=steps)
        print(f"abm run: {kept}", file=sys.stderr)
        return 130
    return 0


def _overrides(args: argparse.Namespace) -> dict[str, Any]:
    """What the command line says beside the scenario, in the words of Scenario.with_overrides."""
    overrides = overrides_of(args)
    if args.steps is not None:
        overrides["steps"] = args.steps
    if args.protocol is not None:
        overrides["protocol"] = args.protocol
    if args.population is not None:
        overrides |= {"population.source": "tables", "population.path": os.pathsep.join(args.population)}
    return overrides


def overrides_of(args: argparse.Namespace) -> dict[str, Any]:
    """What ``--set KEY=VALUE`` of a command say, in the words of Scenario.with_overrides."""
    settings: list[str] = args.settings
    overrides: dict[str, Any] = {}
    for setting in settings:
        # A Chinese keyboard may give a wide =.
        key, equals, value = (setting if "=" in setting else setting.replace("＝", "=", 1)).partition("=")
        key, value = key.strip(), value.strip()
        if not equals or not key:
            raise InputError(f"--set {setting[:80]}", why="has no value", mend="write --set name=value")
        if key.replace("-", "_") in vars(args).keys() - _SET_TOO:
            raise InputError(
                f"--set {setting[:80]}", why=f"is no setting: {key} is an option", mend=_as_option(key, value)
            )
        overrides[key] = read(value, f"--set {setting[:80]}")
    return overrides


_SET_TOO = frozenset(("steps", "protocol", "population", "settings", "main", "command"))
"""What a command has under this name and a scenario as well, and what is no option."""


def _as_option(key: str, value: str) -> str:
    if key in ("scenario", "design"):
        return f"write it first, without --set: {value[:60]}"
    flag = "--" + key.replace("_", "-")
    return f"write {flag}" if value in ("true", "false", "") else f"write {flag} {value[:60]}"
