"""5.10 Measurement: the stages of the regions, and the main figures of the nation."""

from __future__ import annotations

import math

from abm.world.state import EMPLOYED
from abm.world.vocabulary import CAUSES, DECLINED, NEW_BY_COLLEGE, NEW_BY_ENTERPRISE, REVIEW
from tests.reference.agents import clip, overlap
from tests.reference.labour_market import followed, is_related, unfilled_emerging
from tests.reference.ledger import joint_output, worth_of_aims
from tests.reference.realised import sides
from tests.reference.training import deep_substance, enrolled, heard, take_up
from tests.reference.value import cost, freed

DEPENDENCY, FRAGMENTATION, BREAKTHROUGH, DEEP_INTEGRATION = 0, 1, 2, 3


def share(part: float, whole: float) -> float:
    return part / whole if whole > 0 else math.nan


def members(model, which) -> dict:
    """Share of each region's institutions in the communities for which ``which`` holds."""
    found = {}
    chosen = set().union(*(each.agents() for each in model.communities if which(each)))
    for region in model.governments:
        inside = sum(("enterprise", e.id) in chosen for e in region.enterprises)
        inside += sum(("college", c.id) in chosen for c in region.colleges)
        found[region] = share(inside, len(region.enterprises) + len(region.colleges))
    return found


def stage(model, region) -> int:
    """The first stage whose thresholds are met; a stage once reached, or one before it, is easier to keep."""
    p = model.p
    ties = [tie for e in region.enterprises for tie in e.active_ties()]
    dependent = share(sum(tie.is_mandated == 1 or tie.subsidy > 0 for tie in ties), len(ties))
    depth = share(sum(tie.substance for tie in ties), sum(e.partner_limit for e in region.enterprises))
    easier = 1 - p.stage_hysteresis
    for_deep = easier if region.stage == DEEP_INTEGRATION else 1.0
    for_breakthrough = easier if region.stage in (BREAKTHROUGH, DEEP_INTEGRATION) else 1.0
    for_dependency = easier if region.stage == DEPENDENCY else 1.0
    if model.self_sustaining[region] >= p.deep_integration_share * for_deep:
        return DEEP_INTEGRATION
    has_candidates = model.candidates[region] >= p.breakthrough_communities * for_breakthrough
    if depth >= p.breakthrough_depth * for_breakthrough and has_candidates:
        return BREAKTHROUGH
    if dependent >= p.dependency_share * for_dependency:
        return DEPENDENCY
    return FRAGMENTATION


def mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else math.nan


def curriculum_fit(model, colleges) -> float:
    """Overlap of the colleges' programmes with what their fields ask for now, weighted by their places."""
    anybody = sum(region.entrants for region in model.governments) > 0
    found = total = 0.0
    for college in colleges:
        for one in college.programmes:
            weight = one.seats * (college.region.entrants if anybody else 1)
            total += weight
            found += weight * overlap(one.curriculum, one.field.demand)
    return found / total if total > 0 else math.nan


def count_related(model) -> None:
    """Share of the graduates employed half a year after their graduation whose work fits their field, once a year: of
    the nation, and by region of their college."""
    if model.t % 4 != 1:
        return
    at_work = [g for g in followed(model).students if g.status == EMPLOYED]
    model.field_related = mean([float(is_related(model, g)) for g in at_work]) if at_work else 0.0
    for region in model.governments:
        model.related_here[region] = mean([float(is_related(model, g)) for g in at_work if g.college.region is region])


def practice(model, students) -> float:
    return mean([float(take_up(model, s.programme)) * s.college.motivation for s in students])


def education_of(model, colleges, related: float, practice: float) -> dict[str, float]:
    """What U1 is made of."""
    dual = mean([c.dual_qualified for c in colleges])
    return {"related": related, "dual": dual, "curriculum": curriculum_fit(model, colleges), "practice": practice}


def industry_of(model, enterprises) -> dict[str, float]:
    """What U2 is made of."""
    posted = sum(e.posted for e in enterprises)
    serious = [any(t.substance >= model.p.serious_depth for t in e.active_ties()) for e in enterprises]
    return {
        "technology": mean([e.technology for e in enterprises]),
        "filled": min(1.0, sum(e.staff for e in enterprises) / posted) if posted else math.nan,
        "retention": mean([e.retention for e in enterprises]),
        "engaged": mean([float(is_serious) for is_serious in serious]),
    }


def coordination_by_region(model) -> list[float]:
    """D of each region: of its colleges, students and enterprises."""
    found, students = [], enrolled(model)
    for region in model.governments:
        here = practice(model, [s for s in students if s.college.region is region])
        education = education_of(model, region.colleges, model.related_here.get(region, math.nan), here)
        u1, u2 = level(model.p, education), level(model.p, industry_of(model, region.enterprises))
        found.append(coupled(u1, u2)["coordination"])
    return found


