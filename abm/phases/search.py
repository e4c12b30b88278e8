"""Phase 3, search: who looks for whom, and who comes to a table (Eq. 12-18; paper 3.2, [6]).

Enterprises and colleges with free capacity look at a few counterparts and see the fit with noise.
The best perceived is invited; one that sees too little in it declines - one side keen, the other
cold. Expired contracts and trusted ones at their anniversary come to the table by themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.equations import clip, overlap
from abm.kernels import kernel
from abm.levers import L
from abm.state import Agenda
from abm.streams import Stream, normal, unit, words

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from abm.state import State

WRITES: tuple[str, ...] = ("agenda",)

_PLATFORM = int(L.PLATFORM)
_SEARCH = int(Stream.SEARCH)
_CANDIDATE = int(Stream.CANDIDATE)
_COLLEGE_SEARCH = int(Stream.COLLEGE_SEARCH)
_SEES_ENTERPRISE = int(Stream.PERCEPTION_ENTERPRISE)
_SEES_COLLEGE = int(Stream.PERCEPTION_COLLEGE)
_PRIORITY = int(Stream.PRIORITY)
_COLLEGE_KEY = np.uint32(1 << 31)
_NEW_BY_ENTERPRISE, _NEW_BY_COLLEGE, _RENEWAL, _REVIEW, _DECLINED = 0, 1, 2, 3, 4


def search(state: State, scenario: Scenario) -> None:
    """Call the step's tables: renewals, reviews, and new ones from invitations."""
    enterprise, college, slot, kind, inviter, priority = _call(
        state.seed, state.step, state.governments, state.colleges, state.enterprises, state.ties, scenario.p
    )
    order = np.argsort(priority, kind="stable")
    n = _admit(order, enterprise, college, kind, state.colleges, state.enterprises)
    order = order[:n]
    state.agenda = Agenda(enterprise[order], college[order], slot[order], kind[order], inviter[order])


@kernel(inline=True)
def starts_by_region(region, n_regions):
    """First row of each region in columns sorted by region, and the end. Shape [R + 1]."""
    starts = np.zeros(n_regions + 1, np.int64)
    for i in range(region.shape[0]):
        starts[region[i] + 1] += 1
    for r in range(n_regions):
        starts[r + 1] += starts[r]
    return starts


@kernel(inline=True)
def slot_of(ties, enterprise, college):
    """Slot in which the enterprise remembers the college, -1 = it does not."""
    for h in range(ties.college.shape[1]):
        if ties.college[enterprise, h] == college:
            return h
    return -1


@kernel(inline=True)
def seen_by_enterprise(seed, step, governments, colleges, enterprises, e, c, is_known, p):
    """Fit that the enterprise perceives (Eq. 13)."""
    noise = p.perception_noise * (1.0 - governments.levers[enterprises.region[e], _PLATFORM])
    noise *= 1.0 - p.familiarity * is_known
    fit = overlap(enterprises.demand, e, colleges.curriculum, c)
    return clip(fit + noise * normal(seed, _SEES_ENTERPRISE, step, enterprises.id[e], colleges.id[c]))


@kernel(inline=True)
def seen_by_college(seed, step, governments, colleges, enterprises, e, c, is_known, p):
    """Fit that the college perceives (Eq. 13)."""
    noise = p.perception_noise * (1.0 - governments.levers[colleges.region[c], _PLATFORM])
    noise *= 1.0 - p.familiarity * is_known
    fit = overlap(enterprises.demand, e, colleges.curriculum, c)
    return clip(fit + noise * normal(seed, _SEES_COLLEGE, step, enterprises.id[e], colleges.id[c]))


@kernel(inline=True)
def trust_in_college(ties, colleges, e, c, h):
    """The enterprise's trust: remembered, or the college's reputation (Eq. 14)."""
    return ties.trust_enterprise[e, h] if h >= 0 else colleges.reputation[c]


@kernel(inline=True)
def trust_in_enterprise(ties, enterprises, e, h):
    """The college's trust: remembered, or the enterprise's reputation (Eq. 14)."""
    return ties.trust_college[e, h] if h >= 0 else enterprises.reputation[e]


