"""Reform goes where practice follows it, with no more reform in all than one size for all (paper 5.4)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from abm.scenario.policies._base import Moves, Observation, Policy, lever, number


@dataclass(frozen=True, kw_only=True)
class LocalTuning(Policy):
    """Evaluation reform goes where contracts are lived, as much in all as one size for all (paper 5.4)."""

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
        return {"evaluation_reform": np.clip(self.reform * (1.0 + self.tuning * (scale - 1.0)), 0.0, 1.0)}
