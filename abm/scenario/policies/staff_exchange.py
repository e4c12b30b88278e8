"""Teachers go out to enterprises, and experts come in to teach: each costs staff time (paper 1.2)."""

from __future__ import annotations

from dataclasses import dataclass

from abm.scenario.policies._base import Moves, Observation, Policy, lever


@dataclass(frozen=True, kw_only=True)
class StaffExchange(Policy):
    """Teachers work in enterprises for a time, and experts of enterprises teach (paper 1.2)."""

    name = "staff_exchange"
    label = "Two-way exchange of staff"
    label_zh = "双向人员交流"
    source = "paper 1.2"

    share: float = lever("staff_exchange", 0.5, "share of a full exchange that takes place, both ways")

    def levers(self, seen: Observation) -> Moves:
        """Full strength, the same for every region."""
        return {"staff_exchange": self.share}
