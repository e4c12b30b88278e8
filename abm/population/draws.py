"""The draws of the first day, as kernels: every draw is keyed by an id, never by a row.

Draws follow section 5 of ODD.md. NaN or -1 in a table means "draw it"; what is known is copied.
"""

from __future__ import annotations

import math

import numpy as np

from abm.machine.kernels import kernel
from abm.machine.streams import Stream, gamma, normal, of_field, unit, words
from abm.population import profiles as start
from abm.world.equations import admit, clip, student_body_weight
from abm.world.state import ENROLLED

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


@kernel(inline=True, borrows=True)
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


@kernel(inline=True, borrows=True)
def pick(shares, u):
    """First index whose cumulative share exceeds ``u``."""
    total = 0.0
    for s in range(shares.shape[0] - 1):
        total += shares[s]
        if u < total:
            return s
    return shares.shape[0] - 1


@kernel(borrows=True)
def draw_uniforms(seed, stream, ids, sub, drawn):
    """Four uniform draws of every id at step 0: writes ``drawn`` [n, 4]."""
    for i in range(ids.shape[0]):
        a, b, c, d = words(seed, stream, 0, ids[i], sub)
        drawn[i, 0], drawn[i, 1], drawn[i, 2], drawn[i, 3] = unit(a), unit(b), unit(c), unit(d)


@kernel(borrows=True)
def draw_normals(seed, stream, step, ids, sub, drawn):
    """Normal draws of every id, ``sub``, sub + 1, ...: writes ``drawn`` [n, m]."""
    for i in range(ids.shape[0]):
        for m in range(drawn.shape[1]):
            drawn[i, m] = normal(seed, stream, step, ids[i], sub + m)


@kernel(borrows=True)
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


@kernel(borrows=True)
def blend_student_aims(base, motivation, aims):
    """Blend student bodies' ``base`` weights with their motivation (Eq. 41). Writes ``aims`` [C, M]."""
    for c in range(aims.shape[0]):
        total = 0.0
        for m in range(aims.shape[1]):
            aims[c, m] = student_body_weight(base[c, m], m, motivation[c])
            total += aims[c, m]
        for m in range(aims.shape[1]):
            aims[c, m] /= total


@kernel(borrows=True)
def place_sectors(parameter_record, known, z, sectors, past):
    """Long-run, present and past demand of S sectors (Eq. 57, 58). ``known`` [S, K] log demand or NaN.

    ``z`` [2 + lags, S, K] normal draws. Writes ``sectors`` and ``past`` [lags, S, K]: demand so many
    quarters ago. A stationary Ornstein-Uhlenbeck process looks the same backwards, so the past is
    drawn from the present.
    """
    p = parameter_record[0]
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


@kernel(borrows=True)
def place_shares(z, shares):
    """Sector shares [R, S] where they are NaN (Eq. 60), from normal draws ``z`` [R, S]."""
    for r in range(shares.shape[0]):
        if math.isnan(shares[r, 0]):
            for s in range(shares.shape[1]):
                shares[r, s] = REGION_SPREAD * z[r, s]
            to_simplex(shares[r])


@kernel(inline=True, borrows=True)
def known_or(value, drawn):
    """A table's value, or the drawn one where the table has none."""
    return drawn if math.isnan(value) else value


@kernel
def _draw_sizes(table, n_regions, z, size):
    """Sizes: those known, the others drawn with mean 1 in each region (Eq. 62). Writes ``size`` [N]."""
    drawn, n = np.zeros(n_regions), np.zeros(n_regions)
    for e in range(table.id.shape[0]):
        size[e] = table.size[e]
        if math.isnan(size[e]):
            size[e] = math.exp(SIZE_SPREAD * z[e, 0] - 0.5 * SIZE_SPREAD * SIZE_SPREAD)
            drawn[table.region[e]] += size[e]
            n[table.region[e]] += 1.0
    for e in range(table.id.shape[0]):
        if math.isnan(table.size[e]):
            size[e] *= n[table.region[e]] / drawn[table.region[e]]


