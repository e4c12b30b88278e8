"""Integration communities are recognised and divide their surplus by a rule (paper 5.4)."""

from __future__ import annotations

from dataclasses import dataclass

from abm.scenario.policies._base import Moves, Observation, Policy, lever


@dataclass(frozen=True, kw_only=True)
class Charter(Policy):
    """Integration communities are recognised and divide their surplus by a rule (paper 5.4)."""

    name = "charter"
    label = "Community charter"
    label_zh = "共同体章程"
    source = "paper 5.4"

    recognition: float = lever("charter", 1.0, "how far communities are recognised: 1 = all services of a charter")
    distribution: float = lever("distribution_rule", 1, "how surplus is divided: 0 equal, 1 by contribution, 2 Shapley")

    def levers(self, seen: Observation) -> Moves:
        """Full strength, the same for every region."""
        return {"charter": self.recognition, "distribution_rule": self.distribution}
