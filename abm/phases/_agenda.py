"""The step's agenda: running contracts that come to the table, invitations, and their order (Eq. 17, 18)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from abm.kernels import kernel
from abm.state import DECLINED, NEW_BY_COLLEGE, NEW_BY_ENTERPRISE, RENEWAL, REVIEW, Bytes, Flags, Ints, Rows
from abm.streams import Stream, words

_PRIORITY = int(Stream.PRIORITY)


class Room(NamedTuple):
    """Who has room for partners, and which ties run."""

    enterprise_limit: Ints  # [N]
    enterprise_partners: Ints  # [N]
    college_limit: Ints  # [C]
    college_partners: Ints  # [C]
    level: Bytes  # [N, H] of running contracts


class Invitations(NamedTuple):
    """Whom each enterprise or college invites. Shapes [N] or [C]."""

    target: Rows  # row of the invited, -1 = nobody
    slot: Rows  # slot of the enterprise's memory that holds the college, -1 = strangers
    comes: Flags  # whether the invited comes to the table


@kernel
def due_contracts(step, n_partners, college, level, remaining, founded, trust_enterprise, trust_college, numbers):
    """Running contracts that come to the table: enterprise, college, slot, RENEWAL or REVIEW (Eq. 17).
    Shape [4, D]."""
    p = numbers[0]
    found = np.empty((4, int(n_partners.sum())), np.int32)
    n = 0
    for e in range(level.shape[0]):
        if n_partners[e] == 0:
            continue
        for h in range(level.shape[1]):
            if level[e, h] == 0:
                continue
            age = step - founded[e, h]
            trust = min(trust_enterprise[e, h], trust_college[e, h])
            is_over = remaining[e, h] <= 0
            if is_over or (level[e, h] < 5 and age > 0 and age % 4 == 0 and trust >= p.review_trust):
                found[0, n], found[1, n], found[2, n] = e, college[e, h], h
                found[3, n] = RENEWAL if is_over else REVIEW
                n += 1
    return found[:, :n]


@kernel
def gather(seed, step, e_id, c_id, due, mine, theirs):
    """All called tables [5, T] (enterprise, college, slot, kind, inviter) and their priority [T] (Eq. 18)."""
    n = due.shape[1]
    for target in (mine.target, theirs.target):
        for i in range(target.shape[0]):
            n += target[i] >= 0
    called = np.zeros((5, n), np.int32)
    priority = np.empty(n, np.uint64)
    n = due.shape[1]
    for i in range(n):
        for column in range(4):
            called[column, i] = due[column, i]
    for e in range(mine.target.shape[0]):
        if mine.target[e] >= 0:
            called[0, n], called[1, n], called[2, n] = e, mine.target[e], mine.slot[e]
            called[3, n] = NEW_BY_ENTERPRISE if mine.comes[e] else DECLINED
            n += 1
    for c in range(theirs.target.shape[0]):
        if theirs.target[c] >= 0:
            called[0, n], called[1, n], called[2, n] = theirs.target[c], c, theirs.slot[c]
            called[3, n] = NEW_BY_COLLEGE if theirs.comes[c] else DECLINED
            called[4, n] = 1
            n += 1
    for i in range(n):
        w0, w1, _, _ = words(seed, _PRIORITY, step, e_id[called[0, i]], c_id[called[1, i]])
        priority[i] = (np.uint64(w0) << np.uint64(32)) | np.uint64(w1)
    return called, priority


@kernel
def admit_tables(order, called, room):
    """The tables for which both sides have room, in ``order`` (Eq. 18): the fields of an Agenda."""
    most = order.shape[0]
    enterprise, college, slot = np.empty(most, np.int32), np.empty(most, np.int32), np.empty(most, np.int32)
    kinds, inviter = np.empty(most, np.int8), np.empty(most, np.int8)
    used_enterprise = room.enterprise_partners.copy()
    used_college = room.college_partners.copy()
    n = 0
    for t in order:
        e, c, kind = called[0, t], called[1, t], called[3, t]
        if kind < RENEWAL:
            if used_enterprise[e] >= room.enterprise_limit[e] or used_college[c] >= room.college_limit[c]:
                continue
            used_enterprise[e] += 1
            used_college[c] += 1
        enterprise[n], college[n], slot[n], kinds[n], inviter[n] = e, c, called[2, t], kind, called[4, t]
        n += 1
    return enterprise[:n], college[:n], slot[:n], kinds[:n], inviter[:n]
