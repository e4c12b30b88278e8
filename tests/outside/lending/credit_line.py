"""A policy rule from outside: banks lend to those who cooperate."""

from __future__ import annotations

from dataclasses import dataclass

from abm.scenario.policies import Moves, Observation, Policy, lever


@dataclass(frozen=True, kw_only=True)
class CreditLine(Policy):
    """A subsidy, and a lever of its own that the metric beside it reads."""

    name = "credit_line"
    label = "credit line"
    label_zh = "授信"
    source = "none: a test"

    rate: float = lever("subsidy_rate", 0.2, "share of the cost that is lent and forgiven")
    reach: float = lever("credit_reach", 0.5, "share of enterprises that get credit")

    def levers(self, seen: Observation) -> Moves:
        """The same everywhere."""
        return {"subsidy_rate": self.rate, "credit_reach": self.reach}
