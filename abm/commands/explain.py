"""Explain a parameter, lever, policy rule, metric, scenario or protocol: meaning, range, source, where it is used."""

from __future__ import annotations

import argparse
from typing import Any, cast


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `abm explain`."""
    parser.add_argument("name", help="such as communication_cost, subsidy_rate, subsidy, classroom, nash")
    parser.add_argument("--json", action="store_true", help="print JSON")


def main(args: argparse.Namespace) -> int:
    """Print what the name stands for; a name may stand for several things."""
    import json

    from abm.commands._explanations import explanations

    found = explanations(args.name)
    if args.json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
        return 0
    print("\n\n".join(_lines(entry) for entry in found))
    return 0


def _lines(entry: dict[str, Any]) -> str:
    """An entry as lines 'key: value'; lists on lines of their own."""
    from abm.commands._tables import width

    wide = max(width(key) for key in entry)
    lines: list[str] = []
    for key, value in entry.items():
        items = cast("list[object]", value) if isinstance(value, list) else [value]
        first, *rest = items or ["-"]
        lines.append(f"{key}{' ' * (wide - width(key))}  {first}")
        lines += [f"{' ' * wide}  {item}" for item in rest]
    return "\n".join(lines)
