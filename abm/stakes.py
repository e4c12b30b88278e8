"""What every table of a step has in common: yields, costs and lengths of the levels, outside options, patience."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from abm.equations import asset_cost, contract_quarters, cooperation_cost, yields_by_level
from abm.kernels import kernel
from abm.state import N_LEVELS, Floats


class Stakes(NamedTuple):
    """What every table of a step has in common, worked out once (Eq. 3, 5, 21, 23)."""

    yields: Floats  # [M, 6] of the aims by level
    costs: Floats  # [6] of cooperation by level, both sides together, a quarter
    assets: Floats  # [6] of the costs, what is sunk in specific assets (Eq. 85)
    quarters: Floats  # [6] length of a contract by level
    outside: Floats  # [4] outside options of the parties
    patience: Floats  # [4] concession exponents
    public_funds_cost: float
    student_cost: float
    talk_rounds: float


@lru_cache(maxsize=64)
def stakes(p: Any) -> Stakes:
    """Stakes under the parameters ``p``."""
    yields, costs, assets, quarters = _by_level(p)
    return Stakes(
        yields,
        costs,
        assets,
        quarters,
        np.array([p.enterprise_outside, p.college_outside, p.government_outside, p.student_outside]),
        np.array([p.patience_enterprise, p.patience_college, p.patience_government, p.patience_students]),
        p.public_funds_cost,
        p.student_cost,
        p.talk_rounds,
    )


@kernel
def _by_level(p):
    """By level: yields of the aims (Eq. 3) [M, 6], costs (Eq. 5), what of them is sunk (Eq. 85) and lengths of
    contracts [6]; level 0 is none."""
    costs, assets, quarters = np.zeros(N_LEVELS + 1), np.zeros(N_LEVELS + 1), np.zeros(N_LEVELS + 1)
    for level in range(1, N_LEVELS + 1):
        costs[level] = cooperation_cost(level / N_LEVELS, p)
        assets[level] = asset_cost(level, p)
        quarters[level] = contract_quarters(level, p)
    return yields_by_level(p), costs, assets, quarters
