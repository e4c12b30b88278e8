"""The draws of the first day, as kernels: every draw is keyed by an id, never by a row.

Draws follow section 5 of ODD.md. NaN or -1 in a table means "draw it"; what is known is copied.
"""

from __future__ import annotations

import math

import numpy as np

from abm.equations import admit, clip, student_body_weight
from abm.kernels import kernel
from abm.population import profiles as start
from abm.state import ENROLLED
from abm.streams import Stream, gamma, normal, unit, words

AIMS, ENTERPRISE, COLLEGE, STANCE = int(Stream.AIMS), int(Stream.ENTERPRISE), int(Stream.COLLEGE), int(Stream.STANCE)
SECTOR, OWN_SKILLS, STUDENT = int(Stream.SECTOR), int(Stream.OWN_SKILLS), int(Stream.STUDENT)
INITIAL_TIE = int(Stream.INITIAL_TIE)

SHARE_KEY = 1024
"""First ``sub`` of the draws of regions' sector shares; below it stand the sectors' own draws."""
FIELD_EMPHASIS, FIELD_SPREAD, OWN_SKILL_SPREAD = start.FIELD_EMPHASIS, start.FIELD_SPREAD, start.OWN_SKILL_SPREAD
REGION_SPREAD, SIZE_SPREAD, ATTRACTION_SPREAD = start.REGION_SPREAD, start.SIZE_SPREAD, start.ATTRACTION_SPREAD
TECHNOLOGY_SPREAD, DUAL_SPREAD = start.TECHNOLOGY_SPREAD, start.DUAL_SPREAD
INITIAL_TECHNOLOGY, INITIAL_RETENTION = start.INITIAL_TECHNOLOGY, start.INITIAL_RETENTION
INITIAL_ENGAGEMENT, REVISION_CYCLE = start.INITIAL_ENGAGEMENT, start.REVISION_CYCLE
ONLY_CONTACT, AT_MOST_PLACEMENT = start.LEVEL_SHARES[0], start.LEVEL_SHARES[0] + start.LEVEL_SHARES[1]


@kernel(inline=True)
def to_simplex(row):
    """Softmax of ``row`` in place."""
    top = row[0]
    for k in range(1, row.shape[0]):
        top = max(top, row[k])
    total = 0.0
    for k in range(row.shape[0]):
        row[k] = math.exp(row[k] - top)
        total += row[k]
    for k in range(row.shape[0]):
        row[k] /= total


@kernel(inline=True)
def pick(shares, u):
    """First index whose cumulative share exceeds ``u``."""
    total = 0.0
    for s in range(shares.shape[0] - 1):
        total += shares[s]
        if u < total:
            return s
    return shares.shape[0] - 1


@kernel
def draw_uniforms(seed, stream, ids, sub, drawn):
    """Four uniform draws of every id at step 0: writes ``drawn`` [n, 4]."""
    for i in range(ids.shape[0]):
        a, b, c, d = words(seed, stream, 0, ids[i], sub)
        drawn[i, 0], drawn[i, 1], drawn[i, 2], drawn[i, 3] = unit(a), unit(b), unit(c), unit(d)


@kernel
def draw_normals(seed, stream, step, ids, sub, drawn):
    """Normal draws of every id, ``sub``, sub + 1, ...: writes ``drawn`` [n, m]."""
    for i in range(ids.shape[0]):
        for m in range(drawn.shape[1]):
            drawn[i, m] = normal(seed, stream, step, ids[i], sub + m)


@kernel
def draw_aims(seed, role, ids, profile, concentration, aims):
    """Dirichlet weights around a role's profile (Eq. 2): sub = 16*role + aim. Writes ``aims`` [n, M]."""
    for i in range(ids.shape[0]):
        total = 0.0
        for m in range(profile.shape[0]):
            shape = concentration * profile[m]
            aims[i, m] = gamma(seed, AIMS, 0, ids[i], 16 * role + m, shape) if shape > 0.0 else 0.0
            total += aims[i, m]
        for m in range(profile.shape[0]):
            aims[i, m] = aims[i, m] / total if total > 0.0 else profile[m]


@kernel
def blend_student_aims(base, motivation, aims):
    """Blend student bodies' ``base`` weights with their motivation (Eq. 41). Writes ``aims`` [C, M]."""
    for c in range(aims.shape[0]):
        total = 0.0
        for m in range(aims.shape[1]):
            aims[c, m] = student_body_weight(base[c, m], m, motivation[c])
            total += aims[c, m]
        for m in range(aims.shape[1]):
            aims[c, m] /= total


