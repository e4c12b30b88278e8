"""The government pays colleges to move places into the field of an emerging sector (paper 4.3 [23], 5.4)."""

from __future__ import annotations

from dataclasses import dataclass

from abm.scenario.policies._base import Moves, Observation, Policy, lever


@dataclass(frozen=True, kw_only=True)
class EmergingSupport(Policy):
    """The government pays colleges to move places into the field of an emerging sector (paper 4.3 [23], 5.4)."""

    name = "emerging_support"
    label = "Support for the emerging field"
    label_zh = "新兴专业扶持"
    source = "paper 4.3 [23], 5.4"

    share: float = lever("emerging_support", 0.3, "share of the places still missing that is paid for in a year")
    looking_ahead: float = lever(
        "looking_ahead", 0.0, "weight of the trend when what will be asked for is foretold; 0 = as last year"
    )

    def levers(self, seen: Observation) -> Moves:
        """Full strength, the same for every region."""
        return {"emerging_support": self.share, "looking_ahead": self.looking_ahead}
