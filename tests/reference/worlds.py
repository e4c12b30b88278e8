"""Small worlds in which both models are compared: each turns on another part of the model."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from abm.scenario import Scenario
from abm.scenario.policies import named
from abm.world.parameters import CATALOGUE

SMALL = {
    "population.n_regions": 3,
    "population.n_colleges": 7,
    "population.n_enterprises": 24,
    "population.n_students": 360,
    "population.n_sectors": 3,
    "population.n_skills": 4,
    "population.n_slots": 4,
}
"""120 students a year."""
KEEN = {
    "perception_noise": 0.1,
    "initial_trust": 0.9,
    "effort_cost": 0.05,
    "effort_noise": 0.2,
    "communication_cost": 0.001,
}
"""Parameters under which cooperation gets deep within a few years."""

GATHERED = {"community_depth": 2.0, "serious_depth": 0.3, "charter_cost": 0.002, "budget_per_enterprise": 0.2}
"""Parameters under which communities form and last."""
CHEAP = {"cost_linear": 0.05, "cost_quadratic": 0.2}

WATCHED = (("supervision", {"probability": 0.5, "penalty": 0.4}),)


@dataclass(frozen=True)
class World:
    """A scenario as overrides of the small one, a seed and a length."""

    overrides: dict[str, Any] = field(default_factory=dict)
    policies: tuple[tuple[str, dict[str, Any]], ...] = ()
    seed: int = 1
    steps: int = 16

    def scenario(self) -> Scenario:
        rules = tuple(named(name)(**fields) for name, fields in self.policies)
        return Scenario(name="small", policies=rules).with_overrides(**{**SMALL, **self.overrides})


def charter(rule: int) -> tuple[tuple[str, dict[str, Any]], ...]:
    return (
        ("charter", {"recognition": 0.8, "distribution": rule, "from_step": 2}),
        ("supervision", {"probability": 0.4, "penalty": 0.6}),
        ("college_evaluation", {"reform": 0.8}),
    )


ECONOMY = [
    each.name
    for each in CATALOGUE.values()
    if each.group in ("negotiation", "delivery", "search") and each.role == "uncertainty" and each.acts == "now"
] + [
    "data_adoption", "data_rate", "exchange_cost", "digital_cost", "digital_rate", "digital_pace", "dual_teaching",
    "expert_lessons", "lessons_lost", "motivation_learning", "crowding_out", "certificate_weight",
]  # fmt: skip
"""What decides about contracts, work and blame."""
RULES = (
    ("subsidy", {"rate": 0.4}),
    ("tax_credit", {"rate": 0.5}),
    ("supervision", {"probability": 0.6, "penalty": 0.8}),
    ("college_evaluation", {"reform": 0.9}),
    ("student_evaluation", {"reform": 0.5}),
    ("mandate", {"level": 4, "from_step": 2, "until_step": 5}),
    ("charter", {"recognition": 0.7, "distribution": 2}),
    ("platform", {"reach": 0.8}),
    ("staff_exchange", {"share": 0.8}),
    ("digital_link", {"colleges": 0.9, "enterprises": 0.7}),
    ("certificates", {"share": 0.9}),
    ("differentiated_positioning", {"weight": 0.6}),
)
PROTOCOLS = ("concession", "concession", "nash", "take_it_or_leave_it", "mandated")


def drawn(number: int) -> World:
    """A short world whose parameters lie anywhere in their ranges, ends included, half of them at their default."""
    dice = random.Random(number)
    overrides: dict[str, Any] = {"protocol": dice.choice(PROTOCOLS), "budget_per_enterprise": dice.choice((0.02, 0.5))}
    for name in ECONOMY:
        each = CATALOGUE[name]
        anywhere = each.low, each.high, *(dice.uniform(each.low, each.high) for _ in range(3))
        if dice.random() < 0.5:
            overrides[name] = dice.choice(anywhere)
    rules = tuple(rule for rule in RULES if dice.random() < 0.4)
    return World({**overrides, "initial_ties": 0.6, "serious_depth": 0.2, "community_depth": 1.0}, rules, number, 8)


WORLDS = {
    "plain": World(steps=12),
    "another seed": World(seed=2024, steps=12),
    "two regions": World({"population.n_regions": 2, "population.n_colleges": 6}, seed=3),
    "one region": World({"population.n_regions": 1, "population.n_colleges": 6}, seed=4),
    "keen": World(KEEN, seed=5, steps=32),
    "nash": World({"protocol": "nash"}, seed=6),
    "take it or leave it": World({"protocol": "take_it_or_leave_it"}, seed=7),
    "mandated protocol": World({"protocol": "mandated"}, seed=8),
    "mandate": World({}, (("mandate", {"level": 3, "from_step": 3, "until_step": 11}),), seed=9),
    "subsidy": World({}, (("subsidy", {"rate": 0.3}), ("tax_credit", {"rate": 0.3, "ramp": 4})), seed=10),
    "budget runs out": World(
        {"budget_per_enterprise": 0.015, **KEEN},
        (
            ("subsidy", {"rate": 0.5}),
            ("tax_credit", {"rate": 0.4}),
            ("supervision", {"probability": 0.6, "penalty": 0.5}),
            ("platform", {"reach": 0.9, "from_step": 6}),
            ("dual_qualified", {"reach": 0.8, "from_step": 8}),
        ),
        seed=11,
        steps=24,
    ),
    "a small purse for subsidies": World(
        {"budget_per_enterprise": 0.06, **KEEN},
        (
            ("subsidy", {"rate": 0.4, "budget": 0.2, "until_step": 16}),
            ("subsidy", {"rate": 0.1, "budget": 0.02, "regions": (1,), "from_step": 8}),
            ("tax_credit", {"rate": 0.4}),
        ),
        seed=29,
        steps=24,
    ),
    "research is funded": World(
        {**KEEN, "research_gain": 0.2},
        (
            ("research_funding", {"rate": 0.6, "until_step": 14}),
            ("subsidy", {"rate": 0.4, "from_step": 4, "regions": (0, 1)}),
            ("tax_credit", {"rate": 0.3}),
        ),
        seed=40,
        steps=20,
    ),
    "gains that bind": World(
        {**KEEN, "innovation_stake": 4.0, "research_gain": 0.4, "technology_decay": 0.1},
        (("college_evaluation", {"reform": 0.8}), ("mandate", {"level": 4, "from_step": 2, "until_step": 5}), *WATCHED),
        seed=131,
        steps=24,
    ),
    "gains that are forgotten": World(
        {
            "population.n_slots": 1,
            "enterprise_partners": 1.0,
            "search_rate": 0.8,
            "quarters_co_built": 4.0,
            "remember_trust": 1.0,
            "innovation_stake": 1.0,
        },
        (("mandate", {"level": 4, "until_step": 5}),),
        seed=134,
    ),
    "carried out in part": World(
        {"compliance": 0.6, "compliance_spread": 0.7, "compliance_delay": 2.5, "policy_dispersion": 0.5, **KEEN},
        (
            ("local_tuning", {"reform": 0.5}),
            ("platform", {"reach": 0.8, "from_step": 3}),
            ("curriculum_revision", {"interval": 4}),
            ("mandate", {"level": 3, "from_step": 5, "until_step": 8}),
        ),
        seed=132,
    ),
    "the centre counts": World(
        {"budget_per_enterprise": 0.03, **KEEN},
        (
            ("central_targets", {"yardstick": 0.0, "target": 0.5}),
            ("subsidy", {"rate": 0.5}),
            ("platform", {"reach": 0.9}),
        ),
        seed=133,
        steps=12,
    ),
    "a shared base": World(
        {**KEEN, **GATHERED, "shared_base": 0.3, "base_upkeep": 0.004, "base_relief": 0.8, "leave_margin": 1.0},
        (*charter(1), ("platform", {"reach": 0.7, "from_step": 4, "until_step": 14})),
        seed=1,
        steps=28,
    ),
    "a small purse for research": World(
        {**KEEN, "budget_per_enterprise": 0.01},
        (("research_funding", {"rate": 0.8}), ("mandate", {"level": 4, "from_step": 6, "until_step": 9})),
        seed=41,
    ),
    "unfunded mandate": World(
        {"budget_per_enterprise": 0.01}, (("subsidy", {"rate": 0.6}), ("mandate", {"level": 2})), seed=12
    ),
    "technology jump": World({"technology_jump": 0.7, "technology_jump_step": 6}, seed=13),
    "the frontier grows and jumps": World(
        {
            **KEEN,
            "frontier_growth": 0.02,
            "frontier_growth_spread": 0.8,
            "frontier_jump_rate": 0.15,
            "adoption_rate": 0.1,
            "frontier_jump_skills": 0.7,
            "adopted_skills": 0.6,
            "frontier_near": 0.3,
            "technology_posts": 3.0,
        },
        seed=42,
        steps=24,
    ),
    "everything new is taken up": World(
        {
            "frontier_jump_rate": 1.0,
            "frontier_jump_size": 2.0,
            "adoption_rate": 1.0,
            "research_gain": 0.5,
            "staff_renewal": 1.0,
            "technology_jump": 0.5,
            "technology_jump_step": 4,
            "forces_efficiency_high": 0.1,
        },
        seed=43,
        steps=10,
    ),
    "dispersion": World(
        {"policy_dispersion": 1.0},
        (
            ("subsidy", {"rate": 0.3, "regions": (0,)}),
            ("supervision", {"probability": 0.5, "penalty": 0.4}),
            ("platform", {"reach": 0.5}),
            ("harmonisation", {"share": 0.6, "from_step": 8}),
            ("student_evaluation", {"reform": 0.6, "fade": 4, "until_step": 8}),
        ),
        seed=14,
    ),
    "closed loops": World({}, (("adaptive_platform", {}), ("example", {})), seed=15),
    "training reform": World(
        KEEN,
        (
            ("curriculum_revision", {"interval": 4}),
            ("foresight", {"weight": 0.7}),
            ("dual_qualified", {"reach": 0.6}),
            ("student_evaluation", {"reform": 0.9}),
        ),
        seed=16,
        steps=20,
    ),
    "vague terms": World(
        {**KEEN, "vagueness": 0.9, "budget_per_enterprise": 0.2},
        (("guidelines", {"clarity": 0.7, "from_step": 6, "regions": (0, 2)}), ("subsidy", {"rate": 0.3})),
        seed=43,
        steps=14,
    ),
    "research that is needed": World(
        {
            **KEEN,
            "population.n_sectors": 4,
            "identity_research": 0.8,
            "research_gain": 0.3,
            "research_fit": 0.7,
            "research_orientation": 0.4,
            "research_diversity": 2.5,
        },
        (("college_evaluation", {"reform": 0.8}), ("research_funding", {"rate": 0.7})),
        seed=44,
        steps=20,
    ),
    "a status that is lost": World(
        {**KEEN, "status_depth": 0.35, "status_quarters": 3.0, "effort_noise": 2.0, "budget_per_enterprise": 0.5},
        (
            ("tax_credit", {"rate": 0.5}),
            ("integration_status", {"share": 0.8, "until_step": 18}),
            ("integration_status", {"share": 1.0, "from_step": 8, "regions": (1,)}),
        ),
        seed=45,
        steps=22,
    ),
    "terms that are revised": World(
        {
            **KEEN,
            "fixed_terms": 0.9,
            "revision_of_terms": 0.8,
            "technology_jump": 1.0,
            "technology_jump_step": 10,
        },
        (("college_evaluation", {"reform": 0.8}),),
        seed=46,
        steps=24,
    ),
    "teachers who count": World(
        {"counted_results": 0.7, "practised_share": 0.01, "mastered_skills": 0.6},
        (("college_evaluation", {"reform": 0.5, "from_step": 6, "regions": (0, 1)}),),
        seed=42,
        steps=20,
    ),
    "staff goes both ways": World(
        {**KEEN, "dual_teaching": 0.6, "expert_lessons": 0.4, "exchange_cost": 0.3, "budget_per_enterprise": 0.04},
        (("staff_exchange", {"share": 0.7, "from_step": 3, "regions": (0, 2)}), ("dual_qualified", {"reach": 0.5})),
        seed=44,
        steps=20,
    ),
    "a digital link with a weak end": World(
        {**KEEN, "data_adoption": 0.1, "digital_rate": 0.3, "frontier_jump_rate": 0.2, "perception_noise": 0.6},
        (
            ("digital_link", {"colleges": 1.0, "enterprises": 0.4, "from_step": 2}),
            ("digital_link", {"colleges": 0.2, "enterprises": 0.9, "regions": (1,)}),
            ("platform", {"reach": 0.3, "regions": (0,)}),
        ),
        seed=45,
        steps=20,
    ),
    "certificates": World(
        {**KEEN, "certificate_weight": 0.9, "labour_tightness": 0.8},
        (
            ("certificates", {"share": 0.9, "from_step": 2}),
            ("supervision", {"probability": 0.4, "penalty": 0.3, "regions": (0, 1)}),
        ),
        seed=46,
        steps=20,
    ),
    "motivation learns": World(
        {**KEEN, "motivation_learning": 0.8, "crowding_out": 0.7},
        (("subsidy", {"rate": 0.5, "until_step": 10, "regions": (0, 1)}), ("student_evaluation", {"reform": 0.8})),
        seed=47,
        steps=20,
    ),
    "colleges of their own kind": World(
        {**KEEN, "homogenisation": 0.8, "own_skill_share": 0.5},
        (
            ("differentiated_positioning", {"weight": 0.7, "regions": (0, 2)}),
            ("curriculum_revision", {"interval": 3}),
        ),
        seed=48,
        steps=16,
    ),
    "programmes come and go": World(
        {**KEEN, "population.n_sectors": 5, "specialisation": 0.9, "least_programme": 0.15, "labour_tightness": 1.3},
        (("programme_adjustment", {"share": 0.4, "regions": (0, 2)}),),
        seed=31,
        steps=33,
    ),
    "an industry emerges": World(
        {**KEEN, "emerging_sector": 1.0, "emerging_halfway": 10.0, "emerging_growth": 2.0},
        (
            ("emerging_support", {"share": 0.7, "looking_ahead": 0.8, "regions": (0, 2)}),
            ("emerging_support", {"share": 0.4, "regions": (1,), "from_step": 8, "until_step": 24}),
            ("subsidy", {"rate": 0.4}),
            ("central_targets", {"yardstick": 0.5, "target": 0.7, "transfer": 0.3}),
        ),
        seed=44,
        steps=33,
    ),
    "a small purse for what emerges": World(
        {"emerging_sector": 5.0, "emerging_halfway": 6.0, "budget_per_enterprise": 0.05, "place_cost": 20.0},
        (("emerging_support", {"share": 1.0}), ("subsidy", {"rate": 0.1, "budget": 0.5})),
        seed=45,
        steps=25,
    ),
    "nobody trains for what emerges": World(
        {"emerging_sector": 0.0, "emerging_growth": 4.0, "emerging_halfway": 4.0, "open_and_close": 0.0}
        | {"specialisation": 1.0, "population.n_sectors": 2, "least_programme": 0.3},
        (("emerging_support", {"share": 1.0}), ("programme_adjustment", {"share": 0.4})),
        seed=46,
        steps=25,
    ),
    "one field a college": World({"specialisation": 1.0, "placement_pull": 4.0}, seed=32, steps=12),
    "charter, equal parts": World({**KEEN, **GATHERED, "leave_margin": 1.0}, charter(0), seed=2, steps=28),
    "charter, by cost": World({**KEEN, **GATHERED, "leave_margin": 1.0}, charter(1), seed=1, steps=20),
    "charter, Shapley": World(
        {**KEEN, **GATHERED, **CHEAP, "leave_margin": 0.1, "pooled_share": 1.0}, charter(2), seed=1, steps=24
    ),
    "communities that lose": World(
        {**KEEN, **GATHERED, **CHEAP, "leave_margin": 0.2, "pooled_share": 0.9},
        (
            *charter(1),
            ("subsidy", {"rate": 0.3}),
            ("tax_credit", {"rate": 0.3}),
            ("subsidy", {"rate": 0.3, "budget": 0.01, "from_step": 6, "regions": (0, 1, 2)}),
        ),
        seed=1,
        steps=20,
    ),
    "ample money": World(
        {"budget_per_enterprise": 1.0, "tax_due": 0.02, "review_trust": 0.4, **KEEN},
        (("subsidy", {"rate": 0.1, "ramp": 12}), ("tax_credit", {"rate": 0.5, "until_step": 12})),
        seed=28,
        steps=24,
    ),
    "patience": World({"patience_enterprise": 0.5, "patience_college": 2.0, "patience_students": 3.0}, seed=20),
    "entities that break up": World(
        {"protocol": "mandated", "blame_gap": 0.05, "blame_exit": 0.5, "effort_noise": 1.5, "entity_contribution": 0.0},
        (("subsidy", {"rate": 0.2}),),
        seed=30,
    ),
    "short memory": World({"population.n_slots": 2, "enterprise_partners": 2.0, "search_rate": 0.8}, seed=21, steps=12),
    "blame": World({"blame_gap": 0.05, "blame_exit": 0.5, "effort_noise": 1.5}, seed=22),
    "a long shadow": World(
        {**KEEN, "shadow_of_future": 0.99, "blame_gap": 0.02, "blame_exit": 1.0, "role_pull": 0.3}, seed=33, steps=12
    ),
    "no shadow, no doubt": World(
        {"shadow_of_future": 0.0, "trust_caution": 0.0, "fit_caution": 0.0, "shirk_effort": 0.0, "role_pull": 0.0},
        WATCHED,
        seed=34,
        steps=8,
    ),
    "who shirks does enough": World(
        {**KEEN, "shirk_effort": 0.6, "audit_standard": 0.5, "stranger_evidence": 20.0}, WATCHED, seed=35, steps=8
    ),
    "more is asked than can be done": World({**KEEN, "audit_standard": 1.0}, WATCHED, seed=36, steps=8),
    "no noise": World({**KEEN, "effort_noise": 0.0, "stranger_evidence": 0.1}, WATCHED, seed=37, steps=8),
    "blindness": World({"perception_noise": 1.0, "fit_caution": 3.0, "trust_caution": 5.0}, seed=38, steps=8),
    "dear talk of an ultimatum": World(
        {**KEEN, "protocol": "take_it_or_leave_it", "communication_cost": 0.3, "patience_college": 0.3},
        (("platform", {"reach": 0.9, "regions": (0,)}),),
        seed=39,
        steps=12,
    ),
    "dear talk of equals": World(
        {**KEEN, "protocol": "nash", "communication_cost": 0.3, "talk_rounds": 20.0, "patience_enterprise": 3.0},
        seed=40,
        steps=12,
    ),
    "ordered, and trusted": World(
        {**KEEN, "communication_cost": 0.5, "blame_gap": 0.1, "blame_exit": 0.5, "enterprise_worth": 5.0},
        (("mandate", {"level": 4}),),
        seed=41,
        steps=8,
    ),
    **{f"drawn {number}": drawn(number) for number in range(1, 9)},
    "no enterprises": World({"population.n_enterprises": 0}, seed=23, steps=8),
    "no colleges": World({"population.n_colleges": 0, "population.n_students": 0}, seed=24, steps=8),
    "regions without colleges": World({"population.n_regions": 4, "population.n_colleges": 2}, seed=25),
    "no budget": World({"budget_per_enterprise": 0.0}, (("subsidy", {"rate": 0.4}),), seed=26, steps=12),
}
