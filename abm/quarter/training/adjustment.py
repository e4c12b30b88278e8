"""Dynamic adjustment: colleges move places between programmes, open and close them (Eq. 89; paper 4.3 [21])."""

from __future__ import annotations

import numpy as np

from abm.machine.kernels import kernel
from abm.world.levers import L
from abm.world.programmes import partner_places, partners_weight, programme_row, total_seats

_ADJUSTMENT = int(L.PROGRAMME_ADJUSTMENT)
RECORD_WEIGHT = 0.5
"""Weight of graduates' related work in what speaks for a programme; its partners have the rest. Assumption."""
OPENS_WITH = 2.0
"""Places of a new programme, in smallest programmes: it is not to close at the next look. Assumption."""


@kernel
def unfilled(enterprises, n_regions, n_sectors):
    """Share of the vacancies of the last year that are still open, by region and sector [R, S]; 0 without any."""
    open_now, posted = np.zeros((n_regions, n_sectors)), np.zeros((n_regions, n_sectors))
    for e in range(enterprises.region.shape[0]):
        r, s = enterprises.region[e], enterprises.sector[e]
        open_now[r, s] += enterprises.vacancies[e]
        posted[r, s] += enterprises.posted[e]
    for r in range(n_regions):
        for s in range(n_sectors):
            open_now[r, s] = min(1.0, open_now[r, s] / posted[r, s]) if posted[r, s] > 0.0 else 0.0
    return open_now


@kernel
def has_contract(ties, n_fields, n_programmes):
    """Which programmes serve a contract [P]."""
    serves = np.zeros(n_programmes, np.bool_)
    for e in range(ties.level.shape[0]):
        for h in range(ties.level.shape[1]):
            if ties.level[e, h] > 0:
                serves[programme_row(ties.college[e, h], ties.field[e, h], n_fields)] = True
    return serves


@kernel(inline=True, borrows=True)
def _value(programmes, colleges, row, n_fields, information):
    """What speaks for a programme, 0-1: its graduates' related work and its partners."""
    c, s = row // n_fields, row % n_fields
    places = partner_places(programmes.seats, colleges.partner_limit, c, s, n_fields)
    heard = partners_weight(programmes.partner_depth[row], places, information)
    return RECORD_WEIGHT * programmes.related[row] + (1.0 - RECORD_WEIGHT) * heard


@kernel
def adjust(levers, sectors, colleges, programmes, wanted, serves, mean, parameter_record):
    """Move places of every college once a year (Eq. 89). Returns the share of all places that moved, programmes opened
    and programmes closed.

    ``wanted`` [R, S] as of ``unfilled``, ``serves`` [P] as of ``has_contract``, ``mean`` [K] curriculum.
    """
    p = parameter_record[0]
    n_fields, may_open = sectors.demand.shape[0], p.open_and_close >= 0.5
    moved, opened, closed, everything = 0.0, 0, 0, 0.0
    before = np.empty(n_fields)
    score = np.empty(n_fields)
    for c in range(colleges.id.shape[0]):
        r, first = colleges.region[c], c * n_fields
        rate, total = levers[r, _ADJUSTMENT], total_seats(programmes.seats, c, n_fields)
        everything += total
        if rate <= 0.0 or total <= 0.0:
            continue
        seats = programmes.seats[first : first + n_fields]
        before[:] = seats
        mean_value, all_scores = 0.0, 0.0
        for s in range(n_fields):
            value = _value(programmes, colleges, first + s, n_fields, p.partner_information)
            score[s] = seats[s] * value
            all_scores += score[s]
            mean_value += value * seats[s] / total
        if all_scores > 0.0:
            for s in range(n_fields):
                seats[s] = (1.0 - rate) * before[s] + rate * total * score[s] / all_scores
        candidate = -1
        for s in range(n_fields if may_open else 0):
            is_better = candidate < 0 or wanted[r, s] > wanted[r, candidate]
            if before[s] <= 0.0 and wanted[r, s] > mean_value and is_better:
                candidate = s
        share = min(rate, OPENS_WITH * p.least_programme)
        if candidate >= 0 and share > 0.0:
            for s in range(n_fields):
                seats[s] *= 1.0 - share
            seats[candidate] = share * total
            open_programme(programmes, sectors, first + candidate, candidate, mean, p.homogenisation)
            programmes.related[first + candidate] = colleges.placement[c]
            opened += 1
        largest = 0
        for s in range(n_fields):
            largest = s if seats[s] > seats[largest] else largest
        kept = 0.0
        for s in range(n_fields):
            is_small = may_open and 0.0 < seats[s] < p.least_programme * total
            if is_small and s != largest and s != candidate and not serves[first + s]:
                seats[s] = 0.0
                closed += 1
            kept += seats[s]
        for s in range(n_fields):
            seats[s] *= total / kept
            moved += 0.5 * abs(seats[s] - before[s])
    return moved / everything if everything > 0.0 else 0.0, opened, closed


@kernel(inline=True, borrows=True)
def open_programme(programmes, sectors, row, field, mean, homogenisation):
    """A new programme teaches what its field asks for now, as everybody can read it."""
    for k in range(mean.shape[0]):
        taught = (1.0 - homogenisation) * sectors.demand[field, k] + homogenisation * mean[k]
        programmes.curriculum[row, k] = taught
        programmes.partner_demand[row, k] = taught
