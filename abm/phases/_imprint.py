"""What a quarter of cooperation leaves behind: aims, faculty, knowledge of demand (Eq. 33, 35, 36)."""

from __future__ import annotations

import numpy as np

from abm.equations import N_AIMS, clip, community_strength
from abm.kernels import kernel
from abm.levers import L

_CHARTER, _DUAL = int(L.CHARTER), int(L.DUAL_PROGRAMME)


@kernel
def share_aims(college, level, substance, enterprise_aims, college_aims, numbers):
    """Value identity: partners in substance draw each other's aims together (Eq. 33)."""
    p = numbers[0]
    n_colleges = college_aims.shape[0]
    pull, n_ties = np.zeros((n_colleges, N_AIMS)), np.zeros(n_colleges)
    own_pull = np.zeros(N_AIMS)
    for e in range(level.shape[0]):
        own_pull[:] = 0.0
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
        if own_ties > 0.0:
            for m in range(N_AIMS):
                enterprise_aims[e, m] += p.identity_rate * own_pull[m] / own_ties
    for c in range(n_colleges):
        if n_ties[c] > 0.0:
            for m in range(N_AIMS):
                college_aims[c, m] += p.identity_rate * pull[c, m] / n_ties[c]


@kernel
def absorb(colleges, levers, size, demand, contracts, numbers):
    """What cooperation leaves in a college: faculty, knowledge of demand, places for practice
    (Eq. 35, 36). ``contracts``: college, level and substance of the ties."""
    p = numbers[0]
    college, level, substance = contracts
    n_colleges, n_fields = colleges.curriculum.shape
    depth, hosted, n_ties = np.zeros(n_colleges), np.zeros(n_colleges), np.zeros(n_colleges)
    known = np.zeros((n_colleges, n_fields))
    for e in range(level.shape[0]):
        for h in range(level.shape[1]):
            if level[e, h] == 0:
                continue
            c, s = college[e, h], substance[e, h]
            n_ties[c] += 1.0
            depth[c] += s
            hosted[c] += s * size[e]
            for k in range(n_fields):
                known[c, k] += s * demand[e, k]
    for c in range(n_colleges):
        mean = depth[c] / n_ties[c] if n_ties[c] > 0.0 else 0.0
        r = colleges.region[c]
        target = clip(p.dual_base + p.dual_tie_gain * mean + p.dual_programme_gain * levers[r, _DUAL])
        colleges.engagement[c] += p.engagement_rate * (mean - colleges.engagement[c])
        colleges.dual_qualified[c] += p.dual_rate * (target - colleges.dual_qualified[c])
        colleges.partner_depth[c] = depth[c]
        if depth[c] > 0.0:
            for k in range(n_fields):
                colleges.partner_demand[c, k] = known[c, k] / depth[c]
        places = p.practice_per_depth * hosted[c] / max(1.0, float(colleges.partner_limit[c]))
        if colleges.community[c] >= 0:
            places *= 1.0 + p.pooled_training * community_strength(p, levers[r, _CHARTER])
        colleges.practice_offer[c] = min(1.0, places) * (0.5 + 0.5 * colleges.dual_qualified[c])
