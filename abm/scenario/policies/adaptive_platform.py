"""The platform grows where parties fail to see what they have in common, and shrinks elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from abm.scenario.policies._base import Moves, Observation, Policy, lever, number


@dataclass(frozen=True, kw_only=True)
class AdaptivePlatform(Policy):
    """Closed loop: raises the platform of a region whose main cause of failure is misperception."""

    name = "adaptive_platform"
    label = "Adaptive platform"
    label_zh = "自适应平台"
    source = "[6]; closed loop: assumption"

    start: float = lever("platform", 0.2, "reach that is never gone below")
    ceiling: float = lever("platform", 1.0, "reach that is never gone beyond")
    rise: float = number(0.05, 0.0, 1.0, "reach/quarter", "growth while misperception is the main cause of failure")
    fall: float = number(0.01, 0.0, 1.0, "reach/quarter", "decline otherwise")

    def levers(self, seen: Observation) -> Moves:
        """Last quarter's reach, a step up or down by region."""
        is_main = seen.metric("main_cause_unidentified_interest") > 0.5
        reach = seen.lever("platform") + np.where(is_main, self.rise, -self.fall)
        return {"platform": np.minimum(self.ceiling, np.maximum(self.start, reach))}
