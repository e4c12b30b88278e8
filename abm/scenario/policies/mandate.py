"""Enterprises are told to sign: the era of complete dependency ([5])."""

from __future__ import annotations

from dataclasses import dataclass

from abm.scenario.policies._base import Moves, Observation, Policy, lever


@dataclass(frozen=True, kw_only=True)
class Mandate(Policy):
    """Enterprises are told to sign: the era of complete dependency ([5])."""

    name = "mandate"
    label = "Mandate"
    label_zh = "行政指令"
    source = "[5]"

    level: float = lever("mandate", 3, "formal level that has to be signed")

    def levers(self, seen: Observation) -> Moves:
        """Full strength, the same for every region."""
        return {"mandate": self.level}
