"""Loss of hubs: the institutions with most contracts leave cooperation for good.

All their contracts end at once, which the quarter that follows tells (events of contracts), and they take no
partner again. They are the first by number of running contracts, among equals the first by row; students and
staff stay where they are.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from abm.world.state import ContractEvents
from abm.world.vocabulary import ENDED_BY_SHOCK, LEFT, PARTNER_LEFT
from experiments.design.shocks import Field

if TYPE_CHECKING:
    import numpy.typing as npt

    from abm.world.state import Ints, State, Ties

LABEL = "loss of hubs"
FIELDS = {
    "colleges": Field(0.1, 0.0, 1.0, "share of colleges", "colleges that leave, the best connected first"),
    "enterprises": Field(0.0, 0.0, 1.0, "share of enterprises", "enterprises that leave, the best connected first"),
}


def strike(state: State, fields: Mapping[str, float]) -> None:
    """Take the best connected institutions out of cooperation."""
    enterprises, colleges, ties = state.enterprises, state.colleges, state.ties
    lost_colleges = _hubs(colleges.n_partners, fields["colleges"])
    lost_enterprises = _hubs(enterprises.n_partners, fields["enterprises"])
    ended = (ties.level > 0) & (lost_enterprises[:, None] | lost_colleges[np.maximum(ties.college, 0)])
    state.befallen.append(_events(ties, ended))
    of_college = np.bincount(ties.college[ended], minlength=len(colleges.id))
    for column in (ties.level, ties.remaining, ties.is_mandated):
        column[ended] = 0
    for column in (ties.substance, ties.effort_enterprise, ties.effort_college, ties.subsidy, ties.tax_credit):
        column[ended] = 0.0
    ties.cause_of_end[ended] = LEFT
    enterprises.n_partners[:] -= ended.sum(axis=1)
    colleges.n_partners[:] -= of_college
    enterprises.partner_limit[lost_enterprises] = 0
    colleges.partner_limit[lost_colleges] = 0


def _events(ties: Ties, ended: npt.NDArray[np.bool_]) -> ContractEvents:
    """The contracts that end, by enterprise and slot. Shape of ``ended`` [N, H]."""
    enterprise, slot = np.nonzero(ended)
    n = len(enterprise)
    return ContractEvents(
        np.full(n, ENDED_BY_SHOCK, np.int8), enterprise.astype(np.int32), ties.college[enterprise, slot],
        ties.field[enterprise, slot], ties.level[enterprise, slot], np.full(n, PARTNER_LEFT, np.int8),
        np.full(n, np.nan),
    )  # fmt: skip


def _hubs(n_partners: Ints, share: float) -> npt.NDArray[np.bool_]:
    """The ``share`` of rows with most partners, rounded up. Shape [rows]."""
    found = np.zeros(len(n_partners), np.bool_)
    found[np.argsort(-n_partners, kind="stable")[: math.ceil(share * len(n_partners))]] = True
    return found
