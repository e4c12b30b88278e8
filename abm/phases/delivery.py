"""Phase 5, delivery: effort, audits, blame, trust, and what cooperation does to its partners
(Eq. 26-36; paper 3.3-3.4, 5.2 P3).

Effort is a stag hunt: it pays where the partner's effort is expected. Each side answers softly to
the balance of what its effort brings and costs.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from abm.bargaining import stakes
from abm.equations import (
    N_AIMS,
    STANDING,
    TALENT,
    clip,
    community_strength,
    is_scaled,
    logistic,
    overlap,
    reformed_weight,
    substantive_depth,
)
from abm.kernels import kernel
from abm.levers import L
from abm.streams import Stream, unit, words

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from abm.state import State

WRITES: tuple[str, ...] = (
    "flows",
    "events",
    "ties.trust_enterprise",
    "ties.trust_college",
    "ties.level",
    "ties.subsidy",
    "ties.tax_credit",
    "ties.effort_enterprise",
    "ties.effort_college",
    "ties.substance",
    "ties.remaining",
    "ties.cause_of_end",
    "enterprises.aims",
    "enterprises.reputation",
    "enterprises.n_partners",
    "colleges.aims",
    "colleges.reputation",
    "colleges.n_partners",
    "colleges.engagement",
    "colleges.dual_qualified",
    "colleges.partner_depth",
    "colleges.partner_demand",
    "colleges.practice_offer",
)

_L_SUPERVISION, _L_PENALTY = int(L.SUPERVISION), int(L.PENALTY)
_L_EVALUATION, _L_CHARTER, _L_DUAL = int(L.EVALUATION_REFORM), int(L.CHARTER), int(L.DUAL_PROGRAMME)
_EFFORT, _BLAME, _AUDIT = int(Stream.EFFORT), int(Stream.BLAME), int(Stream.AUDIT)
_ENDED_BY_BLAME = 2
_BLAMES_BY_ENTERPRISE, _BLAMES_BY_COLLEGE, _ENDED, _FINES_ENTERPRISE, _FINES_COLLEGE, _AUDITS = 0, 1, 2, 3, 4, 5
COUNTS = ("blames_by_enterprises", "blames_by_colleges", "ended_by_blame", "fines_enterprises", "fines_colleges",
          "audits")


def delivery(state: State, scenario: Scenario) -> None:
    """One quarter of practice under all contracts."""
    counts = np.zeros(len(COUNTS), np.int64)
    _deliver(
        state.seed, state.step, state.governments, state.colleges, state.enterprises, state.ties, scenario.p,
        stakes(scenario.p).yields, counts,
    )  # fmt: skip
    _absorb(state.governments, state.colleges, state.enterprises, state.ties, scenario.p)
    state.flows.update(zip(COUNTS, counts.tolist(), strict=True))


@kernel(inline=True)
def _stake(weights, reform, retention, yields, level):
    """What full joint effort is worth to a side at this level, before fit and trust (Eq. 26)."""
    worth = 0.0
    for m in range(N_AIMS):
        if is_scaled(m):
            value = reformed_weight(weights, m, reform) * yields[m, level]
            worth += value * retention if m == TALENT else value
    return worth


@kernel(inline=True)
def _normals(seed, step, e_id, c_id):
    """Two independent standard normals of a pair (Box-Muller, words 0-1 and 2-3)."""
    a, b, c, d = words(seed, _EFFORT, step, e_id, c_id)
    return (
        math.sqrt(-2.0 * math.log(unit(a))) * math.cos(2.0 * math.pi * unit(b)),
        math.sqrt(-2.0 * math.log(unit(c))) * math.cos(2.0 * math.pi * unit(d)),
    )


@kernel(inline=True)
def _efforts(seed, step, governments, colleges, enterprises, ties, e, h, yields, p):
    """Effort of both sides of a contract this quarter (Eq. 27)."""
    c = ties.college[e, h]
    level = ties.level[e, h]
    depth = 0.2 * level
    here, home = governments.levers[enterprises.region[e]], governments.levers[colleges.region[c]]
    reform = home[_L_EVALUATION]
    fit = overlap(enterprises.demand, e, colleges.curriculum, c)
    shadow = p.shadow_of_future * (p.mandate_shadow if ties.is_mandated[e, h] == 1 else 1.0)
    watch = 0.0
    if enterprises.community[e] >= 0 and enterprises.community[e] == colleges.community[c]:
        watch = p.monitoring * community_strength(p, here[_L_CHARTER])
    trust = ties.trust_enterprise[e, h]
    gain = 0.5 * fit * trust * _stake(enterprises.aims[e], 0.0, enterprises.retention[e], yields, level)
    balance_enterprise = gain + depth * (here[_L_SUPERVISION] * here[_L_PENALTY] + shadow * trust + watch - p.effort_cost)
    trust = ties.trust_college[e, h]
    gain = 0.5 * fit * trust * _stake(colleges.aims[c], reform, 1.0, yields, level)
    burden = 1.0 + p.standing_burden * reformed_weight(colleges.aims[c], STANDING, reform)
    cost = p.effort_cost * burden * (1.0 - p.engagement_ease * colleges.engagement[c])
    balance_college = gain + depth * (home[_L_SUPERVISION] * home[_L_PENALTY] + shadow * trust + watch - cost)
    noise_enterprise, noise_college = _normals(seed, step, enterprises.id[e], colleges.id[c])
    return (
        logistic(balance_enterprise / p.effort_temperature + p.effort_noise * noise_enterprise),
        logistic(balance_college / p.effort_temperature + p.effort_noise * noise_college),
    )


@kernel
def _deliver(seed, step, governments, colleges, enterprises, ties, p, yields, counts):
    """Effort, substance, trust, blame, audits and time under every contract (Eq. 27-32, 34)."""
    n_colleges = colleges.id.shape[0]
    college_effort, college_ties = np.zeros(n_colleges), np.zeros(n_colleges)
    fined_colleges = np.zeros(n_colleges)
    for e in range(ties.level.shape[0]):
        own_effort, own_ties, fines = 0.0, 0.0, 0.0
        if enterprises.n_partners[e] > 0:
            for h in range(ties.level.shape[1]):
                if ties.level[e, h] == 0:
                    continue
                c = ties.college[e, h]
                mine, theirs = _efforts(seed, step, governments, colleges, enterprises, ties, e, h, yields, p)
                ties.effort_enterprise[e, h], ties.effort_college[e, h] = mine, theirs
                ties.substance[e, h] = substantive_depth(ties.level[e, h], mine, theirs)
                ties.trust_enterprise[e, h] += p.trust_learning_rate * (theirs - ties.trust_enterprise[e, h])
                ties.trust_college[e, h] += p.trust_learning_rate * (mine - ties.trust_college[e, h])
                own_effort += mine
                own_ties += 1.0
                college_effort[c] += theirs
                college_ties[c] += 1.0
                supervision = governments.levers[enterprises.region[e], _L_SUPERVISION]
                if unit(words(seed, _AUDIT, step, enterprises.id[e], colleges.id[c])[0]) < supervision:
                    counts[_AUDITS] += 1
                    if mine < p.audit_standard:
                        fines += 1.0
                        counts[_FINES_ENTERPRISE] += 1
                    if theirs < p.audit_standard:
                        fined_colleges[c] += 1.0
                        counts[_FINES_COLLEGE] += 1
                _blame(seed, step, colleges, enterprises, ties, e, h, p, counts)
                ties.remaining[e, h] -= 1
        enterprises.reputation[e] = _reputation(enterprises.reputation[e], own_effort, own_ties, fines, p)
    for c in range(n_colleges):
        colleges.reputation[c] = _reputation(
            colleges.reputation[c], college_effort[c], college_ties[c], fined_colleges[c], p
        )


@kernel(inline=True)
def _blame(seed, step, colleges, enterprises, ties, e, h, p, counts):
    """The wronged side of a badly one-sided contract blames; that may end it (Eq. 29)."""
    if ties.level[e, h] < 2:
        return
    c = ties.college[e, h]
    gap = ties.effort_enterprise[e, h] - ties.effort_college[e, h]
    if abs(gap) <= p.blame_gap:
        return
    if gap > 0.0:
        counts[_BLAMES_BY_ENTERPRISE] += 1
        ties.trust_enterprise[e, h] *= 1.0 - p.blame_trust_loss
    else:
        counts[_BLAMES_BY_COLLEGE] += 1
        ties.trust_college[e, h] *= 1.0 - p.blame_trust_loss
    is_fatal = unit(words(seed, _BLAME, step, enterprises.id[e], colleges.id[c])[0]) < p.blame_exit
    if is_fatal and ties.is_mandated[e, h] == 0:
        counts[_ENDED] += 1
        ties.level[e, h] = 0
        ties.substance[e, h] = 0.0
        ties.subsidy[e, h] = 0.0
        ties.tax_credit[e, h] = 0.0
        ties.cause_of_end[e, h] = _ENDED_BY_BLAME
        enterprises.n_partners[e] -= 1
        colleges.n_partners[c] -= 1


@kernel(inline=True)
def _reputation(reputation, effort, n_ties, fines, p):
    """Reputation follows effort, suffers from fines, and fades without ties (Eq. 30, 31)."""
    if n_ties == 0.0:
        return reputation + p.reputation_fade * (p.initial_reputation - reputation)
    reputation += p.reputation_learning_rate * (effort / n_ties - reputation)
    return reputation * (1.0 - p.audit_reputation_loss * fines / n_ties)


@kernel
def _absorb(governments, colleges, enterprises, ties, p):
    """What cooperation leaves in those who cooperate: aims, faculty, knowledge of demand, places
    for practice (Eq. 33, 35, 36)."""
    n_enterprises, n_slots = ties.level.shape
    n_colleges, n_fields = colleges.curriculum.shape
    depth, hosted, n_ties = np.zeros(n_colleges), np.zeros(n_colleges), np.zeros(n_colleges)
    demand = np.zeros((n_colleges, n_fields))
    pull = np.zeros((n_colleges, N_AIMS))
    old_pull = np.zeros(N_AIMS)
    for e in range(n_enterprises):
        if enterprises.n_partners[e] == 0:
            continue
        old_pull[:] = 0.0
        own_ties = 0.0
        for h in range(n_slots):
            if ties.level[e, h] == 0:
                continue
            c, s = ties.college[e, h], ties.substance[e, h]
            own_ties += 1.0
            n_ties[c] += 1.0
            depth[c] += s
            hosted[c] += s * enterprises.size[e]
            for k in range(n_fields):
                demand[c, k] += s * enterprises.demand[e, k]
            for m in range(N_AIMS):
                gap = colleges.aims[c, m] - enterprises.aims[e, m]
                old_pull[m] += s * gap
                pull[c, m] -= s * gap
        for m in range(N_AIMS):
            enterprises.aims[e, m] += p.identity_rate * old_pull[m] / own_ties
    for c in range(n_colleges):
        mean = 0.0
        if n_ties[c] > 0.0:
            mean = depth[c] / n_ties[c]
            for m in range(N_AIMS):
                colleges.aims[c, m] += p.identity_rate * pull[c, m] / n_ties[c]
        programme = governments.levers[colleges.region[c], _L_DUAL]
        target = clip(p.dual_base + p.dual_tie_gain * mean + p.dual_programme_gain * programme)
        colleges.engagement[c] += p.engagement_rate * (mean - colleges.engagement[c])
        colleges.dual_qualified[c] += p.dual_rate * (target - colleges.dual_qualified[c])
        colleges.partner_depth[c] = depth[c]
        if depth[c] > 0.0:
            for k in range(n_fields):
                colleges.partner_demand[c, k] = demand[c, k] / depth[c]
        places = p.practice_per_depth * hosted[c] / max(1.0, float(colleges.partner_limit[c]))
        if colleges.community[c] >= 0:
            strength = community_strength(p, governments.levers[colleges.region[c], _L_CHARTER])
            places *= 1.0 + p.pooled_training * strength
        colleges.practice_offer[c] = min(1.0, places) * (0.5 + 0.5 * colleges.dual_qualified[c])
