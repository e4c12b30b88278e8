"""7.9 Training: intake, curriculum revision, learning (Eq 37-41, 114-116, 118-120), places (Eq 89, 102, 103)."""

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


def open_programme(model, new, average) -> None:
    """A new programme teaches what its field asks for now."""
    homogeneous = zip(new.field.demand, average, strict=True)
    new.curriculum = [(1 - model.p.homogenisation) * x + model.p.homogenisation * m for x, m in homogeneous]
    new.partner_demand = list(new.curriculum)
    new.related = new.college.placement


def expected_share(region) -> float:
    """Part of the vacancies in the emerging field that places are moved toward (Eq 103)."""
    shares = region.emerging_shares
    last = shares[-1]
    trend = (last - shares[-3]) / 2 if len(shares) > 2 else math.nan
    last, trend = (0.0 if math.isnan(x) else x for x in (last, trend))
    return clip(last + region.levers["looking_ahead"] * 4 * trend)


def support(model, average) -> None:
    """Public money moves places into the emerging field (Eq 102)."""
    if model.emerging is None:
        return
    for region in model.governments:
        wishes = {}
        for c in region.colleges:
            one, total = c.programmes[model.emerging.row], sum(each.seats for each in c.programmes)
            wish = region.levers["emerging_support"] * (expected_share(region) * total - one.seats)
            too_small = wish < model.p.least_programme * total or model.p.open_and_close < 0.5
            if wish > 0 and (one.seats > 0 or not too_small):
                wishes[one] = wish
        cost = model.p.place_cost * len(region.colleges) * sum(wishes.values())
        of_all = region.money - sum(region.spent_now.values())
        of_subsidies = region.levers["subsidy_budget"] * region.money - region.spent_now["subsidy"]
        left = max(0.0, min(of_all, of_subsidies))
        for one, wish in wishes.items():
            move = wish * min(1.0, left / cost) if cost > 0 else wish
            if move <= 0:
                continue
            if one.seats <= 0:
                open_programme(model, one, average)
            others = [each for each in one.college.programmes if each is not one]
            rest = sum(each.seats for each in others)
            for each in others:
                each.seats *= 1 - move / rest
            one.seats += move
        region.spent_now["subsidy"] += min(cost, left)
        region.spent["subsidy"] += min(cost, left)


def adjust(model) -> None:
    """Colleges move places between their programmes, open and close some (Eq 89)."""
    average = mean_curriculum(model)
    ties = [tie for e in model.enterprises for tie in e.active_ties()]
    serving = {tie.programme for tie in ties}
    for c in model.colleges:
        rate, total = c.region.levers["programme_adjustment"], sum(one.seats for one in c.programmes)
        if rate <= 0 or total <= 0:
            continue
        least, opens = model.p.least_programme, model.p.open_and_close >= 0.5
        before = {one: one.seats for one in c.programmes}
        values = {one: value(model, one) if one.seats > 0 else 0.0 for one in c.programmes}
        weight = {one: before[one] * values[one] for one in c.programmes}
        if sum(weight.values()) > 0:
            for one in c.programmes:
                one.seats = (1 - rate) * before[one] + rate * total * weight[one] / sum(weight.values())
        wanted = {one: unfilled(c.region, one.field) for one in c.programmes if before[one] <= 0}
        wanted = {one: x for one, x in wanted.items() if x > sum(weight.values()) / total and opens}
        new, share = max(wanted, key=lambda one: wanted[one], default=None), min(rate, 2 * least)
        if new and share > 0:
            for one in c.programmes:
                one.seats *= 1 - share
            new.seats = share * total
            open_programme(model, new, average)
        largest = max(c.programmes, key=lambda one: one.seats)
        for one in c.programmes:
            if opens and 0 < one.seats < least * total and one not in (largest, new) and one not in serving:
                one.seats = 0.0
        kept = sum(one.seats for one in c.programmes)
        for one in c.programmes:
            one.seats *= total / kept
    support(model, average)


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


