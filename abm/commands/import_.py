"""Make tables of a population from a list of institutions as a ministry gives it (.xlsx or CSV).

  abm import LIST.xlsx --out my_region
  abm run china --population my_region

Chinese headings (学校名称, 学校标识码, 所在地 and usual synonyms) are known, places become provinces, codes stay ids.
What the list lacks (enterprises, entrants, borders) is filled from the provinces, and said.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from abm.machine.errors import InputError
from abm.machine.language import paragraph, say


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `abm import`."""
    add = parser.add_argument
    add("list", type=Path, metavar="LIST", help="the list: .xlsx or .csv, as it came")
    add("--out", type=Path, metavar="DIR", required=True, help="new folder for the tables")
    add("--region-of", metavar="COLUMN", help="heading of the column that says in which province an institution is")
    what = "share of the provinces' enterprises and entrants that is filled in (default: 0.25)"
    add("--scale", type=float, default=0.25, metavar="X", help=what)


def main(args: argparse.Namespace) -> int:
    """Read, write, and say what was done."""
    from abm.population import ministry

    if not 0.001 <= args.scale <= 1:
        raise InputError(f"--scale {args.scale:g}", why="is not between 0.001 and 1", mend="write --scale 0.25")
    found = ministry.read(args.list, args.region_of)
    paths = ministry.write(found, args.out, args.scale)
    for note in found.notes:
        print(f"abm import: {paragraph(note)}", file=sys.stderr)
    for path in paths:
        print(path)
    print(say("try it: {command}", command=f"abm run china --population {args.out}"))
    return 0
