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
def _largest(values):
    """Largest of K values; five running maxima keep the processor busy."""
    n = values.shape[0]
    a = b = c = d = e = values[0]
    for k in range(0, n - n % 5, 5):
        a = max(a, values[k])
        b = max(b, values[k + 1])
        c = max(c, values[k + 2])
        d = max(d, values[k + 3])
        e = max(e, values[k + 4])
    for k in range(n - n % 5, n):
        a = max(a, values[k])
    return max(max(max(a, b), max(c, d)), e)


@kernel(inline=True)
def _wait(utility, reservation, best, patience, latest):
    """Raise ``latest`` [K] to the times from which one party accepts the contracts; 2 = never."""
    span = best - reservation
    if span <= 0.0:
        for k in range(latest.shape[0]):
            latest[k] = max(latest[k], 1.0 if utility[k] >= reservation else 2.0)
    elif patience == 1.0:
        scale = 1.0 / span
        for k in range(latest.shape[0]):
            wait = (best - utility[k]) * scale
            wait = wait if utility[k] >= reservation else 2.0
            latest[k] = wait if wait > latest[k] else latest[k]
    else:
        for k in range(latest.shape[0]):
            wait = ((best - utility[k]) / span) ** patience if utility[k] >= reservation else 2.0
            latest[k] = max(latest[k], wait)


@kernel
def agree(utility, reservation, proposer, patience, contract, time):
    """Write the contract that all accept first, and when."""
    n_parties, n_contracts = utility.shape[1], utility.shape[2]
    latest = np.empty(n_contracts)
    for t in range(utility.shape[0]):
        contract[t], time[t] = -1, 1.0
        latest[:] = 0.0
        is_hopeless = False
        for q in range(n_parties):
            best = _largest(utility[t, q])
            if best < reservation[t, q]:
                is_hopeless = True
                break
            _wait(utility[t, q], reservation[t, q], best, patience[q], latest)
        if is_hopeless:
            continue
        first, first_product = 1.0 + _SAME, -1.0
        for k in range(n_contracts):
            if latest[k] > first + _SAME:
                continue
            product = 1.0
            for q in range(n_parties):
                product *= utility[t, q, k] - reservation[t, q]
            if contract[t] < 0 or latest[k] < first - _SAME or product > first_product:
                contract[t], time[t] = k, min(latest[k], 1.0)
                first, first_product = latest[k], product
