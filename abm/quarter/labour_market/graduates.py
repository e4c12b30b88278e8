"""Graduation, trainees of host enterprises, and quits (Eq. 42-45)."""

from __future__ import annotations

import numpy as np

from abm.machine.block_draws import BLOCK, draw_block
from abm.machine.kernels import kernel
from abm.machine.queues import payload_of, queue_item, queue_key, sort_queue
from abm.machine.streams import Stream, unit, words
from abm.world.state import EMPLOYED, SEEKING

_QUEUE = int(Stream.QUEUE)
_HOST = int(Stream.HOST)
_TURNOVER = int(Stream.TURNOVER)
_APPLIES = -2
"""``employer`` holds _APPLIES - e while a trainee applies to its host e."""


@kernel
def hosts_of(ties, starts, enterprise, slot, size):
    """Cumulative substantive depth x size over each programme's active ties [T] (Eq. 45)."""
    reach = np.empty(enterprise.shape[0])
    for row in range(starts.shape[0] - 1):
        total = 0.0
        for i in range(starts[row], starts[row + 1]):
            total += ties.substance[enterprise[i], slot[i]] * size[enterprise[i]]
            reach[i] = total
    return reach


@kernel(inline=True, borrows=True)
def _find_fields(followed, slot, start, stop, demand, best, covered):
    """Sector that fits each of a block of graduates best, and that overlap (Eq. 42), in float32."""
    n = stop - start
    field = followed.field[start:stop]
    for s in range(demand.shape[0]):
        for i in range(n):
            covered[i] = np.float32(0.0)
        for k in range(demand.shape[1]):
            skill = followed.skills[k, slot, start:stop]
            asked = demand[s, k]
            for i in range(n):
                covered[i] += skill[i] if skill[i] < asked else asked
        if s == 0:
            for i in range(n):
                best[i] = covered[i]
                field[i] = 0
        else:
            for i in range(n):
                is_better = covered[i] > best[i]
                best[i] = covered[i] if is_better else best[i]
                field[i] = s if is_better else field[i]


@kernel
def graduate(lo, hi, moment, followed, demand, index, parameter_record):
    """Graduates of programmes lo..hi start to seek (Eq. 42); trainees apply to their hosts (Eq. 45).

    ``demand`` float32 [S, K]; ``index`` = starts [P + 1], enterprise [T], reach [T] of the programmes' ties.
    """
    p = parameter_record[0]
    starts, enterprise, reach = index
    slot = moment.slot
    best, covered = np.empty(BLOCK, np.float32), np.empty(BLOCK, np.float32)
    w0, w1, w2 = np.empty(BLOCK, np.uint32), np.empty(BLOCK, np.uint32), np.empty(BLOCK, np.uint32)
    for row in range(lo, hi):
        first, end = followed.offsets[row], followed.offsets[row + 1]
        followed.status[first:end] = SEEKING
        followed.employer[first:end] = -1
        followed.hired_at[first:end] = -1
        ties = starts[row + 1] - starts[row]
        reached = reach[starts[row] : starts[row + 1]]
        for start in range(first, end, BLOCK):
            stop = min(start + BLOCK, end)
            _find_fields(followed, slot, start, stop, demand, best, covered)
            for i in range(stop - start):
                followed.match[start + i] = best[i]
            if ties == 0 or reached[ties - 1] <= 0.0:
                continue
            practice, employer = followed.practice[start:stop], followed.employer[start:stop]
            when = followed.when[row]
            draw_block(moment.seed, _HOST, when, followed.college[row], start - first, stop - start, w0, w1, w2)
            for i in range(stop - start):
                if unit(w0[i]) < p.host_attachment * practice[i]:
                    tie = _first_beyond(reached, unit(w1[i]) * reached[ties - 1])
                    employer[i] = _APPLIES - enterprise[starts[row] + tie]


@kernel
def attained(moment, followed, parameter_record):
    """What the followed cohort has learnt: the sum over graduates of the share of what they were taught that they
    master, and how many are highly skilled (Eq. 100)."""
    p = parameter_record[0]
    mastered, skilled = 0.0, 0
    share = np.empty(BLOCK)
    for start in range(0, followed.offsets[-1], BLOCK):
        stop = min(start + BLOCK, followed.offsets[-1])
        practice = followed.practice[start:stop]
        share[:] = 0.0
        for k in range(followed.skills.shape[0]):
            skill = followed.skills[k, moment.slot, start:stop]
            for i in range(stop - start):
                share[i] += skill[i]
        for i in range(stop - start):
            mastered += share[i]
            skilled += np.int64(share[i] >= p.mastered_skills) & np.int64(practice[i] >= p.practised_share)
    return mastered, skilled


@kernel(inline=True, borrows=True)
def _first_beyond(reached, threshold):
    """Smallest index with ``reached`` above the threshold; the last one if none is."""
    low, high = 0, reached.shape[0] - 1
    while low < high:
        middle = (low + high) // 2
        if reached[middle] > threshold:
            high = middle
        else:
            low = middle + 1
    return low


