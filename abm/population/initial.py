"""From what is known of a population to the columns at step 0."""

from __future__ import annotations

import math
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

import numpy as np

from abm.machine.kernels import over_blocks
from abm.population import draws
from abm.population import profiles as start
from abm.population.tables import Tables, largest_remainder
from abm.world.emerging import emerging_sector
from abm.world.level_tables import level_tables
from abm.world.levers import LEVERS, N_DISPERSED, SPENDING, L
from abm.world.programmes import allot, best_fields
from abm.world.state import (
    ABSENT,
    COHORTS,
    Bytes,
    Colleges,
    Enterprises,
    Floats,
    Governments,
    Ints,
    Keys,
    Programmes,
    Sectors,
    State,
    Students,
    Ties,
)
from abm.world.vocabulary import AIMS

if TYPE_CHECKING:
    from abm.population.spec import Populated

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


def sectors_at_start(tables: Tables, seed: np.uint64, parameter_record: Any) -> tuple[Sectors, Floats]:
    """Sectors, and their demand [lags, S, K] in the quarters before."""
    n_sectors, n_skills = len(tables.sectors.name), tables.sectors.log_demand.shape[1]
    shape = (n_sectors, n_skills)
    blank_profiles = (np.zeros(shape), np.zeros(shape), np.zeros(shape))
    sectors = Sectors(*blank_profiles, np.zeros(n_sectors), np.ones(n_sectors), np.zeros(shape))
    lags = int(LEVERS[L.REVISION_INTERVAL].neutral)
    past = np.zeros((lags, *shape))
    keys = np.arange(n_sectors, dtype=np.uint32)
    z = np.zeros((2 + lags, n_sectors, n_skills))
    draws.draw_normals(seed, draws.SECTOR, 0, keys, 0, z[0])
    draws.draw_normals(seed, draws.SECTOR, 0, keys, n_skills, z[1])
    for lag in range(lags):
        draws.draw_normals(seed, draws.SECTOR, lag + 1, keys, 0, z[2 + lag])
    draws.place_sectors(parameter_record, tables.sectors.log_demand, z, sectors, past)
    sectors.frontier_log_demand[:] = sectors.mean_log_demand
    return sectors, past


def governments_at_start(tables: Tables, seed: np.uint64, scenario: Populated) -> tuple[Governments, Floats]:
    """Governments with their levers where no rule has moved them, and the sector shares [R, S] of their regions."""
    regions = tables.regions
    n, n_spending = len(regions.id), len(SPENDING)
    shares = regions.sector_shares.copy()
    fours = [uniforms(seed, draws.STANCE, regions.id, sub) for sub in range(math.ceil(N_DISPERSED / 4))]
    stance = np.ascontiguousarray(np.hstack(fours)[:, :N_DISPERSED])
    draws.place_shares(normals(seed, draws.SECTOR, regions.id, draws.SHARE_KEY, shares.shape[1]), shares)
    n_enterprises = np.bincount(tables.enterprises.region, minlength=n)
    levers = np.tile(np.array(scenario.base_levers, np.float64), (n, 1))
    governments: Governments = blank(
        Governments,
        (n,),
        id=regions.id.copy(),
        aims=np.zeros((n, len(AIMS))),
        levers=levers,
        stance=stance,
        inconsistency=np.zeros((n, n)),
        adjacency=regions.adjacency.copy(),
        budget=scenario.p.budget_per_enterprise * n_enterprises * regions.budget,
        spent=np.zeros((n, n_spending)),
        spent_now=np.zeros((n, n_spending)),
        entrants=regions.entrants.copy(),
        known_fine=levers[:, L.SUPERVISION] * levers[:, L.PENALTY],
        market_fit=np.full(n, start.INITIAL_MARKET_FIT),
    )
    return governments, shares


def enterprises_at_start(
    tables: Tables, seed: np.uint64, parameter_record: Any, sectors: Sectors, places: Any
) -> Enterprises:
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
        base_aims=np.zeros((n, len(AIMS))),
        own_skills=np.zeros((n, n_skills)),
        demand=np.zeros((n, n_skills)),
        cluster=np.full(n, -1, np.int64),
        community=np.full(n, -1, np.int64),
        skilled=np.full(n, start.INITIAL_MARKET_FIT),
        credited=np.ones(n),
    )
    regions = (tables.regions.technology, shares)
    drawn = (
        uniforms(seed, draws.ENTERPRISE, table.id, 0),
        normals(seed, draws.ENTERPRISE, table.id, 1, 1),
        normals(seed, draws.OWN_SKILLS, table.id, 0, n_skills),
    )
    draws.place_enterprises(parameter_record, table, enterprises, regions, sectors.demand, n_slots, drawn)
    return enterprises


