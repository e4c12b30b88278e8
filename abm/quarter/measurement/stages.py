"""The stage of integration of a region (Yang et al. [6]; Eq. 79)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.machine.kernels import kernel
from abm.world.vocabulary import BREAKTHROUGH, DEEP_INTEGRATION, DEPENDENCY, FRAGMENTATION

if TYPE_CHECKING:
    from abm.world.parameters import Parameters
    from abm.world.state import Floats


def thresholds(p: Parameters) -> Floats:
    """Thresholds of a region's stage. Shape [5]."""
    shares = (p.breakthrough_communities, p.deep_integration_share, p.stage_hysteresis)
    return np.array([p.dependency_share, p.breakthrough_depth, *shares])


@kernel
def stage_update(stage, dependent, depth, candidates, sustaining, limits):
    """New stage of each region [R] from its indicators, each [R].

    deep_integration  ``sustaining`` (share of institutions in self-sustaining communities) is high enough
    breakthrough      ``depth`` (substantive depth a place) and ``candidates`` (share in candidates) are
    dependency        ``dependent`` (share of contracts by order or subsidy) is
    fragmentation     else

    The first that holds. To keep a stage, or one before it in this list, an indicator may fall short
    of its threshold by the share ``limits[4]``, so that a stage does not flicker. NaN never holds.
    """
    dependency, depth_needed, candidates_needed, sustaining_needed, slack = limits
    out = np.empty(len(stage), np.int8)
    for r in range(len(stage)):
        keep = 1.0 - slack
        in_deep = keep if stage[r] == DEEP_INTEGRATION else 1.0
        in_breakthrough = keep if stage[r] >= BREAKTHROUGH else 1.0
        in_dependency = keep if stage[r] == DEPENDENCY else 1.0
        if sustaining[r] >= sustaining_needed * in_deep:
            out[r] = DEEP_INTEGRATION
        elif depth[r] >= depth_needed * in_breakthrough and candidates[r] >= candidates_needed * in_breakthrough:
            out[r] = BREAKTHROUGH
        elif dependent[r] >= dependency * in_dependency:
            out[r] = DEPENDENCY
        else:
            out[r] = FRAGMENTATION
    return out
