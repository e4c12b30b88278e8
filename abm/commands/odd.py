"""Check the tables of the model's description (ODD.md), or write them anew from what the program uses.

The tables of parameters, levers, policy rules and metrics stand between marks in abm/ODD.md and are
never written by hand. Without --write the command only says whether they are up to date.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Sequence

from abm.machine.language import say

START = "<!-- generated: {} -->"
END = "<!-- end -->"


def register(parser: argparse.ArgumentParser) -> None:
    """Arguments of `abm odd`."""
    parser.add_argument("--write", action="store_true", help="write the tables into ODD.md")


def main(args: argparse.Namespace) -> int:
    """Write or check; 1 if a table is out of date."""
    from abm.commands._explanations import PACKAGE

    path = PACKAGE / "ODD.md"
    before = path.read_text(encoding="utf-8")
    after = filled(before)
    if args.write:
        if after != before:
            path.write_text(after, encoding="utf-8")
        print(say("ODD.md: tables written" if after != before else "ODD.md: tables were up to date"))
        return 0
    print(say("ODD.md: tables are up to date" if after == before else "ODD.md: tables are old: run `abm odd --write`"))
    return int(after != before)


def filled(text: str) -> str:
    """The description with every table between its marks; InputError where marks are missing."""
    from abm.machine.errors import InputError

    for name, section in (("parameters", parameters), ("levers", levers), ("rules", rules), ("metrics", metrics)):
        start = START.format(name)
        place = re.compile(f"{re.escape(start)}\n.*?{re.escape(END)}", re.DOTALL)
        if len(place.findall(text)) != 1:
            raise InputError(
                f"the table `{name}` of ODD.md", why="has no marks, or more than one pair", mend=f"{start} and {END}"
            )
        body = "\n".join([start, *section(), END])
        text = place.sub(lambda _, body=body: body, text)
    return text


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """Lines of a Markdown table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return ["| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines]


def _cell(value: object) -> str:
    return (f"{value:g}" if isinstance(value, float) else str(value)).replace("|", "\\|")


def parameters() -> list[str]:
    """A table of parameters for each group, in the order of the catalogue."""
    from abm.world.parameters import CATALOGUE

    lines: list[str] = []
    for group in dict.fromkeys(p.group for p in CATALOGUE.values()):
        rows = [
            (p.symbol, f"`{p.name}`", p.label, p.unit, f"{p.low:g}-{p.high:g}", p.default, p.role, p.acts, p.source)
            for p in CATALOGUE.values()
            if p.group == group
        ]
        heads = ("symbol", "name", "what it is", "unit", "range", "default", "role", "acts", "source")
        lines += ["", f"**{group}**", "", *table(heads, rows)]
    return [*lines, ""]


def levers() -> list[str]:
    """The levers in the order of their index."""
    from abm.world.levers import LEVERS

    rows = [
        (
            i,
            f"`{of.name}`",
            of.label,
            of.unit,
            f"{of.low:g}-{of.high:g}",
            f"{of.neutral:g}",
            of.combine,
            of.in_equations,
            of.source,
        )
        for i, of in enumerate(LEVERS)
    ]
    heads = (
        "index",
        "name",
        "what it is",
        "unit",
        "range",
        "without a rule",
        "several rules",
        "in equations also",
        "source",
    )
    return ["", *table(heads, rows), ""]


def rules() -> list[str]:
    """The policy rules with their own numbers."""
    from abm.scenario.policies import rules as all_rules
    from abm.scenario.policies import settings

    rows = [
        (
            f"`{name}`",
            (rule.__doc__ or "").splitlines()[0],
            "; ".join(
                f"`{s.name}` = {s.default:g} ({s.low:g}-{s.high:g} {s.unit}): {s.meaning}"
                for s in settings(rule).values()
            ),
            rule.source,
        )
        for name, rule in all_rules().items()
    ]
    return ["", *table(("rule", "what it does", "numbers: default (range, unit)", "source"), rows), ""]


def metrics() -> list[str]:
    """The metrics of the nation, marked where regions have them too."""
    from abm.quarter.measurement.metrics import catalogue, regional_catalogue

    regional = regional_catalogue()
    everything = {**catalogue(), **{name: of for name, of in regional.items() if name not in catalogue()}}
    rows = [
        (
            f"`{name}`",
            of.label,
            of.unit,
            f"{of.low:g}-{of.high:g}",
            "both" if name in regional and name in catalogue() else "region" if name in regional else "nation",
            of.meaning,
            of.source,
        )
        for name, of in everything.items()
    ]
    return ["", *table(("name", "label", "unit", "range", "of", "meaning", "source"), rows), ""]
