"""report.html: the summary with pictures, in one file that opens anywhere, without a network."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from abm import __version__, figures
from abm.diagnosis import CAUSES
from abm.state import QUARTERS_A_YEAR
from abm.summary import by_step, column, failures, last, money, number, reason, strip_rows, summary, verdict

if TYPE_CHECKING:
    from abm.results import Results
    from abm.state import Floats

FOLDER = Path(__file__).parent
PROVINCES = FOLDER / "data" / "provinces.csv"


class Section(NamedTuple):
    """One picture of the report: its title, a sentence that says how to read it, and how it is drawn in a width."""

    title: str
    note: str
    draw: Callable[[float], str]
    kind: str = ""
    """Class of the section's element."""


class Course(NamedTuple):
    """A picture of metrics over time: what is drawn, under which names."""

    title: str
    note: str
    metrics: tuple[tuple[str, str], ...]
    """Name in the picture, metric."""
    percent: bool = False
    is_smooth: bool = False
    """Whether a year's mean is drawn: for what goes up and down with the school year."""


COURSES = (
    Course(
        "On paper and in practice",
        "Depth of contracts, 0-1. The gap between the lines is cooperation that exists on paper only.",
        (("formal", "mean_formal_depth"), ("substantive", "mean_substantive_depth")),
    ),
    Course(
        "Integration communities",
        "Share of enterprises and colleges inside. Self-sustaining ones would stand without public money.",
        (
            ("in communities", "community_share"),
            ("in candidates", "candidate_share"),
            ("self-sustaining", "self_sustaining_share"),
        ),
        percent=True,
    ),
    Course(
        "What it means for students and employers",
        "Graduates at work: field-related jobs and skill mismatch; vacancies filled. Means of four quarters.",
        (
            ("jobs in the field", "field_related_share"),
            ("vacancies filled", "fill_rate"),
            ("skill mismatch", "skill_mismatch"),
        ),
        percent=True,
        is_smooth=True,
    ),
    Course(
        "Coupling of education and industry",
        "D = sqrt(C T), by the usual and the corrected formula of C: the choice alone moves D.",
        (
            ("D", "coordination"),
            ("D corrected", "coordination_corrected"),
            ("U1 education", "u1"),
            ("U2 industry", "u2"),
            ("C", "coupling"),
            ("T", "coordination_level"),
        ),
    ),
)


def html(results: Results) -> str:
    """The whole page."""
    scenario = results.scenario
    title = escape(scenario.title or scenario.name)
    style = (FOLDER / "report.css").read_text(encoding="utf-8")
    years = f"{results.steps_done} quarters, seed {scenario.seed}"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><title>{title}</title>'
        f"<style>{style}</style></head><body>{figures.patterns()}<main>"
        f'<header><p class="kicker">{title} · {years}</p><h1>{escape(verdict(results))}</h1>'
        f"<p>{escape(scenario.rationale)}</p></header>{_facts(results)}"
        f'<div class="pictures">{"".join(map(_html, sections(results)))}</div>'
        f"<details><summary>The same in words and numbers</summary><pre>{escape(summary(results))}</pre></details>"
        f"<footer>Written by industry-education-abm {escape(__version__)}. A simulation: what it shows follows "
        "from its assumptions (abm/ODD.md), and is not a forecast. The tables beside this file hold every number."
        "</footer></main></body></html>\n"
    )


def _html(section: Section) -> str:
    wide, narrow = section.draw(figures.WIDE), section.draw(figures.NARROW)
    return (
        f'<section class="{section.kind}"><h2>{escape(section.title)}</h2><p class="note">{escape(section.note)}</p>'
        f'<div class="page">{wide}</div><div class="phone">{narrow}</div></section>'
    )


