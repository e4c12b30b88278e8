"""Runs the worlds of patterns under the same seeds, and says which patterns hold."""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from abm.machine.language import say
from abm.population import build
from abm.quarter import step
from abm.results.progress import duration
from experiments import executors
from experiments.analysis.intervals import Interval, mean_interval
from experiments.validation._pattern import Effect, Pattern, Run, Runs, World


@dataclass(frozen=True)
class Finding:
    """An effect over all seeds: mean, 95 % interval (Student's t), whether it is where it must be."""

    effect: Effect
    mean: float
    low: float
    high: float
    values: tuple[float, ...]

    @property
    def holds(self) -> bool:
        """Whether the whole interval is on the right side of the bounds; NaN never is. Without bounds: True."""
        above, below = self.effect.above, self.effect.below
        if above is None and below is None:
            return True
        return (
            math.isfinite(self.low + self.high)
            and (above is None or self.low > above)
            and (below is None or self.high < below)
        )


@dataclass(frozen=True)
class Outcome:
    """A pattern and what was found."""

    pattern: Pattern
    findings: tuple[Finding, ...]

    @property
    def holds(self) -> bool:
        """Whether every effect is where it must be."""
        return all(finding.holds for finding in self.findings)


def run_world(world: World, seed: int) -> Run:
    """Run a world to its end and keep metrics, stages and what it observes."""
    scenario, changes = world.scenario, dict(world.changes)
    state = build(scenario, seed, threads=1)
    rows: list[list[float]] = []
    stages: list[Any] = []
    seen: dict[str, list[Any]] = {}
    for t in range(world.scenario.steps):
        scenario = changes.get(t, scenario)
        step(state, scenario)
        rows.append(list(state.metrics.values()))
        stages.append(state.governments.stage.copy())
        for name, value in (world.observe(state) if world.observe else {}).items():
            seen.setdefault(name, []).append(value)
    values = np.array(rows, dtype=np.float64)
    metrics = {name: values[:, i] for i, name in enumerate(state.metrics)}
    return Run(metrics, np.array(stages), {name: np.array(of) for name, of in seen.items()})


def measure(pattern: Pattern, seed: int, runs: dict[World, Run]) -> tuple[float, ...]:
    """Every effect of a pattern under one seed; ``runs`` keeps what other patterns have already run."""
    for world in pattern.worlds.values():
        if world not in runs:
            runs[world] = run_world(world, seed)
    found: Runs = {name: runs[world] for name, world in pattern.worlds.items()}
    return tuple(float(effect.measure(found)) for effect in pattern.effects)


def _of_seed(patterns: Sequence[Pattern], seed: int) -> list[tuple[float, ...]]:
    runs: dict[World, Run] = {}
    return [measure(pattern, seed, runs) for pattern in patterns]


def _of_seed_by_number(task: tuple[tuple[str, ...], int]) -> list[tuple[float, ...]]:
    """The same in another process, which finds the patterns by itself: functions do not travel."""
    from experiments.validation import patterns, patterns_of_targets

    numbers, seed = task
    return _of_seed([p for p in (*patterns(), *patterns_of_targets()) if p.number in numbers], seed)


def find(effect: Effect, values: Sequence[float]) -> Finding:
    """Mean and interval of an effect over seeds. One seed has no interval and holds nothing, nor does an effect
    that could not be measured under every seed."""
    nothing = Interval(math.nan, math.nan, math.nan)
    mean, low, high = mean_interval(values) if np.isfinite(values).all() else nothing
    return Finding(effect, mean, low, high, tuple(values))


def validate(
    patterns: Sequence[Pattern], seeds: Sequence[int], *, workers: int = 1, is_quiet: bool = False
) -> list[Outcome]:
    """Run every pattern under every seed. ``workers`` > 1 needs patterns that are found by discovery."""
    values: dict[int, list[tuple[float, ...]]] = {}
    begun = time.monotonic()
    for seed, found in _all(patterns, seeds, workers):
        values[seed] = found
        if not is_quiet:
            left = (time.monotonic() - begun) / len(values) * (len(seeds) - len(values))
            far = say("seed {i} of {n}, about {left} left", i=len(values), n=len(seeds), left=duration(left))
            print(far, file=sys.stderr, flush=True)
    outcomes: list[Outcome] = []
    for i, pattern in enumerate(patterns):
        columns = zip(*(values[seed][i] for seed in seeds), strict=True)
        findings = (find(effect, of) for effect, of in zip(pattern.effects, columns, strict=True))
        outcomes.append(Outcome(pattern, tuple(findings)))
    return outcomes


def _all(
    patterns: Sequence[Pattern], seeds: Sequence[int], workers: int
) -> Iterator[tuple[int, list[tuple[float, ...]]]]:
    if workers <= 1 or len(seeds) == 1:
        for seed in seeds:
            yield seed, _of_seed(patterns, seed)
        return
    numbers = tuple(pattern.number for pattern in patterns)
    pool = executors.start("processes", min(workers, len(seeds)))
    try:
        for (_, seed), found in executors.as_done(pool, _of_seed_by_number, [(numbers, seed) for seed in seeds]):
            yield seed, found
    finally:
        pool.close()
