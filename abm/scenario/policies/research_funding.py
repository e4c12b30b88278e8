"""The government pays for joint research: what is built together gets cheaper (paper 4.1, 4.3)."""

from __future__ import annotations

from dataclasses import dataclass

from abm.scenario.policies._base import Moves, Observation, Policy, lever


@dataclass(frozen=True, kw_only=True)
class ResearchFunding(Policy):
    """The government carries a share of the cost of contracts with joint research (paper 4.1, 4.3)."""

    name = "research_funding"
    label = "Research funding"
    label_zh = "科研资助"
    source = "paper 4.1 [18], 4.3 [21]"

    rate: float = lever("research_funding", 0.3, "share of the cost at levels 4 and 5 that the government carries")

    def levers(self, seen: Observation) -> Moves:
        """Full strength, the same for every region."""
        return {"research_funding": self.rate}
