"""What happened in a run, in plain words for a terminal: the verdict first, 100 columns at most."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.machine.language import current, either, padded, paragraph, plural, say, spoken, width, wrapped
from abm.quarter.measurement.detectors import Detection, said
from abm.world.levers import SPENDING
from abm.world.state import QUARTERS_A_YEAR
from abm.world.vocabulary import CAUSES, STAGES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from abm.results.run_tables import RunTables
    from abm.world.state import Floats

FAILING, HOLDING = 0.5, 0.25
"""Shares of failed tables from which coordination is called failing, and below which it holds."""
MOST_REGIONS = 0.5
"""Share of regions above which, all deeply integrated, coordination is not called failing whatever the tables."""
STRIP = 60
"""Characters of a region's strip at most."""
WIDTH = 100
EVENTS_SHOWN = 8
COLLEGES_SHOWN = 4
"""Of a community, by name."""


def column(results: RunTables, table: str, name: str) -> Floats:
    """One column as float64."""
    return np.asarray(results.columns[table][name], dtype=np.float64)


def last(results: RunTables, metric: str) -> float:
    """The last value of a national metric that could be measured; NaN if none could."""
    values = column(results, "metrics", metric)
    known = values[np.isfinite(values)]
    return float(known[-1]) if len(known) else float("nan")


def by_step(results: RunTables, name: str) -> Floats:
    """A column of the regions, one row a step. Shape [T, R]."""
    return column(results, "regions", name).reshape(results.steps_done, len(results.region_names))


def failures(results: RunTables, quarters: int | None = None) -> tuple[float, float, dict[str, float]]:
    """Tables, failed tables and failures by cause (the most frequent first), over the last quarters or all."""
    rows = slice(0 if quarters is None else max(0, results.steps_done - quarters), None)
    counts = {cause: float(by_step(results, f"failed_{cause}")[rows].sum()) for cause in CAUSES}
    tables = float(by_step(results, "tables")[rows].sum())
    ordered = sorted(counts.items(), key=lambda item: -item[1])
    return tables, sum(counts.values()), {cause: n for cause, n in ordered if n > 0}


def is_mostly_deep(deep: int, n_regions: int) -> bool:
    """Whether so many deeply integrated regions are most: cooperation runs, and those who still come to a table are
    mostly those whom no contract suits, so that even where most of them fail coordination is mixed and not failing."""
    return deep > MOST_REGIONS * n_regions


def verdict(results: RunTables) -> str:
    """One sentence: whether coordination holds, how much fails and why, how far regions have come."""
    tables, failed, causes = failures(results, QUARTERS_A_YEAR)
    n_regions = len(results.region_names)
    deep = int((by_step(results, "stage")[-1] == len(STAGES) - 1).sum())
    early = (
        ""
        if results.is_complete
        else say("Stopped early, after {n} of {all} quarters. ", n=results.steps_done, all=results.scenario.steps)
    )
    if tables == 0:
        return early + say("Nobody negotiated in the last year: there is no cooperation to coordinate.")
    share = failed / tables
    fails = share >= FAILING and not is_mostly_deep(deep, n_regions)
    mood = say("is failing" if fails else "holds" if share < HOLDING else "is mixed")
    why = say(", mainly for {cause}", cause=spoken(CAUSES.label(next(iter(causes))))) if causes else ""
    found = say(
        "Coordination {mood}: {share} of the last year's negotiations ended without a contract{why}; "
        "{deep} of {n} regions are deeply integrated and {communities} stand.",
        mood=mood, share=f"{share:.0%}", why=why, deep=deep, n=n_regions, communities=_communities(results),
    )  # fmt: skip
    return early + found


def _communities(results: RunTables) -> str:
    n = last(results, "n_communities")
    if not n > 0:
        return say("no integration communities")
    return plural(n, "{n} integration community", "{n} integration communities")


def number(value: float, *, percent: bool = False) -> str:
    """A value for reading; a dash where nothing could be measured."""
    if not np.isfinite(value):
        return "-"
    return f"{value:.0%}" if percent else f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}"


def _movers(stages: Floats, names: Sequence[str]) -> tuple[list[int], list[tuple[int, list[str]]]]:
    """Rows of the regions that change their stage, and the names of those that stay, by stage, fewest first."""
    staying: dict[int, list[str]] = {}
    moving: list[int] = []
    for r, name in enumerate(names):
        if (stages[:, r] == stages[0, r]).all():
            staying.setdefault(int(stages[0, r]), []).append(name)
        else:
            moving.append(r)
    return moving, sorted(staying.items(), key=lambda item: (len(item[1]), item[0]))


