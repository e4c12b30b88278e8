"""Students are evaluated by what they can do, not by grades alone."""

from __future__ import annotations

from dataclasses import dataclass

from abm.scenario.policies._base import Moves, Observation, Policy, lever


@dataclass(frozen=True, kw_only=True)
class StudentEvaluation(Policy):
    """Students are evaluated by what they can do, not by grades alone."""

    name = "student_evaluation"
    label = "Student evaluation reform"
    label_zh = "学生评价改革"
    source = "[12]"

    reform: float = lever("student_reform", 0.6, "share of the weight on grades that moves to the other aims")

    def levers(self, seen: Observation) -> Moves:
        """Full strength, the same for every region."""
        return {"student_reform": self.reform}
