"""What colleges teach and how students learn it: the kernels of the training phase (Eq. 38-40, 114, 115, 119, 120)."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from abm.machine.block_draws import BLOCK
from abm.machine.kernels import kernel
from abm.world.equations import certified, digital_link, reformed_weight
from abm.world.levers import L
from abm.world.programmes import partner_places, partners_weight, programme_row
from abm.world.state import PROGRAMME_QUARTERS
from abm.world.vocabulary import STANDING

_STUDENT_REFORM, _EVALUATION_REFORM = int(L.STUDENT_REFORM), int(L.EVALUATION_REFORM)
_REVISION_INTERVAL = int(L.REVISION_INTERVAL)
_FORESIGHT = int(L.FORESIGHT)
_EXCHANGE, _CERTIFICATES, _SUPERVISION = int(L.STAFF_EXCHANGE), int(L.CERTIFICATES), int(L.SUPERVISION)
_POSITIONING, _SUBSIDY = int(L.DIFFERENTIATED_POSITIONING), int(L.SUBSIDY_RATE)
_ONE = np.float32(1.0)
_HALF = np.float32(0.5)


class Learning(NamedTuple):
    """The parameters of learning (Eq. 40, 114, 115, 118, 119)."""

    learning_rate: float
    practice_bonus: float
    grade_orientation: float
    counted_results: float
    dual_teaching: float
    dual_base: float
    lessons_lost: float
    expert_lessons: float
    certificate_weight: float
    motivation_learning: float
    crowding_out: float
    drudgery_depth: float


class Revision(NamedTuple):
    """The parameters of curriculum revision (Eq. 38, 39, 116)."""

    partner_information: float
    homogenisation: float
    revision_strength: float
    midprogramme_rate: float
    skill_half_life: float
    technology_feedback: float
    digital_pace: float


@kernel(borrows=True)
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
def asked_here(enterprises, sectors, n_regions):
    """What the enterprises of each region and sector ask for, weighted by size; where there are none, what the sector
    asks (Eq. 120). Shape [R, S, K]."""
    n_sectors, n_skills = sectors.demand.shape
    asked, weight = np.zeros((n_regions, n_sectors, n_skills)), np.zeros((n_regions, n_sectors))
    for e in range(enterprises.region.shape[0]):
        r, s = enterprises.region[e], enterprises.sector[e]
        weight[r, s] += enterprises.size[e]
        for k in range(n_skills):
            asked[r, s, k] += enterprises.size[e] * enterprises.demand[e, k]
    for r in range(n_regions):
        for s in range(n_sectors):
            for k in range(n_skills):
                has_any = weight[r, s] > 0.0
                asked[r, s, k] = asked[r, s, k] / weight[r, s] if has_any else sectors.demand[s, k]
    return asked


@kernel
def revise(step, governments, sectors, colleges, programmes, deep, asked, p):
    """Periodic revision (Eq. 38), or change in mid-programme with deep partners (Eq. 39). ``p`` is a Revision.

    ``asked``: as of ``asked_here``; empty where no region holds colleges to positions of their own.
    """
    levers = governments.levers
    n_sectors, n_skills = sectors.demand.shape
    mean, expected = mean_curriculum(programmes), np.zeros(n_skills)
    for row in range(programmes.seats.shape[0]):
        if programmes.seats[row] <= 0.0:
            continue
        c, s = row // n_sectors, row % n_sectors
        region = colleges.region[c]
        link = digital_link(governments.digital_colleges[region], governments.digital_enterprises[region])
        interval = max(1, math.floor(levers[region, _REVISION_INTERVAL] * (1.0 - p.digital_pace * link) + 0.5))
        curriculum, demand = programmes.curriculum[row], programmes.partner_demand[row]
        places = partner_places(programmes.seats, colleges.partner_limit, c, s, n_sectors)
        if (step + programmes.revision_phase[row]) % interval == 0:
            known = partners_weight(programmes.partner_depth[row], places, p.partner_information)
            foresight, positioning = levers[region, _FORESIGHT], levers[region, _POSITIONING]
            half_life = p.skill_half_life / (1.0 + p.technology_feedback * sectors.joint_research[s])
            forecast(sectors.mean_log_demand[s], sectors.log_demand[s], half_life, PROGRAMME_QUARTERS, expected)
            for k in range(n_skills):
                base = (1.0 - p.homogenisation) * sectors.demand[s, k] + p.homogenisation * mean[k]
                if positioning > 0.0:
                    base = (1.0 - positioning) * base + positioning * asked[region, s, k]
                own = known * demand[k] + (1.0 - known) * base
                target = (1.0 - foresight) * own + foresight * expected[k]
                curriculum[k] += p.revision_strength * (target - curriculum[k])
        elif deep[row] > 0.0:
            rate = p.midprogramme_rate * partners_weight(deep[row], places, p.partner_information)
            for k in range(n_skills):
                curriculum[k] += rate * (demand[k] - curriculum[k])


@kernel(inline=True, borrows=True)
def acceptance(practice_offer, student_reform, grade_orientation):
    """Share of training that a fully motivated student takes up in practice (Eq. 40, [12])."""
    return np.float32(practice_offer * (1.0 - grade_orientation * (1.0 - student_reform)))


@kernel(inline=True, borrows=True)
def grade_pull(levers, learning):
    """Pull of grades against practice where certified practice counts as well (Eq. 118); ``levers`` [L] of a region."""
    weight = learning.certificate_weight
    return learning.grade_orientation * (1.0 - certified(levers[_CERTIFICATES], levers[_SUPERVISION], weight))


@kernel
def teach(lo, hi, students, colleges, programmes, levers, learning, enrolled):
    """One quarter of learning for the students of programmes lo..hi (Eq. 40, 114, 115), all in float32.

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
        c = row // n_fields
        own = levers[colleges.region[c]]
        # Of what is left for class experts teach a share, and that is practice too.
        experts = np.float32(learning.expert_lessons * own[_EXCHANGE])
        accepted = acceptance(programmes.practice_offer[row], own[_STUDENT_REFORM], grade_pull(own, learning))
        accepted *= _ONE - experts
        # Time that teachers spend on what is counted is not spent in class ([3]).
        counted = reformed_weight(colleges.aims[c], 0, STANDING, own[_EVALUATION_REFORM])
        pace = learning.learning_rate * (1.0 - learning.counted_results * counted)
        pace *= 1.0 - learning.lessons_lost * own[_EXCHANGE]
        pace *= 1.0 + learning.dual_teaching * (colleges.dual_qualified[c] - learning.dual_base)
        learning_rate = np.float32(pace)
        for slot in enrolled:
            end = students.offsets[slot, row + 1]
            for start in range(students.offsets[slot, row], end, BLOCK):
                stop = min(start + BLOCK, end)
                motivation = students.motivation[slot, start:stop]
                ability = students.ability[slot, start:stop]
                practice = students.practice[slot, start:stop]
                for i in range(stop - start):
                    x = accepted * motivation[i] + experts
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
def practised_depth(ties, n_fields, n_programmes):
    """Substantive depth in which an hour of a programme's practice is spent, mean [P]; 0 without practice (Eq. 119)."""
    total, squares = np.zeros(n_programmes), np.zeros(n_programmes)
    for e in range(ties.level.shape[0]):
        for h in range(ties.level.shape[1]):
            if ties.level[e, h] > 0:
                row, s = programme_row(ties.college[e, h], ties.field[e, h], n_fields), ties.substance[e, h]
                total[row] += s
                squares[row] += s * s
    for row in range(n_programmes):
        total[row] = squares[row] / total[row] if total[row] > 0.0 else 0.0
    return total


