"""Time that this process was awake: neither stopped by Ctrl-Z or a scheduler nor asleep with the machine.

No system's clock leaves all of that out. Whoever waits looks at the clock several times a second; a longer gap
between two looks is time in which nothing could run, and counts as one look.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

LONGEST = 1.0
"""Seconds between two looks that may have been awake."""


class Awake:
    """Seconds awake since it was made; to be called several times a second, from any thread."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._seconds, self._last = 0.0, clock()

    def __call__(self) -> float:
        """Look at the clock."""
        with self._lock:
            now = self._clock()
            self._seconds += min(now - self._last, LONGEST)
            self._last = now
            return self._seconds
