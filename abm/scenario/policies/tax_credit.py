"""Enterprises set a share of their investment in cooperation against tax (paper 4)."""

from __future__ import annotations

from dataclasses import dataclass

from abm.scenario.policies._base import Moves, Observation, Policy, lever


@dataclass(frozen=True, kw_only=True)
class TaxCredit(Policy):
    """Enterprises set a share of their investment in cooperation against tax (paper 4)."""

    name = "tax_credit"
    label = "Tax credit"
    label_zh = "税收抵免"
    source = (
        "paper 4; in force: 30 % of the investment of certified industry-education enterprises, "
        "set against education surcharges (Caishui [2019] No. 46)"
    )

    rate: float = lever("tax_credit", 0.3, "share of the investment credited, capped by the tax due")

    def levers(self, seen: Observation) -> Moves:
        """Full strength, the same for every region."""
        return {"tax_credit": self.rate}