@kernel(inline=True)
def _neighbours(governments, starts):
    """Adjacent regions that have colleges, in row order [R, R], and how many [R]."""
    n_regions = governments.id.shape[0]
    rows = np.empty((n_regions, n_regions), np.int64)
    count = np.zeros(n_regions, np.int64)
    for r in range(n_regions):
        for other in range(n_regions):
            if other != r and governments.adjacency[r, other] and starts[other + 1] > starts[other]:
                rows[r, count[r]] = other
                count[r] += 1
    return rows, count


@kernel(inline=True)
def _candidate(seed, step, starts, neighbours, n_neighbours, e_id, r, attempt, p):
    """College number ``attempt`` that an enterprise of region ``r`` comes across, -1 = none."""
    w0, w1, w2, _ = words(seed, _CANDIDATE, step, e_id, attempt)
    region = r
    is_empty = starts[r + 1] == starts[r]
    if n_neighbours[r] > 0 and (is_empty or unit(w0) < p.cross_region_search):
        region = neighbours[r, int(unit(w1) * n_neighbours[r])]
    elif is_empty:
        return -1
    return starts[region] + int(unit(w2) * (starts[region + 1] - starts[region]))


@kernel(inline=True)
def _choose_college(seed, step, n, starts, nearby, governments, colleges, enterprises, ties, e, p):
    """The college that enterprise ``e`` finds most attractive (Eq. 12-14), -1 = none."""
    best, best_value = -1, 0.0
    n_slots = ties.college.shape[1]
    for a in range(n + n_slots):
        if a < n:
            c = _candidate(seed, step, starts, nearby[0], nearby[1], enterprises.id[e], enterprises.region[e], a, p)
        else:
            c = ties.college[e, a - n]
            if c >= 0 and ties.trust_enterprise[e, a - n] < p.remember_trust:
                c = -1
        if c < 0 or c == best:
            continue
        h = slot_of(ties, e, c)
        if h >= 0 and ties.level[e, h] > 0:
            continue
        value = seen_by_enterprise(seed, step, governments, colleges, enterprises, e, c, h >= 0, p)
        value *= trust_in_college(ties, colleges, e, c, h)
        if value > best_value:
            best, best_value = c, value
    return best


@kernel(inline=True)
def _choose_enterprise(seed, step, n, starts, governments, colleges, enterprises, ties, c, p):
    """The enterprise of its region that college ``c`` finds most attractive (Eq. 16), -1 = none."""
    best, best_value = -1, 0.0
    r = colleges.region[c]
    n_local = starts[r + 1] - starts[r]
    if n_local == 0:
        return -1
    for a in range(n):
        word = words(seed, _CANDIDATE, step, colleges.id[c] + _COLLEGE_KEY, a)[2]
        e = starts[r] + int(unit(word) * n_local)
        h = slot_of(ties, e, c)
        if h >= 0 and ties.level[e, h] > 0:
            continue
        value = seen_by_college(seed, step, governments, colleges, enterprises, e, c, h >= 0, p)
        value *= trust_in_enterprise(ties, enterprises, e, h)
        if value > best_value:
            best, best_value = e, value
    return best


@kernel(inline=True)
def _priority(seed, step, e_id, c_id):
    """Random 64-bit place in the queue of the step (Eq. 18)."""
    w0, w1, _, _ = words(seed, _PRIORITY, step, e_id, c_id)
    return (np.uint64(w0) << np.uint64(32)) | np.uint64(w1)


@kernel(inline=True)
def _due(ties, step, e, h, p):
    """Whether a running contract comes to the table: RENEWAL, REVIEW, or -1 (Eq. 17)."""
    level = ties.level[e, h]
    if level == 0:
        return -1
    if ties.remaining[e, h] <= 0:
        return _RENEWAL
    age = step - ties.founded[e, h]
    if level < 5 and age > 0 and age % 4 == 0:
        if min(ties.trust_enterprise[e, h], ties.trust_college[e, h]) >= p.review_trust:
            return _REVIEW
    return -1


