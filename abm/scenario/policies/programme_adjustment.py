"""Colleges move places between their programmes, open new ones and close others (paper 4.3)."""

from __future__ import annotations

from dataclasses import dataclass

from abm.scenario.policies._base import Moves, Observation, Policy, lever


@dataclass(frozen=True, kw_only=True)
class ProgrammeAdjustment(Policy):
    """Colleges move places between their programmes, open new ones and close others (paper 4.3)."""

    name = "programme_adjustment"
    label = "Dynamic adjustment of programmes"
    label_zh = "专业动态调整"
    source = "paper 4.3 [21]; about 20 % of programmes adjusted by 2025 (Ministry of Education 2023)"

    share: float = lever("programme_adjustment", 0.2, "share of a college's places that moves a year")

    def levers(self, seen: Observation) -> Moves:
        """Full strength, the same for every region."""
        return {"programme_adjustment": self.share}