def strip_rows(results: RunTables) -> dict[str, list[int]]:
    """Stages over time by region, 0-3; regions that stay in the same stage share a row."""
    stages, names = by_step(results, "stage"), results.region_names
    moving, staying = _movers(stages, names)
    rows = {spoken(names[r]): stages[:, r].astype(int).tolist() for r in moving}
    for stage, those in staying:
        n = len(those)
        if n == 1:
            label = spoken(those[0])
        elif n == len(names):
            label = say("all {n}", n=n)
        else:
            label = say("{n} in stage {stage}", n=n, stage=stage + 1)
        rows[label] = [stage] * results.steps_done
    return rows


def strips(results: RunTables) -> list[str]:
    """Stages over time, 1 to 4: one line a region that changes, one for all that stay in the same stage."""
    stages = by_step(results, "stage").astype(int)
    names = [spoken(name) for name in results.region_names]
    moving, staying = _movers(stages, names)
    shown = np.unique(np.linspace(0, results.steps_done - 1, min(STRIP, results.steps_done)).astype(int))
    room = min(28, max((width(names[r]) for r in moving), default=0))
    lines = [f"  {padded(_cut(names[r], room), room)}  {''.join(map(str, stages[shown, r] + 1))}" for r in moving]
    for stage, those in staying:
        line = say("{who}: {stage} {label} throughout", who=_those(those, len(names)), stage=stage + 1,
                   label=spoken(STAGES.label(stage)))  # fmt: skip
        lines += _paragraph(line, indent="  ")
    return lines


def _cut(text: str, columns: int) -> str:
    while width(text) > columns:
        text = text[:-1]
    return text


def _those(names: list[str], n_regions: int) -> str:
    """Names of regions, or how many they are where they are all or most."""
    if len(names) == 1:
        return names[0]
    if len(names) == n_regions:
        return say("all {n} regions", n=n_regions)
    if len(names) > max(4, n_regions / 2):
        return say("the other {n} regions", n=len(names))
    return say(", ").join(names)


def notable_events(results: RunTables) -> list[str]:
    """Changes of stage and births and deaths of communities, the last ones first to be cut."""
    events = results.columns["events"]
    found: list[str] = []
    for step, kind, region, cause in zip(
        events["step"], events["kind"], events["region"], events["cause"], strict=True
    ):
        where = spoken(results.region_names[int(region)]) if region >= 0 else say("the nation")
        why = spoken(str(cause).replace("_", " "))
        if kind == "stage_changed" and step > 0:
            told = say("{where} passes to {stage}", where=where, stage=spoken(str(cause).replace("_", " ")))
        elif kind == "community_born":
            told = say("an integration community of {where} becomes established", where=where)
        elif kind == "community_died":
            told = say("an integration community of {where} dies ({why})", where=where, why=why)
        else:
            continue
        found.append(f"  {say('quarter {n}', n=f'{step + 1:>3}')}: {told}")
    more = len(found) - EVENTS_SHOWN
    if more > 0:
        return [*found[:EVENTS_SHOWN], "  " + say("and {n} more in {file}", n=more, file="events.parquet")]
    return found or ["  " + say("none")]


def standing(results: RunTables) -> list[str]:
    """The last look's integration communities of a user's own institutions, with the colleges in them by name."""
    known = results.population
    if known is None or known.called is None or not len(results.columns["communities"]["step"]):
        return []
    told, members = results.told("communities"), known.called
    row_of = {str(given): row for row, given in enumerate(members.college.id)}
    last_look = max(told["step"])
    found: list[tuple[int, str]] = []
    for step, region, established, n, colleges in zip(
        told["step"], told["region_name"], told["established"], told["n_enterprises"], told["colleges"], strict=True
    ):
        if step == last_look and established >= 0:
            named = [members.college.label(row_of[str(given)]) for given in colleges]
            more = say(" and {n} more", n=len(named) - COLLEGES_SHOWN) if len(named) > COLLEGES_SHOWN else ""
            with_whom = plural(int(n), ", with {n} enterprise", ", with {n} enterprises")
            found.append((-int(n), f"{spoken(region)}: {say(', ').join(named[:COLLEGES_SHOWN])}{more}{with_whom}"))
    lines = [line for _, line in sorted(found)]
    more = len(lines) - EVENTS_SHOWN
    if more > 0:
        return [*lines[:EVENTS_SHOWN], say("and {n} more in {file}", n=more, file="communities.parquet")]
    return lines


def episodes(results: RunTables) -> list[tuple[str, str]]:
    """When and what detectors found in the whole run."""
    columns = results.columns["detections"]
    found = [Detection(*row) for row in zip(*(list(values) for values in columns.values()), strict=True)]
    return [(_when(int(one.start), int(one.end)), paragraph(said(one))) for one in found]


def _when(start: int, end: int) -> str:
    if start == end:
        return say("quarter {n}", n=start + 1)
    return say("quarters {first}-{last}", first=start + 1, last=end + 1)


def _paragraph(words: str, indent: str = "") -> list[str]:
    return wrapped(words, WIDTH, indent, indent + indent)


