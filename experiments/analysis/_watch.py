"""What a person sees while a method chooses its points: how many are done, and the time left."""

from __future__ import annotations

import sys
import time

from abm.machine.language import say
from abm.results.progress import PATIENCE, duration


class Watch:
    """Told (points done, points in all) after each batch; writes a line where batches take their time."""

    def __init__(self, what: str, *, is_quiet: bool = False) -> None:
        self.what, self.is_quiet = what, is_quiet
        self._begun = time.monotonic()

    def __call__(self, done: int, points: int) -> None:
        """Write how far it is, unless it is quiet, quick or over."""
        took = time.monotonic() - self._begun
        if self.is_quiet or took < PATIENCE or done >= points:
            return
        left = took / done * (points - done)
        far = say("{i} of {n} points, about {left} left", i=done, n=points, left=duration(left))
        print(f"{say(self.what)}: {far}", file=sys.stderr, flush=True)
