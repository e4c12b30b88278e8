"""What follows from the effort of partners: audits, reputation, blame, and contracts that end early (Eq. 29-31, 34,
85, 86; paper 3.3)."""

from __future__ import annotations

import numpy as np

from abm.machine.kernels import kernel
from abm.machine.streams import Stream, of_field, unit, words
from abm.world.contracts import end_contract
from abm.world.equations import asset_cost, depth_of
from abm.world.ledger import early_end
from abm.world.levers import L
from abm.world.state import ContractEvents
from abm.world.vocabulary import (
    BLAME,
    BLAMED_BY_COLLEGE,
    BLAMED_BY_ENTERPRISE,
    COLLEGE,
    COLLEGE_FINED,
    EFFORT_BELOW_STANDARD,
    ENDED_BY_BLAME,
    ENTERPRISE,
    ENTERPRISE_FINED,
    ENTITY,
    ONE_SIDED_EFFORT,
    PLACEMENT,
)

_L_SUPERVISION, _L_STATUS = int(L.SUPERVISION), int(L.STATUS_CREDIT)
_BLAME, _AUDIT = int(Stream.BLAME), int(Stream.AUDIT)
ROW, SLOT, WHAT = range(3)
"""Columns of fines and blames: row of the enterprise, slot, what happened (an index of CONTRACT_EVENTS)."""
COUNTS = (
    "blames_by_enterprises",
    "blames_by_colleges",
    "ended_by_blame",
    "fines_enterprises",
    "fines_colleges",
    "audits",
    "served",
    "stranded",
)
"""Names of the counts of a quarter in ``State.flows``: blames, ends by blame, fines, audits, contracts served (those
that blame ended in the quarter too), and assets stranded."""


@kernel
def audit(seed, step, levers, sides, contracts, reputations, places, parameter_record):
    """Audits and reputations (Eq. 30, 31). ``places`` for partners: of enterprises [N] and colleges [C].

    Returns a row for each fine [F, 3], as ``blame`` does, then how many enterprises, and colleges, were fined, and
    how many contracts audited and served.
    """
    p = parameter_record[0]
    n_colleges = reputations[COLLEGE].shape[0]
    fined, n = np.empty((2 * _under_supervision(levers, sides, contracts), 3), np.int32), 0
    efforts, n_ties, fines = np.zeros(n_colleges), np.zeros(n_colleges), np.zeros(n_colleges)
    all_fines_enterprises, all_fines_colleges, audits, served = 0.0, 0.0, 0.0, 0.0
    for e in range(contracts.level.shape[0]):
        own_effort, own_ties, own_fines = 0.0, 0.0, 0.0
        supervision = levers[sides.enterprise_region[e], _L_SUPERVISION]
        for h in range(contracts.level.shape[1]):
            if contracts.level[e, h] == 0:
                continue
            c = contracts.college[e, h]
            own_effort += contracts.effort_enterprise[e, h]
            own_ties += 1.0
            efforts[c] += contracts.effort_college[e, h]
            n_ties[c] += 1.0
            if supervision == 0.0:
                continue
            when = of_field(step, contracts.field[e, h])
            if unit(words(seed, _AUDIT, when, sides.enterprise_id[e], sides.college_id[c])[0]) < supervision:
                audits += 1.0
                if contracts.effort_enterprise[e, h] < p.audit_standard:
                    own_fines += 1.0
                    fined[n, ROW], fined[n, SLOT], fined[n, WHAT] = e, h, ENTERPRISE_FINED
                    n += 1
                if contracts.effort_college[e, h] < p.audit_standard:
                    fines[c] += 1.0
                    fined[n, ROW], fined[n, SLOT], fined[n, WHAT] = e, h, COLLEGE_FINED
                    n += 1
        seen = (own_effort, own_ties, own_fines, places[ENTERPRISE][e])
        reputations[ENTERPRISE][e] = _reputation(reputations[ENTERPRISE][e], seen, p)
        all_fines_enterprises += own_fines
        served += own_ties
    for c in range(n_colleges):
        seen = (efforts[c], n_ties[c], fines[c], places[COLLEGE][c])
        reputations[COLLEGE][c] = _reputation(reputations[COLLEGE][c], seen, p)
        all_fines_colleges += fines[c]
    return fined[:n], all_fines_enterprises, all_fines_colleges, audits, served


