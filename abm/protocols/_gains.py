"""What contracts give to the parties over their reservation values: the common ground of protocols in which
everybody may walk away.

Loops over contracts have a fixed length and the four parties are written out: so the compiler uses vector
instructions.
"""

from __future__ import annotations

from abm.equations import larger, smaller
from abm.kernels import kernel
from abm.state import N_CONTRACTS


@kernel(inline=True)
def smallest_gains(utility, reservation, t, gains):
    """What each contract at table ``t`` gives to the party that gains least by it, into ``gains`` [55].

    Contracts with 0 or more are acceptable to all.
    """
    first, second, third, fourth = reservation[t, 0], reservation[t, 1], reservation[t, 2], reservation[t, 3]
    for k in range(N_CONTRACTS):
        one = smaller(utility[t, 0, k] - first, utility[t, 1, k] - second)
        other = smaller(utility[t, 2, k] - third, utility[t, 3, k] - fourth)
        gains[k] = smaller(one, other)


@kernel(inline=True)
def gain_product(utility, reservation, t, k):
    """Product of what contract ``k`` gives to all four (Nash)."""
    product = 1.0
    for q in range(4):
        product *= utility[t, q, k] - reservation[t, q]
    return product


@kernel(inline=True)
def best_of(utility, t, q):
    """Largest utility that any contract gives to one party; five running maxima keep the processor busy."""
    a = b = c = d = e = utility[t, q, 0]
    for k in range(0, N_CONTRACTS, 5):
        a = larger(utility[t, q, k], a)
        b = larger(utility[t, q, k + 1], b)
        c = larger(utility[t, q, k + 2], c)
        d = larger(utility[t, q, k + 3], d)
        e = larger(utility[t, q, k + 4], e)
    return larger(larger(larger(a, b), larger(c, d)), e)


@kernel(inline=True)
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
