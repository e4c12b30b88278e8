"""Seekers meet vacancies: in their field, out of it, in other regions; then work starts (Eq. 46-49)."""

from __future__ import annotations

import numpy as np

from abm.machine.block_draws import BLOCK, draw_these
from abm.machine.kernels import kernel
from abm.machine.queues import payload_of, queue_item, queue_key, sort_queue
from abm.machine.streams import Stream, unit
from abm.world.state import EMPLOYED, SEEKING

_QUEUE = int(Stream.QUEUE)
_FLEXIBLE = np.uint32(1 << 31)
_MOVES = np.uint32(1 << 30)
_ROW = np.uint32((1 << 30) - 1)
_NOTHING = np.uint32(0)
_ZERO, _ONE = np.float32(0.0), np.float32(1.0)
FIXED_POINT = 2.0**24
"""Sums of fits across threads are sums of whole numbers floor(match * 2^24): exact in any order."""


@kernel
def queue(moment, followed, first_programme, last_programme, items, parameter_record):
    """Put the seekers of some programmes into ``items`` (one longer than their number). Returns how many."""
    p = parameter_record[0]
    seeking = np.empty(BLOCK + 1, np.int32)
    w0, w1, w2 = np.empty(BLOCK, np.uint32), np.empty(BLOCK, np.uint32), np.empty(BLOCK, np.uint32)
    status, employer, match, college = followed.status, followed.employer, followed.match, followed.college
    n = 0
    for row in range(first_programme, last_programme):
        first, end = followed.offsets[row], followed.offsets[row + 1]
        certified = followed.certified[row]
        for start in range(first, end, BLOCK):
            n_here = 0
            for i in range(start, min(start + BLOCK, end)):
                seeking[n_here] = i - start
                n_here += np.int64(status[i] == SEEKING) & np.int64(employer[i] < 0)
            when = followed.when[row]
            draw_these(moment.seed, _QUEUE, when, college[row], start - first, seeking[:n_here], w0, w1, w2)
            for j in range(n_here):
                i = start + seeking[j]
                payload = np.uint32(i)
                quality, flexibility = match[i], p.field_flexibility
                if certified > _ZERO:
                    # Verified practice lifts who holds it, and is worth most in the own field (Eq. 118).
                    verified = certified * followed.practice[i]
                    quality += verified * (_ONE - quality)
                    flexibility *= 1.0 - verified
                payload |= _FLEXIBLE if unit(w1[j]) < flexibility else _NOTHING
                payload |= _MOVES if unit(w2[j]) < p.migration_rate else _NOTHING
                items[n] = queue_item(queue_key(quality, w0[j]), payload)
                n += 1
    return n


@kernel(inline=True, borrows=True)
def _n_seekers(status, employer):
    n = 0
    for i in range(status.shape[0]):
        n += np.int64(status[i] == SEEKING) & np.int64(employer[i] < 0)
    return n


@kernel
def match_regions(lo, hi, moment, followed, employers, first_programmes, left, n_left, parameter_record):
    """Fill vacancies of regions lo..hi with their own graduates (Eq. 46, 47).

    ``first_programmes`` [R + 1] first programme of each region. Those left without work are put into ``left`` uint64
    [A] as queue items, from the region's first student on; ``n_left`` [R] says how many.
    """
    n_sectors = employers.sector_starts.shape[0] - 1
    employer, field = followed.employer, followed.field
    current = np.empty(n_sectors, np.int64)
    for r in range(lo, hi):
        start, end = followed.offsets[first_programmes[r]], followed.offsets[first_programmes[r + 1]]
        n = _n_seekers(followed.status[start:end], employer[start:end])
        items, spare = np.empty(n + 1, np.uint64), np.empty(n + 1, np.uint64)
        queue(moment, followed, first_programmes[r], first_programmes[r + 1], items, parameter_record)
        ranked = sort_queue(items[:n], spare[:n])
        starts = employers.field_starts[r * n_sectors : (r + 1) * n_sectors + 1]
        for s in range(n_sectors):
            current[s] = starts[s]
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


