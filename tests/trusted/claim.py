"""What a claim is: a sentence of a method, the world on which it is tried, and on how many studies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

FALSE, POWER, COVERAGE = "false alarms", "power", "coverage"
MANY, FEW, INTERVALS, SEEN = 200, 40, 400, 100
"""Studies of a false alarm, of one of a method that takes seconds a study, of an interval, of a power."""
OWN = np.random.default_rng
NONE, DEFAULT, TWICE = "nothing acts", "default sample", "twice the sample"


@dataclass(frozen=True)
class Claim:
    """One sentence (or interval) of one method, and the world on which it is tried."""

    method: str
    kind: str
    sentence: str
    world: str
    study: Callable[[int], bool | None]
    n: int

    @property
    def name(self) -> str:
        """What the journal calls it."""
        return f"{self.method}: {self.kind}: {self.sentence} ({self.world})"
