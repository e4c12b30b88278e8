"""Do shares depend on how many stand for a population? The same world is run with more, or smaller, institutions.

Every share and degree of coordination is averaged over years 3 to 15 of each run; the difference to the world as it is
is taken seed by seed. It is small enough where the whole 90 % interval lies within ``BOUND`` of 0.
"""

from __future__ import annotations

import math
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version

import numpy as np

import abm
from abm.quarter.measurement.metrics import catalogue
from abm.results.folder import commit
from abm.results.progress import duration
from abm.scenario import Scenario, load
from experiments import executors

BOUND = 0.02
CONFIDENCE = 0.90
FIRST_STEP, STEPS = 12, 60
FIRST_SEED = 501
"""Seeds of this table are those of no other study."""
INSTITUTIONS = ("n_colleges", "n_enterprises", "n_students")
FACTORS: dict[str, dict[str, int]] = {
    "all x 2": dict.fromkeys(INSTITUTIONS, 2),
    "all x 4": dict.fromkeys(INSTITUTIONS, 4),
    "students x 4": {"n_students": 4},
    "colleges x 4, same seats": {"n_colleges": 4},
    "regions x 2": {**dict.fromkeys(INSTITUTIONS, 2), "n_regions": 2},
    "enterprises x 4, same posts": {"n_enterprises": 4},
}
"""What is multiplied in an invented world."""
ONLY = {"enterprises x 4, same posts": ("field_related_share", "failed_by_", "coordination")}
"""Of a world that others are not compared with in all shares: beginnings of the names of those that are.

With four times the enterprises there are four times the places for partners of the same students."""


@dataclass(frozen=True)
class Shift:
    """How much a share differs in a changed world: mean over seeds and 90 % interval (Student's t)."""

    world: str
    share: str
    base: float
    mean: float
    low: float
    high: float

    @property
    def is_asked(self) -> bool:
        """Whether the share has to stay the same in this world."""
        names = ONLY.get(self.world)
        return names is None or self.share.startswith(names)

    @property
    def holds(self) -> bool:
        """Whether the whole interval lies within the bound."""
        return abs(self.low) <= BOUND and abs(self.high) <= BOUND


def shares() -> list[str]:
    """Names of the national metrics that are shares or degrees, 0-1."""
    return [name for name, metric in catalogue().items() if (metric.unit, metric.low, metric.high) == ("1", 0, 1)]


def changed(scenario: Scenario, world: str) -> Scenario:
    """The scenario with a population so many times as large; "" = as it is."""
    population = scenario.population
    factors = FACTORS[world] if world else {}
    sizes = {name: factor * getattr(population, name) for name, factor in factors.items()}
    return replace(scenario, population=replace(population, **sizes), steps=STEPS)


def measured(task: tuple[str, str, int]) -> list[float]:
    """Every share of one run, averaged over its years; NaN = never measured. ``task``: scenario, world, seed."""
    name, world, seed = task
    metrics = abm.run(changed(load(name), world), seed=seed, threads=1).columns["metrics"]
    found: list[float] = []
    for share in shares():
        values = np.asarray(metrics[share], np.float64)[FIRST_STEP:]
        values = values[np.isfinite(values)]
        found.append(float(values.mean()) if len(values) else math.nan)
    return found


def shifts(scenario: str, seeds: range, *, workers: int = 1, is_quiet: bool = False) -> list[Shift]:
    """Run the worlds of a scenario with an invented population under some seeds, and compare them."""
    tasks = [(scenario, world, seed) for world in ("", *FACTORS) for seed in seeds]
    found: dict[tuple[str, str, int], list[float]] = {}
    begun = time.monotonic()
    pool = executors.start("processes" if workers > 1 else "serial", workers)
    try:
        for task, values in executors.as_done(pool, measured, tasks):
            found[task] = values
            if not is_quiet and len(found) % 10 == 0:
                left = (time.monotonic() - begun) / len(found) * (len(tasks) - len(found))
                print(f"run {len(found)} of {len(tasks)}, about {duration(left)} left", file=sys.stderr, flush=True)
    finally:
        pool.close()
    return [shift for world in FACTORS for shift in _compared(scenario, world, seeds, found)]


def _compared(scenario: str, world: str, seeds: range, found: dict[tuple[str, str, int], list[float]]) -> list[Shift]:
    from scipy import stats

    base = np.array([found[scenario, "", seed] for seed in seeds])
    apart = np.array([found[scenario, world, seed] for seed in seeds]) - base
    out: list[Shift] = []
    for i, share in enumerate(shares()):
        values = apart[np.isfinite(apart[:, i]), i]
        n = len(values)
        if n < 2:
            out.append(Shift(world, share, math.nan, math.nan, math.nan, math.nan))
            continue
        half = float(stats.t.ppf(0.5 + CONFIDENCE / 2, n - 1) * values.std(ddof=1) / math.sqrt(n))
        mean = float(values.mean())
        out.append(Shift(world, share, float(np.nanmean(base[:, i])), mean, mean - half, mean + half))
    return out


def text(found: Sequence[Shift]) -> str:
    """What does not hold, world by world, and how many shares do."""
    lines: list[str] = []
    for world in FACTORS:
        asked = [s for s in found if s.world == world and s.is_asked and not math.isnan(s.mean)]
        lines.append(f"{world}: {sum(s.holds for s in asked)} of {len(asked)} shares within {BOUND:g}")
        for s in asked:
            if not s.holds:
                lines.append(f"    {s.share}: {s.base:.3f} {s.mean:+.3f} [{s.low:+.3f}, {s.high:+.3f}]")
    return "\n".join(lines)


def markdown(scenario: str, found: Sequence[Shift], seeds: range) -> str:
    """The table as a page of the documentation."""
    lines = [
        "# Do shares depend on the size of the world?",
        "",
        f"Written by `abm validate --world-size {scenario} --first-seed {seeds[0]} --seeds {len(seeds)} --out FILE`, "
        "with industry-education-abm "
        f"{abm.__version__} (commit {commit() or 'unknown'}), NumPy {version('numpy')}, numba {version('numba')}; "
        f"seeds {seeds[0]} to {seeds[-1]}. Do not edit.",
        "",
        f"Difference to the world as it is, seed by seed: mean and {CONFIDENCE:.0%} interval of the mean of quarters "
        f"{FIRST_STEP} to {STEPS - 1}. **Bold**: the interval is not within {BOUND:g} of 0. Of four times as many "
        "enterprises with the same posts only work in the field, causes of failure and D have to stay; the rest is in "
        "brackets.",
        "",
        f"| share | as it is | {' | '.join(FACTORS)} |",
        f"|---|---|{'---|' * len(FACTORS)}",
    ]
    for share in shares():
        row = [s for s in found if s.share == share]
        if all(math.isnan(s.mean) for s in row):
            continue
        lines.append(f"| `{share}` | {row[0].base:.3f} | {' | '.join(map(_cell, row))} |")
    return "\n".join([*lines, "", "```", text(found), "```", ""])


def _cell(s: Shift) -> str:
    if math.isnan(s.mean):
        return ""
    figures = f"{s.mean:+.3f} [{s.low:+.3f}, {s.high:+.3f}]"
    if not s.is_asked:
        return f"({figures})"
    return figures if s.holds else f"**{figures}**"