def level(p, values: dict[str, float]) -> float:
    """Mean of normalised indicators."""
    total = 0.0
    for name, value in values.items():
        low, high = getattr(p, f"u_{name}_low"), getattr(p, f"u_{name}_high")
        x = (value - low) / (high - low)
        total += (x if math.isnan(x) else clip(x)) / len(values)
    return total


def coupled(u1: float, u2: float) -> dict[str, float]:
    """Coupling coordination by both formulas."""
    names = (
        "u1",
        "u2",
        "coupling",
        "coordination_level",
        "coordination",
        "coupling_corrected",
        "coordination_corrected",
    )
    t = (u1 + u2) / 2
    if math.isnan(t):
        return dict.fromkeys(names, math.nan)
    small, large = min(u1, u2), max(u1, u2)
    c = 2 * math.sqrt(u1 * u2) / (u1 + u2) if large > 0 else 0.0
    corrected = math.sqrt((1 - (large - small)) * small / large) if large > 0 else 0.0
    return dict(zip(names, (u1, u2, c, t, math.sqrt(c * t), corrected, math.sqrt(corrected * t)), strict=True))


def productive_forces(p, enterprises) -> dict[str, float]:
    """High technology, efficiency and quality of some enterprises, and their mean (Eq 98)."""
    staff = sum(e.recorded_staff for e in enterprises)
    near = [e for e in enterprises if e.technology >= p.frontier_near]
    parts = {
        "technology": mean([e.technology for e in enterprises]),
        "efficiency": share(sum(e.technology * e.recorded_fit for e in enterprises), staff),
        "quality": share(sum(e.recorded_related for e in near), staff),
    }
    found = {}
    for name, value in parts.items():
        low, high = getattr(p, f"forces_{name}_low"), getattr(p, f"forces_{name}_high")
        x = (value - low) / (high - low)
        found[f"high_{name}"] = x if math.isnan(x) else clip(x)
    return {**found, "productive_forces": sum(found.values()) / 3}


def forces(model, education: dict[str, float]) -> dict[str, float]:
    found = productive_forces(model.p, model.enterprises)
    d = coupled(level(model.p, education), found["productive_forces"])["coordination"]
    frontier = mean([sector.frontier for sector in model.sectors])
    return {**found, "forces_coordination": d, "frontier": frontier, "frontier_jumps": model.frontier_jumps}


def tie_figures(model) -> dict[str, float]:
    served = [(e, tie) for e in model.enterprises for tie in e.active_ties()]
    return {
        "n_ties": len(served),
        "mean_formal_depth": mean([tie.depth for _, tie in served]),
        "mean_substantive_depth": mean([tie.substance for _, tie in served]),
        "cross_region_share": mean([float(e.region is not tie.college.region) for e, tie in served]),
        "mean_trust_in_colleges": mean([tie.trust_enterprise for _, tie in served]),
        "joint_research_share": mean(
            [float(tie.level >= 4 and tie.substance >= model.p.serious_depth) for _, tie in served]
        ),
        "mean_effort_colleges": mean([tie.effort_college for _, tie in served]),
        "ordered_or_paid_share": mean([float(driven_by(model, tie) == "order or money") for _, tie in served]),
        "natural_share": mean([float(driven_by(model, tie) == "nature") for _, tie in served]),
        "formal_depth_per_place": share(
            sum(tie.depth for _, tie in served), sum(e.partner_limit for e in model.enterprises)
        ),
        "members_output": members_output(model),
    }


def synergy(model) -> float:
    """What contracts are worth to all four as they are lived, less what is given up for them outside (Eq 105)."""
    p, gained, given_up = model.p, 0.0, 0.0
    for e in model.enterprises:
        for tie in e.active_ties():
            d, c, output = tie.depth, tie.college, joint_output(p, tie.effort_enterprise, tie.effort_college)
            f = overlap(e.demand, tie.programme.curriculum)
            college_aims = freed(c.aims, c.region.levers["evaluation_reform"])
            students = freed(c.student_aims, c.region.levers["student_reform"])
            outside = {
                "enterprise": p.enterprise_worth * p.enterprise_outside * e.aims["talent"] * e.region.market_fit * d,
                "college": p.college_worth * p.college_outside * college_aims["standing"] * d,
                "government": p.government_outside * d + (p.entity_contribution if tie.level == 5 else 0.0),
                "students": (p.student_outside * students["standing"] + p.student_cost) * d,
            }
            for side, effort in zip(sides(model, e, tie), (tie.effort_enterprise, tie.effort_college), strict=True):
                gained += side.rest + output * side.output - side.effort_cost * effort
            for aims, party in ((e.region.aims, "government"), (students, "students")):
                gained += worth_of_aims(p, aims, d, f, output) - outside[party]
            gained -= cost(p, d)
            given_up += sum(outside.values())
    return share(gained, gained + given_up)


