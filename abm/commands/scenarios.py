"""List the scenarios that come with the package."""

from __future__ import annotations

import argparse


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `abm scenarios`."""
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--toml", metavar="NAME", help="print one scenario in full, as a file to start from")


def main(args: argparse.Namespace) -> int:
    """Print the table, or one scenario."""
    from abm.commands._tables import show
    from abm.scenario import load, names

    if args.toml:
        print(load(args.toml).to_toml(), end="")
        return 0
    rows: list[list[object]] = []
    for name in names():
        s = load(name)
        size = s.population
        who = f"{size.source} x {size.scale:g}" if size.source == "provinces" else f"{size.n_enterprises} enterprises"
        rules = ", ".join(sorted({rule.name for rule in s.policies}))
        rows.append([name, s.title, s.title_zh, who, s.steps, rules or "-", s.expected])
    heads = ["name", "title", "title_zh", "population", "steps", "policies", "expected"]
    if not args.json:
        # The expected outcome is a sentence or two: too long beside the others.
        heads, rows = heads[:-1], [row[:-1] for row in rows]
    show(heads, rows, as_json=args.json)
    return 0