def colleges_at_start(tables: Tables, seed: np.uint64, parameter_record: Any, shares: Floats) -> Colleges:
    """Colleges without students or partners. ``shares`` [R, S] of sectors."""
    table = tables.colleges
    n = len(table.id)
    colleges: Colleges = blank(
        Colleges,
        (n,),
        id=table.id.copy(),
        region=table.region.copy(),
        aims=np.zeros((n, len(AIMS))),
        base_aims=np.zeros((n, len(AIMS))),
        student_aims=np.zeros((n, len(AIMS))),
        base_student_aims=np.zeros((n, len(AIMS))),
        placement=np.full(n, start.INITIAL_PLACEMENT),
        cluster=np.full(n, -1, np.int64),
        community=np.full(n, -1, np.int64),
    )
    drawn = (uniforms(seed, draws.COLLEGE, table.id, 0), normals(seed, draws.COLLEGE, table.id, 1, 1))
    draws.place_colleges(parameter_record, table, colleges, shares, drawn)
    return colleges


def programmes_at_start(
    tables: Tables, seed: np.uint64, scenario: Populated, colleges: Colleges, shares: Floats, past: Floats
) -> Programmes:
    """What the colleges offer: seats from ``shares`` [R, S] or the table of programmes, curricula from the ``past``."""
    n, n_skills = len(colleges.id) * shares.shape[1], past.shape[2]
    programmes: Programmes = blank(
        Programmes,
        (n,),
        curriculum=np.zeros((n, n_skills)),
        partner_demand=np.zeros((n, n_skills)),
        related=np.full(n, start.INITIAL_PLACEMENT),
    )
    first = first_rows(colleges.region, len(shares))
    known = np.full((len(colleges.id), shares.shape[1]), np.nan)
    table = tables.programmes
    if table is not None:
        known[table.college] = 0.0
        known[table.college, table.field] = table.seats
    parameter_record, emerging = scenario.parameter_record, emerging_sector(scenario.p, shares.shape[1])
    draws.split_places(parameter_record, emerging, colleges, first, shares, known, programmes.seats)
    draws.place_programmes(seed, parameter_record, colleges, past, programmes)
    return programmes


def intake_at_start(tables: Tables, colleges: Colleges, programmes: Programmes) -> Ints:
    """Students that each programme admits a year while placement records are equal (Eq. 37). Shape [P]."""
    admitted = np.zeros(len(programmes.seats), np.int64)
    n = len(colleges.id)
    n_fields = len(admitted) // n if n else 1
    allot(tables.regions.entrants, colleges.region, colleges.id, programmes.seats, np.ones(n), n_fields, admitted)
    return admitted


def limit_partners(tables: Tables, seed: np.uint64, parameter_record: Any, colleges: Colleges, admitted: Ints) -> None:
    """Places for partners: together as many as a world of five enterprises a college gives them (Eq. 68)."""
    n = len(colleges.id)
    places = admitted.reshape(n, -1).sum(axis=1).astype(np.float64) if admitted.sum() > 0 else np.ones(n)
    density = len(tables.enterprises.id) / max(1.0, places.sum()) / start.REFERENCE_DENSITY
    u = uniforms(seed, draws.COLLEGE, colleges.id, 0)
    draws.limit_partners(parameter_record, tables.colleges, colleges, places, density, u)


def cohorts_at_start(tables: Tables, programmes: Programmes, admitted: Ints, n_skills: int) -> tuple[Students, bool]:
    """Empty student columns with their offsets; True where motivation and ability are known. ``admitted`` [P]."""
    n, groups = len(admitted), tables.students
    sizes = np.tile(admitted, (COHORTS, 1))
    known: list[tuple[Floats, Floats]] = []
    if groups is not None:
        n_fields = n // max(1, len(tables.colleges.id))
        for year in (1, 2, 3):
            mine = groups.year == year
            people = np.repeat(np.flatnonzero(mine), groups.students[mine])
            programme = deal(groups.college[people], groups.field[people], programmes.seats, n_fields)
            order = np.argsort(programme, kind="stable")
            sizes[4 - year] = np.bincount(programme, minlength=n)
            known.append((groups.motivation[people[order]], groups.ability[people[order]]))
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
    for year, (motivation, ability) in enumerate(known, 1):
        students.motivation[4 - year, : len(motivation)] = motivation
        students.ability[4 - year, : len(ability)] = ability
    return students, groups is not None


