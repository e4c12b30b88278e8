"""Write the report of a sweep: each outcome over each varied key, failed runs, where it comes from.

  abm report studies/talk-is-dear
  abm report studies/talk-is-dear --outcomes failed_share community_share --out reports/talk

The folder holds report.html, report.md, the tables (parquet, CSV) and the pictures (PNG, SVG). A
sweep that is not complete may be reported too; the report says so.
"""

from __future__ import annotations

import argparse
from pathlib import Path

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
    from experiments.commands._store import found
    from experiments.overview import overview
    from experiments.report import write
    from experiments.store import reading

    study = found(args.store)[-1]
    with reading(study.folder):
        view = overview(study, args.outcomes)
        about = study.manifest
        caveats = [CAVEAT]
        if not study.is_complete:
            caveats.insert(0, "The sweep is not complete.")
        place = write(
            args.out or Path("reports") / about["design_name"],
            about["title"] or about["design_name"],
            about["question"] or f"What do {', '.join(study.keys)} do?",
            view.answer(),
            view.tables,
            view.figures(),
            study.provenance(),
            caveats,
        )
        print("\n".join(view.answer()))
    print(f"\nreport: {place}")
    return 0
