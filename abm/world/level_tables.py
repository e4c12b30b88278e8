"""What each formal level yields, costs and binds for, worked out once for a set of parameters."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from abm.machine.kernels import kernel
from abm.world.equations import asset_cost, contract_quarters, cooperation_cost, yields_by_level
from abm.world.state import Floats
from abm.world.vocabulary import N_LEVELS


class LevelTables(NamedTuple):
    """By level, 0 = no contract (Eq. 3, 5, 74, 85)."""

    yields: Floats  # [M, 6] of the aims
    costs: Floats  # [6] of cooperation, both sides together, a quarter
    assets: Floats  # [6] of the costs, what is sunk in specific assets
    quarters: Floats  # [6] length of a contract


@lru_cache(maxsize=64)
def level_tables(p: Any) -> LevelTables:
    """The tables under the parameters ``p``."""
    return LevelTables(*_by_level(p))


@kernel
def _by_level(p):
    costs, assets, quarters = np.zeros(N_LEVELS + 1), np.zeros(N_LEVELS + 1), np.zeros(N_LEVELS + 1)
    for level in range(1, N_LEVELS + 1):
        costs[level] = cooperation_cost(level / N_LEVELS, p)
        assets[level] = asset_cost(level, p)
        quarters[level] = contract_quarters(level, p)
    return yields_by_level(p), costs, assets, quarters
