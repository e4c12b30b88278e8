"""Take it or leave it: who called the table names one contract; the others accept or go.

The proposer names the contract that is best for itself among those that leave nobody below its
reservation value. There is no bargaining, so talk lasts one round.
"""

from __future__ import annotations

from abm.machine.kernels import kernel
from abm.quarter.negotiation.protocols._gains import smallest_gains
from abm.world.state import N_CONTRACTS

SOURCE = "ultimatum bargaining: Ståhl 1972, Rubinstein 1982 (one round)"
ALWAYS_AGREES = True


@kernel(borrows=True)
def agree(utility, reservation, proposer, patience, workspace, contract, time):
    """Write the proposer's best contract that all can accept; the first one on ties."""
    for t in range(utility.shape[0]):
        contract[t], time[t] = -1, 0.0
        smallest_gains(utility, reservation, t, workspace)
        mine = int(proposer[t])
        for k in range(N_CONTRACTS):
            is_better = contract[t] < 0 or utility[t, mine, k] > utility[t, mine, contract[t]]
            if workspace[k] >= 0.0 and is_better:
                contract[t] = k
