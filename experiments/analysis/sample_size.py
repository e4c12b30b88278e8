"""How many seeds it takes: what a few runs say of the spread, and what that means for a study.

A difference of two arms is told by a paired t test, all of a study's differences together (Holm; here its first step,
Bonferroni, which is the most that it asks for). Seeds are those that tell a difference with a chance of 80 %.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.analysis._noise import LEVEL
from experiments.analysis._runs import column, usable

if TYPE_CHECKING:
    import pandas as pd

POWER = 0.8
PILOT = 4
"""Seeds that are run to learn the spread; they are part of the study."""
MOST = 100_000


def power(difference: float, spread: float, n: int, among: int = 1) -> float:
    """Chance that n pairs tell a difference, whose spread over pairs is given, among so many tests."""
    # Of scipy.stats this is all that is needed, and it is loaded in a tenth of the time.
    from scipy.special import nctdtr, stdtrit

    if n < 2:
        return 0.0
    if spread == 0:
        return 1.0 if difference else 0.0
    away = abs(difference) / spread * math.sqrt(n)
    edge = float(stdtrit(n - 1, 1 - LEVEL / 2 / among))
    above, below = 1.0 - float(nctdtr(n - 1, away, edge)), float(nctdtr(n - 1, away, -edge))
    # Far from it, the tail on the other side is too small to be worked out.
    return above + (0.0 if math.isnan(below) else below)


def seeds_for(difference: float, spread: float, among: int = 1) -> int:
    """The fewest pairs that tell a difference with a chance of 80 %; MOST where even those do not."""
    low, high = 2, 4
    while high < MOST and power(difference, spread, high, among) < POWER:
        low, high = high, 2 * high
    if high >= MOST:
        return MOST
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if power(difference, spread, middle, among) >= POWER else (middle + 1, high)
    return high


def told_by(spread: float, n: int, among: int = 1) -> float:
    """The smallest difference that n pairs tell with a chance of 80 %; inf for fewer than two."""
    if n < 2:
        return math.inf
    low, high = 0.0, spread or 1.0
    while power(high, spread, n, among) < POWER:
        high *= 2
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (low, middle) if power(middle, spread, n, among) >= POWER else (middle, high)
    return high


@dataclass(frozen=True)
class Advice:
    """Seeds for one difference of an arm from the baseline."""

    arm: str
    outcome: str
    difference: float
    spread: float
    n_pilot: int
    smallest: float
    """Difference that the study's seeds tell."""
    seeds: int
    low: int
    high: int
    """Seeds that tell the difference seen, and what the few seeds leave open of that (80 % interval of the spread)."""

    def words(self, planned: int, seconds: float) -> str:
        """For a reader; seconds: what one more seed of all arms takes."""
        from abm.results.progress import duration

        start = f"{self.outcome}, {self.arm}: {planned} seeds tell differences from {self.smallest:.2g} on"
        if self.seeds >= MOST:
            return f"{start}; {self.difference:+.2g} is seen, which no number of seeds that can be run tells."
        most = "more than can be run" if self.high >= MOST else f"{self.high:,}"
        return (
            f"{start}; {self.difference:+.2g} is seen, and to tell it takes about {self.seeds:,} seeds "
            f"({self.low:,} to {most} by the spread of {self.n_pilot}), {duration(self.seeds * seconds)}."
        )


def advice(runs: pd.DataFrame, outcomes: Sequence[str], *, arm: str, baseline: str, planned: int) -> list[Advice]:
    """What the first seeds of a study say, for each arm and outcome; those without two pairs are left out."""
    from scipy.special import chdtri

    names = [name for name in dict.fromkeys(runs[arm]) if name != baseline]
    among = max(1, len(names) * len(outcomes))
    found: list[Advice] = []
    for outcome in outcomes:
        kept: Any = runs[usable(runs, outcome)]
        wide = kept.pivot(index="replication", columns=arm, values=outcome)
        if baseline not in wide.columns:
            continue
        for name in names:
            if name not in wide.columns:
                continue
            apart = column(wide, name) - column(wide, baseline)
            apart = apart[np.isfinite(apart)]
            n = len(apart)
            if n < 2:
                continue
            mean, spread = float(apart.mean()), float(apart.std(ddof=1))
            ends = [spread * math.sqrt((n - 1) / float(chdtri(n - 1, 1 - q))) for q in (0.9, 0.1)]
            few, many = (seeds_for(mean, end, among) for end in ends)
            found.append(
                Advice(str(name), outcome, mean, spread, n, told_by(spread, planned, among),
                       seeds_for(mean, spread, among), few, many)
            )  # fmt: skip
    return found
