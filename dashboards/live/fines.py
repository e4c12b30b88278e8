"""What a frame keeps of its quarter's fines: their number, and the worst of them one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from abm.world.state import ContractEvents
from abm.world.vocabulary import COLLEGE_FINED, ENTERPRISE_FINED

if TYPE_CHECKING:
    from abm.world.state import State

FINES_NAMED = 2
"""Fines of a quarter that are kept one by one."""


class Fines(NamedTuple):
    """Who was fined in a quarter: how many of each side, and those of the least effort."""

    step: int
    """The quarter in which it was, from 0."""
    enterprises: int
    colleges: int
    worst: ContractEvents
    """At most FINES_NAMED rows, the least effort first."""


def fines_of(state: State) -> Fines | None:
    """The fines of the last step; None if there were none."""
    for happened in state.contract_events:
        fined = np.flatnonzero((happened.what == ENTERPRISE_FINED) | (happened.what == COLLEGE_FINED))
        if len(fined):
            n_colleges = int((happened.what[fined] == COLLEGE_FINED).sum())
            worst = fined[np.argsort(happened.value[fined], kind="stable")[:FINES_NAMED]]
            kept = ContractEvents._make(column[worst] for column in happened)  # pyright: ignore[reportPrivateUsage]
            return Fines(state.step - 1, len(fined) - n_colleges, n_colleges, kept)
    return None
