"""Seekers meet vacancies: in their field, out of it, in other regions; then work starts (Eq. 46-49)."""

from __future__ import annotations

import numpy as np

from abm.kernels import kernel
from abm.phases._queues import payload_of, queue_item, queue_key, sort_queue
from abm.state import EMPLOYED, SEEKING
from abm.streams import Stream, unit, words

_QUEUE = int(Stream.QUEUE)
_FLEXIBLE = np.uint32(1 << 31)
_ROW = np.uint32((1 << 31) - 1)
FIXED_POINT = 2.0**24
"""Sums of fits across threads are sums of whole numbers floor(match * 2^24): exact in any order."""


@kernel
def match_regions(lo, hi, terms, students, colleges, enterprises, employers, region_colleges):
    """Fill vacancies of regions lo..hi with their own graduates (Eq. 46, 47).

    ``region_colleges`` [R + 1] first college of each region.
    """
    slot = terms.slot
    n_sectors = employers.sector_starts.shape[0] - 1
    status, employer = students.status[slot], students.employer[slot]
    field, match = students.field[slot], students.match[slot]
    current = np.empty(n_sectors, np.int64)
    for r in range(lo, hi):
        first_college, last_college = region_colleges[r], region_colleges[r + 1]
        n = 0
        for i in range(students.offsets[slot, first_college], students.offsets[slot, last_college]):
            n += status[i] == SEEKING and employer[i] < 0
        items, spare = np.empty(n, np.uint64), np.empty(n, np.uint64)
        n = 0
        for c in range(first_college, last_college):
            first = students.offsets[slot, c]
            for i in range(first, students.offsets[slot, c + 1]):
                if status[i] == SEEKING and employer[i] < 0:
                    w0, w1, _, _ = words(terms.seed, _QUEUE, terms.step, colleges.id[c], i - first)
                    payload = np.uint32(i)
                    if unit(w1) < terms.field_flexibility:
                        payload |= _FLEXIBLE
                    items[n] = queue_item(queue_key(match[i], w0), payload)
                    n += 1
        ranked = sort_queue(items, spare)
        starts = employers.field_starts[r * n_sectors : (r + 1) * n_sectors + 1]
        current[:] = starts[:n_sectors]
        n_left = _fill_by_field(ranked, n, field, employer, enterprises.vacancies, employers.by_field, starts, current)
        at, end = employers.region_starts[r], employers.region_starts[r + 1]
        for q in range(n_left):
            payload = payload_of(ranked[q])
            if payload & _FLEXIBLE == 0:
                continue
            while at < end and enterprises.vacancies[employers.by_region[at]] == 0:
                at += 1
            if at == end:
                break
            e = employers.by_region[at]
            enterprises.vacancies[e] -= 1
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
def migrate(terms, students, colleges, enterprises, employers):
    """Those left who are ready to move take vacancies of their field anywhere (Eq. 48). Returns seekers still left."""
    slot = terms.slot
    status, employer = students.status[slot], students.employer[slot]
    n = 0
    for i in range(students.offsets[slot, -1]):
        n += status[i] == SEEKING and employer[i] < 0
    items, spare = np.empty(n, np.uint64), np.empty(n, np.uint64)
    n_seekers = n
    n = 0
    for c in range(colleges.id.shape[0]):
        first = students.offsets[slot, c]
        for i in range(first, students.offsets[slot, c + 1]):
            if status[i] == SEEKING and employer[i] < 0:
                w0, _, w2, _ = words(terms.seed, _QUEUE, terms.step, colleges.id[c], i - first)
                if unit(w2) < terms.migration_rate:
                    items[n] = queue_item(queue_key(students.match[slot, i], w0), i)
                    n += 1
    ranked = sort_queue(items[:n], spare[:n])
    starts = employers.sector_starts
    n_left = _fill_by_field(
        ranked, n, students.field[slot], employer, enterprises.vacancies, employers.by_sector, starts, starts[:-1].copy()
    )
    return n_seekers - n + n_left


@kernel
def start_work(lo, hi, terms, students, colleges, enterprises, counts, fits):
    """The hired of colleges lo..hi start (Eq. 48), and all who work are counted.

    Writes ``counts`` int64 [C, 4] (employed, field-related, new hires, hires from another region) and
    ``fits`` int64 [C, R] (sum of fits with employers of each region, in fixed point).
    """
    slot = terms.slot
    n_fields = students.skills.shape[0]
    for c in range(lo, hi):
        for i in range(students.offsets[slot, c], students.offsets[slot, c + 1]):
            e = students.employer[slot, i]
            if e < 0:
                continue
            region = enterprises.region[e]
            if students.status[slot, i] != EMPLOYED:
                fit = np.float32(0.0)
                for k in range(n_fields):
                    skill = students.skills[k, slot, i]
                    asked = np.float32(enterprises.demand[e, k])
                    fit += skill if skill < asked else asked
                students.match[slot, i] = fit
                students.status[slot, i] = EMPLOYED
                if students.hired_at[slot, i] < 0:
                    students.hired_at[slot, i] = terms.quarter
                counts[c, 2] += 1
                counts[c, 3] += region != colleges.region[c]
            match = students.match[slot, i]
            counts[c, 0] += 1
            counts[c, 1] += enterprises.sector[e] == students.field[slot, i] and match >= terms.related_fit
            fits[c, region] += np.int64(np.float64(match) * FIXED_POINT)
