"""Queues of the labour market: keys, and a stable radix sort on them (Eq. 45-48)."""

from __future__ import annotations

import numpy as np

from abm.machine.kernels import kernel

_8 = np.uint32(8)
_24 = np.uint32(24)
_32 = np.uint64(32)
_255 = np.float32(255.0)
_LARGE = 16_384
"""Queue length from which wider digits pay."""
_SHORT = 48
"""Queue length up to which insertion is faster."""


@kernel(inline=True, borrows=True)
def queue_key(quality, word):
    """Place in a queue: better quality (float32, 0-1, in 256 steps) first, equals by lot. A uint32, smallest first."""
    grade = np.uint32(255 - int(np.float32(quality) * _255))
    return np.uint32((grade << _24) | (np.uint32(word) >> _8))


@kernel(inline=True, borrows=True)
def queue_item(key, payload):
    """Key and payload (both uint32) in one uint64 that sorts by the key."""
    return (np.uint64(key) << _32) | np.uint64(payload)


@kernel(inline=True, borrows=True)
def payload_of(item):
    """The payload of a queue item."""
    return np.uint32(item & np.uint64(0xFFFFFFFF))


@kernel
def sort_queue(items, spare):
    """Sort queue items by key, equal keys in the order given. Both uint64 [n]; returns the sorted one."""
    n = items.shape[0]
    if n <= _SHORT:
        for i in range(1, n):
            item = items[i]
            j = i
            while j > 0 and (items[j - 1] >> _32) > (item >> _32):
                items[j] = items[j - 1]
                j -= 1
            items[j] = item
        return items
    width = 11 if n >= _LARGE else 8
    size = 1 << width
    mask = np.uint64(size - 1)
    count = np.empty(size, np.int64)
    source, target = items, spare
    for shift in range(32, 64, width):
        by = np.uint64(shift)
        count[:] = 0
        for i in range(n):
            count[(source[i] >> by) & mask] += 1
        if count[(source[0] >> by) & mask] == n:
            continue
        total = 0
        for digit in range(size):
            here = count[digit]
            count[digit] = total
            total += here
        for i in range(n):
            digit = (source[i] >> by) & mask
            target[count[digit]] = source[i]
            count[digit] += 1
        source, target = target, source
    return source
