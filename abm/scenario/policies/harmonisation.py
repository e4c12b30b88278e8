"""Regions agree on one policy ([7])."""

from __future__ import annotations

from dataclasses import dataclass

from abm.scenario.policies._base import Moves, Observation, Policy, lever


@dataclass(frozen=True, kw_only=True)
class Harmonisation(Policy):
    """Regions agree on one policy ([7])."""

    name = "harmonisation"
    label = "Policy harmonisation"
    label_zh = "政策协同"
    source = "[7]"

    share: float = lever("harmonisation", 0.8, "share of the distance between regions' rules that disappears")

    def levers(self, seen: Observation) -> Moves:
        """Full strength, the same for every region."""
        return {"harmonisation": self.share}
