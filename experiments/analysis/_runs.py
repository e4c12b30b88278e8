"""Tables of runs as the methods read them: outcomes by point, failed runs counted and said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from abm.machine.errors import InputError, nearest

Simulator = Callable[[pd.DataFrame], pd.DataFrame]
"""Points (one row a point) -> runs: columns ``point`` (row of the points), ``replication``, ``status`` and outcomes."""

Floats = NDArray[np.float64]
DONE = "ok"
"""Status of a run that ended; every other status is a failed run."""


def check(runs: pd.DataFrame, *columns: str) -> None:
    """InputError for the first column that the runs do not have."""
    for column in columns:
        if column not in runs.columns:
            raise InputError(f"`{column}`", why="is not in the runs", mend=nearest(column, map(str, runs.columns)))


def column(table: Any, name: str) -> Floats:
    """A column of a DataFrame as numbers; NaN for what is none. Shape [rows]."""
    return np.asarray(pd.to_numeric(table[name], errors="coerce"), np.float64)


def rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as dictionaries."""
    return cast("list[dict[str, Any]]", table.to_dict("records"))


def has_ended(runs: pd.DataFrame) -> NDArray[np.bool_]:
    """Which runs did not fail. Shape [rows]."""
    return np.asarray(runs["status"] == DONE, np.bool_)


def usable(runs: pd.DataFrame, outcome: str) -> NDArray[np.bool_]:
    """Which runs ended and have a finite outcome. Shape [rows]."""
    check(runs, "status", outcome)
    return has_ended(runs) & np.isfinite(column(runs, outcome))


def lost(runs: pd.DataFrame, outcome: str) -> str:
    """One sentence on the runs that could not be used; empty if all could."""
    n = int((~usable(runs, outcome)).sum())
    if not n:
        return ""
    failed = int((~has_ended(runs)).sum())
    return (
        f"{n:,} of {len(runs):,} runs could not be used ({failed:,} failed, {n - failed:,} ended without a value of "
        f"`{outcome}`)."
    )


def by_point(runs: pd.DataFrame, outcome: str, n_points: int) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Mean, variance over replications (ddof 1; NaN for fewer than two) and number of usable runs of each point.

    Shapes [n_points]. A point without a usable run has mean NaN.
    """
    mask = usable(runs, outcome)
    point = column(runs, "point").astype(np.int64)[mask]
    value = column(runs, outcome)[mask]
    n = np.bincount(point, minlength=n_points)
    total = np.bincount(point, weights=value, minlength=n_points)
    mean = np.divide(total, n, out=np.full(n_points, np.nan), where=n > 0)
    squares = np.bincount(point, weights=(value - mean[point]) ** 2, minlength=n_points)
    variance = np.divide(squares, n - 1, out=np.full(n_points, np.nan), where=n > 1)
    return mean, variance, n.astype(np.int64)


def by_seed(runs: pd.DataFrame, outcome: str, n_points: int) -> Floats:
    """Values of each point under each seed. Shape [n_points, seeds]; NaN where a run is not there or not usable."""
    mask = usable(runs, outcome)
    point = column(runs, "point").astype(np.int64)[mask]
    replications, place = np.unique(column(runs, "replication")[mask], return_inverse=True)
    found = np.full((n_points, max(1, len(replications))), np.nan)
    found[point, place] = column(runs, outcome)[mask]
    return found


def joined(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Tables of runs below one another, their points counted on from batch to batch."""
    shifted: list[pd.DataFrame] = []
    start = 0
    for table in tables:
        point = column(table, "point").astype(np.int64) + start
        start = int(point.max()) + 1 if len(point) else start
        shifted.append(table.assign(point=point))
    return pd.concat(shifted, ignore_index=True)
