"""Phase 6, training: intake, curricula, learning (Eq. 37-41; paper 3.3, 5.2 P2, [12, 14]).

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
from abm.quarter.training.learning import Learning, Revision, deep_depth, mean_curriculum, mean_take_up, revise, teach
from abm.world.equations import admit, student_body_weight
from abm.world.programmes import allot, placement_pull
from abm.world.state import COHORTS, ENROLLED, QUARTERS_A_YEAR

if TYPE_CHECKING:
    from abm.world.conditions import Conditions
    from abm.world.state import State

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
    "flows",
    "measured",
    "regional",
)
"""Flows: ``intake`` (students admitted), ``take_up`` (mean share of training that enrolled students
spend in practice, 0-1); ``regional["take_up"]`` [R] the same by region of the college (NaN without students). Measured
once a year: ``seats_moved`` (share of all places that went to another programme), ``programmes_opened`` and
``programmes_closed``."""

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
    revision = Revision(
        p.partner_information, p.homogenisation, p.revision_strength, p.midprogramme_rate, p.skill_half_life,
        p.technology_feedback,
    )  # fmt: skip
    deep = deep_depth(state.ties, len(state.sectors.demand), len(programmes.seats))
    revise(state.step, levers, state.sectors, colleges, programmes, deep, revision)
    learning = Learning(p.learning_rate, p.practice_bonus, p.grade_orientation, p.counted_results)
    over_blocks(teach, blocks, students, colleges, programmes, levers, learning, enrolled, threads=state.threads)
    by_region, take_up = mean_take_up(students.offsets, colleges, programmes, levers, learning, enrolled)
    state.regional["take_up"] = by_region
    state.flows["take_up"] = take_up
    state.flows["intake"] = float(intake)


def _adjust_programmes(state: State, scenario: Conditions) -> None:
    """A year's move of places between programmes, after the first graduates' record (Eq. 89)."""
    state.measured.update(dict.fromkeys(MOVED, 0.0))
    if state.step == 0:
        return
    programmes, n_sectors = state.programmes, len(state.sectors.demand)
    found = adjust(
        state.governments.levers, state.sectors, state.colleges, programmes,
        unfilled(state.enterprises, len(state.governments.id), n_sectors),
        has_contract(state.ties, n_sectors, len(programmes.seats)), mean_curriculum(programmes),
        scenario.parameter_record,
    )  # fmt: skip
    state.measured.update(
        zip(("seats_moved", "programmes_opened", "programmes_closed"), map(float, found), strict=True)
    )


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
    by_college = np.ascontiguousarray(students.offsets[:, ::n_fields])
    blocks = college_blocks(by_college[slot], state.threads)
    over_blocks(_form_bodies, blocks, students, by_college, colleges, enrolled, threads=state.threads)
    return int(students.offsets[slot, -1])


@kernel
def _admit_cohort(lo, hi, seed, step, slot, students, ids, n_fields, parameter_record):
    """Fill the columns of a new cohort for programmes lo..hi (Eq. 37)."""
    p = parameter_record[0]
    for row in range(lo, hi):
        start, end = students.offsets[slot, row], students.offsets[slot, row + 1]
        for j in range(end - start):
            motivation, ability = admit(seed, _INTAKE, step, ids[row // n_fields], row % n_fields, j, p)
            students.motivation[slot, start + j] = motivation
            students.ability[slot, start + j] = ability
        for k in range(students.skills.shape[0]):
            students.skills[k, slot, start:end] = 0.0
        students.practice[slot, start:end] = 0.0
        students.employer[slot, start:end] = -1
        students.match[slot, start:end] = 0.0
        students.field[slot, start:end] = -1
        students.status[slot, start:end] = ENROLLED
        students.hired_at[slot, start:end] = -1


@kernel
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