@kernel
def place_sectors(numbers, known, z, sectors, past):
    """Long-run, present and past demand of S sectors (Eq. 57, 58). ``known`` [S, K] log demand or NaN.

    ``z`` [2 + lags, S, K] normal draws. Writes ``sectors`` and ``past`` [lags, S, K]: demand so many
    quarters ago. A stationary Ornstein-Uhlenbeck process looks the same backwards, so the past is
    drawn from the present.
    """
    p = numbers[0]
    n_sectors, n_skills = known.shape
    phi = 0.5 ** (1.0 / p.skill_half_life)
    noise = p.demand_spread * math.sqrt(1.0 - phi * phi)
    for s in range(n_sectors):
        for k in range(n_skills):
            mean = FIELD_SPREAD * p.demand_spread * z[0, s, k]
            if k == s % n_skills:
                mean += FIELD_EMPHASIS
            if not math.isnan(known[s, k]):
                mean = known[s, k]
            x = mean + p.demand_spread * z[1, s, k]
            sectors.mean_log_demand[s, k] = mean
            sectors.log_demand[s, k] = x
            sectors.demand[s, k] = x
            for lag in range(past.shape[0]):
                past[lag, s, k] = x
                x = mean + (x - mean) * phi + noise * z[2 + lag, s, k]
        to_simplex(sectors.demand[s])
        for lag in range(past.shape[0]):
            to_simplex(past[lag, s])


@kernel
def place_shares(z, shares):
    """Sector shares [R, S] where they are NaN (Eq. 60), from normal draws ``z`` [R, S]."""
    for r in range(shares.shape[0]):
        if math.isnan(shares[r, 0]):
            for s in range(shares.shape[1]):
                shares[r, s] = REGION_SPREAD * z[r, s]
            to_simplex(shares[r])


@kernel(inline=True)
def known_or(value, drawn):
    """A table's value, or the drawn one where the table has none."""
    return drawn if math.isnan(value) else value


@kernel
def place_enterprises(numbers, table, enterprises, regions, sector_demand, n_slots, drawn):
    """All of the enterprises that is drawn (Eq. 61-64); ``regions`` = (technology [R], sector shares [R, S]).

    ``drawn`` = (uniforms [N, 4], size [N, 1] and own skills [N, K] as normal draws).
    """
    p = numbers[0]
    technology, shares = regions
    u, z_size, z_own = drawn
    n_skills = sector_demand.shape[1]
    base, more = min(1.0, p.enterprise_partners), max(0.0, p.enterprise_partners - 1.0)
    for e in range(table.id.shape[0]):
        r = table.region[e]
        sector = table.sector[e] if table.sector[e] >= 0 else pick(shares[r], u[e, 0])
        size = math.exp(SIZE_SPREAD * z_size[e, 0] - 0.5 * SIZE_SPREAD * SIZE_SPREAD)
        size = known_or(table.size[e], size)
        here = known_or(technology[r], INITIAL_TECHNOLOGY) + TECHNOLOGY_SPREAD * (2.0 * u[e, 2] - 1.0)
        # Larger enterprises deal with more partners, by the square root of size; the mean stays.
        limit = base + more * math.sqrt(size) * math.exp(SIZE_SPREAD * SIZE_SPREAD / 8.0) + u[e, 3]
        enterprises.sector[e] = sector
        enterprises.size[e] = size
        enterprises.stability[e] = known_or(table.stability[e], u[e, 1])
        enterprises.technology[e] = known_or(table.technology[e], clip(here))
        enterprises.retention[e] = known_or(table.retention[e], INITIAL_RETENTION)
        enterprises.reputation[e] = known_or(table.reputation[e], p.initial_reputation)
        enterprises.partner_limit[e] = min(n_slots, math.floor(known_or(table.partner_limit[e], limit)))
        enterprises.tax_due[e] = p.tax_due * size
        own = enterprises.own_skills[e]
        for k in range(n_skills):
            own[k] = OWN_SKILL_SPREAD * z_own[e, k]
        to_simplex(own)
        for k in range(n_skills):
            enterprises.demand[e, k] = (1.0 - p.own_skill_share) * sector_demand[sector, k] + p.own_skill_share * own[k]


