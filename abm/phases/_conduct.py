"""What follows from the effort of partners: audits, reputation, blame, and contracts that end early (Eq. 29-31, 34,
85, 86; paper 3.3)."""

from __future__ import annotations

import numpy as np

from abm.diagnosis import EFFORT_BELOW_STANDARD, ONE_SIDED_EFFORT
from abm.equations import ENTITY, asset_cost, depth_of
from abm.kernels import kernel
from abm.levers import L
from abm.phases._contracts import end_contract
from abm.state import (
    BLAME,
    BLAMED_BY_COLLEGE,
    BLAMED_BY_ENTERPRISE,
    COLLEGE_FINED,
    ENDED_BY_BLAME,
    ENTERPRISE_FINED,
    ContractEvents,
)
from abm.streams import Stream, unit, words

_L_SUPERVISION = int(L.SUPERVISION)
_BLAME, _AUDIT = int(Stream.BLAME), int(Stream.AUDIT)
COUNTS = (
    "blames_by_enterprises",
    "blames_by_colleges",
    "ended_by_blame",
    "fines_enterprises",
    "fines_colleges",
    "audits",
    "stranded",
)
"""Names of the counts of a quarter in ``State.flows``: blames, ends by blame, fines, audits, and assets stranded."""


@kernel
def judge(seed, step, levers, sides, contracts, reputations, numbers):
    """Audits and reputations (Eq. 30, 31).

    Returns a row for each fine [F, 3], as ``blame`` does, then how many enterprises, and colleges, were fined, and
    how many contracts audited.
    """
    p = numbers[0]
    n_colleges = reputations[1].shape[0]
    fined, n = np.empty((2 * _under_supervision(levers, sides, contracts), 3), np.int32), 0
    efforts, n_ties, fines = np.zeros(n_colleges), np.zeros(n_colleges), np.zeros(n_colleges)
    all_fines_enterprises, all_fines_colleges, audits = 0.0, 0.0, 0.0
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
            if unit(words(seed, _AUDIT, step, sides.enterprise_id[e], sides.college_id[c])[0]) < supervision:
                audits += 1.0
                if contracts.effort_enterprise[e, h] < p.audit_standard:
                    own_fines += 1.0
                    fined[n, 0], fined[n, 1], fined[n, 2] = e, h, ENTERPRISE_FINED
                    n += 1
                if contracts.effort_college[e, h] < p.audit_standard:
                    fines[c] += 1.0
                    fined[n, 0], fined[n, 1], fined[n, 2] = e, h, COLLEGE_FINED
                    n += 1
        reputations[0][e] = _reputation(reputations[0][e], own_effort, own_ties, own_fines, p)
        all_fines_enterprises += own_fines
    for c in range(n_colleges):
        reputations[1][c] = _reputation(reputations[1][c], efforts[c], n_ties[c], fines[c], p)
        all_fines_colleges += fines[c]
    return fined[:n], all_fines_enterprises, all_fines_colleges, audits


@kernel(inline=True)
def _under_supervision(levers, sides, contracts):
    """How many contracts can be audited at all."""
    n = 0
    for e in range(contracts.level.shape[0]):
        if levers[sides.enterprise_region[e], _L_SUPERVISION] > 0.0:
            for h in range(contracts.level.shape[1]):
                n += contracts.level[e, h] > 0
    return n


@kernel(inline=True)
def _reputation(reputation, effort, n_ties, fines, p):
    """Reputation follows effort, suffers from fines, and fades without ties (Eq. 30, 31)."""
    if n_ties == 0.0:
        return reputation + p.reputation_fade * (p.initial_reputation - reputation)
    reputation += p.reputation_learning_rate * (effort / n_ties - reputation)
    return reputation * (1.0 - p.audit_reputation_loss * fines / n_ties)


