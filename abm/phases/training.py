"""Phase 6, training: intake, curricula, learning (Eq. 37-41; paper 3.3, 5.2 P2, [12, 14]).

Every quarter colleges revise their curricula when their cycle says so, and students learn what the
curriculum and, in practice, their college's partners ask for. Once a year new students come first.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from abm.equations import admit, split_seats, student_body_weight
from abm.kernels import kernel, over_blocks
from abm.levers import L
from abm.phases._blocks import college_blocks
from abm.state import COHORTS, ENROLLED, PROGRAMME_QUARTERS, QUARTERS_A_YEAR
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
_STUDENT_REFORM = int(L.STUDENT_REFORM)
_REVISION_INTERVAL = int(L.REVISION_INTERVAL)
_FORESIGHT = int(L.FORESIGHT)
_ORDER_BASED = 3
_BLOCK = 1024
"""Students trained at a time: their rate and take-up stay in the first-level cache."""
_ONE = np.float32(1.0)
_HALF = np.float32(0.5)


class Learning(NamedTuple):
    """The parameters of learning (Eq. 40)."""

    learning_rate: float
    practice_bonus: float
    grade_orientation: float


class Revision(NamedTuple):
    """The parameters of curriculum revision (Eq. 38, 39)."""

    partner_information: float
    homogenisation: float
    revision_strength: float
    midprogramme_rate: float
    skill_half_life: float
    technology_feedback: float


def training(state: State, scenario: Scenario) -> None:
    """Admit students once a year, revise curricula, teach a quarter."""
    p = scenario.p
    year = state.step // QUARTERS_A_YEAR
    enrolled = (year % COHORTS, (year - 1) % COHORTS, (year - 2) % COHORTS)
    students, colleges, levers = state.students, state.colleges, state.governments.levers
    intake = 0
    if state.step % QUARTERS_A_YEAR == 0:
        intake = _enrol(state, p, enrolled)
    blocks = college_blocks(students.offsets[enrolled[0]], state.threads)
    revision = Revision(
        p.partner_information, p.homogenisation, p.revision_strength, p.midprogramme_rate, p.skill_half_life,
        p.technology_feedback,
    )  # fmt: skip
    deep = deep_depth(state.ties.college, state.ties.level, state.ties.substance, len(colleges.id))
    revise(state.step, levers, state.sectors, colleges, deep, revision)
    learning = Learning(p.learning_rate, p.practice_bonus, p.grade_orientation)
    over_blocks(teach, blocks, students, colleges, levers, learning, enrolled, threads=state.threads)
    by_region, take_up = _take_up(students.offsets, colleges, levers, learning, enrolled)
    state.regional["take_up"] = by_region
    state.flows["take_up"] = take_up
    state.flows["intake"] = float(intake)


def _enrol(state: State, p: object, enrolled: tuple[int, int, int]) -> int:
    """A year's intake into the slot of the cohort that has left, and the student bodies it makes (Eq. 37, 41)."""
    slot = enrolled[0]
    students, colleges = state.students, state.colleges
    students.entry_step[slot] = state.step
    _allot(slot, state.governments.entrants, colleges, students.offsets, p)
    blocks = college_blocks(students.offsets[slot], state.threads)
    over_blocks(_admit_cohort, blocks, state.seed, state.step, slot, students, colleges, p, threads=state.threads)
    over_blocks(_form_bodies, blocks, students, colleges, enrolled, threads=state.threads)
    return int(students.offsets[slot, -1])


@kernel
def _allot(slot, entrants, colleges, offsets, p):
    """Split each region's entrants over its colleges (Eq. 37)."""
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
def _admit_cohort(lo, hi, seed, step, slot, students, colleges, p):
    """Fill the columns of a new cohort for colleges lo..hi (Eq. 37)."""
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


@kernel
def forecast(mean_log_demand, log_demand, half_life, quarters, expected):
    """A sector's expected skill demand some quarters ahead (Eq. 38). Rows [K]; writes ``expected`` [K]."""
    phi = 0.5 ** (quarters / half_life)
    total = 0.0
    for k in range(expected.shape[0]):
        expected[k] = math.exp(mean_log_demand[k] + (log_demand[k] - mean_log_demand[k]) * phi)
        total += expected[k]
    for k in range(expected.shape[0]):
        expected[k] /= total


@kernel
def deep_depth(college, level, substance, n_colleges):
    """Sum of substantive depth over each college's ties of level 3 and deeper [C] (Eq. 39)."""
    deep = np.zeros(n_colleges)
    for e in range(level.shape[0]):
        for h in range(level.shape[1]):
            if level[e, h] >= _ORDER_BASED:
                deep[college[e, h]] += substance[e, h]
    return deep