def ends(results: RunTables) -> Sequence[tuple[str, str]]:
    """Main figures at the end: what, in English, and how much, in the language that is spoken."""

    def value(metric: str, *, percent: bool = False) -> str:
        return number(last(results, metric), percent=percent)

    return (
        ("agreement rate", say("{share} of negotiations", share=value("agreement_rate", percent=True))),
        ("contracts", say(
            "{n}, formal depth {formal}, substantive depth {substantive} (0-1)", n=value("n_ties"),
            formal=value("mean_formal_depth"), substantive=value("mean_substantive_depth"),
        )),
        ("integration communities", say(
            "{n}, with {share} of institutions; self-sustaining: {alone}", n=value("n_communities"),
            share=value("community_share", percent=True), alone=value("n_self_sustaining"),
        )),
        ("field-related jobs", say(
            "{share} of graduates at work half a year on", share=value("field_related_share", percent=True)
        )),
        ("coupling coordination", f"D {value('coordination')} = sqrt(C x T), C {value('coupling')}, "
         f"T {value('coordination_level')}"),
        ("  of education and industry", f"U1 {value('u1')}, U2 {value('u2')}"),
        ("  corrected formula", f"D {value('coordination_corrected')}, C {value('coupling_corrected')}"),
        ("new quality productive forces", say(
            "{index} of 1: technology {technology}, efficiency {efficiency}, quality {quality}",
            index=value("productive_forces"), technology=value("high_technology"),
            efficiency=value("high_efficiency"), quality=value("high_quality"),
        )),
        ("  with education", f"D {value('forces_coordination')}"),
    )  # fmt: skip


def heading(results: RunTables) -> str:
    """What was run, how long, with which seed."""
    return say(
        "{title}: {n} quarters, seed {seed}, {seconds} s", title=title(results), n=results.steps_done,
        seed=results.scenario.seed, seconds=f"{results.seconds:.1f}",
    )  # fmt: skip


def summary(results: RunTables) -> str:
    """What summary.txt holds: verdict, stages, figures at the end, causes, money, episodes, events."""
    tables, failed, causes = failures(results)
    figures = ends(results)
    told = [say("{when}: {what}", when=when, what=what) for when, what in episodes(results)]
    room = max(24, *(width(say(name)) for name, _ in figures if not name.startswith(" ")))
    lines = [
        *_paragraph(verdict(results)),
        "",
        *_paragraph(heading(results)),
        "",
        *stages_named(),
        *strips(results),
        "",
        say("At the end"),
        *(f"  {padded(say(name), room)}  {said}" for name, said in figures),
        "",
        say(
            "Why negotiations failed ({failed} of {tables} over the whole run; reviews not counted)",
            failed=f"{failed:,.0f}", tables=f"{tables:,.0f}",
        ),
        *(f"  {n / failed:>5.0%}  {spoken(CAUSES.label(cause))}" for cause, n in causes.items()),
        "",
        say("Public money spent over the whole run, in million yuan of 2022"),
        *(_money(results)),
        "",
        *_standing(results),
        say("Episodes of the whole run"),
        *([line for episode in told for line in _paragraph(episode, "  ")]
          or ["  " + say("none")]),
        "",
        say("Events worth knowing"),
        *notable_events(results),
    ]  # fmt: skip
    return "\n".join(line.rstrip() for line in lines)


def title(results: RunTables) -> str:
    """What the scenario is called in the language that is spoken; its name if it has no title."""
    scenario = results.scenario
    return either(scenario.title, scenario.title_zh) or scenario.name


def stages_named() -> list[str]:
    """The heading above the strips, which says what their numbers mean."""
    head = say("Stage by region over time: ")
    one, two, three, four = (f"{i} {spoken(stage)}" for i, stage in enumerate(STAGES.labels(), 1))
    between = say(", ")
    return [f"{head}{one}{between}{two}{between}".rstrip(), f"{' ' * width(head)}{three}{between}{four}"]


def _standing(results: RunTables) -> list[str]:
    lines = [line for one in standing(results) for line in _paragraph(one, "  ")]
    return [say("Integration communities at the end"), *lines, ""] if lines else []


def money(results: RunTables) -> dict[str, float]:
    """Public money by kind over the whole run, as one says it: in million yuan, in Chinese in 10,000 yuan."""
    unit = as_said(results.scenario.p.kcny_per_unit)
    return {kind: unit * float(by_step(results, f"spent_{kind}").sum()) for kind in SPENDING}


def as_said(kcny: float) -> float:
    """1,000 yuan in million yuan, in Chinese in 10,000 yuan."""
    return kcny / (10.0 if current() == "zh" else 1000.0)


def _money(results: RunTables) -> list[str]:
    spent = {kind: n for kind, n in money(results).items() if n > 0}
    lines = [f"  {number(n):>9}  {spoken(kind.replace('_', ' '))}" for kind, n in spent.items()]
    return lines or ["  " + say("nothing")]
