"""Explain a parameter, lever, policy rule, metric, scenario or protocol: meaning, range, source, use; or list all."""

from __future__ import annotations

import argparse
from typing import Any, cast

from abm.machine.language import padded, say, width

HINT = (
    "abm explain NAME explains one of them; "
    "abm metrics, parameters, policies, protocols and scenarios list a kind in full."
)


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `abm explain`."""
    what = "such as communication_cost, subsidy_rate, subsidy, classroom, nash (default: list what can be explained)"
    parser.add_argument("name", nargs="?", help=what)
    parser.add_argument("--json", action="store_true", help="print JSON")


def main(args: argparse.Namespace) -> int:
    """Print what the name stands for; a name may stand for several things."""
    import json

    from abm.commands._explanations import explanations, known_names

    if args.name is None:
        names = known_names()
        if args.json:
            print(json.dumps(names, ensure_ascii=False, indent=2))
            return 0
        listed = [f"{say(kind)} ({len(own)})\n{_filled(own)}" for kind, own in names.items()]
        print("\n\n".join([*listed, say(HINT)]))
        return 0
    found = explanations(args.name)
    if args.json:
        print(json.dumps(found, ensure_ascii=False, indent=2))
        return 0
    print("\n\n".join(_lines(entry) for entry in found))
    return 0


def _filled(names: list[str]) -> str:
    """Names in lines of a terminal."""
    import textwrap

    return textwrap.fill(", ".join(names), 100, initial_indent="  ", subsequent_indent="  ", break_long_words=False)


def _lines(entry: dict[str, Any]) -> str:
    """An entry as lines 'key: value'; lists on lines of their own."""
    from abm.commands._tables import one_language

    entry = one_language(entry)
    wide = max(width(key) for key in entry)
    lines: list[str] = []
    for key, value in entry.items():
        items = cast("list[object]", value) if isinstance(value, list) else [value]
        first, *rest = items or ["-"]
        lines.append(f"{padded(key, wide)}  {first}")
        lines += [f"{' ' * wide}  {item}" for item in rest]
    return "\n".join(lines)
