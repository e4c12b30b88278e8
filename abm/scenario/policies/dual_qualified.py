"""Teachers are sent into industry, and experts into colleges (paper 4)."""

from __future__ import annotations

from dataclasses import dataclass

from abm.scenario.policies._base import Moves, Observation, Policy, lever


@dataclass(frozen=True, kw_only=True)
class DualQualified(Policy):
    """Teachers are sent into industry, and experts into colleges (paper 4)."""

    name = "dual_qualified"
    label = "Dual-qualified teachers"
    label_zh = "双师型教师计划"
    source = "paper 4"

    reach: float = lever("dual_programme", 0.5, "share of the colleges' teachers that the programme can serve")

    def levers(self, seen: Observation) -> Moves:
        """Full strength, the same for every region."""
        return {"dual_programme": self.reach}
