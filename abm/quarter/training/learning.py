"""What colleges teach and how students learn it: the kernels of the training phase (Eq. 38-40)."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from abm.machine.block_draws import BLOCK
from abm.machine.kernels import kernel
from abm.world.equations import reformed_weight
from abm.world.levers import L
from abm.world.programmes import partner_places, partners_weight, programme_row
from abm.world.state import PROGRAMME_QUARTERS
from abm.world.vocabulary import ORDER_BASED, STANDING

_STUDENT_REFORM, _EVALUATION_REFORM = int(L.STUDENT_REFORM), int(L.EVALUATION_REFORM)
_REVISION_INTERVAL = int(L.REVISION_INTERVAL)
_FORESIGHT = int(L.FORESIGHT)
_ONE = np.float32(1.0)
_HALF = np.float32(0.5)


class Learning(NamedTuple):
    """The parameters of learning (Eq. 40)."""

    learning_rate: float
    practice_bonus: float
    grade_orientation: float
    counted_results: float


class Revision(NamedTuple):
    """The parameters of curriculum revision (Eq. 38, 39)."""

    partner_information: float
    homogenisation: float
    revision_strength: float
    midprogramme_rate: float
    skill_half_life: float
    technology_feedback: float


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
def deep_depth(ties, n_fields, n_programmes):
    """Sum of substantive depth over each programme's ties of level 3 and deeper [P] (Eq. 39)."""
    deep = np.zeros(n_programmes)
    for e in range(ties.level.shape[0]):
        for h in range(ties.level.shape[1]):
            if ties.level[e, h] >= ORDER_BASED:
                deep[programme_row(ties.college[e, h], ties.field[e, h], n_fields)] += ties.substance[e, h]
    return deep


@kernel
def mean_curriculum(programmes):
    """Mean curriculum of the programmes on offer, weighted by their seats [K]."""
    mean, total = np.zeros(programmes.curriculum.shape[1]), 0.0
    for row in range(programmes.seats.shape[0]):
        total += programmes.seats[row]
        for k in range(mean.shape[0]):
            mean[k] += programmes.seats[row] * programmes.curriculum[row, k]
    for k in range(mean.shape[0]):
        mean[k] = mean[k] / total if total > 0.0 else 0.0
    return mean


@kernel
def revise(step, levers, sectors, colleges, programmes, deep, p):
    """Periodic revision (Eq. 38), or change in mid-programme with deep partners (Eq. 39). ``p`` is a Revision."""
    n_sectors, n_skills = sectors.demand.shape
    mean, expected = mean_curriculum(programmes), np.zeros(n_skills)
    for row in range(programmes.seats.shape[0]):
        if programmes.seats[row] <= 0.0:
            continue
        c, s = row // n_sectors, row % n_sectors
        region = colleges.region[c]
        interval = max(1, math.floor(levers[region, _REVISION_INTERVAL] + 0.5))
        curriculum, demand = programmes.curriculum[row], programmes.partner_demand[row]
        places = partner_places(programmes.seats, colleges.partner_limit, c, s, n_sectors)
        if (step + programmes.revision_phase[row]) % interval == 0:
            known = partners_weight(programmes.partner_depth[row], places, p.partner_information)
            foresight = levers[region, _FORESIGHT]
            half_life = p.skill_half_life / (1.0 + p.technology_feedback * sectors.joint_research[s])
            forecast(sectors.mean_log_demand[s], sectors.log_demand[s], half_life, PROGRAMME_QUARTERS, expected)
            for k in range(n_skills):
                base = (1.0 - p.homogenisation) * sectors.demand[s, k] + p.homogenisation * mean[k]
                own = known * demand[k] + (1.0 - known) * base
                target = (1.0 - foresight) * own + foresight * expected[k]
                curriculum[k] += p.revision_strength * (target - curriculum[k])
        elif deep[row] > 0.0:
            rate = p.midprogramme_rate * partners_weight(deep[row], places, p.partner_information)
            for k in range(n_skills):
                curriculum[k] += rate * (demand[k] - curriculum[k])


@kernel(inline=True)
def acceptance(practice_offer, student_reform, grade_orientation):
    """Share of training that a fully motivated student takes up in practice (Eq. 40, [12])."""
    return np.float32(practice_offer * (1.0 - grade_orientation * (1.0 - student_reform)))


@kernel
def teach(lo, hi, students, colleges, programmes, levers, learning, enrolled):
    """One quarter of learning for the students of programmes lo..hi (Eq. 40), all in float32.

    Skill by skill over a block of students: take-up and rate are computed once, and each pass is a
    loop that the compiler turns into vector instructions.
    """
    n_skills = students.skills.shape[0]
    take_up = np.empty(BLOCK, np.float32)
    rate = np.empty(BLOCK, np.float32)
    bonus = np.float32(learning.practice_bonus)
    quarters = np.float32(PROGRAMME_QUARTERS)
    n_fields = programmes.seats.shape[0] // max(1, colleges.region.shape[0])
    for row in range(lo, hi):
        reform = levers[colleges.region[row // n_fields], _STUDENT_REFORM]
        accepted = acceptance(programmes.practice_offer[row], reform, learning.grade_orientation)
        c = row // n_fields
        # Time that teachers spend on what is counted is not spent in class ([3]).
        counted = reformed_weight(colleges.aims[c], 0, STANDING, levers[colleges.region[c], _EVALUATION_REFORM])
        learning_rate = np.float32(learning.learning_rate * (1.0 - learning.counted_results * counted))
        for slot in enrolled:
            end = students.offsets[slot, row + 1]
            for start in range(students.offsets[slot, row], end, BLOCK):
                stop = min(start + BLOCK, end)
                motivation = students.motivation[slot, start:stop]
                ability = students.ability[slot, start:stop]
                practice = students.practice[slot, start:stop]
                for i in range(stop - start):
                    x = accepted * motivation[i]
                    take_up[i] = x
                    rate[i] = min(_ONE, learning_rate * (_HALF + ability[i]) * (_ONE + bonus * x))
                    practice[i] += x / quarters
                for k in range(n_skills):
                    taught = np.float32(programmes.curriculum[row, k])
                    gap = np.float32(programmes.partner_demand[row, k]) - taught
                    skill = students.skills[k, slot, start:stop]
                    for i in range(stop - start):
                        skill[i] += rate[i] * ((taught + take_up[i] * gap) - skill[i])


@kernel
def mean_take_up(offsets, colleges, programmes, levers, learning, enrolled):
    """Mean take-up of practice of enrolled students, by region [R] and of all."""
    by_region = np.zeros(levers.shape[0])
    students = np.zeros(levers.shape[0], np.int64)
    n_fields = programmes.seats.shape[0] // max(1, colleges.region.shape[0])
    for row in range(programmes.seats.shape[0]):
        c = row // n_fields
        region = colleges.region[c]
        n = 0
        for slot in enrolled:
            n += offsets[slot, row + 1] - offsets[slot, row]
        accepted = acceptance(
            programmes.practice_offer[row], levers[region, _STUDENT_REFORM], learning.grade_orientation
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
