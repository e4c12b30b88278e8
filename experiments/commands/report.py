"""Write the report of a sweep: each outcome over each varied key, failed runs, where it comes from.

  abm report studies/talk-is-dear
  abm report studies/talk-is-dear --outcomes failed_share community_share --out reports/talk

The folder holds report.html, report.md, the tables (parquet, CSV) and the pictures (PNG, SVG). A
sweep that is not complete may be reported too; the report says so. Of a folder of `abm run` its report.html is made
again (the run is repeated: its scenario and seed are there), into the same folder or --out.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from abm.machine.language import paragraph, say

CAVEAT = (
    "Each mean averages over the values of all other keys, with its 95 % interval over seeds; where points were drawn "
    "and do not meet the same others, over points too, whichever is wider."
)


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `abm report`."""
    add = parser.add_argument
    add("store", type=Path, help="folder of a store (its newest study is taken), or of one study in it")
    add("--out", type=Path, metavar="DIR", help="report folder (default: reports/DESIGN)")
    add("--outcomes", nargs="+", metavar="NAME", help="outcomes to show (default: the design's first, or the headline)")


def main(args: argparse.Namespace) -> int:
    """Write the report and print its answer."""
    from abm.results.saved import is_run
    from experiments.commands._store import found
    from experiments.design.design import question_of
    from experiments.report.overview import overview
    from experiments.report.report import write
    from experiments.sweep.store import reading

    if is_run(args.store):
        return _of_run(args)
    study = found(args.store)[-1]
    with reading(study.folder):
        view = overview(study, args.outcomes)
        about = study.manifest
        apart = study.worlds_apart()
        said = view.answer() + ([f"How the arms' worlds differ. {' '.join(apart)}"] if apart else [])
        caveats = [CAVEAT, *study.matches(), *study.doubts]
        if not study.is_complete:
            caveats.insert(0, "The sweep is not complete.")
        place = write(
            args.out or Path("reports") / about["design_name"],
            about["title"] or about["design_name"],
            about["question"] or question_of(study.keys),
            said,
            view.tables,
            view.figures(),
            study.provenance(),
            caveats,
        )
        print("\n".join(map(paragraph, said)))
    print("\n" + say("report: {place}", place=place))
    return 0


def _of_run(args: argparse.Namespace) -> int:
    """Make the report of one run again; refused where this version of the model gives another run."""
    import abm
    from abm.machine.errors import InputError
    from abm.results.advice import read
    from abm.results.folder import check
    from abm.results.report import html
    from abm.results.saved import run_manifest

    if args.outcomes:
        mend = "leave it out, or give the store of a sweep"
        raise InputError("--outcomes", why=f"is for sweeps, and {args.store} is one run", mend=mend)
    place = check(args.out) if args.out else args.store
    about = run_manifest(args.store)
    # A run that was stopped has fewer steps than its scenario.
    results = abm.run(args.store / "scenario.toml", seed=about["seed"], steps=about["steps_done"])
    if about["complete"] and results.result_hash() != about["result_hash"]:
        why = f"was run by {about['abm']} at commit {about['commit']}; this model gives other results"
        raise InputError(
            f"{args.store}", why=why, mend="`abm run` on its scenario.toml makes a new run, report included"
        )
    place.mkdir(parents=True, exist_ok=True)
    (place / "report.html").write_text(html(results, read(args.store)), encoding="utf-8")
    print(results.verdict())
    print("\n" + say("report: {place}", place=place / "report.html"))
    return 0
