"""Nash: the contract with the largest product of gains over the reservation values.

Talk lasts as long as under concession with beta = 1: the party that gains least of its best gain
has conceded most.
"""

from __future__ import annotations

from abm.machine.kernels import kernel
from abm.quarter.negotiation.protocols._gains import LEAST_SPAN, best_of, gain_product, smallest_gains
from abm.world.equations import larger, smaller
from abm.world.state import N_CONTRACTS
from abm.world.vocabulary import N_PARTIES

SOURCE = "Nash 1950; limit of Zeuthen's and Harsanyi's concessions"
ALWAYS_AGREES = True


@kernel(borrows=True)
def agree(utility, reservation, proposer, patience, workspace, contract, time):
    """Write the contract with the largest Nash product among those that leave nobody worse off."""
    for t in range(utility.shape[0]):
        contract[t], time[t] = -1, 1.0
        smallest_gains(utility, reservation, t, workspace)
        largest = -1.0
        for k in range(N_CONTRACTS):
            if workspace[k] < 0.0:
                continue
            product = gain_product(utility, reservation, t, k)
            if product > largest:
                contract[t], largest = k, product
        if contract[t] < 0:
            continue
        latest = 0.0
        for q in range(N_PARTIES):
            best = best_of(utility, t, q, workspace)
            if best - reservation[t, q] > LEAST_SPAN:
                latest = larger((best - utility[t, q, contract[t]]) / (best - reservation[t, q]), latest)
        time[t] = smaller(latest, 1.0)
