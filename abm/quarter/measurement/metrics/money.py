"""Money: what the public spends on what, for how much integration, and what early ends strand."""

from __future__ import annotations

from abm.quarter.measurement.metrics import Metric, Seen, share
from abm.world.levers import SPENDING
from abm.world.state import QUARTERS_A_YEAR, Floats

_ZH = {
    "subsidy": "补贴",
    "tax_credit": "税收抵免",
    "supervision": "监督",
    "platform": "平台",
    "dual_programme": "双师计划",
    "staff_exchange": "人员交流",
    "digital_link": "数字链接",
}
_BY_LEVER = tuple(f"spent_{name}" for name in SPENDING)

METRICS = (
    *(
        Metric(
            f"spent_{name}",
            f"spent on {name.replace('_', ' ')}",
            f"{_ZH.get(name, name)}支出",
            "money/quarter",
            0,
            1e9,
            "Public money spent this quarter.",
        )
        for name in SPENDING
    ),
    Metric("spent", "spent", "总支出", "money/quarter", 0, 1e9, "Public money spent this quarter."),
    Metric("spent_total", "spent so far", "累计支出", "money", 0, 1e12, "Public money spent since the start."),
    Metric(
        "spent_kcny",
        "spent, in yuan",
        "总支出（千元）",
        "1,000 yuan/quarter",
        0,
        1e15,
        "Public money spent this quarter, in 1,000 yuan of 2022.",
    ),
    Metric(
        "spent_total_kcny",
        "spent so far, in yuan",
        "累计支出（千元）",
        "1,000 yuan",
        0,
        1e18,
        "Public money spent since the start, in 1,000 yuan of 2022.",
    ),
    Metric(
        "spent_per_substantive_tie",
        "spent a substantive contract",
        "单位实质合作支出",
        "money/contract/quarter",
        0,
        1e9,
        "Public money this quarter over contracts of serious substantive depth.",
    ),
    Metric(
        "stranded_assets",
        "assets stranded by early ends",
        "提前终止搁置资产",
        "money/quarter",
        0,
        1e9,
        "Specific assets not yet written off of contracts that ended early in this quarter, whoever paid for them.",
        "Williamson 1985",
    ),
    Metric(
        "field_related_jobs",
        "field-related jobs",
        "对口岗位数",
        "jobs/year",
        0,
        1e9,
        "Graduates in work that fits their field half a year after graduation; measured once a year.",
    ),
)

REGIONAL = (
    Metric("spent", "spent", "总支出", "money/quarter", 0, 1e9, "Public money of the region spent this quarter."),
)


def measure(seen: Seen) -> dict[str, float]:
    """Sums over regions."""
    state = seen.state
    now = state.governments.spent_now.sum(axis=0).tolist()
    # Kind by kind, so that one on which nobody spends moves no bit of the sum.
    total = sum(state.governments.spent.sum(axis=0).tolist())
    return {
        **dict(zip(_BY_LEVER, now, strict=True)),
        "spent": sum(now),
        "spent_total": total,
        "spent_kcny": sum(now) * seen.p.kcny_per_unit,
        "spent_total_kcny": total * seen.p.kcny_per_unit,
        "spent_per_substantive_tie": share(sum(now), seen.nation.serious),
        "stranded_assets": seen.flow("stranded"),
        **_jobs(seen),
    }


def _jobs(seen: Seen) -> dict[str, float]:
    """Field-related jobs at the half-year mark (t % 4 == 1).

    How many of them a policy adds, and what one costs, no single run tells: it takes the same seed without the rules.
    """
    name = "field_related_jobs"
    if seen.state.step % QUARTERS_A_YEAR != 1:
        return seen.carried(name)
    return {name: seen.flow("field_related")}


def by_region(seen: Seen) -> dict[str, Floats]:
    """Money of each region."""
    return {"spent": seen.state.governments.spent_now.sum(axis=1)}
