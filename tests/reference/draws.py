"""Random draws in plain Python numbers: the same counters as the columnar model's, called one by one."""

from __future__ import annotations

import math

import numpy as np

from abm.machine import streams


def words(seed: int, stream: int, step: int, row: int, sub: int) -> tuple[int, int, int, int]:
    """Four whole numbers below 2**32."""
    a, b, c, d = streams.words(np.uint64(seed), int(stream), step, row, sub)
    return int(a), int(b), int(c), int(d)


def unit(word: int) -> float:
    """A word as a number strictly between 0 and 1."""
    return (word + 0.5) / 2.0**32


def normal(first: int, second: int) -> float:
    """A standard normal number from two words (Box and Muller)."""
    return math.sqrt(-2.0 * math.log(unit(first))) * math.cos(2.0 * math.pi * unit(second))


class Dice:
    """All draws of one step of one world."""

    def __init__(self, seed: int, step: int) -> None:
        self.seed, self.step = seed, step

    def words(self, stream: int, row: int, sub: int = 0, field: int = 0) -> tuple[int, int, int, int]:
        return words(self.seed, stream, self.step + 2**16 * field, row, sub)

    def units(self, stream: int, row: int, sub: int = 0, field: int = 0) -> tuple[float, float, float, float]:
        a, b, c, d = self.words(stream, row, sub, field)
        return unit(a), unit(b), unit(c), unit(d)

    def unit(self, stream: int, row: int, sub: int = 0, field: int = 0) -> float:
        return unit(self.words(stream, row, sub, field)[0])

    def normal(self, stream: int, row: int, sub: int = 0, field: int = 0) -> float:
        a, b, _, _ = self.words(stream, row, sub, field)
        return normal(a, b)
