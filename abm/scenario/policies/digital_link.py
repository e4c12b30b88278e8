"""A digital link between colleges and enterprises, which has two ends (paper 3.2)."""

from __future__ import annotations

from dataclasses import dataclass

from abm.scenario.policies._base import Moves, Observation, Policy, lever


@dataclass(frozen=True, kw_only=True)
class DigitalLink(Policy):
    """Colleges and enterprises are equipped to exchange data; the weaker side limits the link (paper 3.2)."""

    name = "digital_link"
    label = "Digital link"
    label_zh = "数字链接"
    source = "paper 3.2 [13]"

    colleges: float = lever("digital_colleges", 0.5, "equipment of colleges that is paid for")
    enterprises: float = lever("digital_enterprises", 0.5, "equipment of enterprises that is paid for")

    def levers(self, seen: Observation) -> Moves:
        """Full strength, the same for every region."""
        return {"digital_colleges": self.colleges, "digital_enterprises": self.enterprises}
