"""The employers' side of the labour market: vacancies, their order, and what drives quits (Eq. 42, 43, 46, 97)."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from abm.machine.kernels import kernel
from abm.machine.queues import payload_of, queue_item, queue_key, sort_queue
from abm.machine.streams import Stream, uniform, words
from abm.world.emerging import grown
from abm.world.equations import community_strength
from abm.world.levers import L
from abm.world.state import Floats, Ints, Rows
from abm.world.vocabulary import ORDER_BASED

_VACANCY = int(Stream.VACANCY)
_EMPLOYER_ORDER = int(Stream.EMPLOYER_ORDER)
_CHARTER = int(L.CHARTER)


class Employers(NamedTuple):
    """N enterprises in the order in which they fill their vacancies, grouped in three ways."""

    by_region: Rows  # [N] rows, region by region
    region_starts: Ints  # [R + 1]
    by_field: Rows  # [N] rows, sector by sector inside each region
    field_starts: Ints  # [R * S + 1]
    by_sector: Rows  # [N] rows, sector by sector
    sector_starts: Ints  # [S + 1]
    hazards: Floats  # [N, 3] with a match of 0.5; what raiders add for full practice; share that a community leaves
    open_before: Ints  # [N] vacancies before anyone is hired this quarter
    region: Rows  # [N] column of Enterprises
    demand: Floats  # [N, K] column of Enterprises
    vacancies: Ints  # [N] column, filled in place


@kernel(inline=True)
def _group(order, group, n_groups):
    """Rows in the given order, gathered by group: rows [N] and starts [n_groups + 1]."""
    starts = np.zeros(n_groups + 1, np.int64)
    for i in range(order.shape[0]):
        starts[group[i] + 1] += 1
    for g in range(n_groups):
        starts[g + 1] += starts[g]
    following = starts[:n_groups].copy()
    rows = np.empty(order.shape[0], np.int32)
    for i in range(order.shape[0]):
        g = group[order[i]]
        rows[following[g]] = order[i]
        following[g] += 1
    return rows, starts


@kernel(inline=True)
def _post(moment, entrants, enterprises, emerging, p):
    """A year's vacancies in proportion to size, as far as p.technology_posts goes to technology, and in the emerging
    sector to how far it has grown (Eq. 42, 101)."""
    weights = np.empty(enterprises.id.shape[0])
    total_weight = 0.0
    for e in range(enterprises.id.shape[0]):
        weights[e] = enterprises.size[e] * (1.0 + p.technology_posts * enterprises.technology[e])
    if emerging >= 0:
        so_far = grown(moment.step, p)
        for e in range(enterprises.id.shape[0]):
            weights[e] *= so_far if enterprises.sector[e] == emerging else 1.0
    for e in range(enterprises.id.shape[0]):
        total_weight += weights[e]
    total = 0
    for r in range(entrants.shape[0]):
        total += entrants[r]
    for e in range(enterprises.id.shape[0]):
        expected = p.labour_tightness * total * weights[e] / total_weight if total_weight > 0.0 else 0.0
        posted = math.floor(expected + uniform(moment.seed, _VACANCY, moment.step, enterprises.id[e], 0))
        enterprises.posted[e] = posted
        enterprises.vacancies[e] = posted
        enterprises.staff[e] = 0


@kernel(inline=True)
def _count_raiders(raiders, enterprises, level):
    """Share of each region's posted vacancies that enterprises without a deep tie posted (Eq. 43)."""
    n_regions = raiders.shape[0]
    posted = np.zeros(n_regions, np.int64)
    shallow = np.zeros(n_regions, np.int64)
    for e in range(enterprises.id.shape[0]):
        is_deep = False
        for h in range(level.shape[1]):
            is_deep |= level[e, h] >= ORDER_BASED
        r = enterprises.region[e]
        posted[r] += enterprises.posted[e]
        if not is_deep:
            shallow[r] += enterprises.posted[e]
    for r in range(n_regions):
        raiders[r] = shallow[r] / posted[r] if posted[r] > 0 else 0.0


@kernel
def open_quarter(moment, entrants, levers, raiders, enterprises, level, n_sectors, emerging, parameter_record):
    """Post vacancies in a graduation quarter, measure raiders, and line employers up.

    ``entrants`` and ``raiders`` [R], ``levers`` [R, L]: columns of Governments; ``level`` [N, H] of the ties;
    ``emerging`` row of the emerging sector, -1 = none. Returns the first eight fields of Employers.
    """
    p = parameter_record[0]
    n = enterprises.id.shape[0]
    n_regions = raiders.shape[0]
    if moment.quarter == 0:
        _post(moment, entrants, enterprises, emerging, p)
    _count_raiders(raiders, enterprises, level)
    hazards = np.empty((n, 3))
    items, spare = np.empty(n, np.uint64), np.empty(n, np.uint64)
    for e in range(n):
        r = enterprises.region[e]
        hazards[e, 0] = p.base_turnover * (1.5 - enterprises.stability[e])
        hazards[e, 1] = p.poaching * raiders[r]
        hazards[e, 2] = 1.0
        if enterprises.community[e] >= 0:
            hazards[e, 2] -= p.community_retention * community_strength(p, levers[r, _CHARTER])
        word = words(moment.seed, _EMPLOYER_ORDER, moment.step, enterprises.id[e], 0)[0]
        items[e] = queue_item(queue_key(enterprises.technology[e], word), e)
    ranked = sort_queue(items, spare)
    order = np.empty(n, np.int32)
    place = np.empty(n, np.int64)
    for i in range(n):
        order[i] = payload_of(ranked[i])
        place[i] = enterprises.region[i] * n_sectors + enterprises.sector[i]
    by_region, region_starts = _group(order, enterprises.region, n_regions)
    by_field, field_starts = _group(order, place, n_regions * n_sectors)
    by_sector, sector_starts = _group(order, enterprises.sector, n_sectors)
    return (
        by_region, region_starts, by_field, field_starts, by_sector, sector_starts,
        hazards, np.empty(n, np.int64),
    )  # fmt: skip


@kernel
def record_staff(employer, match, n_graduates, enterprises, parameter_record):
    """Who employs whom half a year after graduation, and how well posts are filled (Eq. 97).

    ``employer`` and ``match`` [A] of the followed cohort, of which the first ``n_graduates`` are somebody.
    """
    p = parameter_record[0]
    # What is counted of one enterprise lies together: graduates come in no order of employers.
    counted = np.zeros((enterprises.id.shape[0] + 1, 4))
    for i in range(n_graduates):
        # Row 0 is for those without work.
        row = employer[i] + 1
        counted[row, 0] += 1.0
        counted[row, 1] += np.float64(match[i] >= p.related_fit)
        counted[row, 2] += np.float64(match[i])
    for e in range(enterprises.id.shape[0]):
        enterprises.recorded_staff[e] = counted[e + 1, 0]
        enterprises.recorded_related[e] = counted[e + 1, 1]
        enterprises.recorded_fit[e] = counted[e + 1, 2]
        if enterprises.posted[e] > 0:
            filled = enterprises.recorded_fit[e] / enterprises.posted[e]
            enterprises.skilled[e] += p.staff_renewal * (filled - enterprises.skilled[e])
