"""5.7 Training: intake, curriculum revision, learning (Eq 37-41)."""

from __future__ import annotations

import math

import numpy as np

from abm.state import AIMS, PROGRAMME_QUARTERS
from abm.streams import Stream
from tests.reference.agents import Cohort, StudentAgent, clip
from tests.reference.technology import softmax

single = np.float32


def seats(model, region) -> dict:
    """The region's entrants split over its colleges by largest remainders (Eq 37)."""
    colleges = region.colleges
    if not colleges:
        return {}
    mean = sum(c.placement for c in colleges) / len(colleges)
    pull = {c: c.attraction * math.exp(model.p.placement_pull * (c.placement - mean)) for c in colleges}
    total = sum(pull.values())
    if total <= 0:
        pull = dict.fromkeys(colleges, 1.0)
        total = float(len(colleges))
    quota = {c: region.entrants * pull[c] / total for c in colleges}
    given = {c: math.floor(quota[c]) for c in colleges}
    rest = region.entrants - sum(given.values())
    for c in sorted(colleges, key=lambda c: (-(quota[c] - given[c]), c.id))[:rest]:
        given[c] += 1
    return given


def enrol(model) -> None:
    p = model.p
    slot = (model.t // 4) % 4
    for student in model.cohorts[slot].students:
        student.remove()
    cohort = model.cohorts[slot] = Cohort(model.t)
    given = {}
    for region in model.governments:
        given.update(seats(model, region))
    for college in model.colleges:
        for number in range(given[college]):
            student = StudentAgent(model, college, number)
            u = model.dice.units(Stream.INTAKE, college.id, number)
            student.motivation = single(clip(p.motivation_mean + p.motivation_spread * (u[0] + u[1] - 1)))
            student.ability = single(clip(0.5 + p.ability_spread * (u[2] + u[3] - 1)))
            student.skills = [single(0)] * len(college.curriculum)
            cohort.students.append(student)


def enrolled(model) -> list:
    """Students in training, youngest cohort first."""
    year = 4 * (model.t // 4)
    cohorts = [model.cohorts[((year - 4 * age) // 4) % 4] for age in range(3)]
    return [student for cohort in cohorts for student in cohort.students]


def forecast(model, sector) -> list[float]:
    """Demand to be expected when today's entrants graduate."""
    p = model.p
    half_life = p.skill_half_life / (1 + p.technology_feedback * sector.joint_research)
    left = 0.5 ** (PROGRAMME_QUARTERS / half_life)
    ahead = zip(sector.mean_log_demand, sector.log_demand, strict=True)
    return softmax([mean + (x - mean) * left for mean, x in ahead])


def deep_substance(model, college) -> float:
    return sum(
        tie.substance for e in model.enterprises for tie in e.memory if tie.college is college and tie.level >= 3
    )


def revise(model) -> None:
    """Eq 38-39; all colleges look at the same average curriculum."""
    p = model.p
    n = len(model.colleges)
    average = [sum(column) / n for column in zip(*(c.curriculum for c in model.colleges), strict=True)]
    for c in model.colleges:
        interval = max(1, math.floor(c.region.levers["revision_interval"] + 0.5))
        if (model.t + c.revision_phase) % interval == 0:
            weight = c.partner_depth / (c.partner_depth + p.partner_information)
            foresight = c.region.levers["foresight"]
            ahead = forecast(model, c.field)
            for k, x in enumerate(c.curriculum):
                base = (1 - p.homogenisation) * c.field.demand[k] + p.homogenisation * average[k]
                own = weight * c.partner_demand[k] + (1 - weight) * base
                target = (1 - foresight) * own + foresight * ahead[k]
                c.curriculum[k] = x + p.revision_strength * (target - x)
        else:
            deep = deep_substance(model, c)
            rate = p.midprogramme_rate * deep / (deep + p.partner_information)
            for k, x in enumerate(c.curriculum):
                c.curriculum[k] = x + rate * (c.partner_demand[k] - x)


def take_up(model, college) -> np.float32:
    """Share of training that a fully motivated student takes up in practice."""
    grades = model.p.grade_orientation * (1 - college.region.levers["student_reform"])
    return single(college.practice_offer * (1 - grades))


def learn(model, student) -> None:
    """One quarter of one student, in single precision (Eq 40)."""
    p, c = model.p, student.college
    x = take_up(model, c) * student.motivation
    rate = single(p.learning_rate) * (single(0.5) + student.ability) * (single(1) + single(p.practice_bonus) * x)
    rate = min(single(1), rate)
    for k, skill in enumerate(student.skills):
        taught, practised = single(c.curriculum[k]), single(c.partner_demand[k])
        student.skills[k] = skill + rate * ((taught + x * (practised - taught)) - skill)
    student.practice = student.practice + x / single(12)


def update_student_bodies(model, students) -> None:
    """Eq 41."""
    for c in model.colleges:
        mine = [float(s.motivation) for s in students if s.college is c]
        if mine:
            c.motivation = sum(mine) / len(mine)
        factor = dict.fromkeys(AIMS, 1.0)
        factor["standing"] = 1.5 - c.motivation
        factor["development"] = 0.5 + c.motivation
        weights = {aim: c.base_student_aims[aim] * factor[aim] for aim in AIMS}
        total = sum(weights.values())
        c.student_aims = {aim: weight / total for aim, weight in weights.items()}


def training(model) -> None:
    if model.t % 4 == 0:
        enrol(model)
        update_student_bodies(model, enrolled(model))
    if model.colleges:
        revise(model)
    for student in enrolled(model):
        learn(model, student)
