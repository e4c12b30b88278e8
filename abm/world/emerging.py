"""The emerging sector: which one it is and how far it has grown (Eq. 101)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from abm.machine.kernels import kernel
from abm.world.equations import logistic
from abm.world.state import QUARTERS_A_YEAR

if TYPE_CHECKING:
    from abm.world.parameters import Parameters


def emerging_sector(p: Parameters, n_sectors: int) -> int:
    """Row of the sector that grows from nothing, -1 = none; beyond the last sector counted on from the first."""
    return int(p.emerging_sector) % n_sectors if p.emerging_sector >= 0.0 and n_sectors > 0 else -1


@kernel(inline=True, borrows=True)
def grown(step, p):
    """How far the emerging sector has grown at a step, 0-1: a logistic curve."""
    return logistic(p.emerging_growth * (step - p.emerging_halfway) / QUARTERS_A_YEAR)
