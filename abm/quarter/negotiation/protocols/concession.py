"""Concession: everyone starts from its best contract and concedes until all four accept (Eq. 22).

Party p demands A_p(t) = r_p + (M_p - r_p)(1 - t**(1/beta_p)) at time t in [0, 1], so contract k is
acceptable to it from t_p(k) = (1 - (u_p(k) - r_p)/(M_p - r_p))**beta_p on, where M_p is the best that it
gets from any contract that all accept. The agreement is the contract acceptable to all first; the Nash product
breaks ties. With beta = 1 this is the Kalai-Smorodinsky solution on the contracts that all accept.
"""

from __future__ import annotations

import numpy as np

from abm.machine.kernels import kernel
from abm.quarter.negotiation.protocols._gains import LEAST_SPAN, best_of, gain_product, smallest_gains, smallest_of
from abm.world.equations import larger, smaller
from abm.world.state import N_CONTRACTS
from abm.world.vocabulary import N_PARTIES

SOURCE = "time-dependent concession: Faratin, Sierra & Jennings 1998; Kalai & Smorodinsky 1975"
ALWAYS_AGREES = True

_SAME = 1e-12
_NEVER = 2.0


@kernel(inline=True, borrows=True)
def _wait_for(utility, t, q, reservation, patience, gains, latest):
    """Raise ``latest`` [55] to the times from which one party accepts the contracts. ``gains`` [55]: of the party that
    gains least; the others are not in play."""
    best = best_of(utility, t, q, gains)
    span = best - reservation
    if span <= LEAST_SPAN:
        return
    scale = 1.0 / span
    for k in range(N_CONTRACTS):
        wait = larger((best - utility[t, q, k]) * scale, 0.0)
        latest[k] = larger(wait if patience == 1.0 else wait**patience, latest[k])


@kernel
def accepts_from(utility, reservation, patience, times):
    """The times from which each of four parties accepts each contract at one table, into ``times`` [4, 55]; above 1 =
    never. ``utility`` [1, 4, 55], ``reservation`` [1, 4]."""
    times[:] = 0.0
    gains = np.empty(N_CONTRACTS)
    smallest_gains(utility, reservation, 0, gains)
    for q in range(N_PARTIES):
        _wait_for(utility, 0, q, reservation[0, q], patience[q], gains, times[q])
        for k in range(N_CONTRACTS):
            times[q, k] = smaller(times[q, k], 1.0) if utility[0, q, k] >= reservation[0, q] else _NEVER


@kernel
def agree(utility, reservation, proposer, patience, workspace, contract, time):
    """Write the contract that all accept first, and when."""
    gains = np.empty(N_CONTRACTS)
    for t in range(utility.shape[0]):
        contract[t], time[t] = -1, 1.0
        smallest_gains(utility, reservation, t, gains)
        workspace[:] = 0.0
        for q in range(N_PARTIES):
            _wait_for(utility, t, q, reservation[t, q], patience[q], gains, workspace)
        for k in range(N_CONTRACTS):
            workspace[k] = workspace[k] if gains[k] >= 0.0 else _NEVER
        earliest = smallest_of(workspace)
        if earliest >= _NEVER:
            continue
        largest = -1.0
        for k in range(N_CONTRACTS):
            if workspace[k] <= earliest + _SAME:
                product = gain_product(utility, reservation, t, k)
                if product > largest:
                    contract[t], time[t], largest = k, smaller(workspace[k], 1.0), product
