"""Two courses of one scenario under several seeds: by how much one ends above the other, and how far worlds spread.

One seed tells a story; whether it is the rule takes several. Both courses are played under the same seeds, so what a
seed does to both falls out of their difference (`experiments.analysis.compare` does so with studies).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from abm.population import start_state, tables
from abm.results.branches import played
from dashboards.live.limits import check_work
from dashboards.live.turn import until

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from abm.population import Tables
    from abm.scenario import Scenario

SEEDS = 8
"""Seeds under which both are played: the one shown and those after it."""
CONFIDENCE = 0.95

Values = np.ndarray


class Paired(NamedTuple):
    """What came of both; each table by metric, of shape [SEEDS, steps]."""

    steps: int
    first_seed: int
    a: dict[str, Values]
    b: dict[str, Values]

    def band(self, side: dict[str, Values], name: str) -> tuple[list[float | None], list[float | None]]:
        """Lowest and highest value over the seeds at each step; None where no seed could be measured."""
        values = side[name]
        ends = [(column[np.isfinite(column)]) for column in values.T]
        return (
            [float(known.min()) if len(known) else None for known in ends],
            [float(known.max()) if len(known) else None for known in ends],
        )

    def apart(self, name: str) -> tuple[float, float, float, int]:
        """B less A at the end: mean, ends of its 95 % interval (Student's t on pairs), seeds in which both were
        measured. NaN for what fewer than two seeds can't say."""
        # Of scipy.stats this is all that is needed, and it is loaded in a tenth of the time.
        from scipy.special import stdtrit

        pairs = self.b[name][:, -1] - self.a[name][:, -1]
        pairs = pairs[np.isfinite(pairs)]
        n = len(pairs)
        if n == 0:
            return math.nan, math.nan, math.nan, 0
        mean = float(pairs.mean())
        if n == 1:
            return mean, math.nan, math.nan, 1
        half = float(stdtrit(n - 1, 0.5 + CONFIDENCE / 2)) * float(pairs.std(ddof=1)) / math.sqrt(n)
        return mean, mean - half, mean + half, n


def check_paired(first: Scenario, second: Scenario, steps: int) -> None:
    """InputError for worlds in which it would take too long to play both up to a step."""
    for scenario in (first, second):
        check_work(scenario, 2 * SEEDS * steps, "abm compare")


def paired(
    first: Scenario,
    second: Scenario,
    steps: int,
    names: Sequence[str],
    tell: Callable[[int, int], object],
    is_unwanted: Callable[[], bool],
) -> Paired:
    """Play both up to a step under `SEEDS` seeds. ``tell`` hears how many runs are done and planned. Raises Unwanted
    once nobody waits for it, InputError for a world that can't be played."""
    sides = {"a": first, "b": second}
    people = {side: tables(scenario) for side, scenario in sides.items()}
    found = {side: {name: np.full((SEEDS, steps), np.nan) for name in names} for side in sides}
    done = 0
    tell(done, 2 * SEEDS)
    for i in range(SEEDS):
        for side, scenario in sides.items():
            for name, values in zip(names, _run(people[side], scenario, i, steps, names, is_unwanted), strict=True):
                found[side][name][i] = values
            done += 1
            tell(done, 2 * SEEDS)
    return Paired(steps, first.seed, found["a"], found["b"])


def _run(
    known: Tables, scenario: Scenario, i: int, steps: int, names: Sequence[str], is_unwanted: Callable[[], bool]
) -> Values:
    """The metrics of one run, of shape [len(names), steps]."""
    state = start_state(known, scenario, scenario.seed + i)
    rows = np.full((len(names), steps), np.nan)
    for step in range(steps):
        played(state, scenario, 1, is_explained=False, look=until(is_unwanted))
        rows[:, step] = [state.metrics[name] for name in names]
    return rows