def asked_here(region, sector) -> list[float]:
    """What the region's enterprises of a sector ask for, by size; the sector's demand without any (Eq 120)."""
    here = [e for e in region.enterprises if e.sector is sector]
    if not here:
        return sector.demand
    size = sum(e.size for e in here)
    return [sum(e.size * e.demand[k] for e in here) / size for k in range(len(sector.demand))]


def revise(model) -> None:
    """Eq 38-39; all programmes look at the same average curriculum."""
    p = model.p
    average = mean_curriculum(model)
    for c in model.colleges:
        lag = c.region.levers["revision_interval"] * (1 - p.digital_pace * c.region.link)
        interval = max(1, math.floor(lag + 0.5))
        own_place = c.region.levers["differentiated_positioning"]
        for one in c.programmes:
            if one.seats <= 0:
                continue
            if (model.t + one.revision_phase) % interval == 0:
                weight = heard(model, one, one.partner_depth)
                foresight = c.region.levers["foresight"]
                ahead = forecast(model, one.field)
                here = asked_here(c.region, one.field)
                for k, x in enumerate(one.curriculum):
                    base = (1 - p.homogenisation) * one.field.demand[k] + p.homogenisation * average[k]
                    base = (1 - own_place) * base + own_place * here[k]
                    own = weight * one.partner_demand[k] + (1 - weight) * base
                    target = (1 - foresight) * own + foresight * ahead[k]
                    one.curriculum[k] = x + p.revision_strength * (target - x)
            else:
                rate = p.midprogramme_rate * heard(model, one, deep_substance(model, one))
                for k, x in enumerate(one.curriculum):
                    one.curriculum[k] = x + rate * (one.partner_demand[k] - x)


def take_up(model, programme) -> np.float32:
    """Share of training that a fully motivated student takes up in practice."""
    region = programme.college.region
    grades = model.p.grade_orientation * (1 - model.p.certificate_weight * region.verified)
    return single(programme.practice_offer * (1 - grades * (1 - region.levers["student_reform"])))


def learn(model, student) -> None:
    """One quarter of one student, in single precision (Eq 40, 114, 115)."""
    p, c = model.p, student.programme
    levers = c.college.region.levers
    experts = single(p.expert_lessons * levers["staff_exchange"])
    x = take_up(model, c) * (single(1) - experts) * student.motivation + experts
    counted = freed(c.college.aims, levers["evaluation_reform"])["standing"]
    pace = p.learning_rate * (1 - p.counted_results * counted) * (1 - p.lessons_lost * levers["staff_exchange"])
    pace = pace * (1 + p.dual_teaching * (c.college.dual_qualified - p.dual_base))
    rate = single(pace) * (single(0.5) + student.ability) * (single(1) + single(p.practice_bonus) * x)
    rate = min(single(1), rate)
    for k, skill in enumerate(student.skills):
        taught, practised = single(c.curriculum[k]), single(c.partner_demand[k])
        student.skills[k] = skill + rate * ((taught + x * (practised - taught)) - skill)
    student.practice = student.practice + x / single(12)


def worth_of_practice(model, programme) -> float:
    """What an hour of a programme's practice is worth to a student (Eq 119)."""
    ties = [tie for e in model.enterprises for tie in e.active_ties() if tie.programme is programme]
    hours = sum(tie.substance for tie in ties)
    d = sum(tie.substance**2 for tie in ties) / hours if hours > 0 else 0.0
    drudgery = model.p.drudgery_depth
    worth = 0.5 * d / drudgery if d < drudgery else 0.5 + 0.5 * (d - drudgery) / (1 - drudgery)
    return worth * (1 - model.p.crowding_out * programme.college.region.levers["subsidy_rate"])


def motivate(model, students) -> None:
    """Motivation learns from practice (Eq 119), and student bodies with it (Eq 41)."""
    worth = {one: single(worth_of_practice(model, one)) for c in model.colleges for one in c.programmes}
    for student in students:
        m, practised = student.motivation, take_up(model, student.programme) * student.motivation
        student.motivation = m + single(model.p.motivation_learning) * practised * (worth[student.programme] - m)
    update_student_bodies(model, students)


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
    if model.p.motivation_learning > 0:
        motivate(model, enrolled(model))
