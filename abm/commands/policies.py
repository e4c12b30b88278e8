"""List the policy rules with their fields, units and ranges."""

from __future__ import annotations

import argparse

from abm.machine.language import say


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `abm policies`."""
    parser.add_argument("rule", nargs="?", help="only this rule")
    parser.add_argument("--json", action="store_true", help="print JSON")


def main(args: argparse.Namespace) -> int:
    """Print a line for each field of each rule."""
    from abm.commands._tables import show
    from abm.scenario.policies import named, rules, settings

    chosen = [named(args.rule)] if args.rule else list(rules().values())
    heads = ["rule", "label", "label_zh", "field", "default", "low", "high", "unit", "meaning", "source"]
    rows: list[list[object]] = [
        [rule.name, rule.label, rule.label_zh, of.name, of.default, of.low, of.high, of.unit, of.meaning, rule.source]
        for rule in chosen
        for of in settings(rule).values()
    ]
    if args.json or args.rule:
        show(heads, rows, as_json=args.json)
        return 0
    keep = [heads.index(h) for h in ("rule", "label_zh", "field", "default", "low", "high", "unit", "meaning")]
    show([heads[i] for i in keep], [[row[i] for i in keep] for row in rows], as_json=False)
    print("\n" + say("Every rule also takes from, until, ramp, fade (quarters), regions, and"))
    print('when = { metric = "failed_share", above = 0.5, scope = "region" }.')
    return 0
