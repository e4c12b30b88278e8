"""What holds for a contract wherever it ends."""

from __future__ import annotations

from abm.machine.kernels import kernel


@kernel(inline=True, borrows=True)
def end_contract(ties, e, h, cause):
    """End the contract of a slot; the memory of the partner stays."""
    ties.level[e, h] = 0
    ties.substance[e, h] = 0.0
    ties.subsidy[e, h] = 0.0
    ties.tax_credit[e, h] = 0.0
    ties.talk[e, h] = 0.0
    ties.cause_of_end[e, h] = cause
