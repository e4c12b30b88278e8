"""docs/methods_trusted.md, from what was measured."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter

from abm.results.progress import duration
from tests.trusted.claim import COVERAGE, FALSE, POWER
from tests.trusted.tally import Tally

HEAD = """# How far the methods' sentences can be trusted

Written by `python -m tests.trusted --write`, never by hand. Every sentence that a method can print is tried on worlds
whose truth is known in closed form: how often it is said where it is false, how often it is said where it is true (at
the default sample and at twice that), and how often its interval holds the truth. Bounds: a false sentence in at most
16 of 200 studies (where 17 came, 1,000 fresh ones decide: at most 64), or 5 of 40 for methods that take seconds a
study; power of 80 % at twice the default sample; 95 % intervals that hold the truth in 91 to 98 % of 400 studies, or
in 34 of 40. What falls outside its bound is marked, not left out.
"""
TITLES = {
    FALSE: "Said where it is false",
    POWER: "Said where it is true",
    COVERAGE: "Intervals that hold the truth",
}


def page(tallies: Sequence[Tally]) -> str:
    """The page."""
    lines = [HEAD]
    for kind, title in TITLES.items():
        lines += [
            f"## {title}",
            "",
            "| method | sentence | world | seen | wanted | |",
            "| --- | --- | --- | --- | --- | --- |",
        ]
        for tally in tallies:
            if tally.claim.kind != kind:
                continue
            seen = f"{tally.hits} of {tally.n}" + (f" ({tally.rate:.0%})" if kind != FALSE else "")
            if not tally.n:
                seen = "-"
            mark = "" if tally.holds else "**outside**"
            if tally.n < tally.claim.n and not (kind == COVERAGE and tally.n):
                mark = "not finished" if tally.n else "not measured yet"
            cells = (tally.claim.method, tally.claim.sentence, tally.claim.world, seen, tally.wanted, mark)
            lines.append("| " + " | ".join(cells) + " |")
        lines.append("")
    measured = [tally for tally in tallies if tally.n]
    outside = sum(not tally.holds for tally in measured)
    core, clock = (duration(sum(map(attrgetter(name), tallies))) for name in ("seconds", "clock"))
    lines.append(
        f"{len(measured)} of {len(tallies)} claims measured, {outside} outside their bounds; "
        f"{core} of one core in all, {clock} on the clock."
    )
    return "\n".join(lines) + "\n"
