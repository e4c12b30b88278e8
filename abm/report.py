"""report.html: the summary with pictures, in one file that opens anywhere, without a network."""

from __future__ import annotations

import csv
import math
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from abm import __version__, figures
from abm.diagnosis import CAUSES
from abm.state import QUARTERS_A_YEAR
from abm.summary import by_step, column, failures, money, number, reason, summary, verdict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from abm.results import Results

PROVINCES = Path(__file__).parent / "data" / "provinces.csv"
STYLE = """
body{font:17px/1.55 system-ui,sans-serif;color:#222;max-width:800px;margin:2em auto;padding:0 1em}
h1{font-size:1.5em;line-height:1.3}h2{font-size:1.15em;margin-top:2em}.picture{overflow-x:auto}
.picture svg{display:block;height:auto;max-width:100%;margin:auto;font-family:inherit}
@media(max-width:600px){h1{font-size:1.25em}.picture svg[width="760"]{max-width:none;width:36em}
.picture:has(svg[width="760"])::before{content:"swipe for the rest of the picture";color:#555;font-size:.8em}}
p.note{color:#555;font-size:.9em}pre{font-size:.7em;overflow:auto;background:#f6f6f6;padding:1em}
table{border-collapse:collapse}td{padding:.1em 1em .1em 0}
"""


def html(results: Results) -> str:
    """The whole page."""
    scenario = results.scenario
    parts = [
        f"<h1>{escape(verdict(results))}</h1>",
        f"<p>{escape(scenario.title or scenario.name)}: {results.steps_done} quarters, seed {scenario.seed}. "
        f"{escape(scenario.rationale)}</p>",
        *(_section(title, picture, note) for title, picture, note in _pictures(results)),
        "<h2>The summary</h2>",
        f"<pre>{escape(summary(results))}</pre>",
        f'<p class="note">Written by industry-education-abm {escape(__version__)}. A simulation: what it shows follows '
        "from its assumptions (abm/ODD.md), and is not a forecast. The tables beside this file hold every number.</p>",
    ]
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width"><title>{escape(scenario.title or scenario.name)}</title>'
        f"<style>{STYLE}</style></head><body>{figures.patterns()}{''.join(parts)}</body></html>\n"
    )


def _section(title: str, picture: str, note: str) -> str:
    return f'<h2>{escape(title)}</h2><div class="picture">{picture}</div><p class="note">{escape(note)}</p>'


def _pictures(results: Results) -> list[tuple[str, str, str]]:
    """Title, picture and one sentence for each section."""

    def series(*names: tuple[str, str]) -> dict[str, list[float]]:
        return {label: column(results, "metrics", name).tolist() for label, name in names}

    stages = by_step(results, "stage").astype(int)
    rows = {name: stages[:, r].tolist() for r, name in enumerate(results.region_names)}
    failed = failed_by_region(results)
    pictures = [
        (
            "How far each region has come",
            figures.bands("Stage of each region over time", rows),
            "Each strip is a region from the first quarter to the last; the number is its stage.",
        ),
        (
            "Where coordination fails",
            figures.tiles("Share of failed tables by region", failed, places(results.region_names), 0.5),
            "Share of the last year's tables without a contract; a cross marks more than half.",
        ),
        (
            "What goes wrong",
            figures.stacked("Outcome of tables over time", outcomes(results)),
            "All tables of a year, signed ones at the bottom; above them the failures by the cause that, moved least, "
            "would alone have closed the deal.",
        ),
        (
            "On paper and in practice",
            figures.lines(
                "Formal and substantive depth over time",
                series(("formal", "mean_formal_depth"), ("substantive", "mean_substantive_depth")),
                high=1.0,
            ),
            "The gap between the lines is cooperation that exists on paper only.",
        ),
        (
            "Integration communities",
            figures.lines(
                "Institutions inside communities over time",
                series(
                    ("in communities", "community_share"),
                    ("in candidates", "candidate_share"),
                    ("self-sustaining", "self_sustaining_share"),
                ),
                percent=True,
                high=1.0,
            ),
            "Share of enterprises and colleges; self-sustaining ones would stand without public money.",
        ),
        (
            "What it means for students and employers",
            figures.lines(
                "Talent over time",
                series(
                    ("jobs in the field", "field_related_share"),
                    ("vacancies filled", "fill_rate"),
                    ("skill mismatch", "skill_mismatch"),
                ),
                percent=True,
                high=1.0,
            ),
            "Field-related jobs and skill mismatch of graduates at work; vacancies filled since graduation.",
        ),
        (
            "Coupling of education and industry",
            figures.lines(
                "Coupling coordination over time",
                series(
                    ("D", "coordination"),
                    ("D corrected", "coordination_corrected"),
                    ("U1 education", "u1"),
                    ("U2 industry", "u2"),
                    ("C", "coupling"),
                    ("T", "coordination_level"),
                ),
                high=1.0,
            ),
            "D = sqrt(C T), by the usual and the corrected formula of C: the choice alone moves D.",
        ),
    ]
    spent = {kind.replace("_", " "): value for kind, value in money(results).items() if value > 0}
    if spent:
        note = "Public money over the whole run, in the money of the model: an enterprise of mean size owes "
        note += f"{number(results.scenario.p.tax_due)} in tax a quarter."
        pictures.append(("What it cost", figures.bars("Public money by kind", spent), note))
    return pictures


def failed_by_region(results: Results) -> dict[str, float]:
    """Share of failed tables in the last year, NaN where there were none."""
    rows = slice(max(0, results.steps_done - QUARTERS_A_YEAR), None)
    tables = by_step(results, "tables")[rows].sum(axis=0)
    signed = by_step(results, "signed")[rows].sum(axis=0)
    return {
        name: 1.0 - float(signed[r] / tables[r]) if tables[r] else math.nan
        for r, name in enumerate(results.region_names)
    }


def outcomes(results: Results) -> dict[str, list[float]]:
    """Shares of the tables of the last four quarters at each step: signed, then causes by frequency."""
    counts = {"signed": by_step(results, "signed").sum(axis=1)}
    frequent = list(failures(results)[2])
    for cause in [*frequent, *(c for c in CAUSES if c not in frequent)][: len(frequent)]:
        counts[reason(cause)] = by_step(results, f"failed_{cause}").sum(axis=1)
    window = np.ones(QUARTERS_A_YEAR)
    sums = {name: np.convolve(values, window)[: len(values)] for name, values in counts.items()}
    total = np.maximum(sum(sums.values()), 1.0)
    return {name: (values / total).tolist() for name, values in sums.items()}


def places(names: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Column and row of each region's tile: the provinces' own places, else a plain grid."""
    with PROVINCES.open(encoding="utf-8", newline="") as file:
        known = {row["name"]: (int(row["tile_column"]), int(row["tile_row"])) for row in csv.DictReader(file)}
    if all(name in known for name in names):
        return {name: known[name] for name in names}
    across = math.ceil(math.sqrt(len(names) * 2))
    return {name: (i % across, i // across) for i, name in enumerate(names)}