@kernel
def revise(step, levers, sectors, colleges, deep, p):
    """Periodic revision (Eq. 38), or change in mid-programme with deep partners (Eq. 39). ``p`` is a Revision."""
    n_colleges, n_fields = colleges.curriculum.shape
    if n_colleges == 0:
        return
    mean = np.zeros(n_fields)
    for c in range(n_colleges):
        for k in range(n_fields):
            mean[k] += colleges.curriculum[c, k]
    for k in range(n_fields):
        mean[k] /= n_colleges
    expected = np.zeros(n_fields)
    for c in range(n_colleges):
        region = colleges.region[c]
        interval = max(1, int(math.floor(levers[region, _REVISION_INTERVAL] + 0.5)))
        curriculum = colleges.curriculum[c]
        demand = colleges.partner_demand[c]
        if (step + colleges.revision_phase[c]) % interval == 0:
            known = colleges.partner_depth[c] / (colleges.partner_depth[c] + p.partner_information)
            foresight = levers[region, _FORESIGHT]
            s = colleges.field[c]
            half_life = p.skill_half_life / (1.0 + p.technology_feedback * sectors.joint_research[s])
            forecast(sectors.mean_log_demand[s], sectors.log_demand[s], half_life, PROGRAMME_QUARTERS, expected)
            for k in range(n_fields):
                base = (1.0 - p.homogenisation) * curriculum[k] + p.homogenisation * mean[k]
                own = known * demand[k] + (1.0 - known) * base
                target = (1.0 - foresight) * own + foresight * expected[k]
                curriculum[k] += p.revision_strength * (target - curriculum[k])
        elif deep[c] > 0.0:
            rate = p.midprogramme_rate * deep[c] / (deep[c] + p.partner_information)
            for k in range(n_fields):
                curriculum[k] += rate * (demand[k] - curriculum[k])


@kernel(inline=True)
def acceptance(practice_offer, student_reform, grade_orientation):
    """Share of training that a fully motivated student takes up in practice (Eq. 40, [12])."""
    return np.float32(practice_offer * (1.0 - grade_orientation * (1.0 - student_reform)))


@kernel
def teach(lo, hi, students, colleges, levers, learning, enrolled):
    """One quarter of learning for the students of colleges lo..hi (Eq. 40), all in float32.

    Skill by skill over a block of students: take-up and rate are computed once, and each pass is a
    loop that the compiler turns into vector instructions.
    """
    n_fields = students.skills.shape[0]
    take_up = np.empty(_BLOCK, np.float32)
    rate = np.empty(_BLOCK, np.float32)
    learning_rate = np.float32(learning.learning_rate)
    bonus = np.float32(learning.practice_bonus)
    quarters = np.float32(PROGRAMME_QUARTERS)
    for c in range(lo, hi):
        accepted = acceptance(
            colleges.practice_offer[c], levers[colleges.region[c], _STUDENT_REFORM], learning.grade_orientation
        )
        for slot in enrolled:
            end = students.offsets[slot, c + 1]
            for start in range(students.offsets[slot, c], end, _BLOCK):
                stop = min(start + _BLOCK, end)
                motivation = students.motivation[slot, start:stop]
                ability = students.ability[slot, start:stop]
                practice = students.practice[slot, start:stop]
                for i in range(stop - start):
                    x = accepted * motivation[i]
                    take_up[i] = x
                    rate[i] = min(_ONE, learning_rate * (_HALF + ability[i]) * (_ONE + bonus * x))
                    practice[i] += x / quarters
                for k in range(n_fields):
                    taught = np.float32(colleges.curriculum[c, k])
                    gap = np.float32(colleges.partner_demand[c, k]) - taught
                    skill = students.skills[k, slot, start:stop]
                    for i in range(stop - start):
                        skill[i] += rate[i] * ((taught + take_up[i] * gap) - skill[i])


@kernel
def _take_up(offsets, colleges, levers, learning, enrolled):
    """Mean take-up of practice of enrolled students, by region [R] and of all."""
    by_region = np.zeros(levers.shape[0])
    students = np.zeros(levers.shape[0], np.int64)
    for c in range(colleges.id.shape[0]):
        region = colleges.region[c]
        n = 0
        for slot in enrolled:
            n += offsets[slot, c + 1] - offsets[slot, c]
        accepted = acceptance(
            colleges.practice_offer[c], levers[region, _STUDENT_REFORM], learning.grade_orientation
        )
        by_region[region] += n * accepted * colleges.motivation[c]
        students[region] += n
    total = 0.0
    n_total = 0
    for r in range(levers.shape[0]):
        total += by_region[r]
        n_total += students[r]
        by_region[r] = by_region[r] / students[r] if students[r] > 0 else np.nan
    return by_region, total / n_total if n_total > 0 else 0.0
