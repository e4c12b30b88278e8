"""Concession: everyone starts from its best contract and concedes until all four accept (Eq. 22).

Party p demands A_p(t) = r_p + (M_p - r_p)(1 - t**(1/beta_p)) at time t in [0, 1], so contract k is
acceptable to it from t_p(k) = (1 - (u_p(k) - r_p)/(M_p - r_p))**beta_p on. The agreement is the
contract acceptable to all first; the Nash product breaks ties. With beta = 1 this is the
Kalai-Smorodinsky solution on the set of contracts.
"""

from __future__ import annotations

import numpy as np

from abm.kernels import kernel

SOURCE = "time-dependent concession: Faratin, Sierra & Jennings 1998; Kalai & Smorodinsky 1975"

_SAME = 1e-12


@kernel(inline=True)
def _acceptable_from(utility, reservation, best, patience):
    """Time from which a party accepts a contract; 2 = never."""
    if utility < reservation:
        return 2.0
    if best <= reservation:
        return 1.0
    wait = (best - utility) / (best - reservation)
    return wait if patience == 1.0 else wait**patience


@kernel
def agree(utility, reservation, proposer, patience, contract, time):
    """Write the contract that all accept first, and when."""
    n_parties, n_contracts = utility.shape[1], utility.shape[2]
    best = np.empty(n_parties)
    for t in range(utility.shape[0]):
        contract[t], time[t] = -1, 1.0
        for q in range(n_parties):
            best[q] = np.max(utility[t, q])
        if np.any(best < reservation[t]):
            continue
        first, first_product = 1.0 + _SAME, -1.0
        for k in range(n_contracts):
            latest = 0.0
            for q in range(n_parties):
                latest = max(latest, _acceptable_from(utility[t, q, k], reservation[t, q], best[q], patience[q]))
                if latest > first + _SAME:
                    break
            if latest > first + _SAME:
                continue
            product = 1.0
            for q in range(n_parties):
                product *= utility[t, q, k] - reservation[t, q]
            if contract[t] < 0 or latest < first - _SAME or product > first_product:
                contract[t], time[t] = k, min(latest, 1.0)
                first, first_product = latest, product