@kernel(inline=True, borrows=True)
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
def migrate(followed, employers, first_programmes, left, n_left):
    """Those left who are ready to move take vacancies of their field anywhere (Eq. 48). Returns seekers still left."""
    n_seekers = 0
    for r in range(n_left.shape[0]):
        n_seekers += n_left[r]
    items, spare = np.empty(n_seekers + 1, np.uint64), np.empty(n_seekers + 1, np.uint64)
    n = 0
    for r in range(n_left.shape[0]):
        start = followed.offsets[first_programmes[r]]
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
def start_work(lo, hi, moment, followed, employers, counts, fits, parameter_record):
    """The hired of programmes lo..hi start (Eq. 48), and all who work are counted.

    Writes ``counts`` int64 [P, 4] (employed, field-related, new hires, hires from another region) and
    ``fits`` int64 [P, R] (sum of fits with employers of each region, in fixed point).
    """
    p = parameter_record[0]
    offsets, region, skills = followed.offsets, followed.region, followed.skills
    employer, match, status, hired_at = followed.employer, followed.match, followed.status, followed.hired_at
    region_starts, employer_region, demand = employers.region_starts, employers.region, employers.demand
    new, abroad = np.empty(BLOCK + 1, np.int64), np.empty(BLOCK + 1, np.int64)
    for row in range(lo, hi):
        r = region[row]
        # Rows of enterprises are sorted by region: those of the college's own.
        first, last = region_starts[r], region_starts[r + 1]
        hired, moved, away = 0, 0, 0
        for start in range(offsets[row], offsets[row + 1], BLOCK):
            n_new, n_abroad = 0, 0
            # Listed without branches, which a processor could not foresee.
            for i in range(start, min(start + BLOCK, offsets[row + 1])):
                e = employer[i]
                new[n_new], abroad[n_abroad] = i, i
                n_new += np.int64(e >= 0) & np.int64(status[i] != EMPLOYED)
                n_abroad += np.int64(e >= 0) & (np.int64(e < first) | np.int64(e >= last))
            for j in range(n_new):
                i = new[j]
                match[i] = _fit(skills, moment.slot, i, demand, employer[i])
                status[i] = EMPLOYED
                hired_at[i] = moment.quarter
                moved += employer[i] < first or employer[i] >= last
            for j in range(n_abroad):
                worth = fixed_point(match[abroad[j]])
                fits[row, employer_region[employer[abroad[j]]]] += worth
                away += worth
            hired += n_new
        employed, related, fit = _at_work(employer, match, offsets[row], offsets[row + 1], p.related_fit)
        fits[row, r] += fit - away
        counts[row, 0], counts[row, 1], counts[row, 2], counts[row, 3] = employed, related, hired, moved


@kernel(inline=True, borrows=True)
def fixed_point(match):
    """A fit as a whole number."""
    return np.int64(np.float64(match) * FIXED_POINT)


@kernel(inline=True, borrows=True)
def _at_work(employer, match, start, end, related_fit):
    """Of the graduates start..end - 1, how many work, how many in related work, and the sum of their fits."""
    employed, related, fit = 0, 0, 0
    for i in range(start, end):
        works = np.int64(employer[i] >= 0)
        employed += works
        related += works & np.int64(match[i] >= related_fit)
        fit += works * fixed_point(match[i])
    return employed, related, fit


@kernel(inline=True, borrows=True)
def _fit(skills, slot, i, demand, e):
    """Overlap of one graduate's skills with an enterprise's demand, in float32 (Eq. 48)."""
    fit = np.float32(0.0)
    for k in range(demand.shape[1]):
        skill = skills[k, slot, i]
        asked = np.float32(demand[e, k])
        fit += skill if skill < asked else asked
    return fit
