"""What cooperation makes together, beyond what its parties would have had alone (Eq. 105; paper 3.1 [7])."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.quarter.measurement.metrics import Metric, Seen, share
from abm.world.ledger import Line
from abm.world.realised import realised_ledgers
from abm.world.vocabulary import AIMS

if TYPE_CHECKING:
    from abm.world.parameters import Parameters
    from abm.world.state import State

METRICS = (
    Metric(
        "synergy",
        "synergy",
        "协同增益",
        "share of joint worth",
        -1e6,
        1,
        "What running contracts are worth to their four parties as they are lived (yields less cost and effort, "
        "without public money), less what the parties give up outside for them, over the former; taken once a year.",
        "[7]; paper 3.1",
    ),
)
_AT_ONCE = 4096
"""Contracts whose ledgers are held at once."""
_MADE = (*range(len(AIMS)), Line.COST, Line.EFFORT)
"""Lines of what is made together: public money and fines pass from one to another, talk is paid and gone."""


def measure(seen: Seen) -> dict[str, float]:
    """Of all contracts together, so that a contract that is worth next to nothing does not outweigh the others."""
    if not seen.is_yearly:
        return seen.carried("synergy")
    together, alone = joint_worth(seen.state, seen.p)
    return {"synergy": share(together - alone, together)}


def joint_worth(state: State, p: Parameters) -> tuple[float, float]:
    """What the running contracts are worth to their parties this quarter, and what these give up outside for them."""
    enterprise, slot = (rows.astype(np.int32) for rows in np.nonzero(state.ties.level))
    together, alone = 0.0, 0.0
    for first in range(0, len(enterprise), _AT_ONCE):
        some = slice(first, first + _AT_ONCE)
        lines = realised_ledgers(state, p, enterprise[some], slot[some]).sum(axis=(0, 1))
        together += float(sum(lines[line] for line in _MADE))
        alone -= float(lines[Line.OUTSIDE])
    return together, alone
