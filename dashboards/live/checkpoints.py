"""Past states of a run, kept so that any moment can be reached again by a short replay."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from abm.world.state import State

EVERY = 4
"""Steps between checkpoints while they fit the budget."""


class Checkpoints:
    """Pickled states by step. Over budget every second one is dropped; the first is always kept.

    ``budget``: bytes that may be kept now; it is asked whenever a state comes.
    """

    def __init__(self, budget: Callable[[], int], every: int = EVERY) -> None:
        self.budget, self.every = budget, every
        self._kept: dict[int, bytes] = {}

    @property
    def n_bytes(self) -> int:
        return sum(map(len, self._kept.values()))

    @property
    def steps(self) -> list[int]:
        """Steps at which a state is held, in order."""
        return sorted(self._kept)

    def offer(self, state: State) -> None:
        """Keep the state if one is due at its step."""
        if state.step % self.every == 0 and state.step not in self._kept:
            self.keep(state)

    def keep(self, state: State) -> None:
        """Keep the state, whatever its step; what no longer fits the budget is thinned out."""
        self._kept[state.step] = pickle.dumps(state, protocol=5)
        most, spared = self.budget(), {min(self._kept), state.step}
        while self.n_bytes > most and len(self._kept) > len(spared):
            self.every *= 2
            self._kept = {step: kept for step, kept in self._kept.items() if step % self.every == 0 or step in spared}

    def forget_after(self, step: int) -> None:
        """Drop what lies beyond a step: from there the run takes another course."""
        self._kept = {at: kept for at, kept in self._kept.items() if at <= step}

    def nearest(self, step: int) -> State:
        """The latest state that is not after ``step``, as an object of its own. ValueError if none is held."""
        found: State = pickle.loads(self._kept[max(at for at in list(self._kept) if at <= step)])
        return found
