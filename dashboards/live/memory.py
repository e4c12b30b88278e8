"""What visitors held is given back to the system once they have gone.

Python and numpy free it, but the C library keeps freed memory for later, in a heap for each thread that ever ran: a
server on which forty runs were once alive would stay as large as it was then. A server therefore has few heaps, and
what is free in them goes back.
"""

from __future__ import annotations

import ctypes
import sys
import threading
from collections.abc import Callable
from functools import cache

SOON = 5.0
"""Seconds after a visitor has left: until then the page is being taken apart."""
_waiting = threading.Lock()


_M_ARENA_MAX, HEAPS = -8, 2


def few_heaps() -> None:
    """From now on threads share this many heaps, where each would have one of its own; to be said before they start."""
    if sys.platform.startswith("linux"):
        limit = getattr(ctypes.CDLL(None), "mallopt", None)
        if limit is not None:
            limit(_M_ARENA_MAX, HEAPS)


@cache
def _trim() -> Callable[[int], int] | None:
    """The C library's own function for it; None where there is none, as outside of Linux."""
    if not sys.platform.startswith("linux"):
        return None
    return getattr(ctypes.CDLL(None), "malloc_trim", None)


def give_back() -> None:
    """Give freed memory back to the system now."""
    trim = _trim()
    if trim is not None:
        trim(0)


def give_back_soon() -> None:
    """The same in a while, once for all who leave until then."""
    if _waiting.acquire(blocking=False):
        timer = threading.Timer(SOON, _now)
        timer.name, timer.daemon = "abm-give-back", True
        timer.start()


def _now() -> None:
    _waiting.release()
    give_back()
