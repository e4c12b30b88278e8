"""Phase 3, search: who looks for whom, and who comes to a table (Eq. 12-18; paper 3.2, [6]).

Enterprises and colleges with free capacity look at a few counterparts and see the fit with noise.
The best perceived is invited; one that sees too little in it declines - one side keen, the other
cold. Expired contracts and trusted ones at their anniversary come to the table by themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from abm.equations import clip, overlap
from abm.kernels import kernel, over_blocks, row_blocks
from abm.levers import L
from abm.phases._agenda import Invitations, Room, admit_tables, due_contracts, gather
from abm.state import Agenda, Floats, Ints, Keys, Rows
from abm.streams import Stream, normal, unit, words

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from abm.state import State

WRITES: tuple[str, ...] = ("agenda",)

_SEARCH = int(Stream.SEARCH)
_CANDIDATE = int(Stream.CANDIDATE)
_COLLEGE_SEARCH = int(Stream.COLLEGE_SEARCH)
_SEES_ENTERPRISE = int(Stream.PERCEPTION_ENTERPRISE)
_SEES_COLLEGE = int(Stream.PERCEPTION_COLLEGE)
_COLLEGE_KEY = np.uint32(1 << 31)


class Enterprises(NamedTuple):
    """What search and negotiation know of the enterprises."""

    id: Keys  # [N]
    region: Rows  # [N]
    demand: Floats  # [N, K]
    reputation: Floats  # [N]
    college: Rows  # [N, H] remembered colleges
    trust: Floats  # [N, H] the enterprise's trust
    trusted: Floats  # [N, H] the college's trust
    reach: Floats  # [R] of the platform


class Colleges(NamedTuple):
    """What search and negotiation know of the colleges."""

    id: Keys  # [C]
    region: Rows  # [C]
    curriculum: Floats  # [C, K]
    reputation: Floats  # [C]


class Near(NamedTuple):
    """Where the colleges of a region and of its neighbours are."""

    starts: Ints  # [R + 1] first college row of each region, and the end
    neighbours: Ints  # [R, R] adjacent regions that have colleges, in row order
    n_neighbours: Ints  # [R]


def sides(state: State) -> tuple[Enterprises, Colleges]:
    """The columns that perception needs."""
    e, c, ties = state.enterprises, state.colleges, state.ties
    platform = np.ascontiguousarray(state.governments.levers[:, L.PLATFORM])
    return (
        Enterprises(
            e.id, e.region, e.demand, e.reputation, ties.college, ties.trust_enterprise, ties.trust_college, platform
        ),
        Colleges(c.id, c.region, c.curriculum, c.reputation),
    )


def search(state: State, scenario: Scenario) -> None:
    """Call the step's tables: renewals, reviews, and new ones from invitations."""
    seed, step, ties = state.seed, state.step, state.ties
    enterprises, colleges = sides(state)
    room = Room(
        state.enterprises.partner_limit, state.enterprises.n_partners,
        state.colleges.partner_limit, state.colleges.n_partners, ties.level,
    )  # fmt: skip
    due = due_contracts(
        step, room.enterprise_partners, ties.college, ties.level, ties.remaining, ties.founded,
        ties.trust_enterprise, ties.trust_college, scenario.numbers,
    )  # fmt: skip
    n = len(enterprises.id)
    mine = Invitations(np.full(n, -1, np.int32), np.full(n, -1, np.int32), np.zeros(n, np.bool_))
    near = Near(*_neighbours(state.governments.adjacency, colleges.region))
    over_blocks(
        _invite_colleges, row_blocks(n, state.threads), (seed, step), enterprises, colleges, room, near, mine,
        scenario.numbers, threads=state.threads,
    )  # fmt: skip
    theirs = _invite_enterprises((seed, step), enterprises, colleges, room, mine.target, scenario.numbers)
    called, priority = gather(seed, step, enterprises.id, colleges.id, due, mine, theirs)
    state.agenda = Agenda(*admit_tables(np.argsort(priority, kind="stable"), called, room))


@kernel
def starts_by_region(region, n_regions):
    """First row of each region in columns sorted by region, and the end. Shape [R + 1]."""
    starts = np.zeros(n_regions + 1, np.int64)
    for i in range(region.shape[0]):
        starts[region[i] + 1] += 1
    for r in range(n_regions):
        starts[r + 1] += starts[r]
    return starts


@kernel(inline=True)
def slot_of(remembered, enterprise, college):
    """Slot in which the enterprise remembers the college, -1 = it does not."""
    for h in range(remembered.shape[1]):
        if remembered[enterprise, h] == college:
            return h
    return -1


@kernel(inline=True)
def perceived(seed, stream, step, e_id, c_id, fit, platform, is_known, p):
    """Fit of a pair as one side sees it (Eq. 13); ``platform`` of that side's region."""
    noise = p.perception_noise * (1.0 - platform) * (1.0 - p.familiarity * is_known)
    return clip(fit + noise * normal(seed, stream, step, e_id, c_id))


@kernel
def _neighbours(adjacency, region):
    """The fields of a Near. ``region`` [C] of the colleges."""
    n_regions = adjacency.shape[0]
    starts = starts_by_region(region, n_regions)
    rows = np.empty((n_regions, n_regions), np.int64)
    count = np.zeros(n_regions, np.int64)
    for r in range(n_regions):
        for other in range(n_regions):
            if other != r and adjacency[r, other] and starts[other + 1] > starts[other]:
                rows[r, count[r]] = other
                count[r] += 1
    return starts, rows, count


