"""What a quarter of cooperation leaves behind: aims, faculty, knowledge of demand (Eq. 33, 35, 36)."""

from __future__ import annotations

import numpy as np

from abm.machine.kernels import kernel
from abm.world.equations import N_AIMS, clip, community_strength
from abm.world.levers import L
from abm.world.programmes import depth_a_place, partner_places, programme_row
from abm.world.vocabulary import CO_BUILT

_CHARTER, _DUAL, _PLATFORM = int(L.CHARTER), int(L.DUAL_PROGRAMME), int(L.PLATFORM)
_EXCHANGE = int(L.STAFF_EXCHANGE)


@kernel
def share_aims(college, level, substance, enterprise_aims, college_aims, parameter_record):
    """Value identity: partners in substance draw each other's aims together (Eq. 33), more by research (Eq. 108)."""
    p = parameter_record[0]
    n_colleges = college_aims.shape[0]
    pull, n_ties = np.zeros((n_colleges, N_AIMS)), np.zeros(n_colleges)
    own_pull = np.zeros(N_AIMS)
    by_research = p.identity_research * p.research_gain
    n_rows = n_colleges if by_research > 0.0 else 0
    research_pull, own_research = np.zeros((n_rows, N_AIMS)), np.zeros(N_AIMS)
    for e in range(level.shape[0]):
        own_pull[:] = 0.0
        own_research[:] = 0.0
        own_ties = 0.0
        for h in range(level.shape[1]):
            if level[e, h] == 0:
                continue
            c, s = college[e, h], substance[e, h]
            own_ties += 1.0
            n_ties[c] += 1.0
            for m in range(N_AIMS):
                gap = college_aims[c, m] - enterprise_aims[e, m]
                own_pull[m] += s * gap
                pull[c, m] -= s * gap
                if by_research > 0.0 and level[e, h] >= CO_BUILT:
                    own_research[m] += s * gap
                    research_pull[c, m] -= s * gap
        if own_ties > 0.0:
            for m in range(N_AIMS):
                enterprise_aims[e, m] += p.identity_rate * own_pull[m] / own_ties
                if by_research > 0.0:
                    enterprise_aims[e, m] += by_research * own_research[m] / own_ties
    for c in range(n_colleges):
        if n_ties[c] > 0.0:
            for m in range(N_AIMS):
                college_aims[c, m] += p.identity_rate * pull[c, m] / n_ties[c]
                if by_research > 0.0:
                    college_aims[c, m] += by_research * research_pull[c, m] / n_ties[c]


@kernel(borrows=True)
def return_to_role(aims, base_aims, parameter_record):
    """What parties are there for pulls their aims back (Eq. 33). Shapes [n, M]."""
    p = parameter_record[0]
    rate = p.role_pull
    if rate == 0.0:
        return
    for i in range(aims.shape[0]):
        for m in range(N_AIMS):
            aims[i, m] += rate * (base_aims[i, m] - aims[i, m])


@kernel
def update_colleges(colleges, levers, college, level, substance, parameter_record):
    """What cooperation leaves in a college's faculty (Eq. 35). ``college``, ``level``, ``substance`` [N, H] of ties."""
    p = parameter_record[0]
    n_colleges = colleges.id.shape[0]
    depth, n_ties = np.zeros(n_colleges), np.zeros(n_colleges)
    for e in range(level.shape[0]):
        for h in range(level.shape[1]):
            if level[e, h] > 0:
                n_ties[college[e, h]] += 1.0
                depth[college[e, h]] += substance[e, h]
    for c in range(n_colleges):
        mean = depth[c] / n_ties[c] if n_ties[c] > 0.0 else 0.0
        r = colleges.region[c]
        sent = p.dual_programme_gain * levers[r, _DUAL] + p.exchange_gain * levers[r, _EXCHANGE]
        target = clip(p.dual_base + p.dual_tie_gain * mean + sent)
        colleges.engagement[c] += p.engagement_rate * (mean - colleges.engagement[c])
        colleges.dual_qualified[c] += p.dual_rate * (target - colleges.dual_qualified[c])


@kernel(inline=True, borrows=True)
def base_access(colleges, c, levers):
    """How far the equipment of a shared base is open to college ``c`` (Eq. 123): to members of a chartered community,
    and by a platform to those who have a contract; the wider of both."""
    access = levers[colleges.region[c], _CHARTER] if colleges.community[c] >= 0 else 0.0
    return max(access, levers[colleges.region[c], _PLATFORM]) if colleges.n_partners[c] > 0 else access


@kernel
def update_programmes(programmes, colleges, levers, size, demand, partners, parameter_record):
    """What partners tell a programme of demand, and its places for practice, theirs and shared (Eq. 36, 113, 123).
    ``partners``: college, field, level, substance and whether the terms are of this quarter, of the ties."""
    p = parameter_record[0]
    college, field, level, substance, is_agreed = partners
    n_programmes, n_skills = programmes.curriculum.shape
    n_colleges = colleges.id.shape[0]
    if n_colleges == 0:
        return
    n_fields = n_programmes // n_colleges
    depth, hosted = np.zeros(n_programmes), np.zeros(n_programmes)
    known = np.zeros((n_programmes, n_skills))
    fixed, told = p.fixed_terms, np.zeros(n_programmes)
    for e in range(level.shape[0]):
        for h in range(level.shape[1]):
            if level[e, h] == 0:
                continue
            row, s = programme_row(college[e, h], field[e, h], n_fields), substance[e, h]
            depth[row] += s
            hosted[row] += s * size[e]
            if fixed > 0.0:
                # What a contract asks for is what it asked for when its terms were agreed on (Eq. 113).
                s *= 1.0 - fixed * (not is_agreed[e, h])
                told[row] += s
            for k in range(n_skills):
                known[row, k] += s * demand[e, k]
    for row in range(n_programmes):
        c = row // n_fields
        programmes.partner_depth[row] = depth[row]
        if depth[row] > 0.0:
            kept = 1.0 - told[row] / depth[row] if fixed > 0.0 else 0.0
            for k in range(n_skills):
                before = kept * programmes.partner_demand[row, k] if kept > 0.0 else 0.0
                programmes.partner_demand[row, k] = before + known[row, k] / depth[row]
        room = partner_places(programmes.seats, colleges.partner_limit, c, row % n_fields, n_fields)
        places = p.practice_per_depth * depth_a_place(hosted[row], room)
        if colleges.community[c] >= 0:
            places *= 1.0 + p.pooled_training * community_strength(p, levers[colleges.region[c], _CHARTER])
        if p.shared_base > 0.0:
            places += p.shared_base * base_access(colleges, c, levers)
        programmes.practice_offer[row] = min(1.0, places) * (0.5 + 0.5 * colleges.dual_qualified[c])
