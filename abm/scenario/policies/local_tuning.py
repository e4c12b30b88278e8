"""Reform goes where practice follows it, with no more reform in all than one size for all (paper 5.4)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from abm.scenario.policies._base import Moves, Observation, Policy, lever, number

_ROUNDING = 1e-12


@dataclass(frozen=True, kw_only=True)
class LocalTuning(Policy):
    """Evaluation reform goes where contracts are lived, as much in all as one size for all (paper 5.4).

    Contracts count in the region of their enterprise. Where a region would be given more than all of it, or less than
    nothing, the others have the difference, all of them as much.
    """

    name = "local_tuning"
    label = "Tuning on the spot"
    label_zh = "因地施策"
    source = "paper 5.4; how it is tuned: assumption"

    reform: float = lever("evaluation_reform", 0.6, "share of standing's weight that moves to the other aims, mean")
    tuning: float = number(
        1.0, -1.0, 1.0, "1", "0 = one size for all; 1 = in proportion to how much of paper is lived, -1 = the other way"
    )

    def levers(self, seen: Observation) -> Moves:
        """The mean over contracts is that of one size for all: a region's lived share over the mean share scales it."""
        formal, lived = seen.metric("mean_formal_depth"), seen.metric("mean_substantive_depth")
        contracts = np.nan_to_num(seen.metric("n_ties"))
        known = np.isfinite(formal) & (contracts > 0.0)
        shares = lived[known] / formal[known]
        total = float((contracts[known] * shares).sum())
        scale = np.ones(seen.n_regions)
        if total > 0.0:
            scale[known] = shares * float(contracts[known].sum()) / total
        reform = self.reform * (1.0 + self.tuning * (scale - 1.0))
        # Each round settles at least one region more.
        for _ in range(int(known.sum())):
            free = known & (reform > 0.0) & (reform < 1.0)
            missing = float((contracts * (self.reform - np.clip(reform, 0.0, 1.0)))[known].sum())
            if abs(missing) <= _ROUNDING * contracts[known].sum() or not free.any():
                break
            reform[free] += missing / contracts[free].sum()
        return {"evaluation_reform": np.clip(reform, 0.0, 1.0)}
