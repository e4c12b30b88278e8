"""Phase 3, search: who looks for whom, and who comes to a table (Eq. 12-18; paper 3.2, [6]).

Enterprises and colleges with free capacity look at a few counterparts, an enterprise at the programme of a college that
suits its sector best, and see the fit with noise.
The best perceived is invited; one that sees too little in it declines - one side keen, the other
cold. Expired contracts and trusted ones at their anniversary come to the table by themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from abm.machine.blocks import starts_by_region
from abm.machine.kernels import kernel, over_blocks, row_blocks
from abm.machine.streams import Stream, unit, words
from abm.quarter.search.agenda import Capacity, admit_tables, due_contracts, gather, no_invitations
from abm.world.equations import overlap
from abm.world.perception import perceived, sights
from abm.world.programmes import best_fields, programme_row
from abm.world.state import Floats, Ints

if TYPE_CHECKING:
    from abm.world.conditions import Conditions
    from abm.world.state import State

WRITES: tuple[str, ...] = ("agenda", "flows", "regional")
"""Flows: ``no_room``, invitations that nobody declined and that were dropped for lack of room; ``regional["no_room"]``
[R] the same by region of the enterprise."""

_SEARCH = int(Stream.SEARCH)
_CANDIDATE = int(Stream.CANDIDATE)
_COLLEGE_SEARCH = int(Stream.COLLEGE_SEARCH)
_SEES_ENTERPRISE = int(Stream.PERCEPTION_ENTERPRISE)
_SEES_COLLEGE = int(Stream.PERCEPTION_COLLEGE)
_COLLEGE_KEY = np.uint32(1 << 31)
_GLANCES = 1024
"""First ``sub`` of the candidates of a college's second search, and so on."""


class Near(NamedTuple):
    """Where the colleges of a region and of its neighbours are, and their places for partners."""

    starts: Ints  # [R + 1] first college row of each region, and the end
    places: Ints  # [C + 1] places for partners of the colleges before each
    neighbours: Ints  # [R, R] adjacent regions that have colleges, in row order
    n_neighbours: Ints  # [R]
    seats: Floats  # [P] of programmes; what has none is not offered


def search(state: State, scenario: Conditions) -> None:
    """Call the step's tables: renewals, reviews, and new ones from invitations."""
    seed, step, ties = state.seed, state.step, state.ties
    enterprises, colleges = sights(state, scenario.p)
    capacity = Capacity(
        state.enterprises.partner_limit, state.enterprises.n_partners,
        state.colleges.partner_limit, state.colleges.n_partners, ties.level,
    )  # fmt: skip
    wanted = (enterprises.demand, state.programmes.partner_demand, colleges.n_fields)
    due = due_contracts(step, capacity.enterprise_partners, ties, wanted, scenario.parameter_record)
    n, seats, record = len(enterprises.id), state.programmes.seats, scenario.parameter_record
    mine = no_invitations(np.arange(n, dtype=np.int32))
    near = _neighbours(state.governments.adjacency, colleges.region, capacity.college_limit, seats)
    best = best_fields(state.sectors.demand, colleges.curriculum, seats, len(colleges.id))
    over_blocks(
        _invite_colleges, row_blocks(n, state.threads), (seed, step), enterprises, colleges, capacity, near, best, mine,
        record, threads=state.threads,
    )  # fmt: skip
    rows = _college_searches((seed, step), enterprises, colleges, capacity, record)
    theirs = _invite_enterprises((seed, step), enterprises, colleges, capacity, best, mine, rows, record)
    called, priority = gather(seed, step, enterprises.id, colleges.id, due, mine, theirs)
    state.agenda, dropped = admit_tables(np.argsort(priority, kind="stable"), called, capacity)
    by_region = np.bincount(enterprises.region[dropped], minlength=len(state.governments.id))
    state.flows["no_room"] = float(len(dropped))
    state.regional["no_room"] = by_region.astype(np.float64)


@kernel
def _before(partner_limit):
    """Places for partners in the rows before each, and all of them. Shape [n + 1]."""
    places = np.zeros(partner_limit.shape[0] + 1, np.int64)
    for i in range(partner_limit.shape[0]):
        places[i + 1] = places[i] + partner_limit[i]
    return places


