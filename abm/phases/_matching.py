"""Seekers meet vacancies: in their field, out of it, in other regions; then work starts (Eq. 46-49)."""

# pyright: reportMissingParameterType=false, reportUnknownParameterType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownMemberType=false

from __future__ import annotations

import numpy as np

from abm.kernels import kernel
from abm.phases._draws import BLOCK, draw_block
from abm.phases._queues import payload_of, queue_item, queue_key, sort_queue
from abm.state import EMPLOYED, SEEKING
from abm.streams import Stream, unit

_QUEUE = int(Stream.QUEUE)
_FLEXIBLE = np.uint32(1 << 31)
_MOVES = np.uint32(1 << 30)
_ROW = np.uint32((1 << 30) - 1)
_NOTHING = np.uint32(0)
FIXED_POINT = 2.0**24
"""Sums of fits across threads are sums of whole numbers floor(match * 2^24): exact in any order."""


@kernel
def queue(terms, followed, first_college, last_college, items):
    """Put the seekers of some colleges into ``items`` (one longer than their number). Returns how many."""
    w0, w1, w2 = np.empty(BLOCK, np.uint32), np.empty(BLOCK, np.uint32), np.empty(BLOCK, np.uint32)
    n = 0
    for c in range(first_college, last_college):
        first, end = followed.offsets[c], followed.offsets[c + 1]
        for start in range(first, end, BLOCK):
            stop = min(start + BLOCK, end)
            status, employer = followed.status[start:stop], followed.employer[start:stop]
            match = followed.match[start:stop]
            draw_block(terms.seed, _QUEUE, terms.step, followed.college[c], start - first, stop - start, w0, w1, w2)
            for i in range(stop - start):
                payload = np.uint32(start + i)
                payload |= _FLEXIBLE if unit(w1[i]) < terms.field_flexibility else _NOTHING
                payload |= _MOVES if unit(w2[i]) < terms.migration_rate else _NOTHING
                items[n] = queue_item(queue_key(match[i], w0[i]), payload)
                n += np.int64(status[i] == SEEKING) & np.int64(employer[i] < 0)
    return n


@kernel(inline=True)
def _n_seekers(status, employer):
    n = 0
    for i in range(status.shape[0]):
        n += np.int64(status[i] == SEEKING) & np.int64(employer[i] < 0)
    return n


@kernel
def match_regions(lo, hi, terms, followed, employers, first_colleges, left, n_left):
    """Fill vacancies of regions lo..hi with their own graduates (Eq. 46, 47).

    ``first_colleges`` [R + 1] first college of each region. Those left without work are put into ``left`` uint64 [A] as
    queue items, from the region's first student on; ``n_left`` [R] says how many.
    """
    n_sectors = employers.sector_starts.shape[0] - 1
    employer, field = followed.employer, followed.field
    current = np.empty(n_sectors, np.int64)
    for r in range(lo, hi):
        start, end = followed.offsets[first_colleges[r]], followed.offsets[first_colleges[r + 1]]
        n = _n_seekers(followed.status[start:end], employer[start:end])
        items, spare = np.empty(n + 1, np.uint64), np.empty(n + 1, np.uint64)
        queue(terms, followed, first_colleges[r], first_colleges[r + 1], items)
        ranked = sort_queue(items[:n], spare[:n])
        starts = employers.field_starts[r * n_sectors : (r + 1) * n_sectors + 1]
        current[:] = starts[:n_sectors]
        n = _fill_by_field(ranked, n, field, employer, employers.vacancies, employers.by_field, starts, current)
        at, last = employers.region_starts[r], employers.region_starts[r + 1]
        n_here = 0
        for q in range(n):
            payload = payload_of(ranked[q])
            while at < last and employers.vacancies[employers.by_region[at]] == 0:
                at += 1
            if at < last and payload & _FLEXIBLE != 0:
                e = employers.by_region[at]
                employers.vacancies[e] -= 1
                employer[payload & _ROW] = e
            else:
                left[start + n_here] = ranked[q]
                n_here += 1
        n_left[r] = n_here


@kernel(inline=True)
def _fill_by_field(ranked, n, field, employer, vacancies, rows, starts, current):
    """Seekers in order take the first vacancy of their field; those left stay at the front of ``ranked``.

    ``rows`` enterprises grouped by sector, ``starts`` [S + 1], ``current`` [S] where each sector stands. Returns how
    many are left.
    """
    n_left = 0
    for q in range(n):
        i = payload_of(ranked[q]) & _ROW
        s = field[i]
        at = current[s]
        end = starts[s + 1]
        while at < end and vacancies[rows[at]] == 0:
            at += 1
        current[s] = at
        if at < end:
            vacancies[rows[at]] -= 1
            employer[i] = rows[at]
        else:
            ranked[n_left] = ranked[q]
            n_left += 1
    return n_left


@kernel
def migrate(followed, employers, first_colleges, left, n_left):
    """Those left who are ready to move take vacancies of their field anywhere (Eq. 48). Returns seekers still left."""
    n_seekers = 0
    for r in range(n_left.shape[0]):
        n_seekers += n_left[r]
    items, spare = np.empty(n_seekers + 1, np.uint64), np.empty(n_seekers + 1, np.uint64)
    n = 0
    for r in range(n_left.shape[0]):
        start = followed.offsets[first_colleges[r]]
        for i in range(start, start + n_left[r]):
            items[n] = left[i]
            n += np.int64(payload_of(left[i]) & _MOVES != 0)
    ranked = sort_queue(items[:n], spare[:n])
    starts = employers.sector_starts
    current = starts[:-1].copy()
    still = _fill_by_field(
        ranked, n, followed.field, followed.employer, employers.vacancies, employers.by_sector, starts, current
    )
    return n_seekers - n + still


@kernel
def start_work(lo, hi, terms, followed, employers, counts, fits):
    """The hired of colleges lo..hi start (Eq. 48), and all who work are counted.

    Writes ``counts`` int64 [C, 4] (employed, field-related, new hires, hires from another region) and
    ``fits`` int64 [C, R] (sum of fits with employers of each region, in fixed point).
    """
    n_sectors = employers.sector_starts.shape[0] - 1
    for c in range(lo, hi):
        home = np.int64(followed.region[c]) * n_sectors
        employed, related, hired, moved, home_fit = 0, 0, 0, 0, 0
        for i in range(followed.offsets[c], followed.offsets[c + 1]):
            e = followed.employer[i]
            if e < 0:
                continue
            place = employers.place[e] - home
            is_home = 0 <= place < n_sectors
            if followed.status[i] != EMPLOYED:
                followed.match[i] = _fit(followed.skills, terms.slot, i, employers.demand[e])
                followed.status[i] = EMPLOYED
                if followed.hired_at[i] < 0:
                    followed.hired_at[i] = terms.quarter
                hired += 1
                moved += not is_home
            match = followed.match[i]
            employed += 1
            related += np.int64(match >= terms.related_fit)
            worth = np.int64(np.float64(match) * FIXED_POINT)
            if is_home:
                home_fit += worth
            else:
                fits[c, employers.place[e] // n_sectors] += worth
        fits[c, followed.region[c]] += home_fit
        counts[c, 0], counts[c, 1], counts[c, 2], counts[c, 3] = employed, related, hired, moved


@kernel(inline=True)
def _fit(skills, slot, i, demand):
    """Overlap of one graduate's skills with an enterprise's demand [K], in float32 (Eq. 48)."""
    fit = np.float32(0.0)
    for k in range(demand.shape[0]):
        skill = skills[k, slot, i]
        asked = np.float32(demand[k])
        fit += skill if skill < asked else asked
    return fit