@kernel(inline=True)
def _candidate(now, near, e_id, r, attempt, p):
    """College number ``attempt`` that an enterprise of region ``r`` comes across, -1 = none."""
    seed, step = now
    starts, neighbours, n_neighbours = near.starts, near.neighbours, near.n_neighbours
    w0, w1, w2, _ = words(seed, _CANDIDATE, step, e_id, attempt)
    region = r
    is_empty = starts[r + 1] == starts[r]
    if n_neighbours[r] > 0 and (is_empty or unit(w0) < p.cross_region_search):
        region = neighbours[r, int(unit(w1) * n_neighbours[r])]
    elif is_empty:
        return -1
    return starts[region] + int(unit(w2) * (starts[region + 1] - starts[region]))


@kernel
def _invite_colleges(lo, hi, now, enterprises, colleges, room, near, mine, numbers):
    """For the enterprises lo..hi - 1: the college that each invites, and whether it comes (Eq. 12-15), into
    ``mine``. ``now``: seed and step."""
    p = numbers[0]
    seed, step = now
    target, slot, comes = mine.target, mine.slot, mine.comes
    n_slots = room.level.shape[1]
    for e in range(lo, hi):
        if room.enterprise_partners[e] >= room.enterprise_limit[e]:
            continue
        e_id, r = enterprises.id[e], enterprises.region[e]
        platform = enterprises.reach[r]
        reach = 1.0 + p.platform_reach * platform
        u, more, _, _ = words(seed, _SEARCH, step, e_id, 0)
        if unit(u) >= p.search_rate * reach:
            continue
        n = int(p.candidates * reach + unit(more))
        best_value, best_fit = 0.0, 0.0
        for a in range(n + n_slots):
            if a < n:
                c = _candidate(now, near, e_id, r, a, p)
            elif enterprises.trust[e, a - n] >= p.remember_trust:
                c = enterprises.college[e, a - n]
            else:
                c = -1
            if c < 0 or c == target[e]:
                continue
            h = slot_of(enterprises.college, e, c)
            if h >= 0 and room.level[e, h] > 0:
                continue
            fit = overlap(enterprises.demand, e, colleges.curriculum, c)
            value = perceived(seed, _SEES_ENTERPRISE, step, e_id, colleges.id[c], fit, platform, h >= 0, p)
            value *= enterprises.trust[e, h] if h >= 0 else colleges.reputation[c]
            if value > best_value:
                target[e], slot[e], best_value, best_fit = c, h, value, fit
        if target[e] >= 0:
            c, h = target[e], slot[e]
            platform = enterprises.reach[colleges.region[c]]
            value = perceived(seed, _SEES_COLLEGE, step, e_id, colleges.id[c], best_fit, platform, h >= 0, p)
            value *= enterprises.trusted[e, h] if h >= 0 else enterprises.reputation[e]
            comes[e] = value >= p.acceptance_threshold


@kernel
def _invite_enterprises(now, enterprises, colleges, room, invited, numbers):
    """Enterprise of its region that each college invites, and whether it comes: an Invitations (Eq. 16).
    ``invited`` [N]: the colleges that enterprises have themselves invited."""
    p = numbers[0]
    seed, step = now
    n_colleges = colleges.id.shape[0]
    starts = starts_by_region(enterprises.region, enterprises.reach.shape[0])
    target = np.full(n_colleges, -1, np.int32)
    slot = np.full(n_colleges, -1, np.int32)
    comes = np.zeros(n_colleges, np.bool_)
    for c in range(n_colleges):
        r = colleges.region[c]
        n_local = starts[r + 1] - starts[r]
        if n_local == 0 or room.college_partners[c] >= room.college_limit[c]:
            continue
        platform = enterprises.reach[r]
        reach = 1.0 + p.platform_reach * platform
        u, more, _, _ = words(seed, _COLLEGE_SEARCH, step, colleges.id[c], 0)
        if unit(u) >= p.college_search_rate * reach:
            continue
        best_value, best_fit = 0.0, 0.0
        for a in range(int(p.candidates * reach + unit(more))):
            word = words(seed, _CANDIDATE, step, colleges.id[c] + _COLLEGE_KEY, a)[2]
            e = starts[r] + int(unit(word) * n_local)
            h = slot_of(enterprises.college, e, c)
            if h >= 0 and room.level[e, h] > 0:
                continue
            fit = overlap(enterprises.demand, e, colleges.curriculum, c)
            value = perceived(seed, _SEES_COLLEGE, step, enterprises.id[e], colleges.id[c], fit, platform, h >= 0, p)
            value *= enterprises.trusted[e, h] if h >= 0 else enterprises.reputation[e]
            if value > best_value:
                target[c], slot[c], best_value, best_fit = e, h, value, fit
        e, h = target[c], slot[c]
        if e >= 0 and invited[e] == c:
            target[c] = -1
        elif e >= 0:
            e_id, c_id = enterprises.id[e], colleges.id[c]
            value = perceived(seed, _SEES_ENTERPRISE, step, e_id, c_id, best_fit, platform, h >= 0, p)
            value *= enterprises.trust[e, h] if h >= 0 else colleges.reputation[c]
            comes[c] = value >= p.acceptance_threshold
    return Invitations(target, slot, comes)
