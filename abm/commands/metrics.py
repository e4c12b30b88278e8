"""List what is measured every quarter: label, unit, bounds; of the nation, of regions, or of both."""

from __future__ import annotations

import argparse


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `abm metrics`."""
    parser.add_argument("--of", choices=("nation", "region"), help="only what is measured of the nation, of regions")
    parser.add_argument("--json", action="store_true", help="print JSON, with meanings and sources")


def main(args: argparse.Namespace) -> int:
    """Print the table."""
    from abm.commands._tables import show
    from abm.quarter.measurement.metrics import catalogue, regional_catalogue

    kinds = {"nation": catalogue(), "region": regional_catalogue()}
    rows: list[list[object]] = []
    for name, of in {**kinds["region"], **kinds["nation"]}.items():
        measured = [kind for kind, known in kinds.items() if name in known]
        if args.of in (None, *measured):
            own = [name, " and ".join(measured), of.unit, of.low, of.high, of.label, of.label_zh]
            rows.append([*own, of.meaning, of.source])
    heads = ["name", "of", "unit", "low", "high", "label", "label_zh", "meaning", "source"]
    if not args.json:
        # Meanings are sentences, too long beside the others: `abm explain NAME` has them.
        heads, rows = heads[:-2], [row[:-2] for row in rows]
    show(heads, sorted(rows, key=lambda row: str(row[0])), as_json=args.json)
    return 0
