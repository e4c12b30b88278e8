"""The government carries a share of the cost of cooperation (paper 4)."""

from __future__ import annotations

from dataclasses import dataclass

from abm.scenario.policies._base import Moves, Observation, Policy, lever


@dataclass(frozen=True, kw_only=True)
class Subsidy(Policy):
    """The government carries a share of the cost of cooperation (paper 4)."""

    name = "subsidy"
    label = "Subsidy"
    label_zh = "补贴"
    source = "paper 4; exit: Wang, Liu & Dai 2024"

    rate: float = lever("subsidy_rate", 0.3, "share of the cost that the government carries")
    budget: float = lever("subsidy_budget", 1.0, "most that subsidies may take of a region's budget; 1 = all of it")

    def levers(self, seen: Observation) -> Moves:
        """Full strength, the same for every region."""
        return {"subsidy_rate": self.rate, "subsidy_budget": self.budget}
