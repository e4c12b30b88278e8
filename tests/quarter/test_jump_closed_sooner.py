"""After a jump of the frontier, regions with deep ties close the gap sooner: an experiment on seeds of its own.

The reform package acts in three of six regions, so that deep and shallow ones stand in one world under the same draws.
It was looked at under seeds 31 to 34 and is judged here on others. The reform makes ties deep: the comparison is
of reformed regions with the others, not of depth with everything else held equal.
"""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from abm.results.simulate import simulate
from abm.scenario import load
from abm.world.state import State

JUMP, QUARTERS = 48, 12
REFORMED = (0, 1, 2)
SEEDS = range(301, 307)
T_95 = 2.571
"""Student's t of six seeds."""


def run(seed: int, **changes: float) -> tuple[np.ndarray, np.ndarray]:
    """By region: depth before the jump, and the share of the gap after it that is closed in three years. [R] each."""
    base = load("emerging_industry")
    scenario = base.with_overrides(
        steps=JUMP + QUARTERS + 1,
        policies=[dataclasses.replace(rule, regions=REFORMED) for rule in base.policies],
        changes=[{"from": JUMP, "frontier_jump_rate": 1.0}, {"from": JUMP + 1, "frontier_jump_rate": 0.0}],
        **changes,
    )
    depth: list[np.ndarray] = []
    gap: list[np.ndarray] = []

    def look(state: State) -> None:
        depth.append(state.regional_metrics["mean_substantive_depth"].copy())
        gap.append(1.0 - state.regional_metrics["high_technology"])

    simulate(scenario, seed, after_step=look)
    return depth[JUMP - 1], 1.0 - gap[JUMP + QUARTERS] / gap[JUMP]


def advantage(**changes: float) -> np.ndarray:
    """Share closed by the reformed regions less that of the others, one a seed."""
    found: list[float] = []
    for seed in SEEDS:
        depth, closed = run(seed, **changes)
        assert depth[:3].min() > depth[3:].max(), "the reform made ties deep, and only where it acted"
        found.append(closed[:3].mean() - closed[3:].mean())
    return np.array(found)


@pytest.mark.parametrize(
    ("changes", "at_least"),
    [({}, 0.1), ({"research_gain": 0.0}, 0.0)],
    ids=["by staff and joint research", "by staff alone"],
)
def test_regions_with_deep_ties_close_the_gap_sooner(changes: dict[str, float], at_least: float) -> None:
    found = advantage(**changes)
    half = T_95 * found.std(ddof=1) / np.sqrt(len(found))
    assert found.mean() - half > at_least, found


def test_where_staff_and_research_have_no_part_nobody_closes_anything() -> None:
    _, closed = run(SEEDS[0], research_gain=0.0, adoption_rate=0.0)
    assert (closed < 0).all(), "the frontier grows on"
