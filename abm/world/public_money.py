"""What regions have for cooperation, and what they have paid: policy pays running contracts, negotiation new ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from abm.world.levers import L
from abm.world.state import Floats

if TYPE_CHECKING:
    from abm.world.state import State


class PublicMoney(NamedTuple):
    """Public money of the regions, and the levers that say what it may go to."""

    levers: Floats  # [R, L]
    budget: Floats  # [R] own and transferred
    spent: Floats  # [R, F] since the start
    spent_now: Floats  # [R, F] in this quarter
    paid_subsidy: Floats  # [R] share of promised subsidies that was paid
    paid_credit: Floats  # [R]


def public_money(state: State) -> PublicMoney:
    """The columns of governments that money is counted in, with what the centre transfers this quarter (Eq. 128)."""
    g = state.governments
    transfer = g.levers[:, L.TRANSFER]
    budget = g.budget * (1.0 + transfer) if transfer.any() else g.budget
    return PublicMoney(g.levers, budget, g.spent, g.spent_now, g.paid_subsidy, g.paid_credit)
