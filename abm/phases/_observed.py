"""What governments may see of each region: last quarter's published figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.diagnosis import CAUSES
from abm.state import Floats

if TYPE_CHECKING:
    from abm.state import State

COLUMNS = ("market_fit", "raiders", "stage", "paid_share")
"""Columns of Governments that are published as they are."""
MAIN_CAUSE, BY_CAUSE = "main_cause_", "failed_by_"


def regional_names() -> list[str]:
    """Metrics that are known for every region, beside what the phases leave in ``State.regional``."""
    causes = [prefix + cause for prefix in (MAIN_CAUSE, BY_CAUSE) for cause in CAUSES]
    return ["failed_share", "spent_share", *COLUMNS, *causes]


def by_region(state: State, name: str) -> Floats | None:
    """A published metric of last quarter by region, shape [R]; None if it is not measured by region.

    failed_share          failed tables over tables; NaN without tables
    failed_by_<cause>     failures with this primary cause over failures; NaN without failures
    main_cause_<cause>    1 where no cause explains more of last quarter's failures (the first in the
                          order of the taxonomy on ties), else 0
    spent_share           money spent over the budget; NaN without a budget
    """
    if name == "failed_share":
        tables, failed = _failures(state)
        return _share(failed.sum(axis=1), tables)
    for prefix in (MAIN_CAUSE, BY_CAUSE):
        cause = name.removeprefix(prefix)
        if cause != name and cause in CAUSES:
            failed = _failures(state)[1]
            i = CAUSES.index(cause)
            if prefix == BY_CAUSE:
                return _share(failed[:, i], failed.sum(axis=1))
            return ((failed.argmax(axis=1) == i) & (failed[:, i] > 0)).astype(np.float64)
    if name == "spent_share":
        return _share(state.governments.spent_now.sum(axis=1), state.governments.budget)
    if name in COLUMNS:
        return np.asarray(getattr(state.governments, name), np.float64)
    return state.regional.get(name)


def _failures(state: State) -> tuple[Floats, Floats]:
    """Tables of last quarter by region [R], and the failed ones by region and primary cause [R, causes]."""
    n_regions, n_causes = len(state.governments.levers), len(CAUSES)
    record = state.tables
    if record is None:
        return np.zeros(n_regions), np.zeros((n_regions, n_causes))
    failed = record.cause >= 0
    cells = record.region[failed].astype(np.int64) * n_causes + record.cause[failed]
    tables: Floats = np.bincount(record.region, minlength=n_regions).astype(np.float64)
    by_cause: Floats = np.bincount(cells, minlength=n_regions * n_causes).astype(np.float64)
    return tables, by_cause.reshape((n_regions, n_causes))


def _share(part: Floats, whole: Floats) -> Floats:
    """part / whole, NaN where the whole is 0. Shape [R]."""
    return np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)
