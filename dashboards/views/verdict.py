"""The banner: is coordination failing, how much, mainly why, where most, how much is only paper; do communities hold,
and alone?

The mood follows the failed share of the last year's tables with hysteresis: to leave a mood the share
must pass its threshold by SLACK, so that the sentence does not flicker. It is worked out from the
series alone and is therefore the same at every look at a moment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.results.summary import FAILING, HOLDING, is_mostly_deep
from abm.world.state import QUARTERS_A_YEAR
from abm.world.vocabulary import CAUSES, STAGES
from dashboards.live.scenes import Scene, Seen, Table, yearly_sums
from dashboards.views.live_view import view
from dashboards.views.tile_map import failed_by_region, short
from dashboards.words import percent
from dashboards.words.vocabulary import cause_names, stage_names, when, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from abm.world.state import Floats

KIND = "verdict"
SLACK = 0.05
FAILS, MIXED, HOLDS, SILENT = "fails", "mixed", "holds", "silent"
START = "start"
"""Not a mood: nothing has happened yet."""


def failed_share(seen: Seen) -> Floats:
    """Failed tables over tables, both of the last year, at each step; NaN without tables. Shape [step]."""
    tables = yearly_sums(seen.regional("tables").sum(axis=1))
    failed = yearly_sums(seen.regional("failed").sum(axis=1))
    return np.divide(failed, tables, out=np.full(len(tables), np.nan), where=tables > 0)


def mood(shares: Sequence[float]) -> str:
    """The mood after a series of failed shares: fails, mixed, holds, or silent (nobody came to a table)."""
    now = SILENT
    for share in shares:
        if not np.isfinite(share):
            now = SILENT
        elif now == FAILS:
            now = FAILS if share >= FAILING - SLACK else _at_once(share)
        elif now == HOLDS:
            now = HOLDS if share < HOLDING + SLACK else _at_once(share)
        else:
            now = _at_once(share)
    return now


def _at_once(share: float) -> str:
    return FAILS if share >= FAILING else HOLDS if share < HOLDING else MIXED


def main_cause(seen: Seen) -> int:
    """Index in diagnosis.CAUSES of the last year's most frequent cause of failure; -1 without failures."""
    counts = [seen.regional(f"failed_{cause}")[-4:].sum() for cause in CAUSES]
    return int(np.argmax(counts)) if sum(counts) > 0 else -1


def scene(seen: Seen) -> Scene:
    """Headline, sentences, the two gauges and the stages."""
    spoken = words(seen.language)
    shares = failed_share(seen)
    share = float(shares[-1]) if len(shares) else float("nan")
    inside = seen.last("community_share")
    stages = np.bincount(seen.frame.regions["stage"].astype(int), minlength=len(STAGES))
    now = mood(shares.tolist()) if seen.step else START
    if now == FAILS and is_mostly_deep(int(stages[-1]), len(seen.world.region_names)):
        now = MIXED
    headline = spoken[f"verdict_{now}"]
    why = _why(seen, spoken, share, now)
    communities = _communities(seen, spoken, inside) if seen.step else ""
    names = stage_names(seen.language)
    modal = int(np.argmax(stages))
    if not seen.step:
        stages[:] = 0

    def table() -> Table:
        rows = [
            [spoken["verdict_gauge_failed"], percent(seen.language, share)],
            [spoken["verdict_gauge_community"], percent(seen.language, inside)],
        ]
        return [spoken["verdict_title"], ""], rows + [
            [f"{i + 1} {name}", int(stages[i])] for i, name in enumerate(names)
        ]

    return Scene(
        f"{headline}. {why} {communities}".strip(),
        {
            "step": seen.step, "mood": now, "headline": headline, "why": why, "communities": communities,
            "failed": _json(share), "inside": _json(inside), "alone": _json(seen.last("self_sustaining_share")),
            "failing": FAILING, "holding": HOLDING,
            "stages": stages.tolist(), "stage": f"{modal + 1} {names[modal]}" if seen.step else "",
            "stage_count": _stage_count(seen, spoken, int(stages[modal])),
        },
        table=table,
    )  # fmt: skip


def _stage_count(seen: Seen, spoken: dict[str, str], n: int) -> str:
    return spoken["verdict_stage"].format(n=n, all=len(seen.world.region_names)) if seen.step else ""


def _json(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _why(seen: Seen, spoken: dict[str, str], share: float, now: str) -> str:
    if now == START:
        return spoken["nothing_yet"]
    if now == SILENT:
        return spoken["verdict_no_tables"]
    cause = main_cause(seen)
    if cause < 0:
        return spoken["verdict_share"].format(share=percent(seen.language, share))
    why = spoken["verdict_share_why"].format(
        share=percent(seen.language, share), cause=cause_names(seen.language)[cause]
    )
    return why + _where(seen, spoken) + _on_paper(seen, spoken)


def _where(seen: Seen, spoken: dict[str, str]) -> str:
    """The region in which most fails, as a sentence that goes on; nothing where there is one region only."""
    failed = failed_by_region(seen)
    if len(failed) < 2:
        return ""
    worst = int(np.argmax(np.nan_to_num(failed, nan=-1.0)))
    return spoken["verdict_worst"].format(
        region=short(seen.world.region_label(worst, seen.language)), share=percent(seen.language, float(failed[worst]))
    )


def _on_paper(seen: Seen, spoken: dict[str, str]) -> str:
    """How much of what contracts said in the last year was not lived; nothing without contracts."""
    formal, real = (_of_last_year(seen, name) for name in ("mean_formal_depth", "mean_substantive_depth"))
    if not (np.isfinite(formal) and np.isfinite(real)) or formal <= 0:
        return ""
    return spoken["verdict_on_paper"].format(share=percent(seen.language, 1.0 - real / formal))


def _of_last_year(seen: Seen, name: str) -> float:
    """Mean of a metric over what is known of the last year; NaN if nothing is."""
    values = seen.metric(name)[-QUARTERS_A_YEAR:]
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else float("nan")


def _communities(seen: Seen, spoken: dict[str, str], inside: float) -> str:
    n, alone = seen.last("n_communities"), seen.last("n_self_sustaining")
    if not np.isfinite(n) or n == 0:
        return _no_community(seen, spoken)
    key = "verdict_one_community" if n == 1 else "verdict_communities"
    if n == 1 and alone >= 1:
        key = "verdict_one_alone"
    elif n > 1 and alone == 0:
        key = "verdict_communities_none"
    return spoken[key].format(
        n=int(n), share=percent(seen.language, inside), alone=int(alone) if np.isfinite(alone) else 0,
        share_alone=percent(seen.language, seen.last("self_sustaining_share")),
    )  # fmt: skip


def _no_community(seen: Seen, spoken: dict[str, str]) -> str:
    """That there is none: never one so far, or none any more, with how many there were at most and until when."""
    known = np.nan_to_num(seen.metric("n_communities"))
    if not known.any():
        return spoken["verdict_no_community"]
    until = when(seen.language, int(np.flatnonzero(known)[-1]) + 1)
    return spoken["verdict_no_community_left"].format(most=int(known.max()), until=until)


View = view(KIND, scene, is_bare=True)
