"""Phase 6, training: intake, curricula, learning (Eq. 37-41, 89, 102, 103, 114-116, 118-120; paper 3.3, 4.3, 5.2 P2,
[12, 14]).

Every quarter colleges revise their curricula when their cycle says so, and students learn what the
curriculum and, in practice, their college's partners ask for. Once a year new students come first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.machine.blocks import college_blocks
from abm.machine.kernels import kernel, over_blocks
from abm.machine.streams import Stream
from abm.quarter.training.adjustment import adjust, has_contract, unfilled
from abm.quarter.training.emerging import expected_share, money_left, support
from abm.quarter.training.learning import (
    Learning,
    Revision,
    asked_here,
    mean_curriculum,
    mean_take_up,
    motivate,
    practised_depth,
    revise,
    teach,
)
from abm.world.emerging import emerging_sector
from abm.world.equations import admit, student_body_weight
from abm.world.levers import F, L
from abm.world.parameters import taken
from abm.world.programmes import allot, deep_depth, placement_pull
from abm.world.public_money import public_money
from abm.world.state import COHORTS, ENROLLED, QUARTERS_A_YEAR

if TYPE_CHECKING:
    from abm.world.conditions import Conditions
    from abm.world.state import Floats, State

WRITES: tuple[str, ...] = (
    "students.offsets",
    "students.entry_step",
    "students.motivation",
    "students.ability",
    "students.skills",
    "students.practice",
    "students.employer",
    "students.match",
    "students.field",
    "students.status",
    "students.hired_at",
    "programmes.curriculum",
    "colleges.motivation",
    "colleges.student_aims",
    "programmes.seats",
    "programmes.partner_demand",
    "programmes.related",
    "governments.spent",
    "governments.spent_now",
    "flows",
    "measured",
    "regional",
)
"""Flows: ``intake`` (students admitted), ``take_up`` (mean share of training that enrolled students spend in practice,
0-1), ``motivation`` (their mean motivation, 0-1; NaN without any); ``regional["take_up"]`` [R] take-up by region of the
college (NaN without students). Measured once a year: ``seats_moved`` (share of all places that went to another
programme), ``programmes_opened`` and ``programmes_closed``."""

_INTAKE = int(Stream.INTAKE)
MOVED = ("seats_moved", "programmes_opened", "programmes_closed")


def training(state: State, scenario: Conditions) -> None:
    """Admit students once a year, revise curricula, teach a quarter."""
    p = scenario.p
    year = state.step // QUARTERS_A_YEAR
    enrolled = (year % COHORTS, (year - 1) % COHORTS, (year - 2) % COHORTS)
    students, colleges, levers = state.students, state.colleges, state.governments.levers
    intake = 0
    if state.step % QUARTERS_A_YEAR == 0:
        _adjust_programmes(state, scenario)
        intake = _enrol(state, scenario, enrolled)
    programmes = state.programmes
    blocks = college_blocks(students.offsets[enrolled[0]], state.threads)
    revision = taken(Revision, p)
    n_fields, n_programmes = len(state.sectors.demand), len(programmes.seats)
    deep = deep_depth(state.ties, n_fields, n_programmes)
    asked = np.zeros((0, 0, 0))
    if levers[:, L.DIFFERENTIATED_POSITIONING].any():
        asked = asked_here(state.enterprises, state.sectors, len(levers))
    revise(state.step, state.governments, state.sectors, colleges, programmes, deep, asked, revision)
    learning = taken(Learning, p)
    over_blocks(teach, blocks, students, colleges, programmes, levers, learning, enrolled, threads=state.threads)
    if p.motivation_learning > 0.0:
        depth = practised_depth(state.ties, n_fields, n_programmes)
        over_blocks(
            motivate, blocks, students, colleges, programmes, levers, learning, depth, enrolled, threads=state.threads
        )
        _renew_bodies(state, enrolled)
    by_region, take_up, motivation = mean_take_up(students.offsets, colleges, programmes, levers, learning, enrolled)
    state.regional["take_up"] = by_region
    state.flows["take_up"] = take_up
    state.flows["motivation"] = motivation
    state.flows["intake"] = float(intake)


def _adjust_programmes(state: State, scenario: Conditions) -> None:
    """A year's move of places between programmes, after the first graduates' record (Eq. 89)."""
    state.measured.update(dict.fromkeys(MOVED, 0.0))
    if state.step == 0:
        return
    programmes, n_sectors = state.programmes, len(state.sectors.demand)
    mean = mean_curriculum(programmes)
    moved, opened, closed = adjust(
        state.governments.levers, state.sectors, state.colleges, programmes,
        unfilled(state.enterprises, len(state.governments.id), n_sectors),
        has_contract(state.ties, n_sectors, len(programmes.seats)), mean, scenario.parameter_record,
    )  # fmt: skip
    emerging = emerging_sector(scenario.p, n_sectors)
    if emerging >= 0 and state.governments.levers[:, L.EMERGING_SUPPORT].any():
        more, new = _support_emerging(state, scenario, emerging, mean)
        moved, opened = moved + more, opened + new
    state.measured.update(zip(MOVED, map(float, (moved, opened, closed)), strict=True))


def _support_emerging(state: State, scenario: Conditions, emerging: int, mean: Floats) -> tuple[float, int]:
    """Pay for places of the emerging field (Eq. 102). Returns the share of all places that moved, programmes opened."""
    governments, programmes, regional = state.governments, state.programmes, state.regional
    unknown = np.full(len(governments.id), np.nan)
    expected = expected_share(
        regional.get("emerging_share", unknown), regional.get("emerging_share_2", unknown),
        governments.levers[:, L.LOOKING_AHEAD],
    )  # fmt: skip
    moved, opened, paid = support(
        governments.levers, money_left(public_money(state)), expected, emerging, state.sectors, state.colleges,
        programmes, mean, scenario.parameter_record,
    )  # fmt: skip
    governments.spent_now[:, F.SUBSIDY] += paid
    governments.spent[:, F.SUBSIDY] += paid
    everything = float(programmes.seats.sum())
    return moved / everything if everything > 0.0 else 0.0, opened


def _enrol(state: State, scenario: Conditions, enrolled: tuple[int, int, int]) -> int:
    """A year's intake into the slot of the cohort that has left, and the student bodies it makes (Eq. 37, 41)."""
    slot = enrolled[0]
    students, colleges, n_fields = state.students, state.colleges, len(state.sectors.demand)
    students.entry_step[slot] = state.step
    admitted = np.zeros(len(state.programmes.seats), np.int64)
    pull = placement_pull(colleges.region, colleges.placement, scenario.p.placement_pull)
    allot(state.governments.entrants, colleges.region, colleges.id, state.programmes.seats, pull, n_fields, admitted)
    students.offsets[slot, 0] = 0
    np.cumsum(admitted, out=students.offsets[slot, 1:])
    blocks = college_blocks(students.offsets[slot], state.threads)
    over_blocks(
        _admit_cohort, blocks, state.seed, state.step, slot, students, colleges.id, n_fields,
        scenario.parameter_record, threads=state.threads,
    )  # fmt: skip
    _renew_bodies(state, enrolled)
    return int(students.offsets[slot, -1])


