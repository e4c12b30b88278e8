"""Make results again and say whether they are the same: hashes, and in what the versions differ.

  abm reproduce results/classroom-seed1        one run of `abm run`
  abm reproduce studies/my-arms --runs 20      runs of a sweep, spread over it (default: 5 of each study)
  abm reproduce docs/results/lag-ratio         an answer of `abm questions`
  abm reproduce docs/results                   every answer there, the shortest first; stopped, it goes on
  abm reproduce my-arms.zip                    what `abm archive` packed

Exit code 0: all is the same; 1: something is not. Code of others (a simulator, plug-ins in an archive) is run after you
have agreed to it, once; --yes agrees beforehand.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from abm.machine.errors import InputError
from abm.machine.language import current, of_error, say, told

if TYPE_CHECKING:
    from experiments.runs.again import Again
    from experiments.sweep.store import Study

RUNS = 5
"""Runs of each study that are made again, unless told otherwise."""


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `abm reproduce`."""
    add = parser.add_argument
    what = "results of a run, a store or study, an answer of `abm questions` or a folder of answers, or an archive"
    add("folder", type=Path, nargs="+", help=what)
    add("--runs", type=int, default=RUNS, metavar="N", help=f"runs of each study to make again (default: {RUNS})")
    add("--all", action="store_true", help="all runs of a study")
    kept = "where runs of answers are kept (default: nowhere for one answer, for several studies/reproduced)"
    add("--store", type=Path, metavar="DIR", help=kept)
    add("--workers", type=int, metavar="N", help="processes for an answer (default: all cores)")
    add("--yes", action="store_true", help="run code that comes with it without asking")


def main(args: argparse.Namespace) -> int:
    """Make it again, print a line each; 1 if something differs."""
    if args.runs < 1:
        raise InputError(f"--runs {args.runs}", why="is too few", mend="give 1 or more")
    places = [place for folder in args.folder for place in _within(folder)]
    if len(places) == 1:
        return _one(places[0], args)
    _foretell(places, args)
    code = 0
    for i, place in enumerate(places, 1):
        print(f"{say('{i} of {n}', i=i, n=len(places))}: {place}", flush=True)
        try:
            code = max(code, _one(place, args))
        except InputError as error:
            # The others are worth comparing all the same.
            print(told(current(), error), flush=True)
            code = 1
    return code


def _within(folder: Path) -> list[Path]:
    """The answers of a folder of answers, the shortest first; else the folder itself."""
    from experiments.commands._answers import ABOUT

    answers = [path.parent for path in sorted(folder.glob(f"*/{ABOUT}"))]
    return sorted(answers, key=lambda place: _took(place)[0]) or [folder]


def _took(place: Path) -> tuple[float, int]:
    """Seconds and runs of an answer when it was given; nothing where that is not known."""
    from experiments.commands._answers import ABOUT, known

    about = known(place / ABOUT) or {}
    return float(about.get("seconds", 0.0)), int(about.get("runs", 0))


def _foretell(places: list[Path], args: argparse.Namespace) -> None:
    """Say how long answers took, ask if that is long, and keep their runs, so that what is stopped goes on."""
    from abm.results.progress import duration
    from experiments.commands._consent import consent
    from experiments.sweep.driver import Estimate
    from experiments.sweep.store import HOME

    seconds, runs = (sum(values) for values in zip(*map(_took, places), strict=True))
    if not runs:
        return
    args.store = args.store or HOME / "reproduced"
    print(say("when last answered, these took {time} for {runs} runs on the cores of that machine",
              time=duration(seconds), runs=f"{runs:,}"))  # fmt: skip
    print(say("runs are kept in {store}: where it is stopped, the same command goes on", store=args.store), flush=True)
    consent(args.yes)(Estimate(runs, seconds, 0.0))


def _one(folder: Path, args: argparse.Namespace) -> int:
    """One result made again, printed; 1 if it differs."""
    from abm.results.saved import is_run
    from experiments.commands import _answers
    from experiments.commands._store import found
    from experiments.report.archive import ABOUT

    if folder.is_file() or (folder / ABOUT).is_file():
        return _archive(folder, args)
    if is_run(folder):
        return _said(*_run(folder))
    if (folder / _answers.ABOUT).is_file():
        return _said(*_answer(folder, args))
    code = 0
    for study in found(folder):
        code = max(code, _said(*_study(study, args)))
    return code


def _said(results: list[Again], apart: list[str]) -> int:
    print("\n".join(result.words() for result in results))
    n = sum(result.is_same for result in results)
    print(say("{n} of {all} the same", n=n, all=len(results)) + (":" if apart else ""))
    print("".join(f"  {line}\n" for line in apart), end="")
    return 0 if n == len(results) else 1


def _now() -> dict[str, Any]:
    import abm
    from experiments.runs import identity

    return {"model": identity.model(), "abm": abm.__version__, **identity.installation()}


