"""Run a scenario and say what happened.

The results go to a folder: tables (parquet), the scenario as it was run, a manifest, a summary to
read and a report to open in a browser. Ctrl-C stops after the current step and keeps what is done.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from abm.errors import InputError

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
    add("--population", metavar="PATH", nargs="+", help="folder or files of real institutions (CSV or parquet)")
    add("--protocol", metavar="NAME", help="bargaining protocol")
    add("--threads", type=int, metavar="N", help="threads (default: all cores); results do not depend on it")
    add("--out", type=Path, metavar="DIR", help="results folder (default: results/SCENARIO-seedN)")
    add("--csv", action="store_true", help="write every table as CSV too")
    add("--quiet", action="store_true", help="print only the verdict and the folder")
    add("--no-report", action="store_true", help="do not write report.html")


def main(args: argparse.Namespace) -> int:
    """Run, write the folder, print the summary; 130 when interrupted."""
    gc.set_threshold(LOOK_FOR_GARBAGE_EVERY)
    from abm import folder, warmup
    from abm.progress import Progress
    from abm.results import Run, processors

    run = Run.begin(args.scenario, args.seed, threads=args.threads, **_overrides(args))
    steps = run.scenario.steps
    place = args.out or folder.fresh(Path("results") / f"{run.scenario.name}-seed{run.scenario.seed}")
    folder.check(place)
    with warmup.in_background(processors()), Progress(steps, is_quiet=args.quiet) as progress:
        results = run.finish(progress)
    if results.is_complete:
        warmup.everything_is_compiled()
    results.save(place, csv=args.csv, report=not args.no_report)
    print(results.verdict() if args.quiet else results.summary())
    print(f"\nresults: {place}")
    if not results.is_complete:
        print(f"abm run: stopped after {results.steps_done} of {steps} steps, kept as partial", file=sys.stderr)
        return 130
    return 0


def _overrides(args: argparse.Namespace) -> dict[str, Any]:
    """What the command line says beside the scenario, in the words of Scenario.with_overrides."""
    overrides = overrides_of(args.settings)
    if args.steps is not None:
        overrides["steps"] = args.steps
    if args.protocol is not None:
        overrides["protocol"] = args.protocol
    if args.population is not None:
        overrides |= {"population.source": "tables", "population.path": os.pathsep.join(args.population)}
    return overrides


def overrides_of(settings: Sequence[str]) -> dict[str, Any]:
    """What ``--set KEY=VALUE`` say, in the words of Scenario.with_overrides."""
    overrides: dict[str, Any] = {}
    for setting in settings:
        key, equals, value = setting.partition("=")
        if not equals or not key.strip():
            raise InputError(f"--set {setting}", why="has no value", mend="write --set name=value")
        overrides[key.strip()] = _value(value.strip())
    return overrides


def _value(text: str) -> Any:
    """A value as TOML writes it; anything else is a word."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
