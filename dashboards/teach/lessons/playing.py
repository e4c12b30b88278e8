"""Plays the runs of a lesson and reads its measures, its right answer and its claims from them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np

from abm import quarter
from abm.population import build
from abm.world.state import Floats
from dashboards.live.shares import weights
from dashboards.teach.by_hand import CollegeByHand
from dashboards.teach.lessons._lesson import SEEDS, Choice, Lesson, LessonRun, Words

Series = dict[str, Floats]
"""Metric -> one number a quarter."""


def play(run: LessonRun, seed: int, after_step: Callable[[int], bool] | None = None) -> Series:
    """Play one run of a lesson. ``after_step`` hears how many quarters are done and ends the run by True."""
    rows: list[dict[str, float]] = []
    if run.effort is None and not run.accepts:
        state = build(run.scenario, seed)
        while state.step < run.scenario.steps:
            quarter.step(state, run.scenario)
            rows.append(dict(state.metrics))
            if after_step is not None and after_step(state.step):
                break
        return {name: np.array([row.get(name, math.nan) for row in rows]) for name in rows[-1]}
    return _by_hand(run, seed, after_step)


def _by_hand(run: LessonRun, seed: int, after_step: Callable[[int], bool] | None) -> Series:
    hand = CollegeByHand(run.scenario, seed)
    while not hand.is_over:
        hand.close_quarter(run.effort, hand.accept_all() if run.accepts else None)
        if after_step is not None and after_step(hand.state.step):
            break
    return {name: np.array(values) for name, values in hand.series.items()}


def play_all(lesson: Lesson, seed: int | None = None) -> dict[str, Series]:
    """All runs of a lesson by name, under the lesson's seed or another."""
    return {run.name: _played(lesson, run, lesson.seed if seed is None else seed) for run in lesson.runs}


def _played(lesson: Lesson, run: LessonRun, seed: int) -> Series:
    return _by_hand(run, seed, None) if lesson.is_by_hand else play(run, seed)


def mean(metric: Callable[[str], Floats], name: str, quarters: tuple[int, int]) -> float:
    """Mean of what is known of a metric in a span of quarters, shares of negotiations over all of the span; NaN where
    it has not come so far."""
    first, end = quarters
    values, of = metric(name), weights(metric, name)
    span = values[first:end]
    among = np.ones(len(span)) if of is None else of[first:end]
    known = np.isfinite(span) & (among > 0)
    return float(np.average(span[known], weights=among[known])) if len(values) >= end and known.any() else math.nan


def measured(lesson: Lesson, runs: Mapping[str, Series]) -> dict[str, float]:
    """The lesson's measures by name; NaN where a run has not come so far, or nothing could be measured."""
    found: dict[str, float] = {}
    for measure in lesson.measures:
        run = runs.get(measure.run)
        value = math.nan if run is None else mean(run.__getitem__, measure.metric, measure.quarters)
        if measure.over:
            below = found[measure.over]
            value = value / below if below else math.nan
        found[measure.name] = value
    return found


def right(lesson: Lesson, values: Mapping[str, float]) -> Choice | None:
    """The answer that the model gives; None where it cannot be told."""
    known = [c for c in lesson.choices if math.isfinite(values[c.measure])]
    if any(c.low is not None or c.below is not None for c in lesson.choices):
        return next((c for c in known if _is_within(c, values[c.measure])), None)
    return max(known, key=lambda c: values[c.measure], default=None)


def _is_within(choice: Choice, value: float) -> bool:
    return (choice.low is None or value >= choice.low) and (choice.below is None or value < choice.below)


def surprise(lesson: Lesson, values: Mapping[str, float]) -> Words:
    """The surprise with its numbers, as they were measured."""

    def said(language: str) -> str:
        texts = {name: measure.text(values[name], language) for name, measure in lesson.cited.items()}
        return _filled(lesson.surprise.to(language), texts)

    return Words(en=said("en"), zh=said("zh"))


def _filled(text: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def broken(lesson: Lesson, values: Mapping[str, float]) -> list[str]:
    """The claims that do not hold, each as a sentence; empty if all do."""
    return [
        f"{lesson.name}: {claim.measure} = {values[claim.measure]:.3g} is not "
        + " and ".join(
            f"{word} {bound:g}" for word, bound in (("above", claim.above), ("below", claim.below)) if bound is not None
        )
        for claim in lesson.claims
        if not claim.holds(values[claim.measure])
    ]


def sweep(lesson: Lesson) -> dict[int, dict[str, float]]:
    """The measures under each of ``SEEDS``."""
    return {seed: measured(lesson, play_all(lesson, seed)) for seed in SEEDS}


def summary(lesson: Lesson, values: Mapping[int, Mapping[str, float]]) -> dict[str, tuple[float, float, float]]:
    """Mean, lowest and highest value of each measure over seeds; left out is what some seed cannot tell."""
    found: dict[str, tuple[float, float, float]] = {}
    for measure in lesson.measures:
        of = np.array([row[measure.name] for row in values.values()])
        if np.isfinite(of).all():
            mean, low, high = (float(f"{value:.3g}") for value in (of.mean(), of.min(), of.max()))
            found[measure.name] = (mean, low, high)
    return found
