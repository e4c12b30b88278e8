"""Where graduates went: from the fields of their colleges to the sectors of their work."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from abm.state import EMPLOYED, SEEKING, Ints

if TYPE_CHECKING:
    from abm.state import State


class Talent(NamedTuple):
    """Where the graduates of the followed cohort are; people by field of their college and sector of their work."""

    in_field: Ints  # [S, S] college's field x employer's sector, in work that fits what they learnt
    out_of_field: Ints  # [S, S] the same, in work that does not
    no_work: Ints  # [S] college's field


def talent_of(state: State, related_fit: float) -> Talent:
    """Graduates of the cohort that is followed: the one that entered first."""
    n = len(state.sectors.demand)
    students = state.students
    cohort = int(np.argmin(students.entry_step))
    status, employer = students.status[cohort], students.employer[cohort]
    rows = np.repeat(np.arange(len(state.colleges.field)), np.diff(students.offsets[cohort]))
    origin = state.colleges.field[rows].astype(np.int64)
    status, employer, match = status[: len(rows)], employer[: len(rows)], students.match[cohort][: len(rows)]
    at_work = (status == EMPLOYED) & (employer >= 0)
    target = state.enterprises.sector[employer[at_work]]
    pair = origin[at_work] * n + target
    fits = match[at_work] >= related_fit
    return Talent(
        in_field=np.bincount(pair[fits], minlength=n * n).reshape(n, n),
        out_of_field=np.bincount(pair[~fits], minlength=n * n).reshape(n, n),
        no_work=np.bincount(origin[status == SEEKING], minlength=n),
    )
