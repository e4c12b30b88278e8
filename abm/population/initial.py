"""From what is known of a population to the columns at step 0."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

import numpy as np

from abm.equations import split_seats
from abm.kernels import over_blocks
from abm.levers import DISPERSED, LEVERS, SPENDING, L
from abm.population import draws
from abm.population import profiles as start
from abm.population.tables import Tables
from abm.stakes import stakes
from abm.state import (
    ABSENT,
    AIMS,
    COHORTS,
    Colleges,
    Enterprises,
    Floats,
    Governments,
    Ints,
    Keys,
    Sectors,
    State,
    Students,
    Ties,
)

if TYPE_CHECKING:
    from abm.scenario import Scenario

STUDENTS_A_BLOCK = 100_000
"""Students that one thread draws at a time."""
ENTRY_STEPS = (0, -12, -8, -4)
"""Intake held by each cohort slot at step 0: slot = (entry // 4) % 4."""


def blank(kind: Any, shape: tuple[int, ...], **known: Any) -> Any:
    """Columns of one ``kind`` (Colleges, Ties ...): those known, and zeros of ``shape`` for the others."""
    dtypes = column_types(kind)
    return kind(**known, **{name: np.zeros(shape, dtypes[name]) for name in kind._fields if name not in known})


@cache
def column_types(kind: Any) -> dict[str, Any]:
    """Type of the entries of each column, from its annotation NDArray[type].

    NumPy 2.5 made that an alias with the type as its argument; before, it is ndarray[shape, dtype[type]].
    """
    types: dict[str, Any] = {}
    for name, hint in get_type_hints(kind).items():
        arguments = list(get_args(hint))
        types[name] = next(iter(get_args(arguments[1]))) if len(arguments) > 1 else arguments[0]
    return types


def uniforms(seed: np.uint64, stream: int, ids: Keys, sub: int) -> Floats:
    """Four uniform draws of every id. Shape [n, 4]."""
    drawn = np.zeros((len(ids), 4))
    draws.draw_uniforms(seed, stream, ids, sub, drawn)
    return drawn


def normals(seed: np.uint64, stream: int, ids: Keys, sub: int, n: int) -> Floats:
    """``n`` normal draws of every id. Shape [len(ids), n]."""
    drawn = np.zeros((len(ids), n))
    draws.draw_normals(seed, stream, 0, ids, sub, drawn)
    return drawn


def first_rows(region: Any, n_regions: int) -> Ints:
    """First row of each region among rows sorted by region, and the number of rows at the end. Shape [R + 1]."""
    return np.searchsorted(region, np.arange(n_regions + 1)).astype(np.int64)


def sectors_at_start(tables: Tables, seed: np.uint64, numbers: Any) -> tuple[Sectors, Floats]:
    """Sectors, and their demand [lags, S, K] in the quarters before."""
    n_sectors, n_skills = len(tables.sectors.name), tables.sectors.log_demand.shape[1]
    shape = (n_sectors, n_skills)
    sectors = Sectors(np.zeros(shape), np.zeros(shape), np.zeros(shape), np.zeros(n_sectors))
    lags = int(LEVERS[L.REVISION_INTERVAL].neutral)
    past = np.zeros((lags, *shape))
    keys = np.arange(n_sectors, dtype=np.uint32)
    z = np.zeros((2 + lags, n_sectors, n_skills))
    draws.draw_normals(seed, draws.SECTOR, 0, keys, 0, z[0])
    draws.draw_normals(seed, draws.SECTOR, 0, keys, n_skills, z[1])
    for lag in range(lags):
        draws.draw_normals(seed, draws.SECTOR, lag + 1, keys, 0, z[2 + lag])
    draws.place_sectors(numbers, tables.sectors.log_demand, z, sectors, past)
    return sectors, past


def governments_at_start(tables: Tables, seed: np.uint64, scenario: Scenario) -> tuple[Governments, Floats]:
    """Governments with their levers where no rule has moved them, and the sector shares [R, S] of their regions."""
    regions = tables.regions
    n, n_spending = len(regions.id), len(SPENDING)
    shares = regions.sector_shares.copy()
    stance = np.hstack([uniforms(seed, draws.STANCE, regions.id, half) for half in range(len(DISPERSED) // 4)])
    draws.place_shares(normals(seed, draws.SECTOR, regions.id, draws.SHARE_KEY, shares.shape[1]), shares)
    n_enterprises = np.bincount(tables.enterprises.region, minlength=n)
    governments: Governments = blank(
        Governments,
        (n,),
        id=regions.id.copy(),
        aims=np.zeros((n, len(AIMS))),
        levers=np.tile(np.array(scenario.base_levers, np.float64), (n, 1)),
        stance=stance,
        inconsistency=np.zeros((n, n)),
        adjacency=regions.adjacency.copy(),
        budget=scenario.p.budget_per_enterprise * n_enterprises * regions.budget,
        spent=np.zeros((n, n_spending)),
        spent_now=np.zeros((n, n_spending)),
        entrants=regions.entrants.copy(),
        market_fit=np.full(n, start.INITIAL_MARKET_FIT),
    )
    return governments, shares


def enterprises_at_start(tables: Tables, seed: np.uint64, numbers: Any, sectors: Sectors, places: Any) -> Enterprises:
    """Enterprises without partners or staff; ``places`` = (sector shares [R, S], tie slots)."""
    shares, n_slots = places
    table = tables.enterprises
    n, n_skills = len(table.id), sectors.demand.shape[1]
    enterprises: Enterprises = blank(
        Enterprises,
        (n,),
        id=table.id.copy(),
        region=table.region.copy(),
        aims=np.zeros((n, len(AIMS))),
        own_skills=np.zeros((n, n_skills)),
        demand=np.zeros((n, n_skills)),
        community=np.full(n, -1, np.int64),
    )
    regions = (tables.regions.technology, shares)
    drawn = (
        uniforms(seed, draws.ENTERPRISE, table.id, 0),
        normals(seed, draws.ENTERPRISE, table.id, 1, 1),
        normals(seed, draws.OWN_SKILLS, table.id, 0, n_skills),
    )
    draws.place_enterprises(numbers, table, enterprises, regions, sectors.demand, n_slots, drawn)
    return enterprises


def colleges_at_start(
    tables: Tables, seed: np.uint64, numbers: Any, sector_shares: Floats, past: Floats
) -> tuple[Colleges, Ints]:
    """Colleges without students or partners, and their seats a year [C]."""
    table = tables.colleges
    n, n_skills = len(table.id), past.shape[2]
    colleges: Colleges = blank(
        Colleges,
        (n,),
        id=table.id.copy(),
        region=table.region.copy(),
        aims=np.zeros((n, len(AIMS))),
        student_aims=np.zeros((n, len(AIMS))),
        base_student_aims=np.zeros((n, len(AIMS))),
        curriculum=np.zeros((n, n_skills)),
        partner_demand=np.zeros((n, n_skills)),
        placement=np.full(n, start.INITIAL_PLACEMENT),
        community=np.full(n, -1, np.int64),
    )
    u = uniforms(seed, draws.COLLEGE, table.id, 0)
    drawn = (u, normals(seed, draws.COLLEGE, table.id, 1, 1))
    draws.place_colleges(numbers, table, colleges, sector_shares, past, drawn)
    seats = np.zeros(n, np.int64)
    first = first_rows(table.region, len(tables.regions.id))
    for r, entrants in enumerate(tables.regions.entrants):
        here = slice(first[r], first[r + 1])
        split_seats(entrants, colleges.attraction[here], table.id[here], seats[here])
    # Together colleges have as many places for partners as a world of five enterprises a college gives them.
    places = seats.astype(np.float64) if seats.sum() > 0 else np.ones(n)
    density = len(tables.enterprises.id) / max(1.0, places.sum()) / start.REFERENCE_DENSITY
    draws.limit_partners(numbers, table, colleges, places, density, u)
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
    students: Students = blank(
        Students,
        shape,
        offsets=offsets,
        entry_step=np.array(ENTRY_STEPS, np.int64),
        skills=np.zeros((n_skills, *shape), np.float32),
        employer=np.full(shape, -1, np.int32),
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
    return list(pairwise(cuts))


def ties_at_start(
    seed: np.uint64, scenario: Scenario, enterprises: Enterprises, colleges: Colleges, places: Any
) -> Ties:
    """Empty memories but for a few shallow contracts; ``places`` = (number of regions, tie slots)."""
    n_regions, n_slots = places
    n = len(enterprises.id)
    shape = (n, n_slots)
    ties: Ties = blank(Ties, shape, college=np.full(shape, -1, np.int32), founded=np.full(shape, -1, np.int64))
    priority = uniforms(seed, draws.INITIAL_TIE, enterprises.id, 1)[:, 0]
    order = np.lexsort((enterprises.id, priority))
    first = first_rows(colleges.region, n_regions)
    contracts = (first, stakes(scenario.p).quarters, scenario.p.initial_ties)
    u = uniforms(seed, draws.INITIAL_TIE, enterprises.id, 0)
    draws.sign_first_contracts(scenario.numbers, order, enterprises, colleges, ties, contracts, u)
    return ties


def start_state(tables: Tables, scenario: Scenario, seed: int, threads: int = 1) -> State:
    """The world at step 0 (Eq. 57-70). Draws follow ids: the order of a table's rows changes nothing."""
    key, n_slots = np.uint64(seed), scenario.population.n_slots
    p, numbers = scenario.p, scenario.numbers
    sectors, past = sectors_at_start(tables, key, numbers)
    governments, shares = governments_at_start(tables, key, scenario)
    enterprises = enterprises_at_start(tables, key, numbers, sectors, (shares, n_slots))
    colleges, seats = colleges_at_start(tables, key, numbers, shares, past)
    students, is_known = cohorts_at_start(tables, seats, sectors.demand.shape[1])
    sizes = np.diff(students.offsets[1:], axis=1).sum(axis=0)
    motivation = np.zeros(len(sizes))
    args = (key, numbers, colleges.id, colleges.curriculum, students, motivation, is_known)
    over_blocks(draws.draw_students, college_blocks(sizes), *args, threads=threads)
    colleges.motivation[:] = np.where(sizes > 0, motivation / np.maximum(1, sizes), p.motivation_mean)
    concentration = start.cohesion(p.aim_cohesion, p.aim_divergence)
    bodies = (enterprises, colleges, governments)
    for role, (ids, aims) in enumerate([*((b.id, b.aims) for b in bodies), (colleges.id, colleges.base_student_aims)]):
        profile = start.role_profile(start.ROLES[role], p.aim_divergence)
        draws.draw_aims(key, role, ids, profile, concentration, aims)
    draws.blend_student_aims(colleges.base_student_aims, colleges.motivation, colleges.student_aims)
    ties = ties_at_start(key, scenario, enterprises, colleges, (len(governments.id), n_slots))
    return State(key, 0, governments, sectors, colleges, enterprises, ties, students, threads=threads)
