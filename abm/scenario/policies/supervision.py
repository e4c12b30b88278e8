"""Cooperation is audited, and what exists on paper only is fined (paper 5.4)."""

from __future__ import annotations

from dataclasses import dataclass

from abm.scenario.policies._base import Moves, Observation, Policy, lever


@dataclass(frozen=True, kw_only=True)
class Supervision(Policy):
    """Cooperation is audited, and what exists on paper only is fined (paper 5.4)."""

    name = "supervision"
    label = "Supervision"
    label_zh = "监督"
    source = "paper 5.4; [8, 9]"

    probability: float = lever("supervision", 0.5, "chance that a tie is audited in a quarter")
    penalty: float = lever("penalty", 0.3, "fine per unit of depth for too little effort")

    def levers(self, seen: Observation) -> Moves:
        """Full strength, the same for every region."""
        return {"supervision": self.probability, "penalty": self.penalty}