@kernel(inline=True, borrows=True)
def worth_of_practice(depth, drudgery_depth):
    """What practice of some depth is worth to who does it, 0-1 (Eq. 119): half of what it can be where it stops to be
    drudgery."""
    if depth < drudgery_depth:
        return 0.5 * depth / drudgery_depth
    return 0.5 + 0.5 * (depth - drudgery_depth) / (1.0 - drudgery_depth)


@kernel(borrows=True)
def motivate(lo, hi, students, colleges, programmes, levers, learning, depth, enrolled):
    """Motivation of the students of programmes lo..hi learns from the practice they have had (Eq. 119); in float32.
    ``depth`` [P] as of ``practised_depth``."""
    rate = np.float32(learning.motivation_learning)
    n_fields = programmes.seats.shape[0] // max(1, colleges.region.shape[0])
    for row in range(lo, hi):
        own = levers[colleges.region[row // n_fields]]
        accepted = acceptance(programmes.practice_offer[row], own[_STUDENT_REFORM], grade_pull(own, learning))
        worth = worth_of_practice(depth[row], learning.drudgery_depth)
        worth = np.float32(worth * (1.0 - learning.crowding_out * own[_SUBSIDY]))
        for slot in enrolled:
            motivation = students.motivation[slot]
            for i in range(students.offsets[slot, row], students.offsets[slot, row + 1]):
                m = motivation[i]
                motivation[i] = m + rate * (accepted * m) * (worth - m)


@kernel
def mean_take_up(offsets, colleges, programmes, levers, learning, enrolled):
    """Mean take-up of practice of enrolled students, by region [R] and of all, and their mean motivation."""
    motivation = 0.0
    by_region = np.zeros(levers.shape[0])
    students = np.zeros(levers.shape[0], np.int64)
    n_fields = programmes.seats.shape[0] // max(1, colleges.region.shape[0])
    for row in range(programmes.seats.shape[0]):
        c = row // n_fields
        region = colleges.region[c]
        n = 0
        for slot in enrolled:
            n += offsets[slot, row + 1] - offsets[slot, row]
        pull = grade_pull(levers[region], learning)
        accepted = acceptance(programmes.practice_offer[row], levers[region, _STUDENT_REFORM], pull)
        motivation += n * colleges.motivation[c]
        by_region[region] += n * accepted * colleges.motivation[c]
        students[region] += n
    total = 0.0
    n_total = 0
    for r in range(levers.shape[0]):
        total += by_region[r]
        n_total += students[r]
        by_region[r] = by_region[r] / students[r] if students[r] > 0 else np.nan
    if n_total == 0:
        return by_region, 0.0, np.nan
    return by_region, total / n_total, motivation / n_total
