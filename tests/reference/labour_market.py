"""5.8 Labour market: graduation, quits, hosts, vacancies, migration (Eq 42-49, 97, 101, 104, 118)."""

from __future__ import annotations

import math

import numpy as np

from abm.machine.streams import Stream
from abm.world.state import EMPLOYED, SEEKING
from tests.reference import draws
from tests.reference.agents import clip
from tests.reference.ledger import logistic

single = np.float32


def single_overlap(skills, demand) -> np.float32:
    """Shared part of a student's skills and a demand, in single precision."""
    total = single(0)
    for a, b in zip(skills, demand, strict=True):
        total = total + min(a, single(b))
    return total


def followed(model):
    """The cohort whose graduates are on the market this year."""
    return model.cohorts[((4 * (model.t // 4) - 12) // 4) % 4]


def graduate(model, graduates) -> None:
    """Eq 42."""
    for g in graduates:
        fits = [single_overlap(g.skills, sector.demand) for sector in model.sectors]
        g.match = max(fits)
        g.field = fits.index(g.match)
        g.status, g.employer, g.hired_at = SEEKING, None, -1


def attainment(model, graduates) -> None:
    """Eq 100."""
    p = model.p
    shares = [sum(float(skill) for skill in g.skills) for g in graduates]
    skilled = [
        share >= p.mastered_skills and float(g.practice) >= p.practised_share
        for share, g in zip(shares, graduates, strict=True)
    ]
    model.mastered = sum(shares) / len(graduates) if graduates else math.nan
    model.skilled = sum(skilled) / len(graduates) if graduates else math.nan


def post_vacancies(model) -> None:
    entrants = sum(region.entrants for region in model.governments)
    weights = {e: e.size * (1 + model.p.technology_posts * e.technology) for e in model.enterprises}
    for e in model.enterprises:
        if e.sector is model.emerging:
            weights[e] *= logistic(model.p.emerging_growth * (model.t - model.p.emerging_halfway) / 4)
    total = sum(weights.values())
    for e in model.enterprises:
        share = model.p.labour_tightness * entrants * weights[e] / total
        e.posted = e.vacancies = math.floor(share + model.dice.unit(Stream.VACANCY, e.id))
        e.staff = 0


def compare_fields(model, graduates) -> None:
    """Graduates too many or too few by field and region, and what the emerging sector posts (Eq 104)."""
    apart = everything = emerging = 0
    for region in model.governments:
        posted = dict.fromkeys(model.sectors, 0)
        for e in region.enterprises:
            posted[e.sector] += e.posted
        for sector in model.sectors:
            looking = sum(g.college.region is region and g.field == sector.row for g in graduates)
            apart += abs(looking - posted[sector])
        here = sum(posted.values())
        everything += here
        if model.emerging:
            emerging += posted[model.emerging]
            region.emerging_shares.append(posted[model.emerging] / here if here else math.nan)
    model.field_mismatch = apart / everything if everything else math.nan
    if model.emerging:
        model.emerging_share = emerging / everything if everything else math.nan


def unfilled_emerging(model) -> float:
    """Share of the emerging sector's vacancies that are open (Eq 104)."""
    there = [e for e in model.enterprises if e.sector is model.emerging]
    posted = sum(e.posted for e in there)
    return min(1.0, sum(e.vacancies for e in there) / posted) if posted else math.nan


def update_raiders(model) -> None:
    for region in model.governments:
        posted = sum(e.posted for e in region.enterprises)
        raiding = sum(e.posted for e in region.enterprises if not any(tie.level >= 3 for tie in e.memory))
        region.raiders = raiding / posted if posted > 0 else 0.0


def quits(model, graduates) -> None:
    """Eq 43-44."""
    p = model.p
    staff = {e: e.staff for e in model.enterprises}
    left = dict.fromkeys(model.enterprises, 0)
    for g in graduates:
        if g.status != EMPLOYED:
            continue
        e = g.employer
        mismatch = 1 + p.mismatch_turnover * (0.5 - float(g.match))
        pulled = p.poaching * e.region.raiders * float(g.practice)
        hazard = clip(p.base_turnover * (1.5 - e.stability) * mismatch + pulled, 0, 0.95)
        if e.community >= 0:
            hazard *= 1 - p.community_retention * model.community_strength(e.region)
        if model.dice.unit(Stream.TURNOVER, g.college.id, g.number, g.programme.number) < hazard:
            g.status, g.employer = SEEKING, None
            e.vacancies += 1
            e.staff -= 1
            left[e] += 1
    for e in model.enterprises:
        if staff[e] > 0:
            weight = p.retention_learning_rate * min(1, staff[e] / 5)
            e.retention += weight * ((1 - left[e] / staff[e]) ** 2 - e.retention)


def queue_key(model, g) -> int:
    """Graduates' place in the queue: better matched first, drawn among equals."""
    return key(model, g, g.match)


def key(model, g, quality) -> int:
    word = model.dice.words(Stream.QUEUE, g.college.id, g.number, g.programme.number)[0]
    return (255 - math.floor(quality * single(255))) * 2**24 + (word >> 8)


def verified(model, g) -> np.float32:
    """What hiring makes of a graduate's certified practice (Eq 118)."""
    return single(model.p.certificate_weight * g.college.region.verified) * g.practice


def market_key(model, g) -> int:
    """Place in the queue of the market, where a certificate is read."""
    return key(model, g, g.match + verified(model, g) * (single(1) - g.match))


def employer_key(model, e) -> int:
    word = model.dice.words(Stream.EMPLOYER_ORDER, e.id)[0]
    return (255 - math.floor(single(e.technology) * single(255))) * 2**24 + (word >> 8)


def hire(model, g, e) -> None:
    g.status, g.employer = EMPLOYED, e
    g.match = single_overlap(g.skills, e.demand)
    g.hired_at = model.t % 4
    e.vacancies -= 1
    e.staff += 1


def hosts(model, graduates) -> None:
    """Hosts hire their trainees (Eq 45)."""
    trainees = []
    ties_of = {programme: [] for c in model.colleges for programme in c.programmes}
    for e in model.enterprises:
        for tie in e.active_ties():
            ties_of[tie.programme].append((e, tie))
    for g in graduates:
        u = model.dice.units(Stream.HOST, g.college.id, g.number, g.programme.number)
        if u[0] >= model.p.host_attachment * float(g.practice):
            continue
        partners = [(e, tie.substance * e.size) for e, tie in ties_of[g.programme]]
        total = sum(weight for _, weight in partners)
        if total <= 0:
            continue
        reached, chosen = 0.0, partners[-1][0]
        for e, weight in partners:
            reached += weight
            if reached > u[1] * total:
                chosen = e
                break
        trainees.append((queue_key(model, g), g, chosen))
    for _, g, e in sorted(trainees, key=lambda each: each[0]):
        if e.vacancies > 0:
            hire(model, g, e)


def market(model, seekers, employers) -> None:
    """The first employer takes as many as it has vacancies, then the next."""
    queue = sorted((g for g in seekers if g.status == SEEKING), key=lambda g: market_key(model, g))
    for e in sorted(employers, key=lambda e: employer_key(model, e)):
        while e.vacancies > 0 and queue:
            hire(model, queue.pop(0), e)


def draw(model, g, word: int) -> float:
    return draws.unit(model.dice.words(Stream.QUEUE, g.college.id, g.number, g.programme.number)[word])


def markets(model, graduates) -> None:
    """Eq 46-48."""
    p = model.p
    for region in model.governments:
        here = [g for g in graduates if g.college.region is region]
        for sector in model.sectors:
            employers = [e for e in region.enterprises if e.sector is sector]
            market(model, [g for g in here if g.field == sector.row], employers)
        flexible = [g for g in here if draw(model, g, 1) < p.field_flexibility * (1 - float(verified(model, g)))]
        market(model, flexible, region.enterprises)
    movers = [g for g in graduates if draw(model, g, 2) < p.migration_rate]
    for sector in model.sectors:
        employers = [e for e in model.enterprises if e.sector is sector]
        market(model, [g for g in movers if g.field == sector.row], employers)


def is_related(model, g) -> bool:
    return g.status == EMPLOYED and float(g.match) >= model.p.related_fit


def publish(model, graduates) -> None:
    """Placement records and what the open market gives (Eq 49)."""
    for c in model.colleges:
        mine = [g for g in graduates if g.college is c]
        if mine:
            c.placement += 0.5 * (sum(is_related(model, g) for g in mine) / len(mine) - c.placement)
        for programme in c.programmes:
            own = [g for g in mine if g.programme is programme]
            if own:
                programme.related += 0.5 * (sum(is_related(model, g) for g in own) / len(own) - programme.related)
    for region in model.governments:
        here = [g for g in graduates if g.status == EMPLOYED and g.employer.region is region]
        posted = sum(e.posted for e in region.enterprises)
        fill = min(1.0, sum(e.staff for e in region.enterprises) / posted) if posted else 0.0
        mean = sum(math.floor(float(g.match) * 2**24) / 2**24 for g in here) / len(here) if here else 0.0
        region.market_fit += 0.5 * (fill * mean - region.market_fit)


def record_staff(model, graduates) -> None:
    """Eq 97."""
    for e in model.enterprises:
        staff = [g for g in graduates if g.status == EMPLOYED and g.employer is e]
        e.recorded_staff = len(staff)
        e.recorded_related = sum(is_related(model, g) for g in staff)
        e.recorded_fit = sum(float(g.match) for g in staff)
        if e.posted > 0:
            e.skilled += model.p.staff_renewal * (e.recorded_fit / e.posted - e.skilled)


def follow_first_jobs(model, graduates) -> None:
    """The jobs that graduates took at graduation, one by one: who still holds his when half a year is over."""
    if model.t % 4 == 0:
        model.first_jobs = [g for g in graduates if g.status == EMPLOYED]
        model.first_jobs_kept = set(model.first_jobs)


def first_jobs_left(model) -> None:
    """Of those who have kept their first job so far, who have just left it."""
    model.first_jobs_kept = {g for g in model.first_jobs_kept if g.status == EMPLOYED}
    if model.t % 4 == 2:
        taken = len(model.first_jobs)
        model.turnover = 1 - len(model.first_jobs_kept) / taken if taken else math.nan


def labour_market(model) -> None:
    graduates = followed(model).students
    if model.t % 4 == 0:
        post_vacancies(model)
    update_raiders(model)
    if model.t % 4 == 0:
        graduate(model, graduates)
        attainment(model, graduates)
        compare_fields(model, graduates)
        hosts(model, graduates)
    else:
        quits(model, graduates)
        first_jobs_left(model)
    markets(model, graduates)
    follow_first_jobs(model, graduates)
    if model.t % 4 == 1:
        publish(model, graduates)
        record_staff(model, graduates)
