"""Contracts: how many, how deep on paper and in practice, between whom."""

from __future__ import annotations

import numpy as np

from abm.quarter.measurement.metrics import Metric, Seen, share, shares
from abm.world.state import Floats
from abm.world.vocabulary import LEVELS, N_LEVELS

_LEVELS_ZH = ("接触", "实习", "订单", "共建", "实体")

METRICS = (
    Metric("n_ties", "contracts", "合作关系数", "contracts", 0, 1e7, "Running contracts."),
    *(
        Metric(
            f"n_ties_level_{i}",
            f"contracts at level {i} ({LEVELS[i]})",
            f"{_LEVELS_ZH[i - 1]}级合作数",
            "contracts",
            0,
            1e7,
            "Running contracts with this formal level.",
        )
        for i in range(1, N_LEVELS + 1)
    ),
    Metric(
        "mean_formal_depth",
        "formal depth",
        "形式深度",
        "depth",
        0,
        1,
        "Mean formal level over 5 of running contracts.",
        "paper 3.3",
    ),
    Metric(
        "mean_substantive_depth",
        "substantive depth",
        "实质深度",
        "depth",
        0,
        1,
        "Mean of formal depth times realised effort over running contracts.",
        "paper 3.3",
    ),
    Metric(
        "substantive_depth_per_enterprise",
        "substantive depth an enterprise",
        "企业平均实质深度",
        "depth",
        0,
        8,
        "Substantive depth of all contracts over enterprises.",
    ),
    Metric(
        "substantive_depth_per_place",
        "substantive depth a place",
        "单位合作容量实质深度",
        "depth",
        0,
        1,
        "Substantive depth of all contracts over the places that enterprises have for partners.",
    ),
    Metric(
        "formalism_gap",
        "formalism gap",
        "形式主义差距",
        "levels",
        0,
        5,
        "Formal minus substantive level, mean over running contracts.",
        "[3, 8]",
    ),
    Metric(
        "deep_share",
        "deep contracts",
        "深度合作占比",
        "1",
        0,
        1,
        "Contracts at level 3 or more with serious substance over running contracts.",
    ),
    Metric(
        "joint_research_share",
        "contracts with joint research",
        "联合研发合作占比",
        "1",
        0,
        1,
        "Contracts at level 4 or 5 with serious substance over running contracts.",
        "[18]",
    ),
    Metric(
        "ordered_or_paid_share",
        "contracts driven by order or money",
        "指令或资金驱动的合作占比",
        "1",
        0,
        1,
        "Of the running contracts without joint research of serious substance, those signed by order or subsidised, "
        "over all running contracts.",
        "[5]",
    ),
    Metric(
        "natural_share",
        "contracts driven by neither order, money nor joint research",
        "自然形成的合作占比",
        "1",
        0,
        1,
        "Running contracts signed freely, without a subsidy and without joint research of serious substance.",
        "[5]",
    ),
    Metric(
        "formal_depth_per_place",
        "formal depth a place",
        "单位合作容量形式深度",
        "depth",
        0,
        1,
        "Formal level over 5 of all contracts over the places that enterprises have for partners: what is counted on "
        "paper.",
        "paper 3.3",
    ),
    Metric(
        "mandated_share", "contracts by order", "指令合作占比", "1", 0, 1, "Running contracts signed by order.", "[5]"
    ),
    Metric(
        "dependent_share",
        "contracts by order or subsidy",
        "依赖型合作占比",
        "1",
        0,
        1,
        "Running contracts signed by order or subsidised.",
        "[6]",
    ),
    Metric(
        "cross_region_share",
        "contracts across regions",
        "跨区域合作占比",
        "1",
        0,
        1,
        "Running contracts between regions.",
        "[7]",
    ),
    Metric(
        "mean_trust_in_colleges",
        "enterprises' trust",
        "企业对院校信任",
        "1",
        0,
        1,
        "Mean trust of enterprises in their partners' effort.",
    ),
    Metric(
        "mean_trust_in_enterprises",
        "colleges' trust",
        "院校对企业信任",
        "1",
        0,
        1,
        "Mean trust of colleges in their partners' effort.",
    ),
    Metric(
        "mean_effort_enterprises",
        "enterprises' effort",
        "企业投入",
        "1",
        0,
        1,
        "Mean effort of enterprises under contracts.",
    ),
    Metric(
        "mean_effort_colleges", "colleges' effort", "院校投入", "1", 0, 1, "Mean effort of colleges under contracts."
    ),
    Metric(
        "partner_aim_distance",
        "distance between partners' aims",
        "伙伴目标距离",
        "1",
        0,
        1,
        "Mean total-variation distance between the aims of partners: small = value identity.",
        "[5]; paper 5.2 P3",
    ),
)

REGIONAL = (
    Metric("n_ties", "contracts", "合作关系数", "contracts", 0, 1e7, "Running contracts of the region's enterprises."),
    Metric(
        "formal_depth_per_place",
        "formal depth a place",
        "单位合作容量形式深度",
        "depth",
        0,
        1,
        "Formal level over 5 of the contracts of the region's enterprises over the places that these have for "
        "partners.",
    ),
    Metric(
        "mean_formal_depth",
        "formal depth",
        "形式深度",
        "depth",
        0,
        1,
        "Mean formal level over 5 of the contracts of the region's enterprises.",
    ),
    Metric(
        "mean_substantive_depth",
        "substantive depth",
        "实质深度",
        "depth",
        0,
        1,
        "Mean substantive depth of the contracts of the region's enterprises.",
    ),
)


def measure(seen: Seen) -> dict[str, float]:
    """Means over running contracts."""
    n = seen.nation
    ties = n.ties
    return {
        "n_ties": ties,
        "n_ties_level_1": n.level_1,
        "n_ties_level_2": n.level_2,
        "n_ties_level_3": n.level_3,
        "n_ties_level_4": n.level_4,
        "n_ties_level_5": n.level_5,
        "mean_formal_depth": share(n.levels, N_LEVELS * ties),
        "mean_substantive_depth": share(n.substance, ties),
        "substantive_depth_per_enterprise": share(n.substance, n.enterprises),
        "substantive_depth_per_place": share(n.substance, n.places),
        "formalism_gap": share(n.levels - N_LEVELS * n.substance, ties),
        "deep_share": share(n.deep, ties),
        "joint_research_share": share(n.joint, ties),
        "ordered_or_paid_share": share(n.dependent - n.joint_dependent, ties),
        "natural_share": share(ties - n.dependent - n.joint + n.joint_dependent, ties),
        "formal_depth_per_place": share(n.levels, N_LEVELS * n.places),
        "mandated_share": share(n.mandated, ties),
        "dependent_share": share(n.dependent, ties),
        "cross_region_share": share(n.cross, ties),
        "mean_trust_in_colleges": share(n.trust_enterprise, ties),
        "mean_trust_in_enterprises": share(n.trust_college, ties),
        "mean_effort_enterprises": share(n.effort_enterprise, ties),
        "mean_effort_colleges": share(n.effort_college, ties),
        "partner_aim_distance": share(n.aim_distance, ties),
    }


def by_region(seen: Seen) -> dict[str, Floats]:
    """Contracts and their depth by region of the enterprise."""
    r = seen.regions
    return {
        "n_ties": np.array(r.ties),
        "formal_depth_per_place": shares(r.levels / N_LEVELS, r.places),
        "mean_formal_depth": shares(r.levels / N_LEVELS, r.ties),
        "mean_substantive_depth": shares(r.substance, r.ties),
    }
