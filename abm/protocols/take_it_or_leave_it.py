"""Take it or leave it: who called the table names one contract; the others accept or go.

The proposer names the contract that is best for itself among those that leave nobody below its
reservation value. There is no bargaining, so talk lasts one round.
"""

from __future__ import annotations

from abm.kernels import kernel

SOURCE = "ultimatum bargaining: Ståhl 1972, Rubinstein 1982 (one round)"


@kernel
def agree(utility, reservation, proposer, patience, contract, time):
    """Write the proposer's best contract that all can accept; the first one on ties."""
    for t in range(utility.shape[0]):
        contract[t], time[t] = -1, 0.0
        for k in range(utility.shape[2]):
            is_acceptable = True
            for q in range(utility.shape[1]):
                is_acceptable &= utility[t, q, k] >= reservation[t, q]
            mine = utility[t, int(proposer[t])]
            if is_acceptable and (contract[t] < 0 or mine[k] > mine[contract[t]]):
                contract[t] = k