def _renew_bodies(state: State, enrolled: tuple[int, int, int]) -> None:
    """What the student bodies are now that students came or their motivation moved (Eq. 41)."""
    students = state.students
    by_college = np.ascontiguousarray(students.offsets[:, :: len(state.sectors.demand)])
    blocks = college_blocks(by_college[enrolled[0]], state.threads)
    over_blocks(_form_bodies, blocks, students, by_college, state.colleges, enrolled, threads=state.threads)


@kernel(borrows=True)
def _admit_cohort(lo, hi, seed, step, slot, students, ids, n_fields, parameter_record):
    """Fill the columns of a new cohort for programmes lo..hi (Eq. 37)."""
    p = parameter_record[0]
    for row in range(lo, hi):
        start, end = students.offsets[slot, row], students.offsets[slot, row + 1]
        motivation, ability = students.motivation[slot, start:end], students.ability[slot, start:end]
        college_id, field = ids[row // n_fields], row % n_fields
        for j in range(end - start):
            motivation[j], ability[j] = admit(seed, _INTAKE, step, college_id, field, j, p)
        for k in range(students.skills.shape[0]):
            students.skills[k, slot, start:end] = 0.0
        students.practice[slot, start:end] = 0.0
        students.employer[slot, start:end] = -1
        students.match[slot, start:end] = 0.0
        students.field[slot, start:end] = -1
        students.status[slot, start:end] = ENROLLED
        students.hired_at[slot, start:end] = -1


@kernel(borrows=True)
def _form_bodies(lo, hi, students, offsets, colleges, enrolled):
    """Mean motivation and the aims of each student body (Eq. 41). ``offsets`` [COHORTS, C + 1] by college."""
    n_aims = colleges.student_aims.shape[1]
    for c in range(lo, hi):
        total = 0.0
        n = 0
        for slot in enrolled:
            start, end = offsets[slot, c], offsets[slot, c + 1]
            n += end - start
            for i in range(start, end):
                total += students.motivation[slot, i]
        if n == 0:
            continue
        colleges.motivation[c] = total / n
        weights = 0.0
        for m in range(n_aims):
            weight = student_body_weight(colleges.base_student_aims[c, m], m, colleges.motivation[c])
            colleges.student_aims[c, m] = weight
            weights += weight
        for m in range(n_aims):
            colleges.student_aims[c, m] /= weights
