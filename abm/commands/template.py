"""Write example tables of a population, to fill in with real institutions.

The folder gets one CSV file a table and a README that says what each column means. It runs as it
is: abm run classroom --population FOLDER
"""

from __future__ import annotations

import argparse
from pathlib import Path

from abm.machine.language import say


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `abm template`."""
    parser.add_argument("folder", type=Path, metavar="DIR", help="new folder for the tables")


def main(args: argparse.Namespace) -> int:
    """Write the tables and say where they are."""
    from abm.population.example import write_example

    for path in write_example(args.folder):
        print(path)
    print(say("try it: {command}", command=f"abm run classroom --population {args.folder}"))
    return 0
