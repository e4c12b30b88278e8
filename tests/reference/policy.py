"""5.2 Policy: rules become levers, differ by region, and are paid for (Eq 9-11)."""

from __future__ import annotations

import math

import numpy as np

from abm.machine.streams import Stream
from abm.population import tables
from abm.scenario.policies import Observation
from abm.world.levers import LEVERS, SPENDING
from tests.reference.agents import clip
from tests.reference.draws import Dice
from tests.reference.value import cost

BY_NAME = {lever.name: lever for lever in LEVERS}
DISPERSED = (
    "subsidy_rate",
    "supervision",
    "evaluation_reform",
    "student_reform",
    "platform",
    "tax_credit",
    "dual_programme",
    "foresight",
)
"""The levers that regions set differently, in the order of the stances."""


def bounded(name: str, value: float) -> float:
    return min(BY_NAME[name].high, max(BY_NAME[name].low, value))


def observation(model) -> Observation:
    """What governments saw last quarter."""
    levers = np.array([[g.levers[lever.name] for lever in LEVERS] for g in model.governments])
    regional = {name: np.array(values) for name, values in model.regional.items()}
    nothing = np.full(len(model.governments), np.nan)
    return Observation(
        model.t, len(model.governments), dict(model.metrics), levers, lambda name: regional.get(name, nothing)
    )


def strengths(model, rule, seen) -> list[float]:
    """How strongly a rule acts in each region."""
    strength = [rule.strength(model.t)] * seen.n_regions
    if rule.regions:
        names = tables(model.inputs).regions.name
        rows = [region if isinstance(region, int) else names.index(region) for region in rule.regions]
        strength = [x if row in rows else 0.0 for row, x in enumerate(strength)]
    if rule.when is not None:
        strength = [x * float(holds) for x, holds in zip(strength, rule.when.holds(seen), strict=True)]
    return strength


def combined(lever, base: float, wishes: list[tuple[bool, float, float]]) -> float:
    """One lever in one region. ``wishes``: (rule names regions, strength, value) of each rule that moves it."""
    wishes = [wish for wish in wishes if wish[1] > 0]
    parts = [(is_narrow, v if x >= 1 else base + x * (v - base)) for is_narrow, x, v in wishes]
    if lever.combine == "add":
        value = base
        for _, x, v in wishes:
            value += x * v
    elif lever.combine == "max":
        value = max([base, *(part for _, part in parts)])
    elif lever.combine == "min":
        value = min([base, *(part for _, part in parts)])
    else:
        value = max(parts)[1] if parts else base
    value = bounded(lever.name, value)
    return math.floor(value + 0.5) if lever.name in ("mandate", "distribution_rule") else value


def set_levers(model) -> None:
    seen = observation(model)
    acting = [(rule, strengths(model, rule, seen), rule.levers(seen)) for rule in model.inputs.rules]
    for g in model.governments:
        for lever, base in zip(LEVERS, model.inputs.base_levers, strict=True):
            wishes = []
            for rule, strength, moves in acting:
                if lever.name in moves:
                    v = moves[lever.name]
                    wishes.append(
                        (bool(rule.regions), strength[g.row], float(np.broadcast_to(v, seen.n_regions)[g.row]))
                    )
            g.levers[lever.name] = combined(lever, base, wishes)


def disperse(model) -> None:
    """Eq 9."""
    for g in model.governments:
        spread = model.p.policy_dispersion * (1 - g.levers["harmonisation"])
        for name in DISPERSED:
            g.levers[name] = bounded(name, g.levers[name] * (1 + spread * (2 * g.stance[name] - 1)))


def carry_out(model, before: list[dict[str, float]]) -> None:
    """Eq 126, 127: what of the levers is carried out, and when. Orders, choices and the centre's money are as they are
    written."""
    p = model.p
    if p.compliance >= 1 and p.compliance_spread <= 0 and p.compliance_delay <= 0:
        return
    for g, last in zip(model.governments, before, strict=True):
        u = Dice(model.draw_seed, 0).unit(Stream.COMPLIANCE, g.id, 0)
        kappa = clip(p.compliance + p.compliance_spread * (2 * u - 1))
        for lever, base in zip(LEVERS, model.inputs.base_levers, strict=True):
            if lever.name in ("mandate", "distribution_rule", "transfer"):
                continue
            done = base + kappa * (g.levers[lever.name] - base)
            g.levers[lever.name] = last[lever.name] + (done - last[lever.name]) / (1 + p.compliance_delay)


