"""Colleges plan for the demand that is coming instead of the one that was (paper 5.2 P2)."""

from __future__ import annotations

from dataclasses import dataclass

from abm.scenario.policies._base import Moves, Observation, Policy, lever


@dataclass(frozen=True, kw_only=True)
class Foresight(Policy):
    """Colleges plan for the demand that is coming instead of the one that was (paper 5.2 P2)."""

    name = "foresight"
    label = "Foresight"
    label_zh = "前瞻预测"
    source = "paper 5.2 P2"

    weight: float = lever("foresight", 0.5, "weight of the forecast in a curriculum revision")

    def levers(self, seen: Observation) -> Moves:
        """Full strength, the same for every region."""
        return {"foresight": self.weight}
