"""Rules say how cooperation is to be carried out, so that both sides read the same in a contract ([9])."""

from __future__ import annotations

from dataclasses import dataclass

from abm.scenario.policies._base import Moves, Observation, Policy, lever


@dataclass(frozen=True, kw_only=True)
class Guidelines(Policy):
    """Rules say how cooperation is to be carried out, so that both sides read the same in a contract ([9])."""

    name = "guidelines"
    label = "Implementation guidelines"
    label_zh = "实施指引"
    source = "paper 3.1 [9]"

    clarity: float = lever("guidelines", 0.8, "share of what is vague in contracts that the rules make plain")

    def levers(self, seen: Observation) -> Moves:
        """Full strength, the same for every region."""
        return {"guidelines": self.clarity}