@kernel
def blame(seed, step, ids, contracts, numbers):
    """The wronged side of a badly one-sided contract blames; that may end it, where the wrong outweighs the assets
    that the end would strand (Eq. 29, 85).

    Returns a row for each blame [B, 3]: enterprise, slot, and what happened (an index of
    CONTRACT_EVENTS); a blame that ends the contract has a second row.
    """
    p = numbers[0]
    room = 0
    for e in range(contracts.level.shape[0]):
        for h in range(contracts.level.shape[1]):
            room += 2 * (contracts.level[e, h] >= 2)
    blames = np.empty((room, 3), np.int32)
    n = 0
    for e in range(contracts.level.shape[0]):
        for h in range(contracts.level.shape[1]):
            if contracts.level[e, h] < 2:
                continue
            level = contracts.level[e, h]
            gap = contracts.effort_enterprise[e, h] - contracts.effort_college[e, h]
            if abs(gap) <= p.blame_gap:
                continue
            share = contracts.cost_share[e, h]
            if gap > 0.0:
                contracts.trust_enterprise[e, h] *= 1.0 - p.blame_trust_loss
            else:
                contracts.trust_college[e, h] *= 1.0 - p.blame_trust_loss
                share = 1.0 - share
            blames[n, 0], blames[n, 1] = e, h
            blames[n, 2] = BLAMED_BY_ENTERPRISE if gap > 0.0 else BLAMED_BY_COLLEGE
            n += 1
            u = unit(words(seed, _BLAME, step, ids[0][e], ids[1][contracts.college[e, h]])[0])
            # For each quarter left, to stay costs the wronged the effort that is not returned; to go, its assets.
            wrong = p.effort_cost * depth_of(level) * abs(gap)
            stake = share * (1.0 - contracts.subsidy[e, h]) * asset_cost(level, p)
            if u < p.blame_exit and contracts.is_mandated[e, h] == 0 and wrong > stake:
                blames[n, 0], blames[n, 1], blames[n, 2] = e, h, ENDED_BY_BLAME
                n += 1
    return blames[:n]


@kernel
def as_events(rows, contracts):
    """Fines or blames ``rows`` [X, 3] with their contract, cause and the effort that they turned on."""
    n = rows.shape[0]
    what, levels, causes = np.empty(n, np.int8), np.empty(n, np.int8), np.empty(n, np.int8)
    enterprise, college, value = np.empty(n, np.int32), np.empty(n, np.int32), np.empty(n)
    for i in range(n):
        e, h, kind = rows[i, 0], rows[i, 1], rows[i, 2]
        mine, theirs = contracts.effort_enterprise[e, h], contracts.effort_college[e, h]
        what[i], enterprise[i], college[i], levels[i] = kind, e, contracts.college[e, h], contracts.level[e, h]
        if kind == ENTERPRISE_FINED:
            causes[i], value[i] = EFFORT_BELOW_STANDARD, mine
        elif kind == COLLEGE_FINED:
            causes[i], value[i] = EFFORT_BELOW_STANDARD, theirs
        else:
            causes[i], value[i] = ONE_SIDED_EFFORT, abs(mine - theirs)
    return ContractEvents(what, enterprise, college, levels, causes, value)


@kernel
def end_by_blame(blames, ties, n_partners, reputations, numbers):
    """Let a quarter pass and end contracts by blame (Eq. 29, 34). Returns the assets that this strands (Eq. 85).

    ``blames`` [B, 3] as of ``blame``; ``n_partners`` and ``reputations``: of enterprises [N] and colleges [C].
    """
    p = numbers[0]
    for e in range(ties.level.shape[0]):
        if n_partners[0][e] > 0:
            for h in range(ties.level.shape[1]):
                ties.remaining[e, h] -= ties.level[e, h] > 0
    stranded, n_entities = 0.0, 0
    broken_enterprises, broken_colleges = np.zeros(len(n_partners[0]), np.int32), np.zeros(len(n_partners[1]), np.int32)
    for i in range(blames.shape[0]):
        if blames[i, 2] != ENDED_BY_BLAME:
            continue
        e, h = blames[i, 0], blames[i, 1]
        c, level = ties.college[e, h], ties.level[e, h]
        stranded += asset_cost(level, p) * max(0, ties.remaining[e, h])
        if level == ENTITY:
            broken_enterprises[e] += 1
            broken_colleges[c] += 1
            n_entities += 1
        end_contract(ties, e, h, BLAME)
        n_partners[0][e] -= 1
        n_partners[1][c] -= 1
    if n_entities > 0:
        _shock(broken_enterprises, broken_colleges, ties, reputations, 1.0 - p.entity_fallout)
    return stranded


@kernel
def _shock(broken_enterprises, broken_colleges, ties, reputations, kept):
    """Others trust those less whose joint entities broke up in this quarter, and so does everybody (Eq. 86).
    ``broken_enterprises`` [N], ``broken_colleges`` [C]: how many did."""
    for e in range(ties.level.shape[0]):
        reputations[0][e] *= kept ** broken_enterprises[e]
        for h in range(ties.level.shape[1]):
            if ties.level[e, h] > 0:
                ties.trust_college[e, h] *= kept ** broken_enterprises[e]
                ties.trust_enterprise[e, h] *= kept ** broken_colleges[ties.college[e, h]]
    for c in range(len(broken_colleges)):
        reputations[1][c] *= kept ** broken_colleges[c]