def codesign(model, take_up: float) -> dict[str, float]:
    """Enterprises' weight in four areas (Eq 106)."""
    offered = [one for c in model.colleges for one in c.programmes if one.seats > 0]
    planned = revised = kept = 0.0
    for one in offered:
        weight, levers = heard(model, one, one.partner_depth), one.college.region.levers
        if levers["programme_adjustment"] > 0 and weight > 0:
            planned += one.seats * weight / (weight + one.related)
        revised += one.seats * weight * (1 - levers["foresight"])
        kept += one.seats * heard(model, one, deep_substance(model, one))
    seats = sum(one.seats for one in offered)
    areas = [share(part, seats) for part in (planned, revised, kept)] + [take_up]
    names = ("codesign_programmes", "codesign_curricula", "codesign_textbooks", "codesign_teaching")
    return {"codesign": sum(areas) / 4, **dict(zip(names, areas, strict=True))}


def driven_by(model, tie) -> str:
    """What drives a contract: joint research, else order or money, else neither."""
    if tie.level >= 4 and tie.substance >= model.p.serious_depth:
        return "innovation"
    return "order or money" if tie.is_mandated or tie.subsidy > 0 else "nature"


def invitations(model) -> dict[str, float]:
    """How many of the invitations were declined, and how many found no room."""
    kinds = [meeting.kind for meeting in model.agenda]
    declined, lost = kinds.count(DECLINED), len(model.no_room)
    accepted = kinds.count(NEW_BY_ENTERPRISE) + kinds.count(NEW_BY_COLLEGE) + lost
    return {
        "one_sided_keenness": share(declined, accepted + declined),
        "no_room": lost,
        "no_room_share": share(lost, accepted),
    }


def jobs(model) -> float:
    """Graduates in related work, counted half a year after graduation."""
    return float(sum(is_related(model, g) for g in followed(model).students))


def figures_of_regions(model) -> dict[str, list[float]]:
    """Contracts of each region's enterprises: how many, how deep on paper, a place too, and in practice."""
    found = {name: [] for name in ("n_ties", "mean_formal_depth", "mean_substantive_depth", "formal_depth_per_place")}
    for region in model.governments:
        ties = [tie for e in region.enterprises for tie in e.active_ties()]
        formal, places = sum(tie.depth for tie in ties), sum(e.partner_limit for e in region.enterprises)
        found["n_ties"].append(float(len(ties)))
        found["mean_formal_depth"].append(share(formal, len(ties)))
        found["mean_substantive_depth"].append(share(sum(tie.substance for tie in ties), len(ties)))
        found["formal_depth_per_place"].append(share(formal, places))
    return found


def members_output(model) -> float:
    """Technology times fit of a graduate at work with a member of a community."""
    inside = [e for e in model.enterprises if e.community >= 0]
    return share(sum(e.technology * e.recorded_fit for e in inside), sum(e.recorded_staff for e in inside))


def failures(model) -> None:
    """What governments learn of last quarter's tables: share that failed, and the main cause."""
    failed_share, main_cause = [], []
    for region in model.governments:
        held = [t for t in model.tables if t.meeting.enterprise.region is region and t.meeting.kind != REVIEW]
        failed = [t for t in held if not t.is_signed]
        failed_share.append(share(len(failed), len(held)))
        count = {cause: sum((t.parts or {}).get(cause, 0.0) for t in failed) for cause in CAUSES}
        main_cause.append(max(CAUSES, key=lambda cause: count[cause]) if failed else "")
    model.regional = {"failed_share": failed_share, **figures_of_regions(model)}
    for cause in CAUSES:
        model.regional[f"main_cause_{cause}"] = [float(main == cause) for main in main_cause]


def measurement(model) -> None:
    if model.t % 4 == 3 or not model.metrics:
        model.candidates = members(model, lambda each: True)
        model.self_sustaining = members(model, lambda each: each.established >= 0 and each.is_self_sustaining)
    for region in model.governments:
        region.stage = stage(model, region)
    count_related(model)
    students = enrolled(model)
    education = education_of(model, model.colleges, model.field_related, practice(model, students) if students else 0.0)
    industry = industry_of(model, model.enterprises)
    failures(model)
    model.regional["coordination"] = coordination_by_region(model)
    if model.t % 4 == 3 or not model.metrics:
        model.synergy = synergy(model)
    model.metrics = {**coupled(level(model.p, education), level(model.p, industry)), **tie_figures(model)}
    model.metrics |= forces(model, education)
    model.metrics |= codesign(model, education["practice"])
    model.metrics["synergy"] = model.synergy
    model.metrics["stranded_assets"] = model.stranded
    model.metrics["blame_rate"] = share(sum(h.what.startswith("blamed") for h in model.happened), model.served)
    model.metrics["half_year_turnover"] = model.turnover
    model.metrics["mastered_share"], model.metrics["skilled_share"] = model.mastered, model.skilled
    model.metrics["mean_motivation"] = mean([s.college.motivation for s in enrolled(model)])
    if model.t % 4 == 1:
        model.related_jobs = jobs(model)
    model.metrics["field_related_jobs"] = model.related_jobs
    model.metrics["field_mismatch"], model.metrics["emerging_share"] = model.field_mismatch, model.emerging_share
    model.metrics["unfilled_emerging"] = unfilled_emerging(model)
    model.metrics |= invitations(model)
