"""The first sentence on a run: what fails, and whether that is coordination as a whole."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from abm.results.summary import verdict
from abm.world.vocabulary import CAUSES, STAGES


def last_year(failed: float, deep: int, n_regions: int = 6) -> Any:
    """A year in which that share of 100 tables a region failed, and so many regions are deeply integrated."""
    n = 4 * n_regions
    stages = np.tile(np.where(np.arange(n_regions) < deep, len(STAGES) - 1, 0), 4)
    regions = {"tables": np.full(n, 100.0), "stage": stages, **{f"failed_{cause}": np.zeros(n) for cause in CAUSES}}
    regions[f"failed_{next(iter(CAUSES))}"][:] = 100 * failed
    return SimpleNamespace(
        columns={"regions": regions, "metrics": {"n_communities": np.array([2.0])}},
        steps_done=4, region_names=[f"R{i}" for i in range(n_regions)], is_complete=True,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("failed", "deep", "mood"),
    [(0.6, 0, "is failing"), (0.6, 3, "is failing"), (0.6, 4, "is mixed"), (0.4, 6, "is mixed"), (0.2, 0, "holds")],
)
def test_coordination_fails_where_tables_do_and_most_regions_are_not_deeply_integrated(
    failed: float, deep: int, mood: str
) -> None:
    said = verdict(last_year(failed, deep))
    assert said.startswith(f"Coordination {mood}: {failed:.0%}")
    assert f"{deep} of 6 regions are deeply integrated and 2 integration communities stand." in said
