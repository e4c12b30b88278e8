"""Stand-ins for the model, quick and ill-behaved on demand: what they do depends on the run's seed alone."""

from __future__ import annotations

import os
import time
from typing import Any

import numpy as np

from abm.quarter.measurement.metrics import catalogue
from abm.results import TABLES, Results, Run, Watcher

BASE: dict[str, Any] = {
    "name": "stand-in",
    "steps": 4,
    "outcomes": ["failed_share", "agreement_rate"],
    "vary": {"communication_cost": [0.0, 0.01, 0.02, 0.03]},
}
CALLS = {"n": 0}


def made_up(run: Run) -> Results:
    """Numbers that follow from seed and parameters."""
    scenario = run.scenario
    draws = np.random.default_rng([scenario.seed, round(1e6 * scenario.p.communication_cost)])
    columns: dict[str, dict[str, Any]] = {name: {} for name in TABLES}
    columns["metrics"] = {name: draws.random(scenario.steps) for name in catalogue()}
    return Results(scenario, scenario.steps, (), columns)  # pyright: ignore[reportArgumentType]


def at_once(run: Run, watcher: Watcher) -> Results:
    """No time at all."""
    return made_up(run)


def counted(run: Run, watcher: Watcher) -> Results:
    """No time at all, and counted, in this process."""
    CALLS["n"] += 1
    return made_up(run)


def sleeping_50_ms(run: Run, watcher: Watcher) -> Results:
    """A twentieth of a second, most of which the processor is free, so that a busy machine counts less."""
    begun = time.perf_counter()
    results = made_up(run)
    time.sleep(max(0.0, 0.05 - (time.perf_counter() - begun)))
    return results


def is_bad(seed: int) -> bool:
    """One seed in ten."""
    return seed % 10 == 3


def raising(run: Run, watcher: Watcher) -> Results:
    """Bad seeds raise."""
    if is_bad(run.scenario.seed):
        raise ZeroDivisionError(f"seed {run.scenario.seed} is bad")
    return made_up(run)


def raising_first(run: Run, watcher: Watcher) -> Results:
    """The first point raises."""
    if run.scenario.p.communication_cost == 0.0:
        raise ZeroDivisionError("the first point is bad")
    return made_up(run)


def hanging_first(run: Run, watcher: Watcher) -> Results:
    """The first point never comes back."""
    if run.scenario.p.communication_cost == 0.0:
        time.sleep(3600)
    return made_up(run)


def raising_always(run: Run, watcher: Watcher) -> Results:
    """Every run raises."""
    raise ZeroDivisionError("all are bad")


def leaving(run: Run, watcher: Watcher) -> Results:
    """Bad seeds want to end the whole program."""
    if is_bad(run.scenario.seed):
        raise SystemExit(3)
    return made_up(run)


def starving(run: Run, watcher: Watcher) -> Results:
    """Bad seeds find no memory."""
    if is_bad(run.scenario.seed):
        raise MemoryError
    return made_up(run)


def hanging(run: Run, watcher: Watcher) -> Results:
    """Bad seeds never come back."""
    if is_bad(run.scenario.seed):
        time.sleep(3600)
    return made_up(run)


def killing(run: Run, watcher: Watcher) -> Results:
    """Bad seeds take their process with them."""
    if is_bad(run.scenario.seed):
        os._exit(9)
    return made_up(run)


def uneven(run: Run, watcher: Watcher) -> Results:
    """Agreement that never changes, and substantive depth that is not there where anything is subsidised."""
    results = made_up(run)
    metrics = results.columns["metrics"]
    metrics["agreement_rate"] = np.full(run.scenario.steps, 0.5)
    if run.scenario.policies:
        metrics["mean_substantive_depth"] = np.full(run.scenario.steps, np.nan)
    return results