def compare_regions(model) -> None:
    """Eq 10."""
    for g in model.governments:
        for other in model.governments:
            h = (g.levers["harmonisation"] + other.levers["harmonisation"]) / 2
            stances = sum(abs(g.stance[name] - other.stance[name]) for name in DISPERSED)
            levers = sum(
                abs(g.levers[name] - other.levers[name]) / (BY_NAME[name].high - BY_NAME[name].low)
                for name in DISPERSED
            )
            distance = min(1.0, (model.p.policy_dispersion * (1 - h) * stances + levers) / 8)
            g.inconsistency[other.row] = 0.0 if other is g else distance


def pay(model, g) -> None:
    """Eq 11: running contracts first, then supervision, platform and teacher programme, as far as the budget goes."""
    p = model.p
    ties = [tie for e in g.enterprises for tie in e.active_ties()]
    running = [tie for tie in ties if tie.remaining > 0]
    subsidies = sum(tie.subsidy * cost(p, tie.depth) for tie in running)
    reliefs = sum(e.credited * tie.tax_credit for e in g.enterprises for tie in e.active_ties() if tie.remaining > 0)
    owed = subsidies + reliefs
    honoured = 1.0 if owed <= g.money else g.money / owed
    most = g.levers["subsidy_budget"] * g.money
    paid = {"subsidy": subsidies * honoured, "tax_credit": reliefs * honoured}
    if paid["subsidy"] > most:
        paid = {"subsidy": most, "tax_credit": min(reliefs, g.money - most)}
    g.paid_subsidy = paid["subsidy"] / subsidies if subsidies else 1.0
    g.paid_credit = paid["tax_credit"] / reliefs if reliefs else 1.0
    g.spent_now = paid
    left = g.money - sum(g.spent_now.values())
    programmes = {
        "supervision": p.audit_cost * g.levers["supervision"] * len(ties),
        "platform": (p.platform_cost + p.base_upkeep * p.shared_base) * len(g.enterprises) * g.levers["platform"],
        "dual_programme": p.dual_cost * len(g.colleges) * g.levers["dual_programme"],
        "staff_exchange": p.exchange_cost * len(g.colleges) * g.levers["staff_exchange"],
        "digital_colleges": p.digital_cost * len(g.colleges) * g.levers["digital_colleges"],
        "digital_enterprises": p.digital_cost * len(g.enterprises) * g.levers["digital_enterprises"],
    }
    g.spent_now["digital_link"] = 0.0
    for name, price in programmes.items():
        left = max(0.0, left)
        if price > left:
            g.levers[name] *= left / price
            price = left
        if name.startswith("digital"):
            g.spent_now["digital_link"] += price
        else:
            g.spent_now[name] = price
        left -= price
    for kind in SPENDING:
        g.spent[kind] += g.spent_now[kind]


def credit(model, e) -> None:
    """Eq 111: without its status an enterprise is paid only what does not hang on it."""
    has_status = e.quarters_kept >= model.p.status_quarters
    e.credited = 1.0 if has_status else 1.0 - e.region.levers["status_credit"]


def equip(model, g) -> None:
    """Digital stocks follow what is paid for (Eq 116)."""
    g.digital_colleges += model.p.digital_rate * (g.levers["digital_colleges"] - g.digital_colleges)
    g.digital_enterprises += model.p.digital_rate * (g.levers["digital_enterprises"] - g.digital_enterprises)


def policy(model) -> None:
    before = [dict(g.levers) for g in model.governments]
    set_levers(model)
    disperse(model)
    compare_regions(model)
    carry_out(model, before)
    for e in model.enterprises:
        credit(model, e)
    for g in model.governments:
        pay(model, g)
        equip(model, g)
