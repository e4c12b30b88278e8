"""Colleges find a place of their own instead of all training for the same (paper 3.2)."""

from __future__ import annotations

from dataclasses import dataclass

from abm.scenario.policies._base import Moves, Observation, Policy, lever


@dataclass(frozen=True, kw_only=True)
class DifferentiatedPositioning(Policy):
    """Colleges train for what their own partners and region ask, not for the national mean (paper 3.2)."""

    name = "differentiated_positioning"
    label = "Differentiated positioning"
    label_zh = "差异化定位"
    source = "paper 3.2 [14]"

    weight: float = lever(
        "differentiated_positioning",
        0.5,
        "weight of what the region asks, where partners say nothing",
    )

    def levers(self, seen: Observation) -> Moves:
        """Full strength, the same for every region."""
        return {"differentiated_positioning": self.weight}
