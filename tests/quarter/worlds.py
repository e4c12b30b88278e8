"""Small worlds for tests of phases: columns filled with plain values that a test then changes."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from abm.world.levers import LEVERS, N_DISPERSED, SPENDING
from abm.world.parameters import DEFAULTS, as_row
from abm.world.state import (
    COHORTS,
    ENROLLED,
    Colleges,
    Enterprises,
    Governments,
    Programmes,
    Sectors,
    State,
    Students,
    Ties,
)

M = 6


def scenario(**changes: float) -> SimpleNamespace:
    """Default parameters with some changed."""
    p = DEFAULTS._replace(**changes)
    return SimpleNamespace(p=p, parameter_record=as_row(p))


def governments(n: int, entrants: list[int]) -> Governments:
    levers = np.tile([lever.neutral for lever in LEVERS], (n, 1)).astype(float)
    return Governments(
        id=np.arange(n, dtype=np.uint32), aims=np.full((n, M), 1 / M), levers=levers,
        stance=np.full((n, N_DISPERSED), 0.5), inconsistency=np.zeros((n, n)), adjacency=~np.eye(n, dtype=bool),
        budget=np.ones(n), spent=np.zeros((n, len(SPENDING))), spent_now=np.zeros((n, len(SPENDING))),
        entrants=np.array(entrants), known_fine=np.zeros(n), market_fit=np.full(n, 0.5),
        digital_colleges=np.zeros(n), digital_enterprises=np.zeros(n), raiders=np.zeros(n),
        paid_subsidy=np.ones(n), paid_credit=np.ones(n), stage=np.zeros(n, np.int8),
    )  # fmt: skip


def sectors(demand: np.ndarray) -> Sectors:
    log_demand = np.log(demand)
    n = len(demand)
    return Sectors(log_demand.copy(), log_demand, demand.copy(), np.zeros(n), np.ones(n), log_demand.copy())


def colleges(region: list[int]) -> Colleges:
    n = len(region)
    one = np.full((n, M), 1 / M)
    return Colleges(
        id=np.arange(n, dtype=np.uint32) + 10, region=np.array(region, np.int32), field=np.zeros(n, np.int32),
        aims=one.copy(), base_aims=one.copy(), student_aims=one.copy(), base_student_aims=one.copy(),
        motivation=np.full(n, 0.5), attraction=np.ones(n),
        engagement=np.zeros(n), dual_qualified=np.full(n, 0.5), reputation=np.full(n, 0.5), placement=np.full(n, 0.5),
        partner_limit=np.full(n, 8), n_partners=np.zeros(n, np.int64), cluster=np.full(n, -1), community=np.full(n, -1),
    )  # fmt: skip


def programmes(regions: list[int], seats: list[int], demand: np.ndarray) -> Programmes:
    """Each college offers the first field only, as large in its region as its ``seats`` [C] are (equal without any)."""
    n, n_fields = len(regions), len(demand)
    mean = np.tile(demand.mean(axis=0), (n * n_fields, 1))
    shares = np.zeros((n, n_fields))
    for region in set(regions):
        here = np.array(regions) == region
        weights = np.array(seats, float)[here]
        shares[here, 0] = weights / weights.sum() if weights.sum() > 0 else 1.0 / here.sum()
    return Programmes(
        seats=shares.reshape(-1), curriculum=mean.copy(), partner_demand=mean.copy(), partner_depth=np.zeros(len(mean)),
        practice_offer=np.zeros(len(mean)), revision_phase=np.zeros(len(mean), np.int64),
        related=np.full(len(mean), 0.5),
    )  # fmt: skip


def offered(state: State) -> Programmes:
    """The one programme of each college, [C] each; writing into a column writes the world."""
    return Programmes(*(column[:: len(state.sectors.demand)] for column in state.programmes))


def offsets(state: State) -> np.ndarray:
    """First student of each college [COHORTS, C + 1]; writing writes the world, but for colleges' empty programmes."""
    return state.students.offsets[:, :: len(state.sectors.demand)]


