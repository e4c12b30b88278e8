"""Colleges are no longer ranked by papers alone (paper 5.4)."""

from __future__ import annotations

from dataclasses import dataclass

from abm.scenario.policies._base import Moves, Observation, Policy, lever


@dataclass(frozen=True, kw_only=True)
class CollegeEvaluation(Policy):
    """Colleges are no longer ranked by papers alone (paper 5.4)."""

    name = "college_evaluation"
    label = "College evaluation reform"
    label_zh = "院校评价改革"
    source = "paper 3.4, 5.4; [3, 10]"

    reform: float = lever(
        "evaluation_reform", 0.6, "share of the weight on academic standing that moves to the other aims"
    )

    def levers(self, seen: Observation) -> Moves:
        """Full strength, the same for every region."""
        return {"evaluation_reform": self.reform}
