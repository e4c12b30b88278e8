"""Nash: the contract with the largest product of gains over the reservation values.

Talk lasts as long as under concession with beta = 1: the party that gains least of its best gain
has conceded most.
"""

from __future__ import annotations

from abm.kernels import kernel

SOURCE = "Nash 1950; limit of Zeuthen's and Harsanyi's concessions"


@kernel
def agree(utility, reservation, proposer, patience, contract, time):
    """Write the contract with the largest Nash product among those that leave nobody worse off."""
    n_parties, n_contracts = utility.shape[1], utility.shape[2]
    for t in range(utility.shape[0]):
        contract[t], time[t] = -1, 1.0
        largest = -1.0
        for k in range(n_contracts):
            product = 1.0
            for q in range(n_parties):
                gain = utility[t, q, k] - reservation[t, q]
                if gain < 0.0:
                    product = -1.0
                    break
                product *= gain
            if product > largest:
                contract[t], largest = k, product
        if contract[t] < 0:
            continue
        latest = 0.0
        for q in range(n_parties):
            best = utility[t, q, 0]
            for k in range(1, n_contracts):
                best = max(best, utility[t, q, k])
            if best > reservation[t, q]:
                latest = max(latest, (best - utility[t, q, contract[t]]) / (best - reservation[t, q]))
        time[t] = min(1.0, latest)