@kernel
def _draw_sectors(table, shares, u, size, sector):
    """Sectors: those known; the others so that sectors have their shares of the region's jobs (Eq. 61).

    The enterprises of a region, in the order of ``u`` [N, 4] and then of id, lie side by side on a line, each as long
    as its size is; each takes the sector on whose part of the line its middle falls. So a region's mix does not depend
    on how many enterprises stand for it. Writes ``sector`` [N].
    """
    n_regions = shares.shape[0]
    total, passed = np.zeros(n_regions), np.zeros(n_regions)
    for e in range(table.id.shape[0]):
        if table.sector[e] < 0:
            total[table.region[e]] += size[e]
    for e in np.argsort(u[:, 0], kind="mergesort"):
        r = table.region[e]
        sector[e] = table.sector[e]
        if sector[e] < 0:
            sector[e] = pick(shares[r], (passed[r] + 0.5 * size[e]) / total[r])
            passed[r] += size[e]


@kernel(borrows=True)
def place_enterprises(parameter_record, table, enterprises, regions, sector_demand, n_slots, drawn):
    """All of the enterprises that is drawn (Eq. 61-64); ``regions`` = (technology [R], sector shares [R, S]).

    ``drawn`` = (uniforms [N, 4], size [N, 1] and own skills [N, K] as normal draws).
    """
    p = parameter_record[0]
    technology, shares = regions
    u, z_size, z_own = drawn
    n_skills = sector_demand.shape[1]
    base, more = min(1.0, p.enterprise_partners), max(0.0, p.enterprise_partners - 1.0)
    _draw_sizes(table, shares.shape[0], z_size, enterprises.size)
    _draw_sectors(table, shares, u, enterprises.size, enterprises.sector)
    for e in range(table.id.shape[0]):
        r, sector, size = table.region[e], enterprises.sector[e], enterprises.size[e]
        here = known_or(technology[r], INITIAL_TECHNOLOGY) + TECHNOLOGY_SPREAD * (2.0 * u[e, 2] - 1.0)
        # Larger enterprises deal with more partners, by the square root of size; the mean stays.
        limit = base + more * math.sqrt(size) * math.exp(SIZE_SPREAD * SIZE_SPREAD / 8.0) + u[e, 3]
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


@kernel(borrows=True)
def place_colleges(parameter_record, table, colleges, shares, drawn):
    """All of the colleges that needs no programmes (Eq. 65, 66). ``drawn`` = (uniforms [C, 4], normal draws of
    attraction [C, 1])."""
    p = parameter_record[0]
    u, z = drawn
    for c in range(table.id.shape[0]):
        field = table.field[c] if table.field[c] >= 0 else pick(shares[table.region[c]], u[c, 0])
        drawn = math.exp(ATTRACTION_SPREAD * z[c, 0] - 0.5 * ATTRACTION_SPREAD * ATTRACTION_SPREAD)
        colleges.field[c] = field
        colleges.attraction[c] = known_or(table.attraction[c], drawn)
        colleges.dual_qualified[c] = known_or(
            table.dual_qualified[c], clip(p.dual_base + DUAL_SPREAD * (2.0 * u[c, 2] - 1.0))
        )
        colleges.engagement[c] = known_or(table.engagement[c], INITIAL_ENGAGEMENT)
        colleges.reputation[c] = known_or(table.reputation[c], p.initial_reputation)


