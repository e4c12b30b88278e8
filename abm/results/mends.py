"""Advice as people read it: the same cells for a terminal and for the report of a run."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from abm.machine import disk, spreadsheet
from abm.machine.language import plural, say, together
from abm.results.advice import FILE, GROUPS, Advice, Mend, lever_label, signed

if TYPE_CHECKING:
    from abm.results.advice import Estimate

ASK = "abm advise RESULTS"
"""What makes advice for a results folder."""


class Shown(NamedTuple):
    """A measure as it is shown: what it is called, by how much it is multiplied, and its digits."""

    measure: str
    head: str
    times: float
    digits: int


SHOWN = (
    Shown("failures_per_pair", "failures", 1.0, 1),
    Shown("failed_share", "failed, %", 100.0, 1),
    Shown("depth", "depth", 1.0, 3),
    Shown("jobs", "field jobs", 1.0, 1),
    Shown("spent_kcny", "1,000 yuan", 1.0, 0),
)


SECTION = re.compile(r'<section class="mends">.*?</section>', re.DOTALL)
"""The mends in a report."""
BEST_PAIRS = 8
"""Pairs that are shown; the table has all."""


def heads() -> list[str]:
    """Heads of a table of mends."""
    return [say(text) for text in ("lever", "from", "to")] + [say(of.head) for of in SHOWN]


def legend() -> str:
    """What the columns of a table of mends say."""
    return say(
        "Failures are failed negotiations a year for 1,000 pairs of possible partners; failed is their share of all "
        "negotiations; depth that of contracts in practice, 0-1; jobs those of a year's graduates in their field; yuan "
        "public money over the horizon. What stands behind ± is half of the 90 % interval over seeds; * fewer "
        "failures than by chance, all that were tried taken together (Holm, 5 %)."
    )


def titles() -> dict[str, str]:
    """What each group is called."""
    return {
        "paid": say("Levers that cost public money"),
        "free": say("Levers that cost none by themselves"),
        "paid pair": say("Pairs with a lever that costs public money"),
        "free pair": say("Pairs that cost none by themselves"),
    }


def tables(advice: Advice) -> dict[str, list[list[str]]]:
    """Rows of each group by its title, the world as it is above each; of pairs the best ones."""
    now = [say("as it is"), "", "", *(_level(advice.base.found[of.measure], of) for of in SHOWN)]
    return {
        title: [now, *(_cells(advice, mend) for mend in advice.of(group)[: BEST_PAIRS if "pair" in group else None])]
        for group, title in titles().items()
        if group in GROUPS and advice.of(group)
    }


def _cells(advice: Advice, mend: Mend) -> list[str]:
    befores, afters = (" ".join(_lever_value(getattr(one, key)) for one in mend.moves) for key in ("before", "after"))
    effects = [_effect(mend.found[of.measure], of) for of in SHOWN]
    if advice.is_told(mend):
        effects[0] += " *"
    return [mend.label(), befores, afters, *effects]


def _lever_value(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if abs(value) < 100 else f"{value:,.0f}"


def _level(found: Estimate, of: Shown) -> str:
    return f"{found.value * of.times:,.{of.digits}f}" if math.isfinite(found.value) else "-"


def _effect(found: Estimate, of: Shown) -> str:
    half = (found.high - found.low) / 2 * of.times
    told = signed(found.effect * of.times, of.digits)
    return f"{told} ±{half:,.{of.digits}f}" if math.isfinite(half) else told


def about(advice: Advice) -> str:
    """When levers were moved, for how long, in how many worlds, for how much money."""
    said = say(
        "Each lever alone from quarter {q} on, played for {n} quarters under {seeds} with the same draws.",
        q=advice.quarter, n=advice.horizon, seeds=plural(advice.seeds, "{n} seed", "{n} seeds"),
    )  # fmt: skip
    if math.isfinite(advice.budget_kcny):
        money = say(
            "No change costs more than {money} thousand yuan over these quarters beyond the world as it is; levers "
            "that cost money go as far as that carries them.", money=f"{advice.budget_kcny:,.6g}"
        )  # fmt: skip
    else:
        money = say("Each goes halfway to its end; --budget gives all that cost money the same money.")
    return together([said, money, *([_left_out(advice.left_out)] if advice.left_out else [])])


def _left_out(levers: Sequence[str]) -> str:
    named = say(", ").join(lever_label(name) for name in levers)
    return say(
        "Not tried, as they stand at their end, cannot act in this world, or no move fits the money: {levers}.",
        levers=named,
    )


def section(advice: Advice | None) -> str:
    """The mends in the report of a run; without advice, how to get them."""
    title = escape(say("What would mend it, tried in this world"))
    if advice is None:
        how = say(
            "`{command}` plays this run on under each lever, with the same draws, and puts here which mend works.",
            command=ASK,
        )
        return f'<section class="mends"><h2>{title}</h2><p class="note">{escape(how)}</p></section>'
    shown = "".join(f"<h3>{escape(name)}</h3>{_table(rows)}" for name, rows in tables(advice).items())
    return (
        f'<section class="mends"><h2>{title}</h2><p>{escape(advice.verdict())}</p>{shown}'
        f'<p class="note">{escape(about(advice))} {escape(legend())}</p></section>'
    )


def _table(rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f'<th scope="col">{escape(text)}</th>' for text in heads())
    body = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>{"".join(f"<td>{escape(cell)}</td>" for cell in row[1:])}</tr>'
        for row in rows
    )
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def write(advice: Advice, folder: Path) -> Path:
    """Write the table into a results folder, and the mends into its report if there is one; the table's file."""
    place, page = folder / FILE, folder / "report.html"
    try:
        spreadsheet.write_csv(advice.frame(), place)
        # A report of an older version has no place for them: `abm report` makes it again.
        if page.is_file():
            shown = section(advice)
            page.write_text(SECTION.sub(lambda _: shown, page.read_text("utf-8"), count=1), encoding="utf-8")
    except OSError as error:
        raise disk.unwritable(f"{place}", error, "give a folder that may be written") from error
    return place
