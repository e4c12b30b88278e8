"""report.html: the summary with pictures, in one file that opens anywhere, without a network."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from abm.machine.language import current, say, spoken
from abm.machine.version import __version__
from abm.population.provinces import provinces, short_zh
from abm.results import figures
from abm.results.summary import (
    as_said,
    by_step,
    column,
    episodes,
    failures,
    last,
    money,
    number,
    standing,
    strip_rows,
    summary,
    title,
    verdict,
)
from abm.world.state import QUARTERS_A_YEAR
from abm.world.vocabulary import CAUSES

if TYPE_CHECKING:
    from abm.results.advice import Advice
    from abm.results.run_tables import RunTables
    from abm.world.state import Floats

FOLDER = Path(__file__).parent
TAGS = {"en": "en", "zh": "zh-CN"}
"""What a page calls its language."""


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
    Course(
        "New quality productive forces",
        "D of education with industry and D of education with the productive forces, and what these are made of: "
        "technology relative to the frontier, technology times fit of an employed graduate, related work near the "
        "frontier.",
        (
            ("D with industry", "coordination"),
            ("D with productive forces", "forces_coordination"),
            ("productive forces", "productive_forces"),
            ("high technology", "high_technology"),
            ("high efficiency", "high_efficiency"),
            ("high quality", "high_quality"),
        ),
    ),
)


def html(results: RunTables, advice: Advice | None = None) -> str:
    """The report as one page of HTML that needs nothing beside it; with the advice that was asked for."""
    from abm.results.mends import section

    scenario = results.scenario
    called = escape(title(results))
    style = (FOLDER / "report.css").read_text(encoding="utf-8")
    years = say("{n} quarters, seed {seed}", n=results.steps_done, seed=scenario.seed)
    page = TAGS.get(current(), "en")
    words = say("The same in words and numbers")
    made = say("Written by industry-education-abm {version}.", version=escape(__version__))
    caveat = say(
        "A simulation: what it shows follows from its assumptions (abm/ODD.md), and is not a forecast. The tables "
        "beside this file hold every number."
    )
    return (
        f'<!doctype html><html lang="{page}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><title>{called}</title>'
        f"<style>{style}</style></head><body>{figures.patterns()}<main>"
        f'<header><p class="kicker">{called} · {years}</p><h1>{escape(verdict(results))}</h1>'
        f"<p>{escape(spoken(scenario.rationale))}</p></header>{_facts(results)}"
        f"{_episodes(results)}{_standing(results)}"
        f'<div class="pictures">{"".join(map(_html, sections(results)))}</div>{section(advice)}'
        f"<details><summary>{words}</summary><pre>{escape(summary(results))}</pre></details>"
        f"<footer>{made} {caveat}</footer></main></body></html>\n"
    )


def _episodes(results: RunTables) -> str:
    """What detectors found, as a list; nothing where they found nothing."""
    rows = "".join(
        f"<li>{escape(say('{when}: {what}', when=when, what=what))}</li>" for when, what in episodes(results)
    )
    return f'<section class="episodes"><h2>{say("What happened")}</h2><ul>{rows}</ul></section>' if rows else ""


def _standing(results: RunTables) -> str:
    """The communities of a user's own institutions by name; nothing in invented worlds."""
    rows = "".join(f"<li>{escape(line)}</li>" for line in standing(results))
    return (
        f'<section class="episodes"><h2>{say("Integration communities at the end")}</h2><ul>{rows}</ul></section>'
        if rows
        else ""
    )


def _html(section: Section) -> str:
    wide, narrow = section.draw(figures.WIDE), section.draw(figures.NARROW)
    return (
        f'<section class="{section.kind}"><h2>{escape(section.title)}</h2><p class="note">{escape(section.note)}</p>'
        f'<div class="page">{wide}</div><div class="phone">{narrow}</div></section>'
    )


def _facts(results: RunTables) -> str:
    """Main figures at the end of the run."""

    def share(metric: str) -> str:
        return number(last(results, metric), percent=True)

    def hundredths(metric: str) -> str:
        value = last(results, metric)
        return f"{value:.2f}" if math.isfinite(value) else "-"

    tables, failed, _ = failures(results, QUARTERS_A_YEAR)
    unsigned = number(failed / tables if tables else math.nan, percent=True)
    standing = number(last(results, "n_communities")), number(last(results, "n_self_sustaining"))
    practice = say("in practice {depth}", depth=hundredths("mean_substantive_depth"))
    facts = (
        ("negotiations without a contract", unsigned, say("of the last year")),
        ("depth on paper, 0-1", hundredths("mean_formal_depth"), practice),
        ("in integration communities", share("community_share"), say(
            "{n} stand, {alone} self-sustaining", n=standing[0], alone=standing[1]
        )),
        ("jobs in the field", share("field_related_share"), say("of graduates at work")),
        ("coupling coordination D", hundredths("coordination"), f"U1 {hundredths('u1')}, U2 {hundredths('u2')}"),
    )  # fmt: skip
    cells = (f"<div><dt>{say(label)}</dt><dd>{figure}</dd><small>{more}</small></div>" for label, figure, more in facts)
    return f'<dl class="facts">{"".join(cells)}</dl>'


