"""Curricula are revised more often than the national catalogue asks."""

from __future__ import annotations

from dataclasses import dataclass

from abm.scenario.policies._base import Moves, Observation, Policy, lever


@dataclass(frozen=True, kw_only=True)
class CurriculumRevision(Policy):
    """Curricula are revised more often than the national catalogue asks."""

    name = "curriculum_revision"
    label = "Faster curriculum revision"
    label_zh = "课程修订提速"
    source = "paper 5.2 P2; the national catalogue of programmes: about 20 quarters, yearly adjustment: 4"

    interval: float = lever("revision_interval", 4, "quarters between two revisions")

    def levers(self, seen: Observation) -> Moves:
        """Full strength, the same for every region."""
        return {"revision_interval": self.interval}