@kernel(inline=True, borrows=True)
def _under_supervision(levers, sides, contracts):
    """How many contracts can be audited at all."""
    n = 0
    for e in range(contracts.level.shape[0]):
        if levers[sides.enterprise_region[e], _L_SUPERVISION] > 0.0:
            for h in range(contracts.level.shape[1]):
                n += contracts.level[e, h] > 0
    return n


@kernel(inline=True, borrows=True)
def _reputation(reputation, seen, p):
    """Reputation follows effort and suffers from fines as far as there are partners to tell of it, and fades as far as
    places for partners are empty (Eq. 30, 31). ``seen``: summed effort, ties, fines and places."""
    effort, n_ties, fines, places = seen
    busy = min(1.0, n_ties / max(1.0, float(places)))
    mean = effort / n_ties if n_ties > 0.0 else 0.0
    change = p.reputation_learning_rate * busy * (mean - reputation)
    change += p.reputation_fade * (1.0 - busy) * (p.initial_reputation - reputation)
    fined = busy * fines / n_ties if n_ties > 0.0 else 0.0
    return (reputation + change) * (1.0 - p.audit_reputation_loss * fined)


@kernel
def blame(seed, step, ids, contracts, parameter_record):
    """The wronged side of a badly one-sided contract blames; that may end it, the likelier the larger the wrong
    (Eq. 29).

    Returns a row for each blame [B, 3]: enterprise, slot, and what happened (an index of
    CONTRACT_EVENTS); a blame that ends the contract has a second row.
    """
    p = parameter_record[0]
    most = 0
    for e in range(contracts.level.shape[0]):
        for h in range(contracts.level.shape[1]):
            most += 2 * (contracts.level[e, h] >= PLACEMENT)
    blames = np.empty((most, 3), np.int32)
    n = 0
    for e in range(contracts.level.shape[0]):
        for h in range(contracts.level.shape[1]):
            if contracts.level[e, h] < PLACEMENT:
                continue
            level = contracts.level[e, h]
            gap = contracts.effort_enterprise[e, h] - contracts.effort_college[e, h]
            if abs(gap) <= p.blame_gap:
                continue
            if gap > 0.0:
                contracts.trust_enterprise[e, h] *= 1.0 - p.blame_trust_loss
            else:
                contracts.trust_college[e, h] *= 1.0 - p.blame_trust_loss
            blames[n, ROW], blames[n, SLOT] = e, h
            blames[n, WHAT] = BLAMED_BY_ENTERPRISE if gap > 0.0 else BLAMED_BY_COLLEGE
            n += 1
            when = of_field(step, contracts.field[e, h])
            u = unit(words(seed, _BLAME, when, ids[ENTERPRISE][e], ids[COLLEGE][contracts.college[e, h]])[0])
            if u < early_end(level, gap, 0.0, p) and contracts.is_mandated[e, h] == 0:
                blames[n, ROW], blames[n, SLOT], blames[n, WHAT] = e, h, ENDED_BY_BLAME
                n += 1
    return blames[:n]


