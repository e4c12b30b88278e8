"""Phase 6, training: intake, curricula, learning (Eq. 37-41; paper 3.3, 5.2 P2, [12, 14]).

Every quarter colleges revise their curricula when their cycle says so, and students learn what the
curriculum and, in practice, their college's partners ask for. Once a year new students come first.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from abm.equations import admit, split_seats, student_body_weight
from abm.kernels import kernel, over_blocks
from abm.phases._blocks import college_blocks
from abm.phases._learning import Learning, Revision, deep_depth, mean_take_up, revise, teach
from abm.state import COHORTS, ENROLLED, QUARTERS_A_YEAR
from abm.streams import Stream

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from abm.state import State

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
    "colleges.curriculum",
    "colleges.motivation",
    "colleges.student_aims",
    "flows",
    "regional",
)
"""Flows: ``intake`` (students admitted), ``take_up`` (mean share of training that enrolled students
spend in practice, 0-1); ``regional["take_up"]`` [R] the same by region of the college (NaN without students)."""

_INTAKE = int(Stream.INTAKE)


def training(state: State, scenario: Scenario) -> None:
    """Admit students once a year, revise curricula, teach a quarter."""
    p = scenario.p
    year = state.step // QUARTERS_A_YEAR
    enrolled = (year % COHORTS, (year - 1) % COHORTS, (year - 2) % COHORTS)
    students, colleges, levers = state.students, state.colleges, state.governments.levers
    intake = 0
    if state.step % QUARTERS_A_YEAR == 0:
        intake = _enrol(state, scenario, enrolled)
    blocks = college_blocks(students.offsets[enrolled[0]], state.threads)
    revision = Revision(
        p.partner_information, p.homogenisation, p.revision_strength, p.midprogramme_rate, p.skill_half_life,
        p.technology_feedback,
    )  # fmt: skip
    deep = deep_depth(state.ties.college, state.ties.level, state.ties.substance, len(colleges.id))
    revise(state.step, levers, state.sectors, colleges, deep, revision)
    learning = Learning(p.learning_rate, p.practice_bonus, p.grade_orientation)
    over_blocks(teach, blocks, students, colleges, levers, learning, enrolled, threads=state.threads)
    by_region, take_up = mean_take_up(students.offsets, colleges, levers, learning, enrolled)
    state.regional["take_up"] = by_region
    state.flows["take_up"] = take_up
    state.flows["intake"] = float(intake)


def _enrol(state: State, scenario: Scenario, enrolled: tuple[int, int, int]) -> int:
    """A year's intake into the slot of the cohort that has left, and the student bodies it makes (Eq. 37, 41)."""
    slot = enrolled[0]
    students, colleges = state.students, state.colleges
    students.entry_step[slot] = state.step
    _allot(slot, state.governments.entrants, colleges, students.offsets, scenario.numbers)
    blocks = college_blocks(students.offsets[slot], state.threads)
    over_blocks(
        _admit_cohort, blocks, state.seed, state.step, slot, students, colleges, scenario.numbers, threads=state.threads
    )  # fmt: skip
    over_blocks(_form_bodies, blocks, students, colleges, enrolled, threads=state.threads)
    return int(students.offsets[slot, -1])


@kernel
def _allot(slot, entrants, colleges, offsets, numbers):
    """Split each region's entrants over its colleges (Eq. 37)."""
    p = numbers[0]
    n_colleges = colleges.id.shape[0]
    seats = np.zeros(n_colleges, np.int64)
    first = 0
    while first < n_colleges:
        region = colleges.region[first]
        end = first
        mean = 0.0
        while end < n_colleges and colleges.region[end] == region:
            mean += colleges.placement[end]
            end += 1
        mean /= end - first
        weights = np.empty(end - first)
        for c in range(first, end):
            weights[c - first] = colleges.attraction[c] * math.exp(p.placement_pull * (colleges.placement[c] - mean))
        split_seats(entrants[region], weights, colleges.id[first:end], seats[first:end])
        first = end
    offsets[slot, 0] = 0
    for c in range(n_colleges):
        offsets[slot, c + 1] = offsets[slot, c] + seats[c]


@kernel
def _admit_cohort(lo, hi, seed, step, slot, students, colleges, numbers):
    """Fill the columns of a new cohort for colleges lo..hi (Eq. 37)."""
    p = numbers[0]
    for c in range(lo, hi):
        start, end = students.offsets[slot, c], students.offsets[slot, c + 1]
        for j in range(end - start):
            motivation, ability = admit(seed, _INTAKE, step, colleges.id[c], j, p)
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
def _form_bodies(lo, hi, students, colleges, enrolled):
    """Mean motivation and the aims of each student body (Eq. 41)."""
    n_aims = colleges.student_aims.shape[1]
    for c in range(lo, hi):
        total = 0.0
        n = 0
        for slot in enrolled:
            start, end = students.offsets[slot, c], students.offsets[slot, c + 1]
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
