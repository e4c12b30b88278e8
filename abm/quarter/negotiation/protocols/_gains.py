"""What contracts give to the parties over their reservation values: the common ground of protocols in which
everybody may walk away.

Loops over contracts have a fixed length and the four parties are written out: so the compiler uses vector
instructions.
"""

from __future__ import annotations

import numpy as np

from abm.machine.kernels import kernel
from abm.world.equations import larger, smaller
from abm.world.state import N_CONTRACTS
from abm.world.vocabulary import COLLEGE, ENTERPRISE, GOVERNMENT, N_PARTIES, STUDENTS

LEAST_SPAN = 1e-9
"""A party that can gain less than this has nothing to concede."""


@kernel(inline=True, borrows=True)
def smallest_gains(utility, reservation, t, gains):
    """What each contract at table ``t`` gives to the party that gains least by it, into ``gains`` [55].

    Contracts with 0 or more are acceptable to all.
    """
    enterprise, college = reservation[t, ENTERPRISE], reservation[t, COLLEGE]
    government, students = reservation[t, GOVERNMENT], reservation[t, STUDENTS]
    for k in range(N_CONTRACTS):
        one = smaller(utility[t, ENTERPRISE, k] - enterprise, utility[t, COLLEGE, k] - college)
        other = smaller(utility[t, GOVERNMENT, k] - government, utility[t, STUDENTS, k] - students)
        gains[k] = smaller(one, other)


@kernel(inline=True, borrows=True)
def gain_product(utility, reservation, t, k):
    """Product of what contract ``k`` gives to all four (Nash)."""
    product = 1.0
    for q in range(N_PARTIES):
        product *= utility[t, q, k] - reservation[t, q]
    return product


@kernel(inline=True, borrows=True)
def best_of(utility, t, q, gains):
    """Largest utility that a contract acceptable to all (``gains`` [55] of 0 or more) gives to one party; -inf where
    there is none. Five running maxima keep the processor busy."""
    a = b = c = d = e = -np.inf
    for k in range(0, N_CONTRACTS, 5):
        a = larger(utility[t, q, k] if gains[k] >= 0.0 else -np.inf, a)
        b = larger(utility[t, q, k + 1] if gains[k + 1] >= 0.0 else -np.inf, b)
        c = larger(utility[t, q, k + 2] if gains[k + 2] >= 0.0 else -np.inf, c)
        d = larger(utility[t, q, k + 3] if gains[k + 3] >= 0.0 else -np.inf, d)
        e = larger(utility[t, q, k + 4] if gains[k + 4] >= 0.0 else -np.inf, e)
    return larger(larger(larger(a, b), larger(c, d)), e)


@kernel(inline=True, borrows=True)
def smallest_of(values):
    """Smallest of 55 values."""
    a = b = c = d = e = values[0]
    for k in range(0, N_CONTRACTS, 5):
        a = smaller(values[k], a)
        b = smaller(values[k + 1], b)
        c = smaller(values[k + 2], c)
        d = smaller(values[k + 3], d)
        e = smaller(values[k + 4], e)
    return smaller(smaller(smaller(a, b), smaller(c, d)), e)


@kernel(inline=True, borrows=True)
def largest_of(values):
    """Largest of 55 values."""
    a = b = c = d = e = values[0]
    for k in range(0, N_CONTRACTS, 5):
        a = larger(values[k], a)
        b = larger(values[k + 1], b)
        c = larger(values[k + 2], c)
        d = larger(values[k + 3], d)
        e = larger(values[k + 4], e)
    return larger(larger(larger(a, b), larger(c, d)), e)
