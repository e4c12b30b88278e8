"""What metrics are made of: sums over ties, institutions and tables by region, in one pass.

Rows are summed in blocks of fixed size and blocks in their order, so that the sums do not depend
on the number of threads.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from abm.machine.kernels import kernel, over_blocks
from abm.world.equations import overlap
from abm.world.state import Floats
from abm.world.vocabulary import CAUSES, CO_BUILT, DECLINED, NEW_BY_COLLEGE, ORDER_BASED, REVIEW

if TYPE_CHECKING:
    from abm.world.parameters import Parameters
    from abm.world.state import State, TableRecord

BLOCK = 8192
"""Enterprises in a block."""


class Sums(NamedTuple):
    """Sums over one region (arrays [R]) or the nation (numbers). "Ties" are running contracts."""

    ties: Any
    level_1: Any
    level_2: Any
    level_3: Any
    level_4: Any
    level_5: Any
    levels: Any
    """Formal levels."""
    substance: Any
    """Substantive depth of ties."""
    serious: Any
    """Ties with substantive depth of at least p.serious_depth."""
    deep: Any
    """Of these, at level 3 or more."""
    mandated: Any
    dependent: Any
    """Ties signed by order or subsidised."""
    cross: Any
    """Ties across regions."""
    trust_enterprise: Any
    trust_college: Any
    effort_enterprise: Any
    effort_college: Any
    aim_distance: Any
    """Total-variation distance between the partners' aims, summed over ties."""
    joint: Any
    """Serious ties at level 4 or 5, where research is done together."""
    joint_dependent: Any
    """Of these, signed by order or subsidised."""
    enterprises: Any
    places: Any
    """Partner limits of enterprises."""
    technology: Any
    retention: Any
    vacancies: Any
    posted: Any
    staff: Any
    engaged: Any
    """Enterprises with a serious tie."""
    in_community_enterprises: Any
    recorded: Any
    """Graduates at work half a year after graduation, by region of the employer."""
    output: Any
    """Technology of their employer times their fit, summed over them."""
    frontier_related: Any
    """Of them, in field-related work with an employer near the frontier."""
    member_recorded: Any
    """Of them, with an enterprise that belongs to a community."""
    member_output: Any
    """Technology times fit, summed over these."""
    colleges: Any
    dual_qualified: Any
    engagement: Any
    in_community_colleges: Any
    seats: Any
    """Weight of programmes in the sums that follow: students a year by seats (seats alone where nobody enters)."""
    curriculum_fit: Any
    """Overlap of curriculum and what the programme's field asks for now, by seats."""
    curriculum_distance: Any
    """Total-variation distance between curriculum and the mean curriculum of all programmes, by seats."""
    field_curriculum_distance: Any
    """The same to the mean curriculum of the programme's field."""
    mix_distance: Any
    """Total-variation distance between a college's mix of fields and that of all colleges, by its seats."""
    programmes: Any
    """Programmes on offer."""
    tables: Any
    """Tables of the step, reviews left out (one that fails changes nothing)."""
    agreements: Any
    """Signed of their own will."""
    ordered: Any
    """Signed by order."""
    invitations: Any
    """New tables and declined invitations."""
    declined: Any
    failed: Any
    failed_by: Any
    """First of len(CAUSES) columns of failures by cause, in parts where causes share one; the others follow."""


_AT = {name: i for i, name in enumerate(Sums._fields)}
N_SUMS = _AT["failed_by"] + len(CAUSES)
_T, _E, _C, _Q, _M = _AT["ties"], _AT["enterprises"], _AT["colleges"], _AT["seats"], _AT["tables"]
FAILED_BY = _AT["failed_by"]
"""First of the columns of failures by cause, which are the last."""


