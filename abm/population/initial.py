"""From what is known of a population to the columns at step 0."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from abm.equations import split_seats
from abm.kernels import over_blocks
from abm.levers import DISPERSED, LEVERS, SPENDING, L
from abm.population import draws
from abm.population import profiles as start
from abm.population.tables import Tables
from abm.state import (
    ABSENT,
    AIMS,
    COHORTS,
    Colleges,
    Enterprises,
    Floats,
    Governments,
    Ints,
    Sectors,
    State,
    Students,
    Ties,
)

if TYPE_CHECKING:
    from abm.scenario import Scenario

CONTRACT_QUARTERS = np.array([0, 2, 4, 12, 16, 24])
STUDENTS_A_BLOCK = 100_000
"""Students that one thread draws at a time."""
ENTRY_STEPS = (0, -12, -8, -4)
"""Intake held by each cohort slot at step 0: slot = (entry // 4) % 4."""


def first_rows(region: Any, n_regions: int) -> Ints:
    """First row of each region among rows sorted by region, and the number of rows at the end. Shape [R + 1]."""
    return np.searchsorted(region, np.arange(n_regions + 1)).astype(np.int64)


def sectors_at_start(tables: Tables, seed: np.uint64, p: Any) -> tuple[Sectors, Floats]:
    """Sectors, and their demand [lags, S, K] in the quarters before."""
    shape = tables.sectors.log_demand.shape
    sectors = Sectors(np.zeros(shape), np.zeros(shape), np.zeros(shape), np.zeros(shape[0]))
    past = np.zeros((int(LEVERS[L.REVISION_INTERVAL].neutral), *shape))
    draws.draw_sectors(seed, p, tables.sectors.log_demand, sectors, past)
    return sectors, past


def governments_at_start(tables: Tables, seed: np.uint64, scenario: Scenario) -> tuple[Governments, Floats]:
    """Governments with their levers where no rule has moved them, and the sector shares [R, S] of their regions."""
    regions = tables.regions
    n, n_spending = len(regions.id), len(SPENDING)
    stance = np.zeros((n, len(DISPERSED)))
    shares = regions.sector_shares.copy()
    draws.draw_regions(seed, regions.id, stance, shares)
    n_enterprises = np.bincount(tables.enterprises.region, minlength=n)
    governments = Governments(
        id=regions.id.copy(),
        aims=np.zeros((n, len(AIMS))),
        levers=np.tile(np.array(scenario.base_levers, np.float64), (n, 1)),
        stance=stance,
        inconsistency=np.zeros((n, n)),
        adjacency=regions.adjacency.copy(),
        budget=scenario.p.budget_per_enterprise * n_enterprises * regions.budget,
        spent=np.zeros((n, n_spending)),
        spent_now=np.zeros((n, n_spending)),
        paid_share=np.ones(n),
        entrants=regions.entrants.copy(),
        market_fit=np.full(n, start.INITIAL_MARKET_FIT),
        raiders=np.zeros(n),
        stage=np.zeros(n, np.int8),
    )
    return governments, shares


def enterprises_at_start(tables: Tables, seed: np.uint64, p: Any, sectors: Sectors, places: Any) -> Enterprises:
    """Enterprises without partners or staff; ``places`` = (sector shares [R, S], tie slots)."""
    shares, n_slots = places
    table = tables.enterprises
    n, n_skills = len(table.id), sectors.demand.shape[1]
    enterprises = Enterprises(
        id=table.id.copy(),
        region=table.region.copy(),
        sector=np.zeros(n, np.int32),
        size=np.zeros(n),
        aims=np.zeros((n, len(AIMS))),
        own_skills=np.zeros((n, n_skills)),
        demand=np.zeros((n, n_skills)),
        **{name: np.zeros(n) for name in ("technology", "stability", "retention", "tax_due", "reputation")},
        **{name: np.zeros(n, np.int64) for name in ("partner_limit", "n_partners", "vacancies", "posted", "staff")},
        community=np.full(n, -1, np.int64),
    )
    regions = (tables.regions.technology, shares)
    draws.draw_enterprises(seed, p, table, enterprises, regions, sectors.demand, n_slots)
    return enterprises


def colleges_at_start(tables: Tables, seed: np.uint64, p: Any, shares: Floats, past: Floats) -> tuple[Colleges, Ints]:
    """Colleges without students or partners, and their seats a year [C]."""
    table = tables.colleges
    n, n_skills = len(table.id), past.shape[2]
    names = ("motivation", "attraction", "partner_depth", "practice_offer", "engagement", "dual_qualified", "reputation")
    colleges = Colleges(
        id=table.id.copy(),
        region=table.region.copy(),
        field=np.zeros(n, np.int32),
        aims=np.zeros((n, len(AIMS))),
        student_aims=np.zeros((n, len(AIMS))),
        base_student_aims=np.zeros((n, len(AIMS))),
        curriculum=np.zeros((n, n_skills)),
        partner_demand=np.zeros((n, n_skills)),
        placement=np.full(n, start.INITIAL_PLACEMENT),
        **{name: np.zeros(n) for name in names},
        **{name: np.zeros(n, np.int64) for name in ("revision_phase", "partner_limit", "n_partners")},
        community=np.full(n, -1, np.int64),
    )
    draws.draw_colleges(seed, p, table, colleges, shares, past)
    seats = np.zeros(n, np.int64)
    first = first_rows(table.region, len(tables.regions.id))
    for r, entrants in enumerate(tables.regions.entrants):
        here = slice(first[r], first[r + 1])
        split_seats(entrants, colleges.attraction[here], table.id[here], seats[here])
    # Together colleges have as many places for partners as a world of five enterprises a college gives them.
    places = seats.astype(np.float64) if seats.sum() > 0 else np.ones(n)
    density = len(tables.enterprises.id) / max(1.0, places.sum()) / start.REFERENCE_DENSITY
    draws.limit_partners(seed, p, table, colleges, places, density)
    return colleges, seats


def cohorts_at_start(tables: Tables, seats: Ints, n_skills: int) -> tuple[Students, bool]:
    """Empty student columns with their offsets; True where motivation and ability are known or NaN."""
    n, groups = len(seats), tables.students
    sizes = np.tile(seats, (COHORTS, 1))
    if groups is not None:
        sizes[1:] = 0
        np.add.at(sizes, (4 - groups.year, groups.college), groups.students)
    offsets = np.zeros((COHORTS, n + 1), np.int64)
    np.cumsum(sizes, axis=1, out=offsets[:, 1:])
    shape = (COHORTS, int(offsets[:, -1].max()))
    students = Students(
        offsets=offsets,
        entry_step=np.array(ENTRY_STEPS, np.int64),
        motivation=np.zeros(shape, np.float32),
        ability=np.zeros(shape, np.float32),
        skills=np.zeros((n_skills, *shape), np.float32),
        practice=np.zeros(shape, np.float32),
        employer=np.full(shape, -1, np.int32),
        match=np.zeros(shape, np.float32),
        field=np.full(shape, -1, np.int8),
        status=np.full(shape, ABSENT, np.int8),
        hired_at=np.full(shape, -1, np.int8),
    )
    if groups is not None:
        for year in (1, 2, 3):
            mine = groups.year == year
            n_known = int(groups.students[mine].sum())
            students.motivation[4 - year, :n_known] = np.repeat(groups.motivation[mine], groups.students[mine])
            students.ability[4 - year, :n_known] = np.repeat(groups.ability[mine], groups.students[mine])
    return students, groups is not None


def college_blocks(sizes: Ints) -> list[tuple[int, int]]:
    """Blocks of college rows with about STUDENTS_A_BLOCK students each. ``sizes`` [C] students of each."""
    if len(sizes) == 0:
        return []
    block = np.cumsum(sizes) // STUDENTS_A_BLOCK
    cuts = [0, *(np.flatnonzero(np.diff(block)) + 1).tolist(), len(sizes)]
    return list(zip(cuts[:-1], cuts[1:], strict=True))


def ties_at_start(seed: np.uint64, p: Any, enterprises: Enterprises, colleges: Colleges, places: Any) -> Ties:
    """Empty memories but for a few shallow contracts; ``places`` = (number of regions, tie slots)."""
    n_regions, n_slots = places
    n = len(enterprises.id)
    shape = (n, n_slots)
    floats = ("trust_enterprise", "trust_college", "cost_share", "subsidy", "tax_credit", "substance")
    ties = Ties(
        college=np.full(shape, -1, np.int32),
        **{name: np.zeros(shape) for name in (*floats, "effort_enterprise", "effort_college")},
        **{name: np.zeros(shape, np.int8) for name in ("level", "is_mandated", "cause_of_end")},
        remaining=np.zeros(shape, np.int64),
        founded=np.full(shape, -1, np.int64),
    )
    key = np.zeros(n, np.uint32)
    draws.tie_priority(seed, enterprises.id, key)
    order = np.lexsort((enterprises.id, key))
    first = first_rows(colleges.region, n_regions)
    contracts = (first, CONTRACT_QUARTERS, getattr(p, "initial_ties", 0.25))
    draws.sign_first_contracts(seed, p, order, enterprises, colleges, ties, contracts)
    return ties


def start_state(tables: Tables, scenario: Scenario, seed: int, threads: int = 1) -> State:
    """The world at step 0 (section 4 of ODD.md). Draws follow ids: the order of a table's rows changes nothing."""
    key, p, n_slots = np.uint64(seed), scenario.p, scenario.population.n_slots
    sectors, past = sectors_at_start(tables, key, p)
    governments, shares = governments_at_start(tables, key, scenario)
    enterprises = enterprises_at_start(tables, key, p, sectors, (shares, n_slots))
    colleges, seats = colleges_at_start(tables, key, p, shares, past)
    students, is_known = cohorts_at_start(tables, seats, sectors.demand.shape[1])
    sizes = np.diff(students.offsets[1:], axis=1).sum(axis=0)
    motivation = np.zeros(len(sizes))
    args = (key, p, colleges.id, colleges.curriculum, students, motivation, is_known)
    over_blocks(draws.draw_students, college_blocks(sizes), *args, threads=threads)
    colleges.motivation[:] = np.where(sizes > 0, motivation / np.maximum(1, sizes), p.motivation_mean)
    concentration = start.cohesion(p.aim_cohesion, p.aim_divergence)
    bodies = (enterprises, colleges, governments)
    for role, (ids, aims) in enumerate([*((b.id, b.aims) for b in bodies), (colleges.id, colleges.base_student_aims)]):
        profile = start.role_profile(start.ROLES[role], p.aim_divergence)
        draws.draw_aims(key, role, ids, profile, concentration, aims)
    draws.blend_student_aims(colleges.base_student_aims, colleges.motivation, colleges.student_aims)
    ties = ties_at_start(key, p, enterprises, colleges, (len(governments.id), n_slots))
    return State(key, 0, governments, sectors, colleges, enterprises, ties, students, threads=threads)