@kernel
def as_events(rows, contracts):
    """Fines or blames ``rows`` [X, 3] with their contract, cause and the effort that they turned on."""
    n = rows.shape[0]
    what, levels, causes = np.empty(n, np.int8), np.empty(n, np.int8), np.empty(n, np.int8)
    enterprise, college, field = np.empty(n, np.int32), np.empty(n, np.int32), np.empty(n, np.int8)
    value = np.empty(n)
    for i in range(n):
        e, h, kind = rows[i, ROW], rows[i, SLOT], rows[i, WHAT]
        mine, theirs = contracts.effort_enterprise[e, h], contracts.effort_college[e, h]
        what[i], enterprise[i], college[i], levels[i] = kind, e, contracts.college[e, h], contracts.level[e, h]
        field[i] = contracts.field[e, h]
        if kind == ENTERPRISE_FINED:
            causes[i], value[i] = EFFORT_BELOW_STANDARD, mine
        elif kind == COLLEGE_FINED:
            causes[i], value[i] = EFFORT_BELOW_STANDARD, theirs
        else:
            causes[i], value[i] = ONE_SIDED_EFFORT, abs(mine - theirs)
    return ContractEvents(what, enterprise, college, field, levels, causes, value)


@kernel
def end_by_blame(blames, ties, n_partners, reputations, parameter_record):
    """Let a quarter pass and end contracts by blame (Eq. 29, 34). Returns the assets that this strands (Eq. 85).

    ``blames`` [B, 3] as of ``blame``; ``n_partners`` and ``reputations``: of enterprises [N] and colleges [C].
    """
    p = parameter_record[0]
    for e in range(ties.level.shape[0]):
        if n_partners[ENTERPRISE][e] > 0:
            for h in range(ties.level.shape[1]):
                ties.remaining[e, h] -= ties.level[e, h] > 0
    stranded, n_entities = 0.0, 0
    broken_enterprises, broken_colleges = (
        np.zeros(len(n_partners[ENTERPRISE]), np.int32),
        np.zeros(len(n_partners[COLLEGE]), np.int32),
    )
    for i in range(blames.shape[0]):
        if blames[i, WHAT] != ENDED_BY_BLAME:
            continue
        e, h = blames[i, ROW], blames[i, SLOT]
        c, level = ties.college[e, h], ties.level[e, h]
        stranded += asset_cost(level, p) * max(0, ties.remaining[e, h])
        if level == ENTITY:
            broken_enterprises[e] += 1
            broken_colleges[c] += 1
            n_entities += 1
        end_contract(ties, e, h, BLAME)
        n_partners[ENTERPRISE][e] -= 1
        n_partners[COLLEGE][c] -= 1
    if n_entities > 0:
        _shock(broken_enterprises, broken_colleges, ties, reputations, 1.0 - p.entity_fallout)
    return stranded


@kernel(borrows=True)
def keep_status(levers, region, ties, quarters_kept, parameter_record):
    """Count the quarters in a row in which enterprises keep up depth by their own effort, where a credit hangs on the
    status that takes years of it (Eq. 111)."""
    p = parameter_record[0]
    for e in range(ties.level.shape[0]):
        most = 0.0
        if levers[region[e], _L_STATUS] > 0.0:
            for h in range(ties.level.shape[1]):
                most = max(most, depth_of(ties.level[e, h]) * ties.effort_enterprise[e, h])
        quarters_kept[e] = quarters_kept[e] + 1 if most > 0.0 and most >= p.status_depth else 0


@kernel(borrows=True)
def _shock(broken_enterprises, broken_colleges, ties, reputations, kept):
    """Others trust those less whose joint entities broke up in this quarter, and so does everybody (Eq. 86).
    ``broken_enterprises`` [N], ``broken_colleges`` [C]: how many did."""
    for e in range(ties.level.shape[0]):
        reputations[ENTERPRISE][e] *= kept ** broken_enterprises[e]
        for h in range(ties.level.shape[1]):
            if ties.level[e, h] > 0:
                ties.trust_college[e, h] *= kept ** broken_enterprises[e]
                ties.trust_enterprise[e, h] *= kept ** broken_colleges[ties.college[e, h]]
    for c in range(len(broken_colleges)):
        reputations[COLLEGE][c] *= kept ** broken_colleges[c]
