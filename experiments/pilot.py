"""How long a run takes and how much it leaves, measured before a sweep by a run that is not kept."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from abm.warmup import STEPS, WORLD

if TYPE_CHECKING:
    from abm.state import State
    from experiments.design import Design

PATIENCE = 3.0
"""Seconds after which a long pilot run is stopped and its time extrapolated from its steps."""
BYTES_A_VALUE = 3.0
"""Bytes on disk for one metric of one step: float32, compressed (measured on classroom series: 2.6)."""
BYTES_A_RUN = 400.0
"""Bytes on disk for a row of plan and summary, without outcomes."""


@dataclass(frozen=True)
class Pilot:
    """What one run costs."""

    seconds: float
    size: float
    """Bytes on disk."""


class _Patience:
    """Ends the pilot run once it is known well enough."""

    def __init__(self) -> None:
        self.steps = 0
        self.first = 0.0

    def begin_steps(self) -> None:
        """The world is built."""
        self.first = time.perf_counter()

    def __call__(self, state: State) -> bool:
        self.steps += 1
        return time.perf_counter() - self.first > PATIENCE


def warm() -> None:
    """Compile or load every kernel in a tiny world: once here, so that the workers find it in the cache."""
    from abm.results import run
    from abm.scenario import Scenario

    run(Scenario(name="warm-up").with_overrides(**WORLD), 1, threads=1, steps=STEPS)


def measure(design: Design) -> Pilot:
    """One run of the design's first point, after `warm`."""
    from abm.results import Run

    warm()
    scenario = design.scenario(design.points().iloc[0].to_dict())
    run = Run.begin(scenario, design.run_seed(0), threads=1)
    patience, begun = _Patience(), time.perf_counter()
    run.finish(patience)
    building = patience.first - begun
    stepping = (time.perf_counter() - patience.first) * scenario.steps / patience.steps
    size = BYTES_A_RUN + 8 * len(design.outcomes) + BYTES_A_VALUE * scenario.steps * len(design.series)
    return Pilot(building + stepping, size)
