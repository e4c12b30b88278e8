"""List the bargaining protocols."""

from __future__ import annotations

import argparse


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `abm protocols`."""
    parser.add_argument("--json", action="store_true", help="print JSON")


def main(args: argparse.Namespace) -> int:
    """Print the table."""
    from abm.commands._tables import show
    from abm.quarter.negotiation.protocols import names, protocol

    found = [protocol(name) for name in names()]
    show(["name", "label", "source"], [[p.name, p.label, p.source] for p in found], as_json=args.json)
    return 0