@kernel(inline=True, borrows=True)
def _free_place(places, first, end, n_partners, u):
    """Row of first..end - 1 on one of whose places for partners a glance falls, -1 if that place is taken or there is
    none: who has more places is seen more often, and who has filled them is not seen."""
    n = places[end] - places[first]
    if n == 0:
        return -1
    place = places[first] + int(u * n)
    row, high = first, end - 1
    while row < high:
        middle = (row + high + 1) // 2
        if places[middle] <= place:
            row = middle
        else:
            high = middle - 1
    return row if place - places[row] >= n_partners[row] else -1


@kernel(inline=True, borrows=True)
def slot_of(college, field, enterprise, c, s):
    """Slot in which the enterprise remembers the college's programme in field ``s``, -1 = it does not."""
    for h in range(college.shape[1]):
        if college[enterprise, h] == c and field[enterprise, h] == s:
            return h
    return -1


@kernel
def _neighbours(adjacency, region, partner_limit, seats):
    """Where the colleges are. ``region`` and ``partner_limit`` [C] of them, ``seats`` [P] of their programmes."""
    n_regions = adjacency.shape[0]
    starts = starts_by_region(region, n_regions)
    rows = np.empty((n_regions, n_regions), np.int64)
    count = np.zeros(n_regions, np.int64)
    for r in range(n_regions):
        for other in range(n_regions):
            if other != r and adjacency[r, other] and starts[other + 1] > starts[other]:
                rows[r, count[r]] = other
                count[r] += 1
    return Near(starts, _before(partner_limit), rows, count, seats)


@kernel(inline=True, borrows=True)
def _candidate(now, near, capacity, e_id, r, attempt, p):
    """College number ``attempt`` that an enterprise of region ``r`` comes across, -1 = none, or one that is taken."""
    seed, step = now
    starts, neighbours, n_neighbours = near.starts, near.neighbours, near.n_neighbours
    w0, w1, w2, _ = words(seed, _CANDIDATE, step, e_id, attempt)
    region = r
    is_empty = starts[r + 1] == starts[r]
    if n_neighbours[r] > 0 and (is_empty or unit(w0) < p.cross_region_search):
        region = neighbours[r, int(unit(w1) * n_neighbours[r])]
    elif is_empty:
        return -1
    return _free_place(near.places, starts[region], starts[region + 1], capacity.college_partners, unit(w2))


@kernel(borrows=True)
def _invite_colleges(lo, hi, now, enterprises, colleges, capacity, near, best, mine, parameter_record):
    """For the enterprises lo..hi - 1: the programme that each invites, and whether it comes (Eq. 12-15, 87), into
    ``mine``. ``now``: seed and step; ``best`` [C, S] the programme of each college that suits a sector best."""
    p = parameter_record[0]
    seed, step = now
    target, field, slot, comes = mine.target, mine.field, mine.slot, mine.comes
    n_slots = capacity.level.shape[1]
    for e in range(lo, hi):
        if capacity.enterprise_partners[e] >= capacity.enterprise_limit[e]:
            continue
        e_id, r = enterprises.id[e], enterprises.region[e]
        sight = enterprises.sight[r]
        reach = 1.0 + p.platform_reach * enterprises.reach[r]
        u, more, _, _ = words(seed, _SEARCH, step, e_id, 0)
        if unit(u) >= p.search_rate * reach:
            continue
        n = int(p.candidates * reach + unit(more))
        best_value, best_fit = 0.0, 0.0
        for a in range(n + n_slots):
            if a < n:
                c = _candidate(now, near, capacity, e_id, r, a, p)
                s = best[c, enterprises.sector[e]] if c >= 0 else -1
            elif enterprises.trust[e, a - n] >= p.remember_trust:
                c, s = enterprises.college[e, a - n], enterprises.field[e, a - n]
            else:
                c, s = -1, -1
            if c < 0 or s < 0 or (c == target[e] and s == field[e]):
                continue
            row = programme_row(c, s, colleges.n_fields)
            if near.seats[row] <= 0.0:
                continue
            h = slot_of(enterprises.college, enterprises.field, e, c, s)
            if h >= 0 and capacity.level[e, h] > 0:
                continue
            fit = overlap(enterprises.demand, e, colleges.curriculum, row)
            value = perceived(seed, _SEES_ENTERPRISE, step, (e_id, colleges.id[c], s), fit, sight, h >= 0, p)
            value *= enterprises.trust[e, h] if h >= 0 else colleges.reputation[c]
            if value > best_value:
                target[e], field[e], slot[e], best_value, best_fit = c, s, h, value, fit
        if target[e] >= 0:
            c, s, h = target[e], field[e], slot[e]
            sight = enterprises.sight[colleges.region[c]]
            value = perceived(seed, _SEES_COLLEGE, step, (e_id, colleges.id[c], s), best_fit, sight, h >= 0, p)
            value *= enterprises.trusted[e, h] if h >= 0 else enterprises.reputation[e]
            comes[e] = value >= p.acceptance_threshold


