"""Fetch the dashboard's third-party files once, for working without a network afterwards.

The first `abm dashboard` does it by itself. Ahead of a lesson, `abm assets` does it alone; `--pack`
writes everything into one file and `--from` takes it from there on a machine without network.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from abm.machine.language import say


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `abm assets`."""
    way = parser.add_mutually_exclusive_group()
    way.add_argument("--pack", type=Path, metavar="FILE", help="write all packages into FILE")
    way.add_argument("--from", dest="source", type=Path, metavar="FILE", help="take all packages from FILE")


def main(args: argparse.Namespace) -> int:
    """Fetch, pack or unpack; says what is there at the end."""
    from dashboards.serve import assets

    if args.pack is not None:
        assets.pack(args.pack)
        there = f"abm assets --from {args.pack.name}"
        print(say("written: {file} (on the other machine: {command})", file=args.pack, command=there))
        return 0
    if args.source is not None:
        assets.unpack_all(args.source)
    else:
        assets.fetch()
    for package in assets.packages():
        print(f"{package.label:<40} {package.licence:<12} {say('checked')}")
    print("\n" + say("folder: {place}", place=assets.root()))
    print(say("`abm dashboard` needs no network now."))
    return 0
