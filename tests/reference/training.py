"""5.7 Training: intake, curriculum revision, learning (Eq 37-41)."""

from __future__ import annotations

import math

import numpy as np

from abm.machine.streams import Stream
from abm.world.state import PROGRAMME_QUARTERS
from abm.world.vocabulary import AIMS
from tests.reference.agents import Cohort, StudentAgent, clip
from tests.reference.technology import softmax
from tests.reference.value import freed

single = np.float32


def largest_remainders(total: int, weights: dict, key) -> dict:
    """Whole numbers that sum to the total, in proportion to the weights; equal remainders in the order of ``key``."""
    everything = sum(weights.values())
    quota = {one: total * weight / everything for one, weight in weights.items()}
    given = {one: math.floor(part) for one, part in quota.items()}
    rest = total - sum(given.values())
    for one in sorted(weights, key=lambda one: (-(quota[one] - given[one]), key(one)))[:rest]:
        given[one] += 1
    return given


def admitted(model, region) -> dict:
    """The region's entrants split over fields, then in each over its colleges (Eq 37)."""
    colleges = region.colleges
    if not colleges:
        return {}
    mean = sum(c.placement for c in colleges) / len(colleges)
    by_field = {sector: sum(c.programmes[sector.row].seats for c in colleges) for sector in model.sectors}
    given = {}
    for sector, n in largest_remainders(region.entrants, by_field, lambda sector: sector.row).items():
        weights = {
            c.programmes[sector.row]: c.programmes[sector.row].seats
            * math.exp(model.p.placement_pull * (c.placement - mean))
            for c in colleges
        }
        given.update(largest_remainders(n, weights, lambda one: one.college.id) if n else dict.fromkeys(weights, 0))
    return given


def enrol(model) -> None:
    p = model.p
    slot = (model.t // 4) % 4
    for student in model.cohorts[slot].students:
        student.remove()
    cohort = model.cohorts[slot] = Cohort(model.t)
    given = {}
    for region in model.governments:
        given.update(admitted(model, region))
    for college in model.colleges:
        for programme in college.programmes:
            for number in range(given[programme]):
                student = StudentAgent(model, programme, number)
                u = model.dice.units(Stream.INTAKE, college.id, number, programme.number)
                student.motivation = single(clip(p.motivation_mean + p.motivation_spread * (u[0] + u[1] - 1)))
                student.ability = single(clip(0.5 + p.ability_spread * (u[2] + u[3] - 1)))
                student.skills = [single(0)] * len(programme.curriculum)
                cohort.students.append(student)


def value(model, programme) -> float:
    """What speaks for an offered programme (Eq 89)."""
    return 0.5 * programme.related + 0.5 * heard(model, programme, programme.partner_depth)


def unfilled(region, sector) -> float:
    """Share of last year's vacancies of a sector in a region that are still open."""
    here = [e for e in region.enterprises if e.sector is sector]
    posted = sum(e.posted for e in here)
    return min(1.0, sum(e.vacancies for e in here) / posted) if posted else 0.0


def adjust(model) -> None:
    """Colleges move places between their programmes, open and close some (Eq 89)."""
    average = mean_curriculum(model)
    ties = [tie for e in model.enterprises for tie in e.active_ties()]
    serving = {tie.programme for tie in ties}
    for c in model.colleges:
        rate, total = c.region.levers["programme_adjustment"], sum(one.seats for one in c.programmes)
        if rate <= 0 or total <= 0:
            continue
        least = model.p.least_programme
        before = {one: one.seats for one in c.programmes}
        values = {one: value(model, one) if one.seats > 0 else 0.0 for one in c.programmes}
        weight = {one: before[one] * values[one] for one in c.programmes}
        if sum(weight.values()) > 0:
            for one in c.programmes:
                one.seats = (1 - rate) * before[one] + rate * total * weight[one] / sum(weight.values())
        wanted = {one: unfilled(c.region, one.field) for one in c.programmes if before[one] <= 0}
        wanted = {one: x for one, x in wanted.items() if x > sum(weight.values()) / total}
        new, share = max(wanted, key=lambda one: wanted[one], default=None), min(rate, 2 * least)
        if new and share > 0:
            for one in c.programmes:
                one.seats *= 1 - share
            new.seats, new.related = share * total, c.placement
            homogeneous = zip(new.field.demand, average, strict=True)
            new.curriculum = [(1 - model.p.homogenisation) * x + model.p.homogenisation * m for x, m in homogeneous]
            new.partner_demand = list(new.curriculum)
        largest = max(c.programmes, key=lambda one: one.seats)
        for one in c.programmes:
            if 0 < one.seats < least * total and one not in (largest, new) and one not in serving:
                one.seats = 0.0
        kept = sum(one.seats for one in c.programmes)
        for one in c.programmes:
            one.seats *= total / kept


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


def deep_substance(model, programme) -> float:
    ties = [tie for e in model.enterprises for tie in e.memory]
    return sum(tie.substance for tie in ties if tie.programme is programme and tie.level >= 3)


def heard(model, programme, depth: float) -> float:
    """Weight of what partners say who have this summed depth (Eq 38)."""
    x = 10 * depth / programme.places if programme.places > 0 else 0.0
    return x / (x + model.p.partner_information)


def mean_curriculum(model) -> list[float]:
    """Mean of all programmes, by seats."""
    every = [one for c in model.colleges for one in c.programmes]
    total = sum(one.seats for one in every)
    if total <= 0:
        return [0.0] * len(every[0].curriculum)
    return [sum(one.seats * one.curriculum[k] for one in every) / total for k in range(len(every[0].curriculum))]


def revise(model) -> None:
    """Eq 38-39; all programmes look at the same average curriculum."""
    p = model.p
    average = mean_curriculum(model)
    for c in model.colleges:
        interval = max(1, math.floor(c.region.levers["revision_interval"] + 0.5))
        for one in c.programmes:
            if one.seats <= 0:
                continue
            if (model.t + one.revision_phase) % interval == 0:
                weight = heard(model, one, one.partner_depth)
                foresight = c.region.levers["foresight"]
                ahead = forecast(model, one.field)
                for k, x in enumerate(one.curriculum):
                    base = (1 - p.homogenisation) * one.field.demand[k] + p.homogenisation * average[k]
                    own = weight * one.partner_demand[k] + (1 - weight) * base
                    target = (1 - foresight) * own + foresight * ahead[k]
                    one.curriculum[k] = x + p.revision_strength * (target - x)
            else:
                rate = p.midprogramme_rate * heard(model, one, deep_substance(model, one))
                for k, x in enumerate(one.curriculum):
                    one.curriculum[k] = x + rate * (one.partner_demand[k] - x)


def take_up(model, programme) -> np.float32:
    """Share of training that a fully motivated student takes up in practice."""
    grades = model.p.grade_orientation * (1 - programme.college.region.levers["student_reform"])
    return single(programme.practice_offer * (1 - grades))


def learn(model, student) -> None:
    """One quarter of one student, in single precision (Eq 40)."""
    p, c = model.p, student.programme
    x = take_up(model, c) * student.motivation
    counted = freed(c.college.aims, c.college.region.levers["evaluation_reform"])["standing"]
    pace = p.learning_rate * (1 - p.counted_results * counted)
    rate = single(pace) * (single(0.5) + student.ability) * (single(1) + single(p.practice_bonus) * x)
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
        if model.t > 0 and model.colleges:
            adjust(model)
        enrol(model)
        update_student_bodies(model, enrolled(model))
    if model.colleges:
        revise(model)
    for student in enrolled(model):
        learn(model, student)
