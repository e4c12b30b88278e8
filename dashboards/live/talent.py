"""Where graduates went: from the fields of their programmes to the sectors of their work."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from abm.world.state import EMPLOYED, SEEKING, Ints

if TYPE_CHECKING:
    from abm.world.state import State


class Talent(NamedTuple):
    """Where the graduates of the followed cohort are; people by field of their programme and sector of their work."""

    in_field: Ints  # [S, S] programme's field x employer's sector, in work that fits what they learnt
    out_of_field: Ints  # [S, S] the same, in work that does not
    no_work: Ints  # [S] programme's field


def talent_of(state: State, related_fit: float) -> Talent:
    """Graduates of the cohort that is followed: the one that entered first."""
    n = len(state.sectors.demand)
    students = state.students
    cohort = int(np.argmin(students.entry_step))
    status, employer = students.status[cohort], students.employer[cohort]
    sizes = np.diff(students.offsets[cohort])
    origin = np.repeat(np.arange(len(sizes)) % n, sizes)
    status, employer, match = status[: len(origin)], employer[: len(origin)], students.match[cohort][: len(origin)]
    at_work = (status == EMPLOYED) & (employer >= 0)
    target = state.enterprises.sector[employer[at_work]]
    pair = origin[at_work] * n + target
    fits = match[at_work] >= related_fit
    return Talent(
        in_field=np.bincount(pair[fits], minlength=n * n).reshape(n, n),
        out_of_field=np.bincount(pair[~fits], minlength=n * n).reshape(n, n),
        no_work=np.bincount(origin[status == SEEKING], minlength=n),
    )
