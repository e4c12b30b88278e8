"""What a person sees while a method chooses its points: how many are done, and the time left."""

from __future__ import annotations

import sys
import time

from abm.machine.language import say
from abm.results.progress import PATIENCE, duration


class Watch:
    """Told (points done, points in all) after each batch; writes a line where batches take their time."""

    def __init__(self, what: str, *, is_quiet: bool = False, is_of_runs: bool = False) -> None:
        self.what, self.is_quiet, self.is_of_runs = what, is_quiet, is_of_runs
        self._begun = time.monotonic()

    def __call__(self, done: int, points: int) -> None:
        """Write how far it is, unless it is quiet, quick or over."""
        took = time.monotonic() - self._begun
        if self.is_quiet or took < PATIENCE or done >= points:
            return
        left = duration(took / done * (points - done))
        if self.is_of_runs:
            far = say("{i} of {n} runs, about {left} left", i=done, n=points, left=left)
        else:
            far = say("{i} of {n} points, about {left} left", i=done, n=points, left=left)
        print(f"{say(self.what)}: {far}", file=sys.stderr, flush=True)
