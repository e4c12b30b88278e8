"""Draws for a block of students at a time: the same words as ``streams.words``, ten times as fast."""

from __future__ import annotations

import numba
import numpy as np

from abm.kernels import kernel
from abm.streams import philox

BLOCK = 1024
"""Students handled at a time: buffers of this length stay in the first-level cache."""

# A call in the loop would keep it scalar: only when the ten rounds are inlined does it become vector code.
_inlined = numba.njit(philox.py_func, nogil=True, error_model="numpy", forceinline=True)
_32 = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)


@kernel(inline=True)
def draw_block(seed, stream, step, row, first, n, w0, w1, w2):
    """First three words of the draws (row; sub = first, first + 1, ... first + n - 1) into uint32 buffers [BLOCK]."""
    key0, key1 = np.uint32(seed & _LOW), np.uint32(seed >> _32)
    for j in range(n):
        a, b, c, _ = _inlined(np.uint32(row), np.uint32(first + j), np.uint32(step), np.uint32(stream), key0, key1)
        w0[j] = a
        w1[j] = b
        w2[j] = c
