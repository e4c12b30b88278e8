"""Seekers meet vacancies: in their field, out of it, in other regions; then work starts (Eq. 46-49)."""

from __future__ import annotations

import numpy as np

from abm.kernels import kernel
from abm.phases._draws import BLOCK, draw_block
from abm.phases._queues import payload_of, queue_item, queue_key, sort_queue
from abm.state import EMPLOYED, SEEKING
from abm.streams import Stream, unit

_QUEUE = int(Stream.QUEUE)
_FLEXIBLE = np.uint32(1 << 31)
_ROW = np.uint32((1 << 31) - 1)
FIXED_POINT = 2.0**24
"""Sums of fits across threads are sums of whole numbers floor(match * 2^24): exact in any order."""


@kernel
def queue(terms, followed, first_college, last_college, items, is_move):
    """Put the seekers of some colleges into ``items``; with ``is_move`` only those ready to move. Returns how many."""
    slot = terms.slot
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
                if status[i] == SEEKING and employer[i] < 0 and (not is_move or unit(w2[i]) < terms.migration_rate):
                    payload = np.uint32(start + i)
                    if unit(w1[i]) < terms.field_flexibility:
                        payload |= _FLEXIBLE
                    items[n] = queue_item(queue_key(match[i], w0[i]), payload)
                    n += 1
    return n


@kernel
def match_regions(lo, hi, terms, followed, employers, region_colleges):
    """Fill vacancies of regions lo..hi with their own graduates (Eq. 46, 47).

    ``region_colleges`` [R + 1] first college of each region.
    """
    slot = terms.slot
    n_sectors = employers.sector_starts.shape[0] - 1
    status, employer = followed.status, followed.employer
    field, match = followed.field, followed.match
    current = np.empty(n_sectors, np.int64)
    for r in range(lo, hi):
        first_college, last_college = region_colleges[r], region_colleges[r + 1]
        n = 0
        for i in range(followed.offsets[first_college], followed.offsets[last_college]):
            n += status[i] == SEEKING and employer[i] < 0
        items, spare = np.empty(n, np.uint64), np.empty(n, np.uint64)
        queue(terms, followed, first_college, last_college, items, False)
        ranked = sort_queue(items, spare)
        starts = employers.field_starts[r * n_sectors : (r + 1) * n_sectors + 1]
        current[:] = starts[:n_sectors]
        n_left = _fill_by_field(ranked, n, field, employer, employers.vacancies, employers.by_field, starts, current)
        at, end = employers.region_starts[r], employers.region_starts[r + 1]
        for q in range(n_left):
            payload = payload_of(ranked[q])
            if payload & _FLEXIBLE == 0:
                continue
            while at < end and employers.vacancies[employers.by_region[at]] == 0:
                at += 1
            if at == end:
                break
            e = employers.by_region[at]
            employers.vacancies[e] -= 1
            employer[payload & _ROW] = e


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
def migrate(terms, followed, employers):
    """Those left who are ready to move take vacancies of their field anywhere (Eq. 48). Returns seekers still left."""
    slot = terms.slot
    status, employer = followed.status, followed.employer
    n = 0
    for i in range(followed.offsets[-1]):
        n += status[i] == SEEKING and employer[i] < 0
    items, spare = np.empty(n, np.uint64), np.empty(n, np.uint64)
    n_movers = queue(terms, followed, 0, followed.college.shape[0], items, True)
    ranked = sort_queue(items[:n_movers], spare[:n_movers])
    starts = employers.sector_starts
    n_left = _fill_by_field(
        ranked, n_movers, followed.field, employer, employers.vacancies, employers.by_sector, starts, starts[:-1].copy()
    )
    return n - n_movers + n_left


@kernel
def start_work(lo, hi, terms, followed, employers, counts, fits):
    """The hired of colleges lo..hi start (Eq. 48), and all who work are counted.

    Writes ``counts`` int64 [C, 4] (employed, field-related, new hires, hires from another region) and
    ``fits`` int64 [C, R] (sum of fits with employers of each region, in fixed point).
    """
    slot = terms.slot
    n_fields = followed.skills.shape[0]
    for c in range(lo, hi):
        for i in range(followed.offsets[c], followed.offsets[c + 1]):
            e = followed.employer[i]
            if e < 0:
                continue
            region = employers.region[e]
            if followed.status[i] != EMPLOYED:
                fit = np.float32(0.0)
                for k in range(n_fields):
                    skill = followed.skills[k, slot, i]
                    asked = np.float32(employers.demand[e, k])
                    fit += skill if skill < asked else asked
                followed.match[i] = fit
                followed.status[i] = EMPLOYED
                if followed.hired_at[i] < 0:
                    followed.hired_at[i] = terms.quarter
                counts[c, 2] += 1
                counts[c, 3] += region != followed.region[c]
            match = followed.match[i]
            counts[c, 0] += 1
            counts[c, 1] += employers.sector[e] == followed.field[i] and match >= terms.related_fit
            fits[c, region] += np.int64(np.float64(match) * FIXED_POINT)