@kernel
def place_colleges(numbers, table, colleges, shares, past, drawn):
    """All of the colleges that needs no students (Eq. 65-67). ``past`` [lags, S, K] demand of earlier quarters.

    A curriculum holds what its field asked for when it was last revised, drawn toward the mean of all programmes.
    ``drawn`` = (uniforms [C, 4], normal draws of attraction [C, 1]).
    """
    p = numbers[0]
    lags, n_sectors, n_skills = past.shape
    u, z = drawn
    programmes = np.zeros(n_sectors)
    for c in range(table.id.shape[0]):
        field = table.field[c] if table.field[c] >= 0 else pick(shares[table.region[c]], u[c, 0])
        drawn = math.exp(ATTRACTION_SPREAD * z[c, 0] - 0.5 * ATTRACTION_SPREAD * ATTRACTION_SPREAD)
        colleges.field[c] = field
        programmes[field] += 1.0
        colleges.revision_phase[c] = math.floor(u[c, 1] * REVISION_CYCLE)
        colleges.attraction[c] = known_or(table.attraction[c], drawn)
        colleges.dual_qualified[c] = known_or(
            table.dual_qualified[c], clip(p.dual_base + DUAL_SPREAD * (2.0 * u[c, 2] - 1.0))
        )
        colleges.engagement[c] = known_or(table.engagement[c], INITIAL_ENGAGEMENT)
        colleges.reputation[c] = known_or(table.reputation[c], p.initial_reputation)
    average = np.zeros((lags, n_skills))
    for lag in range(lags):
        for s in range(n_sectors):
            for k in range(n_skills):
                average[lag, k] += programmes[s] / max(1, table.id.shape[0]) * past[lag, s, k]
    for c in range(table.id.shape[0]):
        lag = colleges.revision_phase[c] % lags
        for k in range(n_skills):
            own = past[lag, colleges.field[c], k]
            colleges.curriculum[c, k] = (1.0 - p.homogenisation) * own + p.homogenisation * average[lag, k]
            colleges.partner_demand[c, k] = colleges.curriculum[c, k]


@kernel
def limit_partners(numbers, table, colleges, seats, density, u):
    """Partner limits of colleges by their seats (Eq. 68); ``u`` [C, 4] uniform draws.

    ``density`` = enterprises per seat / REFERENCE_DENSITY.
    """
    p = numbers[0]
    for c in range(table.id.shape[0]):
        drawn = max(min(1.0, p.college_partners), p.college_partners * density * seats[c]) + u[c, 3]
        colleges.partner_limit[c] = math.floor(known_or(table.partner_limit[c], drawn))


@kernel
def draw_students(lo, hi, seed, numbers, ids, curriculum, students, motivation, is_known):
    """Students of colleges lo..hi-1 enrolled before step 0 (Eq. 37, 69); writes the sum of their ``motivation`` [C].

    They have learnt from their college's curriculum [C, K] for 4, 8 or 12 quarters without practice.
    ``is_known``: motivation and ability are in the columns already, NaN = drawn.
    """
    p = numbers[0]
    n_skills = curriculum.shape[1]
    for c in range(lo, hi):
        total = 0.0
        for years in range(1, 4):
            cohort = 4 - years  # entered at -4*years
            for row in range(students.offsets[cohort, c], students.offsets[cohort, c + 1]):
                m, a = admit(seed, STUDENT, 3 - years, ids[c], row - students.offsets[cohort, c], p)
                if is_known:
                    m = known_or(students.motivation[cohort, row], m)
                    a = known_or(students.ability[cohort, row], a)
                rate = np.float32(min(1.0, p.learning_rate * (0.5 + a)))
                lacks = np.float32(1.0) - rate
                lacks *= lacks
                lacks *= lacks
                missing = lacks
                for _ in range(years - 1):
                    missing *= lacks
                for k in range(n_skills):
                    students.skills[k, cohort, row] = (np.float32(1.0) - missing) * np.float32(curriculum[c, k])
                students.motivation[cohort, row] = m
                students.ability[cohort, row] = a
                students.status[cohort, row] = ENROLLED
                total += m
        motivation[c] = total


@kernel
def sign_first_contracts(numbers, order, enterprises, colleges, ties, places, u):
    """A few shallow contracts with colleges of the own region (Eq. 70); ``order`` [N] rows by priority.

    ``places`` = (first college row of each region [R + 1], quarters of a contract by level [6], share with one);
    ``u`` [N, 4] uniform draws.
    """
    p = numbers[0]
    first, quarters, share = places
    for i in range(order.shape[0]):
        e = order[i]
        r = enterprises.region[e]
        n = first[r + 1] - first[r]
        if u[e, 0] >= share or n == 0 or enterprises.partner_limit[e] == 0:
            continue
        c = first[r] + math.floor(u[e, 1] * n)
        if colleges.n_partners[c] >= colleges.partner_limit[c]:
            continue
        level = 1 if u[e, 2] < ONLY_CONTACT else (2 if u[e, 2] < AT_MOST_PLACEMENT else 3)
        ties.college[e, 0] = c
        ties.level[e, 0] = level
        ties.cost_share[e, 0] = 0.5
        ties.trust_enterprise[e, 0] = p.initial_trust * colleges.reputation[c]
        ties.trust_college[e, 0] = p.initial_trust * enterprises.reputation[e]
        ties.remaining[e, 0] = 1 + math.floor(u[e, 3] * quarters[level])
        ties.founded[e, 0] = 0
        colleges.n_partners[c] += 1
        enterprises.n_partners[e] += 1
