"""The data dictionary: every column of every table, with kind, unit, range and meaning.

  abm columns                   the tables of a run, the store of a sweep, the tables of reports
  abm columns metrics           one table
  abm columns --csv FILE        as a file, to put beside data

It is made from what the program itself declares. `--csv` and `--xlsx` of `abm run` write it beside the tables.
"""

from __future__ import annotations

import argparse
from pathlib import Path


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `abm columns`."""
    parser.add_argument("table", nargs="?", help="only this table, such as metrics or events")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write it as CSV, as Excel opens it")
    parser.add_argument("--json", action="store_true", help="print JSON")


def main(args: argparse.Namespace) -> int:
    """Print the dictionary, or write it."""
    from abm.commands._tables import show
    from abm.machine import disk, spreadsheet
    from abm.machine.errors import InputError, nearest
    from abm.machine.language import say
    from abm.results.columns import advice_tables, dictionary, run_tables
    from experiments.report.columns import study_tables

    tables = {**run_tables(), **advice_tables(), **study_tables()}
    if args.table is not None and args.table not in tables:
        raise InputError(f"table `{args.table}`", why="does not exist", mend=nearest(args.table, tables))
    chosen = tables if args.table is None else {args.table: tables[args.table]}
    if args.csv is not None:
        try:
            spreadsheet.write_csv(dictionary(chosen), args.csv)
        except OSError as error:
            raise disk.unwritable(f"--csv {args.csv}", error, "give another file") from None
        print(say("written: {file}", file=args.csv))
        return 0
    heads = ["table", "column", "kind", "unit", "range", "meaning"]
    rows = [[table, of.name, of.kind, of.unit, of.range, of.meaning] for table, found in chosen.items() for of in found]
    show(heads, rows, as_json=args.json)
    return 0