def deal(college: Any, field: Any, seats: Floats, n_fields: int) -> Ints:
    """Programme of each of n people, sorted by college: that of their ``field``, or, where it is -1, dealt out evenly
    in proportion to the college's ``seats`` [P], person by person. Shape [n]."""
    programme = college.astype(np.int64) * n_fields + field
    for c in np.unique(college[field < 0]).tolist():
        mine = np.flatnonzero((college == c) & (field < 0))
        own = seats[c * n_fields : (c + 1) * n_fields]
        parts = largest_remainder(len(mine), own)
        fields = np.repeat(np.arange(n_fields), parts)
        turn = np.concatenate([(np.arange(part) + 0.5) / part for part in parts.tolist() if part])
        programme[mine] = c * n_fields + fields[np.argsort(turn, kind="stable")]
    return programme


def programme_blocks(sizes: Ints) -> list[tuple[int, int]]:
    """Blocks of programmes with about STUDENTS_A_BLOCK students each. ``sizes`` [P] students of each."""
    if len(sizes) == 0:
        return []
    block = np.cumsum(sizes) // STUDENTS_A_BLOCK
    cuts = [0, *(np.flatnonzero(np.diff(block)) + 1).tolist(), len(sizes)]
    return list(pairwise(cuts))


def ties_at_start(
    seed: np.uint64, scenario: Populated, enterprises: Enterprises, colleges: Colleges, best: Bytes, places: Any
) -> Ties:
    """Empty memories but for a few shallow contracts; ``places`` = (number of regions, tie slots), ``best`` [C, S] as
    of best_fields."""
    n_regions, n_slots = places
    n = len(enterprises.id)
    shape = (n, n_slots)
    ties: Ties = blank(Ties, shape, college=np.full(shape, -1, np.int32), founded=np.full(shape, -1, np.int64))
    priority = uniforms(seed, draws.INITIAL_TIE, enterprises.id, 1)[:, 0]
    order = np.lexsort((enterprises.id, priority))
    first = first_rows(colleges.region, n_regions)
    contracts = (first, level_tables(scenario.p).quarters, scenario.p.initial_ties)
    u = uniforms(seed, draws.INITIAL_TIE, enterprises.id, 0)
    draws.sign_first_contracts(scenario.parameter_record, order, enterprises, colleges, best, ties, contracts, u)
    return ties


def start_state(tables: Tables, scenario: Populated, seed: int, threads: int = 1) -> State:
    """The world at step 0 (Eq. 57-70). Draws follow ids: the order of a table's rows changes nothing."""
    key, n_slots = np.uint64(seed), scenario.population.n_slots
    p, parameter_record = scenario.p, scenario.parameter_record
    sectors, past = sectors_at_start(tables, key, parameter_record)
    governments, shares = governments_at_start(tables, key, scenario)
    enterprises = enterprises_at_start(tables, key, parameter_record, sectors, (shares, n_slots))
    colleges = colleges_at_start(tables, key, parameter_record, shares)
    programmes = programmes_at_start(tables, key, scenario, colleges, shares, past)
    admitted = intake_at_start(tables, colleges, programmes)
    limit_partners(tables, key, parameter_record, colleges, admitted)
    students, is_known = cohorts_at_start(tables, programmes, admitted, sectors.demand.shape[1])
    sizes = np.diff(students.offsets[1:], axis=1).sum(axis=0)
    motivation = np.zeros(len(sizes))
    args = (key, parameter_record, colleges.id, programmes.curriculum, students, motivation, is_known)
    over_blocks(draws.draw_students, programme_blocks(sizes), *args, threads=threads)
    n_colleges = len(colleges.id)
    of_colleges = sizes.reshape(n_colleges, -1).sum(axis=1) if n_colleges else np.zeros(0)
    summed = motivation.reshape(n_colleges, -1).sum(axis=1) if n_colleges else np.zeros(0)
    colleges.motivation[:] = np.where(of_colleges > 0, summed / np.maximum(1, of_colleges), p.motivation_mean)
    concentration = start.cohesion(p.aim_cohesion, p.aim_divergence)
    bodies = (enterprises, colleges, governments)
    for role, (ids, aims) in enumerate([*((b.id, b.aims) for b in bodies), (colleges.id, colleges.base_student_aims)]):
        profile = start.role_profile(start.ROLES[role], p.aim_divergence)
        draws.draw_aims(key, role, ids, profile, concentration, aims)
    enterprises.base_aims[:], colleges.base_aims[:] = enterprises.aims, colleges.aims
    draws.blend_student_aims(colleges.base_student_aims, colleges.motivation, colleges.student_aims)
    best = best_fields(sectors.demand, programmes.curriculum, programmes.seats, n_colleges)
    ties = ties_at_start(key, scenario, enterprises, colleges, best, (len(governments.id), n_slots))
    return State(key, 0, governments, sectors, colleges, programmes, enterprises, ties, students, threads=threads)
