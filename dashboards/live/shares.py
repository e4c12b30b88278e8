"""Shares of negotiations over more than a quarter: of all negotiations of the span, and not the mean of what its
quarters had. So the verdict, pictures, lessons and comparisons that speak of one year give one number."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import TYPE_CHECKING

import numpy as np

from abm.world.vocabulary import CAUSES
from dashboards.live.scenes import yearly_sums

if TYPE_CHECKING:
    from abm.world.state import Floats

COUNTED: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("agreement_rate", "ordered_rate", "failed_share"), ("n_tables",)),
    **{f"failed_by_{cause}": ("n_tables", "failed_share") for cause in CAUSES},
}
"""Metric that is a share of a quarter's negotiations -> metrics whose product is how many it is a share of."""


def weights(metric: Callable[[str], Floats], name: str) -> Floats | None:
    """How many a quarter's share is of, at each step; None for what is no share of negotiations."""
    if name not in COUNTED:
        return None
    return reduce(np.multiply, (np.nan_to_num(metric(of)) for of in COUNTED[name]))


def over_a_year(metric: Callable[[str], Floats], name: str) -> Floats:
    """A metric at each step; a share of negotiations as that of the last year. Along the last axis."""
    values, of = metric(name), weights(metric, name)
    if of is None:
        return values
    counted, among = (yearly_sums(x.T).T for x in (np.nan_to_num(values) * of, of))
    return np.divide(counted, among, out=np.full(among.shape, np.nan), where=among > 0)
