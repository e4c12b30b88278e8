"""Intermediaries bring parties together and show what fits (after [6])."""

from __future__ import annotations

from dataclasses import dataclass

from abm.scenario.policies._base import Moves, Observation, Policy, lever


@dataclass(frozen=True, kw_only=True)
class Platform(Policy):
    """Intermediaries bring parties together and show what fits (after [6])."""

    name = "platform"
    label = "Intermediary platform"
    label_zh = "中介平台"
    source = "[6]"

    reach: float = lever("platform", 0.6, "reach of the platform: 1 = everybody sees true fits")

    def levers(self, seen: Observation) -> Moves:
        """Full strength, the same for every region."""
        return {"platform": self.reach}
