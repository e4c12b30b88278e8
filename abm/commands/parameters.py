"""List the parameters: symbol, unit, range, default, role and source."""

from __future__ import annotations

import argparse


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `abm parameters`."""
    parser.add_argument("--group", metavar="NAME", help="only this group (negotiation, delivery, ...)")
    parser.add_argument("--role", metavar="NAME", help="only this role (uncertainty, constant, threshold)")
    parser.add_argument("--json", action="store_true", help="print JSON")


def main(args: argparse.Namespace) -> int:
    """Print the table."""
    from dataclasses import asdict

    from abm.commands._tables import show
    from abm.machine.errors import InputError, nearest
    from abm.world.parameters import CATALOGUE

    everything = list(CATALOGUE.values())
    for key, wanted in (("group", args.group), ("role", args.role)):
        known = sorted({getattr(p, key) for p in everything})
        if wanted is not None and wanted not in known:
            raise InputError(f"{key} `{wanted}`", why="does not exist", mend=nearest(wanted, known))
    chosen = [p for p in everything if args.group in (None, p.group) and args.role in (None, p.role)]
    if args.json:
        show(list(asdict(everything[0])), [list(asdict(p).values()) for p in chosen], as_json=True)
        return 0
    heads = ["name", "symbol", "default", "low", "high", "unit", "group", "role", "acts", "label"]
    show(heads, [[getattr(p, h) for h in heads] for p in chosen], as_json=False)
    return 0