def _run(folder: Path) -> tuple[list[Again], list[str]]:
    """One run of `abm run`, or a game of `abm play`."""
    from abm.commands._again import again
    from abm.results.saved import run_manifest, saved
    from experiments.runs.again import Again, versions_apart

    about, results = run_manifest(folder), again(saved(folder))
    one = Again(f"{about['scenario']}, seed {about['seed']}", about["result_hash"], results.result_hash())
    return [one], versions_apart(about, _now())


def _study(study: Study, args: argparse.Namespace) -> tuple[list[Again], list[str]]:
    """Some runs of a study, spread over it."""
    import numpy as np

    from experiments.design import load
    from experiments.runs.again import Again, run_of, versions_apart
    from experiments.runs.chunks import PlannedRun
    from experiments.sweep.store import reading

    with reading(study.folder):
        runs: Any = study.runs()
        named = study.manifest["design"].get("simulator", "")
        if named:
            _agreed(f"{study.manifest['design_name']} runs the code of `{named}`, found on this machine", args.yes)
        design = load(study.tables)
        good = runs[runs["status"] == "ok"].reset_index(drop=True)
        if good.empty:
            raise InputError(f"{study.folder}", why="has no run that went well", mend="`abm status` says why")
        n = len(good) if args.all else min(args.runs, len(good))
        found: list[Again] = []
        for i in np.unique(np.linspace(0, len(good) - 1, n).round().astype(int)):
            row = good.iloc[int(i)]
            point = {key: row[key].item() if hasattr(row[key], "item") else row[key] for key in study.keys}
            results = run_of(design, PlannedRun(row["run_key"], int(row["seed"]), point))
            name = ", ".join(f"{key} {value}" for key, value in point.items())
            found.append(Again(f"{name}, seed {row['seed']}", row["result_hash"], results.result_hash()))
        return found, [*study.doubts, *versions_apart(study.manifest, _now())]


def _answer(folder: Path, args: argparse.Namespace) -> tuple[list[Again], list[str]]:
    """An answer of `abm questions`, asked again."""
    from experiments.commands import _answers
    from experiments.questions import Setting, questions
    from experiments.report.report import PROVENANCE
    from experiments.runs.again import Again, versions_apart

    try:
        about = json.loads((folder / _answers.ABOUT).read_text(encoding="utf-8"))
        before = json.loads((folder / PROVENANCE).read_text(encoding="utf-8"))
        name, quick = str(before["command"]).split()[2], bool(about["is_quick"])
    except (OSError, ValueError, KeyError, IndexError):
        mend = "`abm questions NAME` makes one"
        raise InputError(f"{folder}", why="is no answer, or no longer whole", mend=mend) from None
    if name not in questions():
        raise InputError(f"question `{name}`", place=f"{folder}", why="is not asked by this version")
    if _answers.HASH not in about:
        mend = f"`abm questions {name}` answers it anew, with one"
        raise InputError(f"{folder}", why="is of a version that kept no hash of answers", mend=mend)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as beside:
        setting = Setting(args.store or Path(beside), args.workers, quick)
        now = _answers.hash_of(questions()[name].ask(setting))
    return [Again(name, about[_answers.HASH], now)], versions_apart(before, _now())


def _archive(folder: Path, args: argparse.Namespace) -> int:
    """What an archive holds: unpacked, and its own code asked for once, in a process that has it from its start."""
    from experiments.report.archive import ABOUT, CODE, PLUGINS, STORE

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as beside:
        place = folder
        if place.is_file():
            try:
                with zipfile.ZipFile(place) as archive:
                    archive.extractall(beside)
            except zipfile.BadZipFile:
                mend = "give what `abm archive` wrote, or a folder"
                raise InputError(f"{folder}", why="is no archive", mend=mend) from None
            place = next((path.parent for path in Path(beside).glob(f"*/{ABOUT}")), Path(beside))
        if not (place / STORE).is_dir():
            raise InputError(f"{folder}", why="holds no runs", mend="give what `abm archive` wrote")
        brought = sorted(path.name for path in (place / PLUGINS).glob("*")) if (place / PLUGINS).is_dir() else []
        own = sorted(path.name for path in (place / CODE).glob("*")) if (place / CODE).is_dir() else []
        if brought or own:
            _agreed(f"{folder} brings code of its own ({', '.join([*brought, *own])})", args.yes)
        words = [sys.executable, "-m", "abm", "reproduce", str(place / STORE), "--runs", str(args.runs), "--yes"]
        words += ["--all"] * args.all
        for name in brought:
            words += ["--plugin", str(place / PLUGINS / name)]
        search = [str(place / CODE), *(path or str(Path.cwd()) for path in sys.path)]
        env = {**os.environ, "PYTHONPATH": os.pathsep.join(dict.fromkeys(search))}
        return subprocess.run(words, env=env, check=False).returncode


def _agreed(what: str, is_agreed: bool) -> None:
    """Ask once before code of others runs; InputError if nobody can be asked, or says no."""
    if is_agreed:
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise InputError(what, why="which is run only if you agree", mend="look at it, then add --yes")
    print(say("{what}. Run it? [y/N] ", what=of_error(current(), what)), end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() not in ("y", "yes", "是"):
        raise InputError(what, why="was not wanted", mend="nothing was run")