@kernel
def hire_trainees(moment, followed, employers):
    """Hosts hire their trainees in the order of the queue while they have vacancies (Eq. 45). Returns how many."""
    n = employers.vacancies.shape[0]
    employer, match = followed.employer, followed.match
    starts = np.zeros(n + 1, np.int64)
    end = followed.offsets[-1]
    for i in range(end):
        if employer[i] <= _APPLIES:
            starts[_APPLIES - employer[i] + 1] += 1
    hired = 0
    for e in range(n):
        applied = starts[e + 1]
        hired += min(applied, employers.vacancies[e])
        starts[e + 1] = starts[e] + (applied if applied > employers.vacancies[e] else 0)
    queue, spare = np.empty(starts[n], np.uint64), np.empty(starts[n], np.uint64)
    following = starts[:n].copy()
    for row in range(followed.college.shape[0]):
        first = followed.offsets[row]
        for i in range(first, followed.offsets[row + 1]):
            if employer[i] > _APPLIES:
                continue
            e = _APPLIES - employer[i]
            if starts[e + 1] == starts[e]:
                employer[i] = e
                employers.vacancies[e] -= 1
                continue
            word = words(moment.seed, _QUEUE, followed.when[row], followed.college[row], i - first)[0]
            queue[following[e]] = queue_item(queue_key(match[i], word), i)
            following[e] += 1
            employer[i] = -1
    for e in range(n):
        if starts[e + 1] > starts[e]:
            ranked = sort_queue(queue[starts[e] : starts[e + 1]], spare[starts[e] : starts[e + 1]])
            for i in range(employers.vacancies[e]):
                employer[payload_of(ranked[i])] = e
            employers.vacancies[e] = 0
    return hired


@kernel
def leave(lo, hi, moment, followed, employers, gone, n_gone, parameter_record):
    """Graduates of programmes lo..hi quit by their hazard (Eq. 43) and seek again.

    Writes the employers that they left into ``gone`` int32 [A], from the programme's first student on, and how many
    quit into ``n_gone`` [P, 2]: any job; one that they took at graduation.
    """
    p = parameter_record[0]
    hazards = employers.hazards
    if hazards.shape[0] == 0:
        return
    w0, w1, w2 = np.empty(BLOCK, np.uint32), np.empty(BLOCK, np.uint32), np.empty(BLOCK, np.uint32)
    left = np.empty(BLOCK + 1, np.int32)
    for row in range(lo, hi):
        first, end = followed.offsets[row], followed.offsets[row + 1]
        written = first
        n_first = 0
        for start in range(first, end, BLOCK):
            stop = min(start + BLOCK, end)
            status, employer = followed.status[start:stop], followed.employer[start:stop]
            match, practice = followed.match[start:stop], followed.practice[start:stop]
            hired_at = followed.hired_at[start:stop]
            draw_block(
                moment.seed,
                _TURNOVER,
                followed.when[row],
                followed.college[row],
                start - first,
                stop - start,
                w0,
                w1,
                w2,
            )
            n = 0
            for i in range(stop - start):
                e = max(employer[i], 0)
                hazard = hazards[e, 0] * (1.0 + p.mismatch_turnover * (0.5 - np.float64(match[i])))
                hazard = min(0.95, max(0.0, hazard + hazards[e, 1] * np.float64(practice[i]))) * hazards[e, 2]
                quits = (status[i] == EMPLOYED) & (unit(w0[i]) < hazard)
                left[n] = employer[i]
                n += np.int64(quits)
                n_first += np.int64(quits) & np.int64(hired_at[i] == 0)
                status[i] = SEEKING if quits else status[i]
                employer[i] = -1 if quits else employer[i]
            for i in range(n):
                gone[written + i] = left[i]
            written += n
        n_gone[row, 0], n_gone[row, 1] = written - first, n_first


@kernel
def record_quits(offsets, enterprises, gone, n_gone, parameter_record):
    """Count quits, open their vacancies again, learn retention (Eq. 43, 44). Returns quits and staff before them."""
    p = parameter_record[0]
    quits = np.zeros(enterprises.id.shape[0], np.int64)
    for row in range(n_gone.shape[0]):
        for i in range(offsets[row], offsets[row] + n_gone[row, 0]):
            quits[gone[i]] += 1
    n_quits = 0
    n_staff = 0
    for e in range(enterprises.id.shape[0]):
        staff = enterprises.staff[e]
        if staff == 0:
            continue
        stayed = 1.0 - quits[e] / staff
        rate = p.retention_learning_rate * min(1.0, staff / 5.0)
        enterprises.retention[e] += rate * (stayed * stayed - enterprises.retention[e])
        enterprises.vacancies[e] += quits[e]
        enterprises.staff[e] = staff - quits[e]
        n_quits += quits[e]
        n_staff += staff
    return n_quits, n_staff
