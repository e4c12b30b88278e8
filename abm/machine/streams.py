"""Counter-based random numbers: a draw is a function of (seed, stream, step, row).

Philox4x32-10 (Salmon, Moraes, Dror & Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3").
Nothing is consumed, so any order of evaluation, any number of threads and any platform give the
same draws, and two policies under one seed share every draw that they can.

The counter is (row, sub, step, stream): ``row`` and ``sub`` are draw keys (agents' ids), never row
positions. One call gives four 32-bit words.
"""

from __future__ import annotations

import math
from enum import IntEnum

import numpy as np

from abm.machine.kernels import kernel


class Stream(IntEnum):
    """What a draw is for. A number is part of every result and never given twice; 34, 37 and 38 were streams once."""

    AIMS = 1
    ENTERPRISE = 2
    COLLEGE = 3
    STANCE = 4
    SECTOR = 5
    OWN_SKILLS = 6
    STUDENT = 7
    INITIAL_TIE = 8
    TECHNOLOGY = 20
    SEARCH = 21
    CANDIDATE = 22
    PERCEPTION_ENTERPRISE = 23
    PERCEPTION_COLLEGE = 24
    PRIORITY = 25
    COLLEGE_SEARCH = 26
    EFFORT = 27
    BLAME = 28
    AUDIT = 29
    VACANCY = 30
    HOST = 31
    TURNOVER = 32
    QUEUE = 33
    EMPLOYER_ORDER = 35
    INTAKE = 36
    REWIRING = 39
    FRONTIER = 40
    READING = 51
    COMPLIANCE = 131


_M0 = np.uint64(0xD2511F53)
_M1 = np.uint64(0xCD9E8D57)
_W0 = np.uint32(0x9E3779B9)
_W1 = np.uint32(0xBB67AE85)
_LOW = np.uint64(0xFFFFFFFF)
_32 = np.uint64(32)
_UNIT = 2.0**-32
_A_FIELD = np.int64(2**16)


@kernel(inline=True, borrows=True)
def philox(c0, c1, c2, c3, k0, k1):
    """Ten rounds of Philox4x32: four counter words and two key words (uint32) to four words."""
    for _ in range(10):
        p0 = _M0 * np.uint64(c0)
        p1 = _M1 * np.uint64(c2)
        c0, c2 = (
            np.uint32((p1 >> _32) ^ np.uint64(c1) ^ np.uint64(k0)),
            np.uint32((p0 >> _32) ^ np.uint64(c3) ^ np.uint64(k1)),
        )
        c1, c3 = np.uint32(p1 & _LOW), np.uint32(p0 & _LOW)
        k0 = np.uint32(k0 + _W0)
        k1 = np.uint32(k1 + _W1)
    return c0, c1, c2, c3


@kernel(inline=True, borrows=True)
def words(seed, stream, step, row, sub):
    """Four independent uint32 words of one draw. ``seed`` uint64; the rest fit 32 bits."""
    return philox(
        np.uint32(row),
        np.uint32(sub),
        np.uint32(step),
        np.uint32(stream),
        np.uint32(seed & np.uint64(0xFFFFFFFF)),
        np.uint32(seed >> np.uint64(32)),
    )


@kernel(inline=True, borrows=True)
def of_field(step, field):
    """What stands in the place of the step in draws about one programme of a college: step + 2^16 * field."""
    return np.int64(step) + np.int64(field) * _A_FIELD


@kernel(inline=True, borrows=True)
def unit(word):
    """A word as a float64 strictly inside (0, 1)."""
    return (np.float64(word) + 0.5) * _UNIT


@kernel(inline=True, borrows=True)
def uniform(seed, stream, step, row, sub):
    """One uniform draw in (0, 1): the first word."""
    return unit(words(seed, stream, step, row, sub)[0])


@kernel(inline=True, borrows=True)
def normal(seed, stream, step, row, sub):
    """One standard normal draw by Box and Muller from the first two words."""
    a, b, _, _ = words(seed, stream, step, row, sub)
    return math.sqrt(-2.0 * math.log(unit(a))) * math.cos(2.0 * math.pi * unit(b))


@kernel(borrows=True)
def gamma(seed, stream, step, row, sub, shape):
    """One Gamma(shape, 1) draw (Marsaglia & Tsang 2000); attempts take ``step`` + 1, + 2, ...

    A shape below 1 is boosted by U**(1/shape) from the fourth word of the accepted attempt.
    """
    boosted = shape if shape >= 1.0 else shape + 1.0
    d = boosted - 1.0 / 3.0
    c = 1.0 / math.sqrt(9.0 * d)
    attempt = 0
    while True:
        a, b, u, boost = words(seed, stream, step + attempt, row, sub)
        attempt += 1
        z = math.sqrt(-2.0 * math.log(unit(a))) * math.cos(2.0 * math.pi * unit(b))
        v = (1.0 + c * z) ** 3
        if v <= 0.0:
            continue
        if math.log(unit(u)) < 0.5 * z * z + d - d * v + d * math.log(v):
            value = d * v
            if shape < 1.0:
                value *= unit(boost) ** (1.0 / shape)
            return value
