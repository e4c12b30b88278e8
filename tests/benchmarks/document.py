"""The page that shows the figures: its measured part is written by a benchmark, the words around it by hand."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks.figures import Figure, shown

BEGIN = "<!-- measured: written by python -m tests.benchmarks --page docs/performance.md -->"
END = "<!-- end of what was measured -->"


def surroundings(page: Path) -> tuple[str, str]:
    """The words before and after the measured part. ValueError if the page has no place for figures."""
    before, begin, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{page} has no lines `{BEGIN}` and `{END}` to write between: put them back")
    return before, after


def refresh(page: Path, about: dict[str, str | int | float], found: Sequence[Figure]) -> None:
    """Put these figures in the place of those on the page."""
    before, after = surroundings(page)
    measured = "\n\n".join((_machine(about), *_tables(found)))
    page.write_text(f"{before}{BEGIN}\n{measured}\n{END}{after}", encoding="utf-8")


def _machine(about: dict[str, str | int | float]) -> str:
    names = ", ".join(f"{name} {value}" for name, value in about.items() if name != "load")
    return f"Measured on: {names}; load of the machine before the first benchmark: {about['load']}."


def _tables(found: Sequence[Figure]) -> list[str]:
    """Figures with targets, then each benchmark's others (growth, phases of the country, ...)."""
    tables = [_table("against targets", [f for f in found if f.target is not None])]
    for benchmark in dict.fromkeys(f.benchmark for f in found):
        tables.append(_table(benchmark, [f for f in found if f.benchmark == benchmark and f.target is None]))
    return [table for table in tables if table]


def _table(title: str, figures: Sequence[Figure]) -> str:
    if not figures:
        return ""
    has_targets = figures[0].target is not None
    head = [title, "measured", *(("target", "") if has_targets else ()), "note"]
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    for figure in figures:
        cells = [figure.what.strip(), f"{shown(figure.value)} {figure.unit}"]
        if figure.target is not None:
            sign = "at least" if figure.at_least else "at most"
            cells += [f"{sign} {shown(figure.target)} {figure.unit}", "met" if figure.is_met else "**missed**"]
        lines.append(f"| {' | '.join([*cells, figure.note])} |")
    return "\n".join(lines)