@kernel(borrows=True)
def _sum_rows(lo, hi, enterprises, ties, college_region, college_aims, bounds, sums):
    """Ties and enterprises of rows lo..hi into ``sums`` [blocks, R, N_SUMS]; ``bounds`` = (serious, near)."""
    (region, aims, places, technology, retention, vacancies, posted, staff, community) = enterprises[:9]
    recorded, fit, related = enterprises[9:]
    serious, near = bounds
    (college, level, substance, is_mandated, subsidy, trust_e, trust_c, effort_e, effort_c) = ties
    for e in range(lo, hi):
        out = sums[lo // BLOCK, region[e]]
        is_engaged = 0.0
        for h in range(level.shape[1]):
            depth = level[e, h]
            if depth == 0:
                continue
            c, s = college[e, h], substance[e, h]
            out[_T] += 1.0
            out[_T + depth] += 1.0
            out[_T + 6] += depth
            out[_T + 7] += s
            if s >= serious:
                is_engaged = 1.0
                out[_T + 8] += 1.0
                if depth >= ORDER_BASED:
                    out[_T + 9] += 1.0
            out[_T + 10] += is_mandated[e, h]
            if is_mandated[e, h] == 1 or subsidy[e, h] > 0.0:
                out[_T + 11] += 1.0
            if college_region[c] != region[e]:
                out[_T + 12] += 1.0
            out[_T + 13] += trust_e[e, h]
            out[_T + 14] += trust_c[e, h]
            out[_T + 15] += effort_e[e, h]
            out[_T + 16] += effort_c[e, h]
            distance = 0.0
            for m in range(aims.shape[1]):
                distance += abs(aims[e, m] - college_aims[c, m])
            out[_T + 17] += 0.5 * distance
            if s >= serious and depth >= CO_BUILT:
                out[_T + 18] += 1.0
                if is_mandated[e, h] == 1 or subsidy[e, h] > 0.0:
                    out[_T + 19] += 1.0
        out[_E] += 1.0
        out[_E + 1] += places[e]
        out[_E + 2] += technology[e]
        out[_E + 3] += retention[e]
        out[_E + 4] += vacancies[e]
        out[_E + 5] += posted[e]
        out[_E + 6] += staff[e]
        out[_E + 7] += is_engaged
        if community[e] >= 0:
            out[_E + 8] += 1.0
        out[_E + 9] += recorded[e]
        out[_E + 10] += technology[e] * fit[e]
        if technology[e] >= near:
            out[_E + 11] += related[e]
        if community[e] >= 0:
            out[_E + 12] += recorded[e]
            out[_E + 13] += technology[e] * fit[e]


@kernel(borrows=True)
def _sum_colleges(region, dual_qualified, engagement, community, out):
    """Colleges into ``out`` [R, N_SUMS]."""
    for c in range(region.shape[0]):
        r = region[c]
        out[r, _C] += 1.0
        out[r, _C + 1] += dual_qualified[c]
        out[r, _C + 2] += engagement[c]
        if community[c] >= 0:
            out[r, _C + 3] += 1.0


@kernel(inline=True, borrows=True)
def _weight(seats, entrants, has_entrants):
    return seats * (entrants if has_entrants else 1.0)


@kernel
def _sum_programmes(region, seats, curriculum, entrants, demand, out):
    """Programmes into ``out`` [R, N_SUMS]. ``region`` [C], ``seats`` [P], ``entrants`` [R], ``demand`` [S, K]."""
    n_fields, n_skills = demand.shape
    has_entrants = entrants.sum() > 0
    of_field, everything = np.zeros(n_fields), 0.0
    mean, field_mean = np.zeros(n_skills), np.zeros((n_fields, n_skills))
    for row in range(seats.shape[0]):
        weight, s = _weight(seats[row], entrants[region[row // n_fields]], has_entrants), row % n_fields
        everything += weight
        of_field[s] += weight
        for k in range(n_skills):
            field_mean[s, k] += weight * curriculum[row, k]
    for s in range(n_fields):
        for k in range(n_skills):
            mean[k] += field_mean[s, k] / everything if everything > 0.0 else 0.0
            field_mean[s, k] /= of_field[s] if of_field[s] > 0.0 else 1.0
    for c in range(region.shape[0]):
        r, total, apart = region[c], 0.0, 0.0
        for s in range(n_fields):
            total += seats[c * n_fields + s]
        for s in range(n_fields):
            row = c * n_fields + s
            if total > 0.0 and everything > 0.0:
                apart += 0.5 * abs(seats[row] / total - of_field[s] / everything)
            if seats[row] <= 0.0:
                continue
            weight = _weight(seats[row], entrants[r], has_entrants)
            out[r, _Q] += weight
            out[r, _Q + 1] += weight * overlap(curriculum, row, demand, s)
            for k in range(n_skills):
                out[r, _Q + 2] += weight * 0.5 * abs(curriculum[row, k] - mean[k])
                out[r, _Q + 3] += weight * 0.5 * abs(curriculum[row, k] - field_mean[s, k])
            out[r, _Q + 5] += 1.0
        out[r, _Q + 4] += _weight(total, entrants[r], has_entrants) * apart


@kernel(borrows=True)
def _sum_tables(region, kind, level, is_mandated, parts, out):
    """Tables into ``out`` [R or R + 1, N_SUMS]."""
    for t in range(region.shape[0]):
        r = region[t]
        if kind[t] == REVIEW:
            continue
        out[r, _M] += 1.0
        if level[t] > 0:
            out[r, _M + 2 if is_mandated[t] == 1 else _M + 1] += 1.0
        else:
            out[r, _M + 5] += 1.0
            for cause in range(parts.shape[1]):
                out[r, FAILED_BY + cause] += parts[t, cause]
        if kind[t] <= NEW_BY_COLLEGE or kind[t] == DECLINED:
            out[r, _M + 3] += 1.0
        if kind[t] == DECLINED:
            out[r, _M + 4] += 1.0


@kernel(borrows=True)
def _finish(blocks, colleges, programmes, tables, out):
    """Add up blocks, colleges, programmes and tables into ``out`` [R + 1, N_SUMS]; the last row is the nation."""
    n_regions = out.shape[0] - 1
    out[:] = 0.0
    for b in range(blocks.shape[0]):
        for r in range(n_regions):
            for i in range(_C):
                out[r, i] += blocks[b, r, i]
    _sum_colleges(*colleges, out)
    _sum_programmes(*programmes, out)
    _sum_tables(*tables, out)
    for r in range(n_regions):
        for i in range(out.shape[1]):
            out[n_regions, i] += out[r, i]


_NO_TABLES = (np.empty(0, np.int32), *(np.empty(0, np.int8) for _ in range(3)), np.empty((0, len(CAUSES))))


def _columns(record: TableRecord | None) -> tuple[Any, ...]:
    if record is None:
        return _NO_TABLES
    return record.region, record.kind, record.level, record.is_mandated, record.parts


def tally_of_tables(record: TableRecord | None, n_regions: int) -> Floats:
    """The sums over tables alone, by region; the others are 0. Shape [R, N_SUMS]."""
    out = np.zeros((n_regions, N_SUMS))
    _sum_tables(*_columns(record), out)
    return out


def tally(state: State, p: Parameters) -> Floats:
    """Sums by region, the nation last. Shape [R + 1, N_SUMS]."""
    e, c, t, record = state.enterprises, state.colleges, state.ties, state.tables
    n, n_regions = len(e.id), len(state.governments.stage)
    blocks = [(lo, min(n, lo + BLOCK)) for lo in range(0, n, BLOCK)]
    sums = np.zeros((max(1, len(blocks)), n_regions, N_SUMS))
    over_blocks(
        _sum_rows, blocks,
        (e.region, e.aims, e.partner_limit, e.technology, e.retention, e.vacancies, e.posted, e.staff, e.community,
         e.recorded_staff, e.recorded_fit, e.recorded_related),
        (t.college, t.level, t.substance, t.is_mandated, t.subsidy, t.trust_enterprise, t.trust_college,
         t.effort_enterprise, t.effort_college),
        c.region, c.aims, (p.serious_depth, p.frontier_near), sums, threads=state.threads,
    )  # fmt: skip
    out = np.empty((n_regions + 1, N_SUMS))
    colleges = (c.region, c.dual_qualified, c.engagement, c.community)
    offered = state.programmes
    programmes = (c.region, offered.seats, offered.curriculum, state.governments.entrants, state.sectors.demand)
    _finish(sums, colleges, programmes, _columns(record), out)
    return out


def members_by_region(state: State) -> Floats:
    """Share of each region's institutions in candidates or communities, in communities, and in self-sustaining
    ones. Shape [3, R + 1], the nation last; NaN without institutions."""
    n_regions = len(state.governments.stage)
    counts, total = np.zeros((3, n_regions + 1)), np.zeros(n_regions + 1)
    for side, column in (("enterprises", state.enterprises), ("colleges", state.colleges)):
        total[:n_regions] += np.bincount(column.region, minlength=n_regions)
        order = np.argsort(column.id, kind="stable")
        ids = column.id[order]
        for i, wanted in enumerate(
            (
                state.communities,
                [c for c in state.communities if c.established >= 0],
                [c for c in state.communities if c.established >= 0 and c.is_self_sustaining],
            )
        ):
            agents = np.array([agent for c in wanted for agent in getattr(c, side)], np.int64)
            if len(agents):
                rows = order[np.searchsorted(ids, agents)]
                counts[i, :n_regions] += np.bincount(column.region[rows], minlength=n_regions)
    counts[:, n_regions], total[n_regions] = counts.sum(axis=1), total.sum()
    return np.divide(counts, total, out=np.full_like(counts, np.nan), where=total > 0)
