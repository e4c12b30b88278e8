"""The last offer: students name the contract; the others accept or go."""

from __future__ import annotations

from abm.machine.kernels import kernel
from abm.quarter.negotiation.protocols._gains import smallest_gains

from ._students import STUDENTS

SOURCE = "none: a test"


@kernel
def agree(utility, reservation, proposer, patience, room, contract, time):
    """Write the contract that is best for students among those that all can accept."""
    for t in range(utility.shape[0]):
        contract[t], time[t] = -1, 0.0
        smallest_gains(utility, reservation, t, room)
        for k in range(room.shape[0]):
            is_better = contract[t] < 0 or utility[t, STUDENTS, k] > utility[t, STUDENTS, contract[t]]
            if room[k] >= 0.0 and is_better:
                contract[t] = k