def enterprises(region: list[int], sector: list[int], demand: np.ndarray) -> Enterprises:
    n = len(region)
    return Enterprises(
        id=np.arange(n, dtype=np.uint32) + 100, region=np.array(region, np.int32), sector=np.array(sector, np.int32),
        size=np.ones(n), aims=np.full((n, M), 1 / M), base_aims=np.full((n, M), 1 / M),
        own_skills=demand.copy(), demand=demand.copy(),
        technology=np.full(n, 0.5), stability=np.full(n, 0.5), retention=np.full(n, 0.5), tax_due=np.zeros(n),
        reputation=np.full(n, 0.5), partner_limit=np.full(n, 2), n_partners=np.zeros(n, np.int64),
        vacancies=np.zeros(n, np.int64), posted=np.zeros(n, np.int64), staff=np.zeros(n, np.int64),
        cluster=np.full(n, -1), community=np.full(n, -1), skilled=np.full(n, 0.5), data=np.zeros(n),
        recorded_staff=np.zeros(n, np.int64), recorded_fit=np.zeros(n), recorded_related=np.zeros(n, np.int64),
        quarters_kept=np.zeros(n, np.int64), credited=np.ones(n),
    )  # fmt: skip


def ties(n: int, slots: int = 2) -> Ties:
    shape = (n, slots)
    return Ties(
        college=np.full(shape, -1, np.int32), field=np.zeros(shape, np.int8),
        trust_enterprise=np.zeros(shape), trust_college=np.zeros(shape), evidence=np.full(shape, 2.0),
        talk=np.zeros(shape),
        level=np.zeros(shape, np.int8), cost_share=np.zeros(shape), subsidy=np.zeros(shape), tax_credit=np.zeros(shape),
        is_mandated=np.zeros(shape, np.int8), effort_enterprise=np.zeros(shape), effort_college=np.zeros(shape),
        substance=np.zeros(shape), remaining=np.zeros(shape, np.int64), founded=np.full(shape, -1),
        cause_of_end=np.zeros(shape, np.int8), joint_gain=np.zeros(shape),
    )  # fmt: skip


def students(seats: list[int], n_fields: int, n_skills: int) -> Students:
    """Four cohorts with the same ``seats`` [C], all in the first field; motivation and ability 0.5, no skills yet."""
    total = sum(seats)
    shape = (COHORTS, total)
    by_programme = [n if field == 0 else 0 for n in seats for field in range(n_fields)]
    return Students(
        offsets=np.tile(np.concatenate([[0], np.cumsum(by_programme)]), (COHORTS, 1)).astype(np.int64),
        entry_step=np.array([0, -12, -8, -4]), motivation=np.full(shape, 0.5, np.float32),
        ability=np.full(shape, 0.5, np.float32), skills=np.zeros((n_skills, *shape), np.float32),
        practice=np.zeros(shape, np.float32), employer=np.full(shape, -1, np.int32), match=np.zeros(shape, np.float32),
        field=np.full(shape, -1, np.int8), status=np.full(shape, ENROLLED, np.int8),
        hired_at=np.full(shape, -1, np.int8),
    )  # fmt: skip


def world(regions: list[int], seats: list[int], firms: list[tuple[int, int]], demand: np.ndarray) -> State:
    """A world with colleges in ``regions`` [C] with ``seats`` [C], and enterprises (region, sector).

    ``demand`` [S, K] is what each sector asks for; its enterprises ask for the same, curricula teach their mean.
    """
    n_regions = max([*regions, *(r for r, _ in firms), 0]) + 1
    entrants = [sum(n for n, r in zip(seats, regions, strict=True) if r == region) for region in range(n_regions)]
    own = demand[[s for _, s in firms]] if firms else np.zeros((0, demand.shape[1]))
    return State(
        np.uint64(7), 0, governments(n_regions, entrants), sectors(demand),
        colleges(regions), programmes(regions, seats, demand),
        enterprises([r for r, _ in firms], [s for _, s in firms], own), ties(len(firms)),
        students(seats, *demand.shape),
    )  # fmt: skip
