"""From paired differences to verdicts: which claims of the paper the model shows, beyond noise and large enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy import stats

from experiments.analysis._noise import LEVEL, holm
from experiments.analysis.intervals import Column, Interval, mean_interval, share_interval
from experiments.paper.rows import IN_ORDER, Experiment, Row
from experiments.paper.running import Table


class Verdict(StrEnum):
    """What can be said of a claim."""

    STRONG = "strong"
    """The whole interval of its effect lies beyond the least effect that counts, Holm's correction over all rows. Of a
    row that `exists`: beyond 0, and the effect itself is that large. Of one that is `ordered`: the share of seeds."""
    WEAK = "weak"
    """There is a mechanism, and its effect is not that large, not that certain, the other way, or not judged here."""
    DECLINED = "declined"
    """Not modelled, for a reason that is given."""
    ABSENT = "absent"
    """Not modelled yet."""


@dataclass(frozen=True)
class Judgement:
    """A row with its verdict."""

    row: Row
    verdict: Verdict
    effect: Interval | None = None
    """Mean paired difference with its 95 % interval, by itself; None where nothing was run."""
    p: float = float("nan")
    """Chance of such an effect if the true one were the least that counts, after Holm over all rows that were run."""
    level: float = float("nan")
    """Mean outcome on the side that it is held against."""
    why: str = ""
    """For a row that was run and is weak: what it lacks (a sentence of the catalogue of languages)."""


def judge(chosen: Sequence[Row], table: Table) -> list[Judgement]:
    """A verdict for every row. Rows that the table does not have count as not run."""
    ran = [(row, row.experiment) for row in chosen if row.experiment is not None and row.number in table.effects]
    # Orders are counted, not tested.
    ran = [(row, experiment) for row, experiment in ran if experiment.sign != "ordered"]
    p = {row.number: beyond(np.asarray(table.effects[row.number]), experiment) for row, experiment in ran}
    # Twice the chance of one tail: what lies beyond has its whole two-sided interval there.
    adjusted = dict(zip(p, holm(np.nan_to_num(np.array([2 * v for v in p.values()]), nan=1.0)), strict=True))
    return [_judged(row, table, adjusted) for row in chosen]


def beyond(effect: Column, experiment: Experiment) -> float:
    """Chance of such a mean, or one that says more, if the true effect were the least that counts (Student's t, one
    tail); NaN where it was not measured under every seed, or under one alone. Of a row that only has to exist: if the
    true effect were 0, on the side on which it was found."""
    if not np.isfinite(effect).all() or len(effect) < 2:
        return float("nan")
    if experiment.sign == "exists":
        toward = effect if effect.mean() >= 0 else -effect
    else:
        toward = experiment.direction * effect - experiment.least
    error = float(toward.std(ddof=1)) / np.sqrt(len(toward))
    # All the same but for rounding.
    rounding = 1e-12 * float(np.abs(effect).max())
    if error <= rounding:
        return 0.0 if float(toward.mean()) > rounding else 1.0
    return float(stats.t.sf(float(toward.mean()) / error, len(toward) - 1))


def _judged(row: Row, table: Table, adjusted: dict[int, float]) -> Judgement:
    if row.declined:
        return Judgement(row, Verdict.DECLINED)
    if row.shown_by:
        return Judgement(row, Verdict.WEAK)
    if row.experiment is None:
        return Judgement(row, Verdict.ABSENT)
    if row.number not in table.effects:
        return Judgement(row, Verdict.WEAK, why="not run yet")
    values, level = np.asarray(table.effects[row.number]), float(np.mean(table.levels[row.number]))
    if row.experiment.sign == "ordered":
        holds = values >= row.experiment.least
        effect, p = share_interval(int(holds.sum()), len(values)), float("nan")
        why = "" if effect.value >= IN_ORDER else "the order holds in too few seeds"
    else:
        effect, p = mean_interval(values), adjusted[row.number]
        why = _lacking(row.experiment, values, effect, p, level)
    return Judgement(row, Verdict.WEAK if why else Verdict.STRONG, effect, p, level, why)


def _lacking(experiment: Experiment, values: Column, effect: Interval, p: float, level: float) -> str:
    """What an experiment lacks to be strong; empty for nothing."""
    if not np.isfinite(values).all():
        return "not measured under every seed"
    if experiment.needs is not None and not level >= experiment.needs:
        return "the outcome is too rare in that world to show it"
    if experiment.sign == "exists":
        if not p <= LEVEL:
            return "no effect beyond noise"
        return "" if abs(effect.value) >= experiment.least else "smaller than what counts"
    if p <= LEVEL:
        return ""
    if effect.low <= 0 <= effect.high:
        return "no effect beyond noise"
    if experiment.direction * effect.value < 0:
        return "goes the other way"
    if experiment.direction * effect.value <= experiment.least:
        return "smaller than what counts"
    return "not certain to be as large as what counts"
