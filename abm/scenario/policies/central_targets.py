"""The centre names a target and pays by a yardstick; regions do what the yardstick rewards (paper 5.2 P3)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from abm.scenario.policies._base import Moves, Observation, Policy, lever, number
from abm.world.state import Floats


@dataclass(frozen=True, kw_only=True)
class CentralTargets(Policy):
    """The centre pays regions for what its yardstick shows; they raise the levers that move it (paper 5.2 P3)."""

    name = "central_targets"
    label = "Central targets"
    label_zh = "中央目标考核"
    source = "paper 5.2 P3; what regions choose: assumption"

    yardstick: float = number(1.0, 0.0, 1.0, "1", "1 = published coordination D, 0 = formal depth a place on paper")
    target: float = number(0.7, 0.05, 1.0, "of the yardstick", "level that the centre asks for")
    transfer: float = lever("transfer", 0.2, "money paid to a region that meets the target, over its own budget")
    zeal: float = number(10.0, 0.0, 50.0, "1", "how hard regions pull for a share of the target and of their budget")
    level: float = lever("mandate", 3, "formal level that a region orders that does all it can for its count")
    penalty: float = lever("penalty", 0.3, "fine of a region that does all it can for its D")

    def levers(self, seen: Observation) -> Moves:
        """By region: money for what is reached, and levers the more, the further the target and the more is paid."""
        substance, paper = (
            self._reached(seen.metric("coordination")),
            self._reached(seen.metric("formal_depth_per_place")),
        )
        pull = self.zeal * self.transfer
        for_substance = self.yardstick * np.minimum(1.0, pull * (1.0 - substance))
        for_paper = (1.0 - self.yardstick) * np.minimum(1.0, pull * (1.0 - paper))
        return {
            "transfer": self.transfer * (self.yardstick * substance + (1.0 - self.yardstick) * paper),
            "evaluation_reform": for_substance,
            "supervision": for_substance,
            "penalty": self.penalty * for_substance,
            "mandate": self.level * for_paper,
        }

    def _reached(self, figure: Floats) -> Floats:
        """Share of the target that a figure of last quarter is, 0-1; all of it where nothing was published."""
        return np.clip(np.nan_to_num(figure / self.target, nan=1.0), 0.0, 1.0)