def sections(results: RunTables) -> list[Section]:
    """All pictures of the report, in their order."""
    rows, failed = strip_rows(results), failed_by_region(results)
    causes = {spoken(CAUSES.label(cause)): n for cause, n in failures(results)[2].items()}
    n_failed = sum(causes.values()) or 1.0
    found = [
        Section(
            say("How far each region has come"),
            say("Stage from the first quarter to the last. Regions that stayed in one stage share a strip."),
            lambda width: figures.bands(say("Stage of each region over time"), rows, width=width),
        ),
        Section(
            say("Where coordination fails"),
            say("Share of the last year's negotiations without a contract; a cross marks more than half."),
            lambda width: figures.tiles(
                say("Share of failed negotiations by region"), failed, places(results.region_names), 0.5, width=width
            ),
            "tiles",
        ),
        Section(
            say("What goes wrong"),
            say(
                "Negotiations of the last four quarters: signed ones at the bottom, above them failures by the cause "
                "that, moved least, would alone have closed the deal."
            ),
            lambda width: figures.stacked(say("Outcome of negotiations over time"), outcomes(results), width=width),
        ),
        Section(
            say("Why negotiations failed"),
            say("Share of all failures over the whole run."),
            lambda width: figures.bars(
                say("Causes of failure"), {name: n / n_failed for name, n in causes.items()}, percent=True, width=width
            ),
        ),
        *(_course(results, course) for course in COURSES),
    ]
    spent = {spoken(kind.replace("_", " ")): value for kind, value in money(results).items() if value > 0}
    if spent:
        p = results.scenario.p
        note = say(
            "Public money over the whole run, in million yuan of 2022; an enterprise of mean size owes {tax} of it in "
            "tax a quarter.",
            tax=number(as_said(p.tax_due * p.kcny_per_unit)),
        )

        def cost(width: float) -> str:
            return figures.bars(say("Public money by kind"), spent, width=width)

        found.append(Section(say("What it cost"), note, cost))
    return found


def _course(results: RunTables, course: Course) -> Section:
    series = {say(name): column(results, "metrics", metric) for name, metric in course.metrics}
    if course.is_smooth:
        series = {name: yearly_mean(values) for name, values in series.items()}

    def draw(width: float) -> str:
        drawn = {name: values.tolist() for name, values in series.items()}
        return figures.lines(
            say("{what}, over time", what=say(course.title)), drawn, percent=course.percent, high=1.0, width=width
        )

    return Section(say(course.title), say(course.note), draw)


def yearly_mean(values: Floats) -> Floats:
    """Mean of what could be measured in the last four quarters; NaN where nothing could. Shape [T]."""
    known = np.isfinite(values)
    window = np.ones(QUARTERS_A_YEAR)
    n = np.convolve(known, window)[: len(values)]
    sums = np.convolve(np.where(known, values, 0.0), window)[: len(values)]
    return np.divide(sums, n, out=np.full(len(values), np.nan), where=n > 0)


def failed_by_region(results: RunTables) -> dict[str, float]:
    """Share of failed tables in the last year, NaN where there were none."""
    rows = slice(max(0, results.steps_done - QUARTERS_A_YEAR), None)
    tables = by_step(results, "tables")[rows].sum(axis=0)
    signed = by_step(results, "signed")[rows].sum(axis=0)
    return {
        spoken(name): 1.0 - float(signed[r] / tables[r]) if tables[r] else math.nan
        for r, name in enumerate(results.region_names)
    }


def outcomes(results: RunTables) -> dict[str, list[float]]:
    """Shares of the tables of the last four quarters at each step: signed, then causes by frequency."""
    counts = {say("signed"): by_step(results, "signed").sum(axis=1)}
    frequent = list(failures(results)[2])
    for cause in [*frequent, *(c for c in CAUSES if c not in frequent)][: len(frequent)]:
        counts[spoken(CAUSES.label(cause))] = by_step(results, f"failed_{cause}").sum(axis=1)
    window = np.ones(QUARTERS_A_YEAR)
    sums = {name: np.convolve(values, window)[: len(values)] for name, values in counts.items()}
    total = np.maximum(sum(sums.values()), 1.0)
    return {name: (values / total).tolist() for name, values in sums.items()}


def places(names: Sequence[str]) -> dict[str, tuple[int, int, str]]:
    """Column, row and short name of each region's tile: the provinces' own places and codes, else a plain grid."""
    is_chinese = current() == "zh"
    known: dict[str, tuple[int, int, str]] = {}
    for p in provinces():
        short = short_zh(p.name_zh) if is_chinese else p.code.removeprefix("CN-")
        known[p.name] = known[p.name_zh] = (*p.tile, short)
    if all(name in known for name in names):
        return {spoken(name): known[name] for name in names}
    across = math.ceil(math.sqrt(len(names) * 2))
    return {spoken(name): (i % across, i // across, name.removeprefix("region ")) for i, name in enumerate(names)}
