"""Shortage and surplus by field and region, and how the emerging field fares (Eq. 104; paper 1.2, 3.2 [10])."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from abm.machine.kernels import kernel

if TYPE_CHECKING:
    from abm.world.state import Bytes, Floats, Ints, State


@kernel(borrows=True)
def _count(offsets, college_region, field, enterprises, looking, posted):
    """Graduates by region of their college and the field that they look in, vacancies by region and sector. Writes
    ``looking`` and ``posted``, both [R, S]. ``college_region`` [C]."""
    n_fields = looking.shape[1]
    for row in range(offsets.shape[0] - 1):
        own = field[offsets[row] : offsets[row + 1]]
        for s in range(n_fields):
            # Field by field is vector code, which one pass with a count for each field is not.
            n = 0
            for i in range(own.shape[0]):
                n += own[i] == s
            looking[college_region[row // n_fields], s] += n
    for e in range(enterprises.id.shape[0]):
        posted[enterprises.region[e], enterprises.sector[e]] += enterprises.posted[e]


def _share(part: float, whole: float) -> float:
    """part / whole, NaN where there is no whole."""
    return part / whole if whole > 0.0 else math.nan


def _shares(part: Floats, whole: Floats) -> Floats:
    """part / whole by region, NaN where there is no whole."""
    return np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0.0)


def compare_fields(state: State, offsets: Ints, field: Bytes, emerging: int) -> None:
    """At graduation: graduates against vacancies, field by field and region by region, as a share of vacancies; and the
    share of vacancies that the emerging sector posts, with those of the two years before.

    ``offsets`` [P + 1] and ``field`` [A] of the graduates, ``emerging`` row of the emerging sector, -1 = none.
    """
    shape = len(state.governments.id), len(state.sectors.demand)
    looking, posted = np.zeros(shape), np.zeros(shape)
    _count(offsets, state.colleges.region, field, state.enterprises, looking, posted)
    apart, vacancies = np.abs(looking - posted).sum(axis=1), posted.sum(axis=1)
    state.measured["field_mismatch"] = _share(float(apart.sum()), float(vacancies.sum()))
    regional = state.regional
    regional["field_mismatch"] = _shares(apart, vacancies)
    if emerging >= 0:
        for older, newer in (("emerging_share_2", "emerging_share_1"), ("emerging_share_1", "emerging_share")):
            if newer in regional:
                regional[older] = regional[newer]
        regional["emerging_share"] = _shares(posted[:, emerging], vacancies)
        state.measured["emerging_share"] = _share(float(posted[:, emerging].sum()), float(vacancies.sum()))


def count_unfilled(state: State, emerging: int) -> None:
    """Each quarter: the share of the vacancies in the emerging field that are open."""
    e, is_there = state.enterprises, state.enterprises.sector == emerging
    n = len(state.governments.id)
    still = np.bincount(e.region[is_there], weights=e.vacancies[is_there], minlength=n).astype(np.float64)
    posted = np.bincount(e.region[is_there], weights=e.posted[is_there], minlength=n).astype(np.float64)
    # The smaller of 1 and NaN is NaN here, and not for Python's `min`.
    state.flows["unfilled_emerging"] = float(np.minimum(1.0, _share(float(still.sum()), float(posted.sum()))))
    state.regional["unfilled_emerging"] = np.minimum(1.0, _shares(still, posted))
