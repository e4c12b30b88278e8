"""A real counterpart of D by province, from official figures of 2017 and 2021, and how far the model's ranks follow it.

    python -m experiments.anchors.provinces [SEEDS]

Vocational education is vocational colleges a million people and new entrants (of all levels) a thousand people;
productive forces are R&D spending over GDP and GDP a head. Each is scaled from .01 to .99 between its least and largest
value over both years, both sides are equal means, and D = sqrt(C T). Nothing is interpolated; what stands for what, and
what it cannot say, is in docs/productive_forces.md.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from abm.population import tables
from abm.population.initial import start_state
from abm.population.provinces import provinces, read_rows
from abm.quarter import step
from abm.scenario import Scenario, load
from abm.world.state import Floats, Ints

YEARS = (2017, 2021)
SCALE = 0.05
QUARTERS = (2, 50)
"""Quarters after which the model is read: the first in which D can be measured, and the same season twelve years on."""
FIRST_FRESH_SEED = 501
MOVING = {"technology_decay": 0.0, "frontier_growth": 0.006, "adoption_rate": 0.02, "technology_posts": 1.0}
"""The frontier of `emerging_industry`, without its jump."""


class Index(NamedTuple):
    """Of the 31 provinces, in the order of the official tables. Shape [31] each."""

    education: Floats
    forces: Floats
    coordination: Floats


def figures() -> dict[int, Floats]:
    """Colleges a million people, entrants a thousand, R&D over GDP, GDP a head (10,000 yuan), by year. [4, 31] each."""
    rows = np.array([[float(value) for value in row[1:]] for row in read_rows("education_and_forces.csv")])
    found: dict[int, Floats] = {}
    for i, year in enumerate(YEARS):
        colleges, entrants, people, gdp, research = (rows[:, column + i] for column in (0, 2, 4, 6, 8))
        found[year] = np.array([colleges / people * 100.0, entrants / people * 1000.0, research / gdp, gdp / people])
    return found


def coordination(education: Floats, forces: Floats) -> Floats:
    """sqrt(C T) of two levels."""
    return np.sqrt(np.sqrt(education * forces))


def real_index() -> dict[int, Index]:
    """Education, productive forces and D of each province, by year."""
    known = figures()
    everything = np.stack([known[year] for year in YEARS])
    low, high = everything.min(axis=(0, 2)), everything.max(axis=(0, 2))
    found: dict[int, Index] = {}
    for year in YEARS:
        scaled = 0.01 + 0.98 * ((known[year].T - low) / (high - low)).T
        education, forces = scaled[:2].mean(axis=0), scaled[2:].mean(axis=0)
        found[year] = Index(education, forces, coordination(education, forces))
    return found


def rank_correlation(a: Sequence[float] | Floats, b: Sequence[float] | Floats) -> float:
    """Spearman's, over places where both are known; ties do not occur in what is compared here."""
    x, y = np.asarray(a, np.float64), np.asarray(b, np.float64)
    known = np.isfinite(x) & np.isfinite(y)
    apart = np.argsort(np.argsort(x[known])) - np.argsort(np.argsort(y[known]))
    n = int(known.sum())
    return float(1.0 - 6.0 * (apart**2).sum() / (n * (n * n - 1.0)))


def of_model(scenario: Scenario, seed: int, order: Ints | None = None) -> list[dict[str, Floats]]:
    """Regional metrics after QUARTERS; ``order`` [31] deals starting technology out to other provinces."""
    known = tables(scenario)
    if order is not None:
        known = replace(known, regions=known.regions._replace(technology=known.regions.technology[order]))
    state = start_state(known, scenario, seed, 2)
    found: list[dict[str, Floats]] = []
    for _ in range(max(QUARTERS)):
        step(state, scenario)
        if state.step in QUARTERS:
            found.append({name: values.copy() for name, values in state.regional_metrics.items()})
    return found


def compare(label: str, scenario: Scenario, seeds: Sequence[int], *, is_dealt_out: bool) -> None:
    """Print how ranks, spread and change of the model's provinces stand beside the real ones."""
    real, groups = real_index(), np.array([province.nbs_region for province in provinces()])
    orders = [np.random.default_rng(seed).permutation(len(groups)) if is_dealt_out else None for seed in seeds]
    runs = [of_model(scenario, seed, order) for seed, order in zip(seeds, orders, strict=True)]
    print(f"china, {label}{', technology dealt out to other provinces' if is_dealt_out else ''}")
    change = real[2021].coordination - real[2017].coordination
    ranks = [rank_correlation(run[1]["forces_coordination"] - run[0]["forces_coordination"], change) for run in runs]
    print(f"  change of D against that of 2017-2021: rank correlation {np.round(ranks, 2).tolist()}")
    for i, quarter in enumerate(QUARTERS):
        for metric, of in (("forces_coordination", "coordination"), ("productive_forces", "forces")):
            each = np.array([run[i][metric] for run in runs])
            ranks = [round(rank_correlation(values, getattr(real[2021], of)), 2) for values in each]
            means = {str(g): round(float(np.nanmean(each[:, groups == g])), 3) for g in sorted(set(groups))}
            print(
                f"  quarter {quarter}, {metric}: rank correlation with 2021 {ranks}, standard deviation over provinces "
                f"{np.nanstd(each, axis=1).mean():.3f}, of means over seeds {np.nanmean(each, 1).std(ddof=1):.3f}, "
                f"means {means}"
            )


def main(n_seeds: int = 3) -> None:
    """Print the numbers of docs/productive_forces.md."""
    groups = np.array([province.nbs_region for province in provinces()])
    for year, index in real_index().items():
        means = [round(float(values.mean()), 3) for values in index]
        by_group = {str(g): round(float(index.coordination[groups == g].mean()), 3) for g in sorted(set(groups))}
        print(
            f"{year}: education, forces, D {means}, standard deviation of D {index.coordination.std():.3f}, {by_group}"
        )
    china = load("china").with_overrides(scale=SCALE)
    seeds = range(FIRST_FRESH_SEED, FIRST_FRESH_SEED + n_seeds)
    for label, scenario in (("as shipped", china), ("moving frontier", china.with_overrides(**MOVING))):
        for is_dealt_out in (False, True):
            compare(label, scenario, seeds, is_dealt_out=is_dealt_out)


if __name__ == "__main__":
    main(*(int(n) for n in sys.argv[1:]))