@kernel
def split_places(parameter_record, emerging, colleges, first, shares, known, seats):
    """Places of each region: first by field, as its sectors are, then over its colleges (Eq. 88).

    ``emerging`` row of the emerging sector, -1 = none, ``first`` [R + 1] first college row of each region, ``shares``
    [R, S], ``known`` [C, S] seats of a table, NaN = not in it. Writes ``seats`` [P]; a region with a college has 1 in
    all.
    """
    p = parameter_record[0]
    n_fields = shares.shape[1]
    for r in range(shares.shape[0]):
        lo, hi = first[r], first[r + 1]
        n = hi - lo
        if n == 0:
            continue
        attraction, at_home = 0.0, np.zeros(n_fields)
        for c in range(lo, hi):
            attraction += colleges.attraction[c]
            at_home[colleges.field[c]] += colleges.attraction[c]
        by_field, total = np.empty(n_fields), 0.0
        for s in range(n_fields):
            # A field that no enterprise of the region has, but a college: as large as the colleges are.
            by_field[s] = shares[r, s] if shares[r, s] > 0.0 else at_home[s] / attraction
            total += by_field[s]
        part, size = np.empty((n, n_fields)), np.zeros(n)
        for s in range(n_fields):
            by_field[s] /= total
            weights = (1.0 - p.specialisation) * attraction + p.specialisation * at_home[s]
            for i in range(n):
                own = 1.0 - p.specialisation + p.specialisation * (colleges.field[lo + i] == s)
                weight = own / weights if weights > 0.0 else 1.0 / attraction
                part[i, s] = by_field[s] * colleges.attraction[lo + i] * weight
                size[i] += part[i, s]
        for s in range(n_fields):
            largest, kept = 0, 0.0
            for i in range(n):
                largest = i if part[i, s] > part[largest, s] else largest
                if part[i, s] >= p.least_programme * size[i] or colleges.field[lo + i] == s:
                    kept += part[i, s]
            for i in range(n):
                is_kept = part[i, s] >= p.least_programme * size[i] or colleges.field[lo + i] == s
                if kept <= 0.0:
                    part[i, s] = by_field[s] if i == largest else 0.0
                else:
                    part[i, s] = by_field[s] * part[i, s] / kept if is_kept else 0.0
                seats[(lo + i) * n_fields + s] = part[i, s]
        if emerging >= 0:
            _leave_out(emerging, seats[lo * n_fields : hi * n_fields], n_fields)
        _take_known(known[lo:hi], seats[lo * n_fields : hi * n_fields])


@kernel
def _leave_out(emerging, seats, n_fields):
    """Nobody trains for the emerging sector yet: its places go to a college's other programmes, of one that has none to
    the next field (Eq. 88). Writes ``seats`` [n * S]."""
    for first in range(0, seats.shape[0], n_fields):
        total, own = seats[first : first + n_fields].sum(), seats[first + emerging]
        if n_fields == 1 or own <= 0.0:
            continue
        seats[first + emerging] = 0.0
        if total > own:
            for s in range(n_fields):
                seats[first + s] *= total / (total - own)
        else:
            seats[first + (emerging + 1) % n_fields] = total


@kernel
def _take_known(known, seats):
    """Colleges of a region whose seats a table knows offer these: where it knows all of them, sizes too; else each
    keeps the size that it was given, and the mix is the table's. ``known`` [n, S] or NaN; writes ``seats`` [n * S]."""
    n, n_fields = known.shape
    n_known, everything = 0, 0.0
    for c in range(n):
        if not math.isnan(known[c, 0]):
            n_known += 1
            everything += known[c].sum()
    for c in range(n):
        if math.isnan(known[c, 0]):
            continue
        own, size = known[c].sum(), seats[c * n_fields : (c + 1) * n_fields].sum()
        for s in range(n_fields):
            seats[c * n_fields + s] = known[c, s] / everything if n_known == n else size * known[c, s] / own


@kernel
def place_programmes(seed, parameter_record, colleges, past, programmes):
    """Curricula and phases of revision (Eq. 67). ``past`` [lags, S, K] demand of earlier quarters.

    A curriculum holds what its field asked for when it was last revised, drawn toward the mean of all programmes.
    """
    p = parameter_record[0]
    lags, n_fields, n_skills = past.shape
    of_field_seats, all_seats = np.zeros(n_fields), 0.0
    for row in range(programmes.seats.shape[0]):
        c, s = row // n_fields, row % n_fields
        u = unit(words(seed, COLLEGE, of_field(0, s), colleges.id[c], 2)[0])
        programmes.revision_phase[row] = math.floor(u * REVISION_CYCLE)
        of_field_seats[s] += programmes.seats[row]
        all_seats += programmes.seats[row]
    average = np.zeros((lags, n_skills))
    for lag in range(lags):
        for s in range(n_fields):
            for k in range(n_skills):
                average[lag, k] += of_field_seats[s] / all_seats * past[lag, s, k] if all_seats > 0.0 else 0.0
    for row in range(programmes.seats.shape[0]):
        lag = programmes.revision_phase[row] % lags
        for k in range(n_skills):
            own = past[lag, row % n_fields, k]
            programmes.curriculum[row, k] = (1.0 - p.homogenisation) * own + p.homogenisation * average[lag, k]
            programmes.partner_demand[row, k] = programmes.curriculum[row, k]


