"""What happened in a run, in plain words for a terminal: the verdict first, 100 columns at most."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from abm.diagnosis import CAUSES
from abm.figures import STAGE_LABELS
from abm.levers import SPENDING
from abm.stages import STAGES
from abm.state import QUARTERS_A_YEAR

if TYPE_CHECKING:
    from collections.abc import Sequence

    from abm.results import Results
    from abm.state import Floats

FAILING, HOLDING = 0.5, 0.25
"""Shares of failed tables from which coordination is called failing, and below which it holds."""
STRIP = 60
"""Characters of a region's strip at most."""
WIDTH = 100
EVENTS_SHOWN = 8

REASONS = {
    "no_common_interest": "no common interest",
    "unidentified_interest": "a common interest that was not seen",
    "communication_cost": "the cost of talking",
    "policy_inconsistency": "policies that do not fit together",
    "distrust": "distrust",
    "funding": "lack of money",
    "evaluation": "the way colleges are evaluated",
    "skill_mismatch": "skills that do not match",
    "poaching": "fear of poaching",
    "cold_partner": "a partner that stayed cold",
}
"""The causes of diagnosis.py as one says them."""


def column(results: Results, table: str, name: str) -> Floats:
    """One column as float64."""
    return np.asarray(results.columns[table][name], dtype=np.float64)


def last(results: Results, metric: str) -> float:
    """The last value of a national metric that could be measured; NaN if none could."""
    values = column(results, "metrics", metric)
    known = values[np.isfinite(values)]
    return float(known[-1]) if len(known) else float("nan")


def by_step(results: Results, name: str) -> Floats:
    """A column of the regions, one row a step. Shape [T, R]."""
    return column(results, "regions", name).reshape(results.steps_done, len(results.region_names))


def reason(cause: str) -> str:
    """A cause of failure in plain words."""
    return REASONS.get(cause, cause.replace("_", " "))


def failures(results: Results, quarters: int | None = None) -> tuple[float, float, dict[str, float]]:
    """Tables, failed tables and failures by cause (the most frequent first), over the last quarters or all."""
    rows = slice(0 if quarters is None else max(0, results.steps_done - quarters), None)
    counts = {cause: float(by_step(results, f"failed_{cause}")[rows].sum()) for cause in CAUSES}
    tables = float(by_step(results, "tables")[rows].sum())
    ordered = sorted(counts.items(), key=lambda item: -item[1])
    return tables, sum(counts.values()), {cause: n for cause, n in ordered if n > 0}


def verdict(results: Results) -> str:
    """One sentence: whether coordination holds, how much fails and why, how far regions have come."""
    tables, failed, causes = failures(results, QUARTERS_A_YEAR)
    n_regions = len(results.region_names)
    deep = int((by_step(results, "stage")[-1] == len(STAGES) - 1).sum())
    early = (
        ""
        if results.is_complete
        else f"Stopped early, after {results.steps_done} of {results.scenario.steps} quarters. "
    )
    if tables == 0:
        return f"{early}Nobody negotiated in the last year: there is no cooperation to coordinate."
    share = failed / tables
    mood = "is failing" if share >= FAILING else "holds" if share < HOLDING else "is mixed"
    why = f", mainly for {reason(next(iter(causes)))}" if causes else ""
    communities = _count(last(results, "n_communities"), "integration community", "integration communities")
    return (
        f"{early}Coordination {mood}: {share:.0%} of the last year's negotiations ended without a contract{why}; "
        f"{deep} of {n_regions} regions are deeply integrated and {communities} stand."
    )


def _count(n: float, one: str, many: str) -> str:
    return f"no {many}" if n == 0 or not np.isfinite(n) else f"{n:.0f} {one if n == 1 else many}"


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


def strip_rows(results: Results) -> dict[str, list[int]]:
    """Stages over time by region, 0-3; regions that stay in the same stage share a row."""
    stages, names = by_step(results, "stage"), results.region_names
    moving, staying = _movers(stages, names)
    rows = {names[r]: stages[:, r].astype(int).tolist() for r in moving}
    for stage, those in staying:
        n = len(those)
        label = those[0] if n == 1 else f"all {n}" if n == len(names) else f"{n} in stage {stage + 1}"
        rows[label] = [stage] * results.steps_done
    return rows


