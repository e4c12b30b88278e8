"""Graduation, trainees of host enterprises, and quits (Eq. 42-45)."""

from __future__ import annotations

import numpy as np

from abm.kernels import kernel
from abm.phases._queues import payload_of, queue_item, queue_key, sort_queue
from abm.state import EMPLOYED, SEEKING
from abm.streams import Stream, uniform, unit, words

_QUEUE = int(Stream.QUEUE)
_HOST = int(Stream.HOST)
_TURNOVER = int(Stream.TURNOVER)
_BLOCK = 1024
_APPLIES = -2
"""``employer`` holds _APPLIES - e while a trainee applies to its host e."""


@kernel
def hosts_of(ties, starts, enterprise, slot, size):
    """Cumulative substantive depth x size over each college's active ties [T] (Eq. 45)."""
    reach = np.empty(enterprise.shape[0])
    for c in range(starts.shape[0] - 1):
        total = 0.0
        for i in range(starts[c], starts[c + 1]):
            total += ties.substance[enterprise[i], slot[i]] * size[enterprise[i]]
            reach[i] = total
    return reach


@kernel(inline=True)
def _find_fields(students, slot, start, stop, demand, best, covered):
    """Sector that fits each of a block of graduates best, and that overlap (Eq. 42), in float32."""
    n = stop - start
    field = students.field[slot, start:stop]
    for s in range(demand.shape[0]):
        for i in range(n):
            covered[i] = np.float32(0.0)
        for k in range(demand.shape[1]):
            skill = students.skills[k, slot, start:stop]
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
def graduate(lo, hi, terms, students, colleges, demand, index):
    """Graduates of colleges lo..hi start to seek (Eq. 42); trainees apply to their hosts (Eq. 45).

    ``demand`` float32 [S, K]; ``index`` = starts [C + 1], enterprise [T], reach [T] of the colleges' ties.
    """
    starts, enterprise, reach = index
    slot = terms.slot
    best = np.empty(_BLOCK, np.float32)
    covered = np.empty(_BLOCK, np.float32)
    for c in range(lo, hi):
        first, end = students.offsets[slot, c], students.offsets[slot, c + 1]
        for start in range(first, end, _BLOCK):
            stop = min(start + _BLOCK, end)
            _find_fields(students, slot, start, stop, demand, best, covered)
            students.match[slot, start:stop] = best[: stop - start]
        students.status[slot, first:end] = SEEKING
        students.employer[slot, first:end] = -1
        students.hired_at[slot, first:end] = -1
        total = reach[starts[c + 1] - 1] if starts[c + 1] > starts[c] else 0.0
        if total <= 0.0:
            continue
        for i in range(first, end):
            w0, w1, _, _ = words(terms.seed, _HOST, terms.step, colleges.id[c], i - first)
            if unit(w0) < terms.host_attachment * students.practice[slot, i]:
                threshold = unit(w1) * total
                tie = starts[c]
                while reach[tie] <= threshold and tie < starts[c + 1] - 1:
                    tie += 1
                students.employer[slot, i] = _APPLIES - enterprise[tie]


@kernel
def hire_trainees(terms, students, colleges, enterprises):
    """Hosts hire their trainees in the order of the queue while they have vacancies (Eq. 45). Returns how many."""
    slot = terms.slot
    n = enterprises.id.shape[0]
    employer, match = students.employer[slot], students.match[slot]
    starts = np.zeros(n + 1, np.int64)
    end = students.offsets[slot, -1]
    for i in range(end):
        if employer[i] <= _APPLIES:
            starts[_APPLIES - employer[i] + 1] += 1
    hired = 0
    for e in range(n):
        applied = starts[e + 1]
        hired += min(applied, enterprises.vacancies[e])
        starts[e + 1] = starts[e] + (applied if applied > enterprises.vacancies[e] else 0)
    queue, spare = np.empty(starts[n], np.uint64), np.empty(starts[n], np.uint64)
    following = starts[:n].copy()
    for c in range(colleges.id.shape[0]):
        first = students.offsets[slot, c]
        for i in range(first, students.offsets[slot, c + 1]):
            if employer[i] > _APPLIES:
                continue
            e = _APPLIES - employer[i]
            if starts[e + 1] == starts[e]:
                employer[i] = e
                enterprises.vacancies[e] -= 1
                continue
            word = words(terms.seed, _QUEUE, terms.step, colleges.id[c], i - first)[0]
            queue[following[e]] = queue_item(queue_key(match[i], word), i)
            following[e] += 1
            employer[i] = -1
    for e in range(n):
        if starts[e + 1] > starts[e]:
            ranked = sort_queue(queue[starts[e] : starts[e + 1]], spare[starts[e] : starts[e + 1]])
            for i in range(enterprises.vacancies[e]):
                employer[payload_of(ranked[i])] = e
            enterprises.vacancies[e] = 0
    return hired


@kernel
def leave(lo, hi, terms, students, colleges, employers):
    """Graduates of colleges lo..hi quit by their hazard (Eq. 43); ``employer`` is kept until the quits are counted."""
    slot = terms.slot
    for c in range(lo, hi):
        first = students.offsets[slot, c]
        for i in range(first, students.offsets[slot, c + 1]):
            if students.status[slot, i] != EMPLOYED:
                continue
            e = students.employer[slot, i]
            hazard = employers.base[e] * (
                1.0 + terms.mismatch_turnover * (0.5 - np.float64(students.match[slot, i]))
            ) + employers.pull[e] * np.float64(students.practice[slot, i])
            hazard = min(0.95, max(0.0, hazard)) * employers.holds[e]
            if uniform(terms.seed, _TURNOVER, terms.step, colleges.id[c], i - first) < hazard:
                students.status[slot, i] = SEEKING


@kernel
def settle(terms, students, enterprises):
    """Count quits, open their vacancies again, learn retention (Eq. 43, 44). Returns quits and staff before them."""
    slot = terms.slot
    status, employer = students.status[slot], students.employer[slot]
    quits = np.zeros(enterprises.id.shape[0], np.int64)
    for i in range(students.offsets[slot, -1]):
        if status[i] == SEEKING and employer[i] >= 0:
            quits[employer[i]] += 1
            employer[i] = -1
    n_quits = 0
    n_staff = 0
    for e in range(enterprises.id.shape[0]):
        staff = enterprises.staff[e]
        if staff == 0:
            continue
        stayed = 1.0 - quits[e] / staff
        rate = terms.retention_learning_rate * min(1.0, staff / 5.0)
        enterprises.retention[e] += rate * (stayed * stayed - enterprises.retention[e])
        enterprises.vacancies[e] += quits[e]
        enterprises.staff[e] = staff - quits[e]
        n_quits += quits[e]
        n_staff += staff
    return n_quits, n_staff
