"""Money: what the public spends on what, for how much integration, and what early ends strand."""

from __future__ import annotations

from abm.levers import SPENDING
from abm.metrics import NAN, Metric, Seen, share
from abm.state import QUARTERS_A_YEAR, Floats

_ZH = {
    "subsidy": "补贴",
    "tax_credit": "税收抵免",
    "supervision": "监督",
    "platform": "平台",
    "dual_programme": "双师计划",
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
    Metric(
        "additional_field_related_jobs",
        "additional field-related jobs",
        "累计新增对口岗位",
        "jobs",
        -1e9,
        1e9,
        "Field-related jobs of all cohorts above those of the first cohort.",
    ),
    Metric(
        "spent_per_additional_job",
        "spent an additional field-related job",
        "单位新增对口岗位支出",
        "money/job",
        0,
        1e12,
        "Public money so far over additional field-related jobs; NaN where there are none.",
    ),
)

REGIONAL = (
    Metric("spent", "spent", "总支出", "money/quarter", 0, 1e9, "Public money of the region spent this quarter."),
)


def measure(seen: Seen) -> dict[str, float]:
    """Sums over regions."""
    state = seen.state
    now = state.governments.spent_now.sum(axis=0).tolist()
    total = float(state.governments.spent.sum())
    jobs = _jobs(seen)
    return {
        **dict(zip(_BY_LEVER, now, strict=True)),
        "spent": sum(now),
        "spent_total": total,
        "spent_per_substantive_tie": share(sum(now), seen.nation.serious),
        "stranded_assets": seen.flow("stranded"),
        **jobs,
        "spent_per_additional_job": share(total, jobs["additional_field_related_jobs"]),
    }


def _jobs(seen: Seen) -> dict[str, float]:
    """Field-related jobs at the half-year mark (t % 4 == 1), and how many more than in the first year.

    The first count is remembered in ``measured``.
    """
    names = ("field_related_jobs", "additional_field_related_jobs")
    measured = seen.state.measured
    if seen.state.step % QUARTERS_A_YEAR != 1 or "related_share_now" not in seen.state.flows:
        return seen.carried(*names)
    jobs = seen.flow("related_share_now") * seen.flow("employed")
    first = measured.setdefault("field_related_jobs_first", jobs)
    before = seen.state.metrics.get(names[1], NAN)
    return {names[0]: jobs, names[1]: (before if before == before else 0.0) + jobs - first}


def by_region(seen: Seen) -> dict[str, Floats]:
    """Money of each region."""
    return {"spent": seen.state.governments.spent_now.sum(axis=1)}
