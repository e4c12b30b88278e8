"""Concession: everyone starts from its best contract and concedes until all four accept (Eq. 22).

Party p demands A_p(t) = r_p + (M_p - r_p)(1 - t**(1/beta_p)) at time t in [0, 1], so contract k is
acceptable to it from t_p(k) = (1 - (u_p(k) - r_p)/(M_p - r_p))**beta_p on. The agreement is the
contract acceptable to all first; the Nash product breaks ties. With beta = 1 this is the
Kalai-Smorodinsky solution on the set of contracts.
"""

from __future__ import annotations

from abm.equations import larger, smaller
from abm.kernels import kernel
from abm.protocols._gains import best_of, gain_product, smallest_of
from abm.state import N_CONTRACTS

SOURCE = "time-dependent concession: Faratin, Sierra & Jennings 1998; Kalai & Smorodinsky 1975"

_SAME = 1e-12
_NEVER = 2.0


@kernel(inline=True)
def _wait_for(utility, t, q, reservation, patience, latest):
    """Raise ``latest`` [55] to the times from which one party accepts the contracts."""
    best = best_of(utility, t, q)
    span = best - reservation
    scale = 1.0 / span if span > 0.0 else 0.0
    conceded = 0.0 if span > 0.0 else 1.0
    if patience == 1.0:
        for k in range(N_CONTRACTS):
            wait = conceded + (best - utility[t, q, k]) * scale
            wait = wait if utility[t, q, k] >= reservation else _NEVER
            latest[k] = larger(wait, latest[k])
    else:
        for k in range(N_CONTRACTS):
            if utility[t, q, k] < reservation:
                latest[k] = _NEVER
            elif latest[k] < _NEVER:
                latest[k] = larger((conceded + (best - utility[t, q, k]) * scale) ** patience, latest[k])


@kernel
def agree(utility, reservation, proposer, patience, room, contract, time):
    """Write the contract that all accept first, and when."""
    for t in range(utility.shape[0]):
        contract[t], time[t] = -1, 1.0
        room[:] = 0.0
        for q in range(4):
            _wait_for(utility, t, q, reservation[t, q], patience[q], room)
        earliest = smallest_of(room)
        if earliest >= _NEVER:
            continue
        largest = -1.0
        for k in range(N_CONTRACTS):
            if room[k] <= earliest + _SAME:
                product = gain_product(utility, reservation, t, k)
                if product > largest:
                    contract[t], time[t], largest = k, smaller(room[k], 1.0), product