@kernel
def _call(seed, step, governments, colleges, enterprises, ties, p):
    """All tables that somebody calls, in no particular order, with their priority."""
    n_enterprises, n_slots = ties.college.shape
    n_colleges = colleges.id.shape[0]
    n_regions = governments.id.shape[0]
    college_starts = starts_by_region(colleges.region, n_regions)
    enterprise_starts = starts_by_region(enterprises.region, n_regions)
    nearby = _neighbours(governments, college_starts)

    n_due = 0
    for e in range(n_enterprises):
        if enterprises.n_partners[e] > 0:
            for h in range(n_slots):
                n_due += _due(ties, step, e, h, p) >= 0
    room = n_due + n_enterprises + n_colleges
    enterprise = np.empty(room, np.int32)
    college = np.empty(room, np.int32)
    slot = np.empty(room, np.int32)
    kind = np.empty(room, np.int8)
    inviter = np.zeros(room, np.int8)
    priority = np.empty(room, np.uint64)
    target = np.full(n_enterprises, -1, np.int32)
    t = 0
    for e in range(n_enterprises):
        if enterprises.n_partners[e] > 0:
            for h in range(n_slots):
                due = _due(ties, step, e, h, p)
                if due >= 0:
                    enterprise[t], college[t], slot[t], kind[t] = e, ties.college[e, h], h, due
                    t += 1
        if enterprises.n_partners[e] >= enterprises.partner_limit[e]:
            continue
        reach = 1.0 + p.platform_reach * governments.levers[enterprises.region[e], _PLATFORM]
        u, more, _, _ = words(seed, _SEARCH, step, enterprises.id[e], 0)
        if unit(u) >= p.search_rate * reach:
            continue
        n = int(p.candidates * reach + unit(more))
        c = _choose_college(seed, step, n, college_starts, nearby, governments, colleges, enterprises, ties, e, p)
        if c < 0:
            continue
        target[e] = c
        h = slot_of(ties, e, c)
        value = seen_by_college(seed, step, governments, colleges, enterprises, e, c, h >= 0, p)
        value *= trust_in_enterprise(ties, enterprises, e, h)
        enterprise[t], college[t], slot[t] = e, c, h
        kind[t] = _NEW_BY_ENTERPRISE if value >= p.acceptance_threshold else _DECLINED
        t += 1
    for c in range(n_colleges):
        if colleges.n_partners[c] >= colleges.partner_limit[c]:
            continue
        reach = 1.0 + p.platform_reach * governments.levers[colleges.region[c], _PLATFORM]
        u, more, _, _ = words(seed, _COLLEGE_SEARCH, step, colleges.id[c], 0)
        if unit(u) >= p.college_search_rate * reach:
            continue
        n = int(p.candidates * reach + unit(more))
        e = _choose_enterprise(seed, step, n, enterprise_starts, governments, colleges, enterprises, ties, c, p)
        if e < 0 or target[e] == c:
            continue
        h = slot_of(ties, e, c)
        value = seen_by_enterprise(seed, step, governments, colleges, enterprises, e, c, h >= 0, p)
        value *= trust_in_college(ties, colleges, e, c, h)
        enterprise[t], college[t], slot[t], inviter[t] = e, c, h, 1
        kind[t] = _NEW_BY_COLLEGE if value >= p.acceptance_threshold else _DECLINED
        t += 1
    for i in range(t):
        priority[i] = _priority(seed, step, enterprises.id[enterprise[i]], colleges.id[college[i]])
    return enterprise[:t], college[:t], slot[:t], kind[:t], inviter[:t], priority[:t]


@kernel
def _admit(order, enterprise, college, kind, colleges, enterprises):
    """Keep in ``order`` the tables for which both sides have room; return how many (Eq. 18)."""
    used_enterprise = np.zeros(enterprises.id.shape[0], np.int64)
    used_college = np.zeros(colleges.id.shape[0], np.int64)
    n = 0
    for i in range(order.shape[0]):
        t = order[i]
        if kind[t] == _NEW_BY_ENTERPRISE or kind[t] == _NEW_BY_COLLEGE:
            e, c = enterprise[t], college[t]
            if enterprises.n_partners[e] + used_enterprise[e] >= enterprises.partner_limit[e]:
                continue
            if colleges.n_partners[c] + used_college[c] >= colleges.partner_limit[c]:
                continue
            used_enterprise[e] += 1
            used_college[c] += 1
        order[n] = t
        n += 1
    return n

