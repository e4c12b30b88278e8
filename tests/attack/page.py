"""The page on the attack: a row for each part, from the last time that it was tried."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from tests.attack.tally import Tally

PAGE = Path(__file__).parents[2] / "docs" / "trust.md"
HEAD = Path(__file__).with_name("head.md").read_text(encoding="utf-8")
"""What is promised, by a table of who may do what; the tables of tries follow."""
ASKED = 1_000_000
"""Odd inputs for all readers together."""
ORDER = ("input", "faults", "network")


def write(tallies: list[Tally], seed: int, page: Path = PAGE) -> None:
    """Enter these rows, and leave those of other parts."""
    from experiments.runs import identity

    rows = {}
    if page.exists():
        lines = page.read_text("utf-8").splitlines()
        rows = {tuple(cells[1:3]): line for line in lines if len(cells := _cells(line)) == 11 and cells[1] in ORDER}
    day = datetime.now(UTC).date().isoformat()
    for tally in tallies:
        ends = ", ".join(f"{how} {n:,}" for how, n in sorted(tally.came.items(), key=lambda item: -item[1])[:6])
        told = "" if not tally.fell else f"; fell: {tally.fell[0][:100].replace('|', '/')}"
        cells = (
            tally.part,
            tally.what,
            f"{tally.tried:,}",
            f"{tally.n_fell:,}",
            ends + told,
            f"{tally.seconds:.0f}",
            seed,
        )
        line = "| " + " | ".join(map(str, (*cells, identity.model(), day))) + " |"
        rows[tally.part, tally.what] = " ".join(line.split())
    kept = sorted(rows.items(), key=lambda item: ORDER.index(item[0][0]))
    page.write_text(HEAD + "\n".join(line for _, line in kept) + f"\n\n{_total(line for _, line in kept)}\n", "utf-8")


def _total(rows: Iterable[str]) -> str:
    """All rows together, and what they fall short of."""
    cells = [_cells(row) for row in rows]
    tried, fell = (sum(int(row[i].replace(",", "")) for row in cells) for i in (3, 4))
    inputs = sum(int(row[3].replace(",", "")) for row in cells if row[1] == "input")
    short = f" of the {ASKED:,} that are asked for: fewer fitted into the time" if inputs < ASKED else ""
    return f"In all {tried:,} tries, {fell:,} fell. Odd inputs: {inputs:,}{short}."


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("|")]
