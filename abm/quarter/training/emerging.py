"""Public money that moves places into the emerging field (Eq. 102), toward what is or what will be asked for there
(Eq. 103; paper 4.3 [23], 5.4)."""

from __future__ import annotations

import numpy as np

from abm.machine.kernels import kernel
from abm.quarter.training.adjustment import open_programme
from abm.world.levers import F, L
from abm.world.programmes import total_seats
from abm.world.public_money import PublicMoney
from abm.world.state import Floats

_SUPPORT = int(L.EMERGING_SUPPORT)
YEARS_AHEAD = 4.0
"""From the last known vacancies, a year old, to the graduation of who enters now."""
YEARS_BACK = 2.0
"""Years between the two known shares that a trend is drawn through."""


def expected_share(last: Floats, before: Floats, looking_ahead: Floats) -> Floats:
    """Share of a region's vacancies in the emerging field that places are moved toward (Eq. 103). [R], 0-1.

    ``last`` [R] the share of the last year, ``before`` [R] that of two years earlier (NaN = not known),
    ``looking_ahead`` [R] the weight of the trend.
    """
    known = np.nan_to_num(last)
    trend = np.nan_to_num((last - before) / YEARS_BACK)
    return np.clip(known + looking_ahead * YEARS_AHEAD * trend, 0.0, 1.0)


def money_left(money: PublicMoney) -> Floats:
    """What subsidies may still take of each region's budget in this quarter (Eq. 102). [R]"""
    of_all = money.budget - money.spent_now.sum(axis=1)
    of_subsidies = money.levers[:, L.SUBSIDY_BUDGET] * money.budget - money.spent_now[:, F.SUBSIDY]
    return np.maximum(0.0, np.minimum(of_all, of_subsidies))


@kernel
def support(levers, left, expected, field, sectors, colleges, programmes, mean, parameter_record):
    """Move places of supported colleges into ``field``, as far as money goes (Eq. 102). Returns the sum of the shares
    of their region's places that moved, programmes opened, and what regions pay for it [R].

    ``left`` [R] money, ``expected`` [R] as of ``expected_share``, ``mean`` [K] curriculum.
    """
    p = parameter_record[0]
    n_fields, n_colleges = sectors.demand.shape[0], colleges.id.shape[0]
    wished, members = np.zeros(n_colleges), np.zeros(left.shape[0])
    cost = np.zeros(left.shape[0])
    for c in range(n_colleges):
        r, row = colleges.region[c], c * n_fields + field
        members[r] += 1.0
        total = total_seats(programmes.seats, c, n_fields)
        wish = levers[r, _SUPPORT] * (expected[r] * total - programmes.seats[row])
        is_new = programmes.seats[row] <= 0.0
        # What would be too small to be offered is not opened.
        if wish > 0.0 and not (is_new and (p.open_and_close < 0.5 or wish < p.least_programme * total)):
            wished[c] = wish
            cost[r] += wish
    for r in range(left.shape[0]):
        cost[r] *= p.place_cost * members[r]
    moved, opened = 0.0, 0
    for c in range(n_colleges):
        r, first = colleges.region[c], c * n_fields
        row = first + field
        move = wished[c] * min(1.0, left[r] / cost[r]) if cost[r] > 0.0 else wished[c]
        if move <= 0.0:
            continue
        if programmes.seats[row] <= 0.0:
            open_programme(programmes, sectors, row, field, mean, p.homogenisation)
            programmes.related[row] = colleges.placement[c]
            opened += 1
        others = total_seats(programmes.seats, c, n_fields) - programmes.seats[row]
        for s in range(n_fields):
            if s != field:
                programmes.seats[first + s] *= 1.0 - move / others
        programmes.seats[row] += move
        moved += move
    for r in range(left.shape[0]):
        cost[r] = min(cost[r], left[r])
    return moved, opened, cost
