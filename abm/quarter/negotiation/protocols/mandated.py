"""Mandated: the government names the contract that it likes best, and everyone signs.

Among equals it splits the cost evenly. Nobody may walk away: agreements without agreement.
"""

from __future__ import annotations

from abm.machine.kernels import kernel
from abm.world.state import N_SHARES
from abm.world.vocabulary import GOVERNMENT

SOURCE = "the era of administrative orders: paper 5.1, [5]"
IS_BINDING = True
ALWAYS_AGREES = True

_HALF = (N_SHARES - 1) / 2


@kernel(borrows=True)
def agree(utility, reservation, proposer, patience, workspace, contract, time):
    """Write the government's best contract; the share closest to one half on ties."""
    for t in range(utility.shape[0]):
        worth = utility[t, GOVERNMENT]
        best = 0
        for k in range(1, worth.shape[0]):
            is_fairer = abs(k % N_SHARES - _HALF) < abs(best % N_SHARES - _HALF)
            if worth[k] > worth[best] or (worth[k] == worth[best] and is_fairer):
                best = k
        contract[t], time[t] = best, 0.0
