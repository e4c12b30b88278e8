"""The step's agenda: running contracts that come to the table, invitations, and their order (Eq. 17, 18)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from abm.machine.kernels import kernel
from abm.machine.streams import Stream, of_field, words
from abm.world.equations import overlap
from abm.world.programmes import programme_row
from abm.world.state import QUARTERS_A_YEAR, Agenda, Bytes, Flags, Ints, Rows
from abm.world.vocabulary import (
    COLLEGE,
    DECLINED,
    ENTERPRISE,
    ENTITY,
    NEW_BY_COLLEGE,
    NEW_BY_ENTERPRISE,
    RENEWAL,
    REVIEW,
)

_PRIORITY = int(Stream.PRIORITY)


class Capacity(NamedTuple):
    """Who has room for partners, and which ties run."""

    enterprise_limit: Ints  # [N]
    enterprise_partners: Ints  # [N]
    college_limit: Ints  # [C]
    college_partners: Ints  # [C]
    level: Bytes  # [N, H] of running contracts


class Invitations(NamedTuple):
    """Who invites whom: I searches, an enterprise's (its row is the search's) or a college's (several can be)."""

    searcher: Rows  # [I] row of the enterprise or college that searches
    target: Rows  # [I] row of the invited, -1 = nobody
    field: Bytes  # [I] field of the programme in question
    slot: Rows  # [I] slot of the enterprise's memory that holds the programme, -1 = strangers
    comes: Flags  # [I] whether the invited comes to the table


class Called(NamedTuple):
    """T tables that were called, in no order yet."""

    enterprise: Rows  # [T] row
    college: Rows  # [T] row
    field: Bytes  # [T] field of the programme
    slot: Rows  # [T] slot of the enterprise's memory, -1 = strangers
    kind: Bytes  # [T] as in Agenda
    inviter: Bytes  # [T] ENTERPRISE or COLLEGE


@kernel(inline=True)
def no_invitations(searcher):
    """Searches [I] that have found nobody yet."""
    n = searcher.shape[0]
    return Invitations(
        searcher, np.full(n, -1, np.int32), np.zeros(n, np.int8), np.full(n, -1, np.int32), np.zeros(n, np.bool_)
    )


@kernel(inline=True)
def _room_for(n):
    """Called tables to be filled in."""
    return Called(
        np.empty(n, np.int32), np.empty(n, np.int32), np.empty(n, np.int8),
        np.empty(n, np.int32), np.empty(n, np.int8), np.empty(n, np.int8),
    )  # fmt: skip


@kernel(inline=True, borrows=True)
def _put(called, t, enterprise, programme, slot, kind, inviter):
    """Enter a table; ``programme``: college and field."""
    called.enterprise[t], called.college[t], called.field[t] = enterprise, programme[0], programme[1]
    called.slot[t], called.kind[t], called.inviter[t] = slot, kind, inviter


@kernel
def due_contracts(step, n_partners, ties, wanted, parameter_record):
    """Running contracts that come to the table (Eq. 17, 112). ``wanted``: what enterprises ask for [N, K], what
    programmes know of their partners' demand [P, K], and the number of fields."""
    p = parameter_record[0]
    demand, known, n_fields = wanted
    found, n = _room_for(int(n_partners.sum())), 0
    for e in range(ties.level.shape[0]):
        if n_partners[e] == 0:
            continue
        for h in range(ties.level.shape[1]):
            if ties.level[e, h] == 0:
                continue
            age = step - ties.founded[e, h]
            trust = min(ties.trust_enterprise[e, h], ties.trust_college[e, h])
            is_over = ties.remaining[e, h] <= 0
            is_anniversary = age > 0 and age % QUARTERS_A_YEAR == 0
            is_reviewed = is_anniversary and ties.level[e, h] < ENTITY and trust >= p.review_trust
            if p.revision_of_terms > 0.0 and is_anniversary and not is_reviewed:
                # Demand has moved away from what was agreed on.
                row = programme_row(ties.college[e, h], ties.field[e, h], n_fields)
                is_reviewed = overlap(demand, e, known, row) < p.revision_of_terms
            if is_over or is_reviewed:
                programme = (ties.college[e, h], ties.field[e, h])
                _put(found, n, e, programme, h, RENEWAL if is_over else REVIEW, ENTERPRISE)
                n += 1
    return Called(
        found.enterprise[:n], found.college[:n], found.field[:n], found.slot[:n], found.kind[:n], found.inviter[:n]
    )


@kernel
def gather(seed, step, e_id, c_id, due, mine, theirs):
    """All called tables: due contracts, invitations of enterprises and of colleges; and their priority [T] (Eq. 18)."""
    n_due = due.enterprise.shape[0]
    n = n_due
    for target in (mine.target, theirs.target):
        for i in range(target.shape[0]):
            n += target[i] >= 0
    called, priority = _room_for(n), np.empty(n, np.uint64)
    for i in range(n_due):
        _put(called, i, due.enterprise[i], (due.college[i], due.field[i]), due.slot[i], due.kind[i], due.inviter[i])
    n = n_due
    for i in range(mine.target.shape[0]):
        if mine.target[i] >= 0:
            kind = NEW_BY_ENTERPRISE if mine.comes[i] else DECLINED
            _put(called, n, mine.searcher[i], (mine.target[i], mine.field[i]), mine.slot[i], kind, ENTERPRISE)
            n += 1
    for i in range(theirs.target.shape[0]):
        if theirs.target[i] >= 0:
            kind = NEW_BY_COLLEGE if theirs.comes[i] else DECLINED
            _put(called, n, theirs.target[i], (theirs.searcher[i], theirs.field[i]), theirs.slot[i], kind, COLLEGE)
            n += 1
    for i in range(n):
        when = of_field(step, called.field[i])
        w0, w1, _, _ = words(seed, _PRIORITY, when, e_id[called.enterprise[i]], c_id[called.college[i]])
        priority[i] = (np.uint64(w0) << np.uint64(32)) | np.uint64(w1)
    return called, priority


@kernel
def admit_tables(order, called, capacity):
    """The tables for which both sides have room, in ``order`` (Eq. 18), and the enterprises of the invitations dropped
    for lack of it, one for each."""
    admitted = _room_for(order.shape[0])
    used_enterprise = capacity.enterprise_partners.copy()
    used_college = capacity.college_partners.copy()
    dropped, n_dropped, n = np.empty(order.shape[0], np.int32), 0, 0
    for t in order:
        e, c, kind = called.enterprise[t], called.college[t], called.kind[t]
        if kind < RENEWAL:
            if used_enterprise[e] >= capacity.enterprise_limit[e] or used_college[c] >= capacity.college_limit[c]:
                dropped[n_dropped] = e
                n_dropped += 1
                continue
            used_enterprise[e] += 1
            used_college[c] += 1
        _put(admitted, n, e, (c, called.field[t]), called.slot[t], kind, called.inviter[t])
        n += 1
    kept = Agenda(
        admitted.enterprise[:n], admitted.college[:n], admitted.field[:n],
        admitted.slot[:n], admitted.kind[:n], admitted.inviter[:n],
    )  # fmt: skip
    return kept, dropped[:n_dropped]
