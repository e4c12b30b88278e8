"""Practice that college and enterprise certify together: hiring reads it (paper 4.3)."""

from __future__ import annotations

from dataclasses import dataclass

from abm.scenario.policies._base import Moves, Observation, Policy, lever


@dataclass(frozen=True, kw_only=True)
class Certificates(Policy):
    """Practice is certified jointly by college and enterprise, and supervision backs the certificate (paper 4.3)."""

    name = "certificates"
    label = "Certificates"
    label_zh = "实践认证"
    source = "paper 4.3 [23]"

    share: float = lever("certificates", 0.5, "share of students' practice that is certified")

    def levers(self, seen: Observation) -> Moves:
        """Full strength, the same for every region."""
        return {"certificates": self.share}