@kernel
def _college_searches(now, enterprises, colleges, capacity, parameter_record):
    """Which colleges search in this step, once for each search: rows [I] (Eq. 16)."""
    p = parameter_record[0]
    seed, step = now
    n_colleges = colleges.id.shape[0]
    searches, total = np.zeros(n_colleges, np.int64), 0
    for c in range(n_colleges):
        free = capacity.college_limit[c] - capacity.college_partners[c]
        if free <= 0 or p.college_partners <= 0.0:
            continue
        reach = 1.0 + p.platform_reach * enterprises.reach[colleges.region[c]]
        expected = p.college_search_rate * reach * free / p.college_partners
        u = unit(words(seed, _COLLEGE_SEARCH, step, colleges.id[c], 0)[0])
        searches[c] = min(free, int(expected + u))
        total += searches[c]
    rows, n = np.empty(total, np.int32), 0
    for c in range(n_colleges):
        for _ in range(searches[c]):
            rows[n] = c
            n += 1
    return rows


@kernel
def _invite_enterprises(now, enterprises, colleges, capacity, best, mine, rows, parameter_record):
    """Enterprise of its region that a college invites in each of the searches ``rows`` [I], and whether it comes: an
    Invitations (Eq. 16). ``mine``: the invitations of enterprises."""
    p = parameter_record[0]
    seed, step = now
    starts = starts_by_region(enterprises.region, enterprises.reach.shape[0])
    places = _before(capacity.enterprise_limit)
    found = no_invitations(rows)
    target, field, slot = found.target, found.field, found.slot
    first = 0
    for i in range(rows.shape[0]):
        c = rows[i]
        if rows[first] != c:
            first = i
        r, number = colleges.region[c], i - first
        sight = enterprises.sight[r]
        reach = 1.0 + p.platform_reach * enterprises.reach[r]
        more = words(seed, _COLLEGE_SEARCH, step, colleges.id[c], 1 + number)[1]
        best_value, best_fit = 0.0, 0.0
        for a in range(int(p.candidates * reach + unit(more))):
            word = words(seed, _CANDIDATE, step, colleges.id[c] + _COLLEGE_KEY, _GLANCES * number + a)[2]
            e = _free_place(places, starts[r], starts[r + 1], capacity.enterprise_partners, unit(word))
            s = best[c, enterprises.sector[e]] if e >= 0 else -1
            if s < 0:
                continue
            h = slot_of(enterprises.college, enterprises.field, e, c, s)
            if (h >= 0 and capacity.level[e, h] > 0) or _is_among(target[first:i], e):
                continue
            fit = overlap(enterprises.demand, e, colleges.curriculum, programme_row(c, s, colleges.n_fields))
            pair = (enterprises.id[e], colleges.id[c], s)
            value = perceived(seed, _SEES_COLLEGE, step, pair, fit, sight, h >= 0, p)
            value *= enterprises.trusted[e, h] if h >= 0 else enterprises.reputation[e]
            if value > best_value:
                target[i], field[i], slot[i], best_value, best_fit = e, s, h, value, fit
        e, s, h = target[i], field[i], slot[i]
        if e >= 0 and mine.target[e] == c and mine.field[e] == s:
            target[i] = -1
        elif e >= 0:
            pair = (enterprises.id[e], colleges.id[c], s)
            value = perceived(seed, _SEES_ENTERPRISE, step, pair, best_fit, sight, h >= 0, p)
            value *= enterprises.trust[e, h] if h >= 0 else colleges.reputation[c]
            found.comes[i] = value >= p.acceptance_threshold
    return found


@kernel(inline=True, borrows=True)
def _is_among(rows, row):
    """Whether a row is one of several."""
    found = False
    for i in range(rows.shape[0]):
        found |= rows[i] == row
    return found