def strips(results: Results) -> list[str]:
    """Stages over time, 1 to 4: one line a region that changes, one for all that stay in the same stage."""
    stages = by_step(results, "stage").astype(int)
    names = results.region_names
    moving, staying = _movers(stages, names)
    shown = np.unique(np.linspace(0, results.steps_done - 1, min(STRIP, results.steps_done)).astype(int))
    width = min(28, max((len(names[r]) for r in moving), default=0))
    lines = [f"  {names[r][:width]:<{width}}  {''.join(map(str, stages[shown, r] + 1))}" for r in moving]
    for stage, those in staying:
        lines += _paragraph(f"{_those(those, len(names))}: {stage + 1} {STAGE_LABELS[stage]} throughout", indent="  ")
    return lines


def _those(names: list[str], n_regions: int) -> str:
    """Names of regions, or how many they are where they are all or most."""
    if len(names) == 1:
        return names[0]
    if len(names) == n_regions:
        return f"all {n_regions} regions"
    return f"the other {len(names)} regions" if len(names) > max(4, n_regions / 2) else ", ".join(names)


def notable_events(results: Results) -> list[str]:
    """Changes of stage and births and deaths of communities, the last ones first to be cut."""
    events = results.columns["events"]
    found: list[str] = []
    for step, kind, region, cause in zip(
        events["step"], events["kind"], events["region"], events["cause"], strict=True
    ):
        where: str = results.region_names[int(region)] if region >= 0 else "the nation"
        if kind == "stage_changed" and step > 0:
            found.append(f"  quarter {step + 1:>3}: {where} passes to {str(cause).replace('_', ' ')}")
        elif kind in ("community_born", "community_died"):
            why = f" ({str(cause).replace('_', ' ')})" if cause else ""
            verb = "becomes established" if kind == "community_born" else "dies"
            found.append(f"  quarter {step + 1:>3}: an integration community of {where} {verb}{why}")
    more = len(found) - EVENTS_SHOWN
    return [*found[:EVENTS_SHOWN], f"  and {more} more in events.parquet"] if more > 0 else found or ["  none"]


def _paragraph(words: str, indent: str = "") -> list[str]:
    import textwrap

    return textwrap.wrap(words, WIDTH, initial_indent=indent, subsequent_indent=indent + indent)


def summary(results: Results) -> str:
    """The whole summary."""
    scenario = results.scenario
    tables, failed, causes = failures(results)

    def value(metric: str, *, percent: bool = False) -> str:
        return number(last(results, metric), percent=percent)

    lines = [
        *_paragraph(verdict(results)),
        "",
        *_paragraph(
            f"{scenario.title or scenario.name}: {results.steps_done} quarters, seed {scenario.seed}, "
            f"{results.seconds:.1f} s"
        ),
        "",
        "Stage by region over time: 1 complete dependency, 2 internal fragmentation,",
        "                           3 initial breakthrough, 4 deep integration",
        *strips(results),
        "",
        "At the end",
        f"  agreement rate            {value('agreement_rate', percent=True)} of negotiations",
        f"  contracts                 {value('n_ties')}, formal depth {value('mean_formal_depth')}, "
        f"substantive depth {value('mean_substantive_depth')} (0-1)",
        f"  integration communities   {value('n_communities')}, with {value('community_share', percent=True)} of "
        f"institutions; self-sustaining: {value('n_self_sustaining')}",
        f"  field-related jobs        {value('field_related_share', percent=True)} of graduates at work half a year on",
        f"  coupling coordination     D {value('coordination')} = sqrt(C x T), C {value('coupling')}, "
        f"T {value('coordination_level')}",
        f"    of education and industry  U1 {value('u1')}, U2 {value('u2')}",
        f"    corrected formula       D {value('coordination_corrected')}, C {value('coupling_corrected')}",
        "",
        f"Why negotiations failed ({failed:,.0f} of {tables:,.0f} over the whole run; reviews not counted)",
        *(f"  {n / failed:>5.0%}  {reason(cause)}" for cause, n in causes.items()),
        "",
        "Public money spent over the whole run",
        *(_money(results)),
        "",
        "Events worth knowing",
        *notable_events(results),
    ]
    return "\n".join(line.rstrip() for line in lines)


def money(results: Results) -> dict[str, float]:
    """Money spent by kind over the whole run."""
    return {kind: float(by_step(results, f"spent_{kind}").sum()) for kind in SPENDING}


def _money(results: Results) -> list[str]:
    spent: dict[str, Any] = {kind.replace("_", " "): n for kind, n in money(results).items() if n > 0}
    return [f"  {number(n):>9}  {kind}" for kind, n in spent.items()] or ["  nothing"]