def _facts(results: Results) -> str:
    """Main figures at the end of the run."""

    def share(metric: str) -> str:
        return number(last(results, metric), percent=True)

    def hundredths(metric: str) -> str:
        value = last(results, metric)
        return f"{value:.2f}" if math.isfinite(value) else "-"

    tables, failed, _ = failures(results, QUARTERS_A_YEAR)
    unsigned = number(failed / tables if tables else math.nan, percent=True)
    standing = number(last(results, "n_communities")), number(last(results, "n_self_sustaining"))
    facts = (
        ("negotiations without a contract", unsigned, "of the last year"),
        ("depth on paper, 0-1", hundredths("mean_formal_depth"), f"in practice {hundredths('mean_substantive_depth')}"),
        ("in integration communities", share("community_share"), f"{standing[0]} stand, {standing[1]} self-sustaining"),
        ("jobs in the field", share("field_related_share"), "of graduates at work"),
        ("coupling coordination D", hundredths("coordination"), f"U1 {hundredths('u1')}, U2 {hundredths('u2')}"),
    )
    cells = (f"<div><dt>{label}</dt><dd>{figure}</dd><small>{more}</small></div>" for label, figure, more in facts)
    return f'<dl class="facts">{"".join(cells)}</dl>'


def sections(results: Results) -> list[Section]:
    """All pictures of the report, in their order."""
    rows, failed = strip_rows(results), failed_by_region(results)
    causes = {reason(cause): n for cause, n in failures(results)[2].items()}
    n_failed = sum(causes.values()) or 1.0
    found = [
        Section(
            "How far each region has come",
            "Stage from the first quarter to the last. Regions that stayed in one stage share a strip.",
            lambda width: figures.bands("Stage of each region over time", rows, width=width),
        ),
        Section(
            "Where coordination fails",
            "Share of the last year's negotiations without a contract; a cross marks more than half.",
            lambda width: figures.tiles(
                "Share of failed negotiations by region", failed, places(results.region_names), 0.5, width=width
            ),
            "tiles",
        ),
        Section(
            "What goes wrong",
            "Negotiations of the last four quarters: signed ones at the bottom, above them failures by the cause that, "
            "moved least, would alone have closed the deal.",
            lambda width: figures.stacked("Outcome of negotiations over time", outcomes(results), width=width),
        ),
        Section(
            "Why negotiations failed",
            "Share of all failures over the whole run.",
            lambda width: figures.bars(
                "Causes of failure", {name: n / n_failed for name, n in causes.items()}, percent=True, width=width
            ),
        ),
        *(_course(results, course) for course in COURSES),
    ]
    spent = {kind.replace("_", " "): value for kind, value in money(results).items() if value > 0}
    if spent:
        tax = number(results.scenario.p.tax_due)
        note = f"Public money over the whole run; an enterprise of mean size owes {tax} of it in tax a quarter."

        def cost(width: float) -> str:
            return figures.bars("Public money by kind", spent, width=width)

        found.append(Section("What it cost", note, cost))
    return found


def _course(results: Results, course: Course) -> Section:
    series = {name: column(results, "metrics", metric) for name, metric in course.metrics}
    if course.is_smooth:
        series = {name: yearly_mean(values) for name, values in series.items()}

    def draw(width: float) -> str:
        drawn = {name: values.tolist() for name, values in series.items()}
        return figures.lines(f"{course.title}, over time", drawn, percent=course.percent, high=1.0, width=width)

    return Section(course.title, course.note, draw)


def yearly_mean(values: Floats) -> Floats:
    """Mean of what could be measured in the last four quarters; NaN where nothing could. Shape [T]."""
    known = np.isfinite(values)
    window = np.ones(QUARTERS_A_YEAR)
    n = np.convolve(known, window)[: len(values)]
    sums = np.convolve(np.where(known, values, 0.0), window)[: len(values)]
    return np.divide(sums, n, out=np.full(len(values), np.nan), where=n > 0)


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


def places(names: Sequence[str]) -> dict[str, tuple[int, int, str]]:
    """Column, row and short name of each region's tile: the provinces' own places and codes, else a plain grid."""
    with PROVINCES.open(encoding="utf-8", newline="") as file:
        known = {
            row["name"]: (int(row["tile_column"]), int(row["tile_row"]), row["code"].removeprefix("CN-"))
            for row in csv.DictReader(file)
        }
    if all(name in known for name in names):
        return {name: known[name] for name in names}
    across = math.ceil(math.sqrt(len(names) * 2))
    return {name: (i % across, i // across, name.removeprefix("region ")) for i, name in enumerate(names)}
