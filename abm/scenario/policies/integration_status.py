"""Enterprises earn a status by depth kept over years; their tax credit hangs on it (paper 4.1 [18])."""

from __future__ import annotations

from dataclasses import dataclass

from abm.scenario.policies._base import Moves, Observation, Policy, lever


@dataclass(frozen=True, kw_only=True)
class IntegrationStatus(Policy):
    """Enterprises earn a status by depth kept over years; their tax credit hangs on it (paper 4.1 [18])."""

    name = "integration_status"
    label = "Status of integration enterprises"
    label_zh = "产教融合型企业身份"
    source = (
        "paper 4.1 [18]; in force: enterprises are listed, evaluated each year and struck off "
        "(Fagai Shehui [2019] No. 590)"
    )

    share: float = lever("status_credit", 1.0, "share of the tax credit that only enterprises with the status have")

    def levers(self, seen: Observation) -> Moves:
        """Full strength, the same for every region."""
        return {"status_credit": self.share}