@kernel(borrows=True)
def limit_partners(parameter_record, table, colleges, seats, density, u):
    """Partner limits of colleges by their seats (Eq. 68); ``u`` [C, 4] uniform draws.

    ``density`` = enterprises per seat / REFERENCE_DENSITY.
    """
    p = parameter_record[0]
    for c in range(table.id.shape[0]):
        drawn = max(min(1.0, p.college_partners), p.college_partners * density * seats[c]) + u[c, 3]
        colleges.partner_limit[c] = math.floor(known_or(table.partner_limit[c], drawn))


@kernel(borrows=True)
def draw_students(lo, hi, seed, parameter_record, ids, curriculum, students, motivation, is_known):
    """Students of programmes lo..hi-1 enrolled before step 0 (Eq. 37, 69); writes the sum of their ``motivation`` [P].

    They have learnt from their ``curriculum`` [P, K] for 4, 8 or 12 quarters without practice. ``ids`` [C] of colleges.
    ``is_known``: motivation and ability are in the columns already, NaN = drawn.
    """
    p = parameter_record[0]
    n_skills = curriculum.shape[1]
    n_fields = curriculum.shape[0] // max(1, ids.shape[0])
    for programme in range(lo, hi):
        total = 0.0
        for years in range(1, 4):
            cohort = 4 - years  # entered at -4*years
            first = students.offsets[cohort, programme]
            for row in range(first, students.offsets[cohort, programme + 1]):
                c, s = programme // n_fields, programme % n_fields
                m, a = admit(seed, STUDENT, 3 - years, ids[c], s, row - first, p)
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
                    students.skills[k, cohort, row] = (np.float32(1.0) - missing) * np.float32(curriculum[programme, k])
                students.motivation[cohort, row] = m
                students.ability[cohort, row] = a
                students.status[cohort, row] = ENROLLED
                total += m
        motivation[programme] = total


@kernel(borrows=True)
def sign_first_contracts(parameter_record, order, enterprises, colleges, best, ties, places, u):
    """A few shallow contracts with colleges of the own region (Eq. 70); ``order`` [N] rows by priority, ``best`` [C, S]
    the programme of a college that suits a sector best, -1 = none.

    ``places`` = (first college row of each region [R + 1], quarters of a contract by level [6], share with one);
    ``u`` [N, 4] uniform draws.
    """
    p = parameter_record[0]
    first, quarters, share = places
    for i in range(order.shape[0]):
        e = order[i]
        r = enterprises.region[e]
        n = first[r + 1] - first[r]
        if u[e, 0] >= share or n == 0 or enterprises.partner_limit[e] == 0:
            continue
        c = first[r] + math.floor(u[e, 1] * n)
        if colleges.n_partners[c] >= colleges.partner_limit[c] or best[c, enterprises.sector[e]] < 0:
            continue
        level = 1 if u[e, 2] < ONLY_CONTACT else (2 if u[e, 2] < AT_MOST_PLACEMENT else 3)
        ties.college[e, 0], ties.field[e, 0] = c, best[c, enterprises.sector[e]]
        ties.level[e, 0] = level
        ties.cost_share[e, 0] = 0.5
        ties.trust_enterprise[e, 0] = p.initial_trust * colleges.reputation[c]
        ties.trust_college[e, 0] = p.initial_trust * enterprises.reputation[e]
        ties.evidence[e, 0] = p.stranger_evidence
        ties.remaining[e, 0] = 1 + math.floor(u[e, 3] * quarters[level])
        ties.founded[e, 0] = 0
        colleges.n_partners[c] += 1
        enterprises.n_partners[e] += 1
