"""At which lag between training and demand does training lose its use?

Paper 5.2 P2: what is taught lags behind what is asked for by half a revision interval and the length
of a programme; over the half-life of skill demand that is the lag ratio. Field-related jobs fall from
what up-to-date training gives to what training for yesterday's demand gives. Worlds differ in both, so
each is measured against its own two ends, under its own seed; the critical value is where half is lost.
If one ratio decided, it would be the same for all revision intervals.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from experiments.analysis._runs import column, rows
from experiments.analysis._space import Space
from experiments.analysis._watch import Watch
from experiments.analysis.boundary import Critical, critical_value, find_boundary
from experiments.analysis.intervals import mean_interval
from experiments.design import load
from experiments.questions import Reply, Setting
from experiments.questions._asking import evaluator, provenance, study

TITLE = "The critical lag of training"
CAVEATS = (
    "Half of the loss is a definition of critical: the fall is smooth, there is no jump.",
    "The interval is over worlds (seeds): they differ in how long training stays of use, and a mean hides that.",
    "Best and worst are the corners of the ranges: revision every quarter under the slowest demand, every ten years "
    "under the fastest.",
)
LABEL = "share kept of the gain from up-to-date training"
HALF = 0.5
KEY = "lag ratio (training lag over half-life of skill demand)"


def ask(setting: Setting) -> Reply:
    """Boundary over revision interval and half-life; the critical ratio for three revision intervals."""
    plane = load("lag-ratio", replications=2 if setting.is_quick else 4)
    lines = load("lag-lines", replications=4 if setting.is_quick else 16)
    space = Space.from_design(plane)
    corners = space.points(np.array([[0.0, 1.0], [1.0, 0.0]]))
    with evaluator(setting, plane) as simulate:
        ends = simulate(corners, lines.replications)
        best, worst = (_by_world(ends, point) for point in (0, 1))

        def simulate_kept(points: pd.DataFrame) -> pd.DataFrame:
            return with_kept(simulate(points), best, worst)

        n_points = 32 if setting.is_quick else 96
        border = find_boundary(
            space, simulate_kept, "kept", HALF, n_points=n_points, start=n_points // 2, label=LABEL,
            watch=Watch("boundary", is_quiet=setting.is_quiet),
        )  # fmt: skip
    runs = with_kept(study(setting, lines).runs(), best, worst)
    found: dict[int, Critical] = {}
    for quarters in sorted(set(column(runs, "revision_interval").astype(int).tolist())):
        own: Any = runs[column(runs, "revision_interval") == quarters]
        found[quarters] = critical_value(own, "lag_ratio", "kept", HALF, is_log=True, key_label=KEY, label=LABEL)
    usual = found[20]
    values = pd.DataFrame(
        [(quarters, c.value, c.low, c.high) for quarters, c in found.items()],
        columns=["revision_interval", "critical_lag_ratio", "low", "high"],
    )
    return Reply(
        answer=f"Field-related jobs fall from {_mean(best):.0%} of graduates with up-to-date training to "
        f"{_mean(worst):.0%} with training for yesterday's demand. {usual.answer()} {_collapse(found)} "
        f"{border.answer()}",
        tables={"critical_values": values, **usual.tables, **border.tables},
        figures={**usual.figures(), **border.figures()},
        n_runs=len(ends) + len(border.runs) + len(runs),
        provenance=provenance((plane, lines), threshold=HALF),
        caveats=tuple(dict.fromkeys((*border.caveats, *usual.caveats))),
        conclusions={
            "the use of training falls below half at some lag": "yes" if np.isfinite(usual.value) else "no",
            "one ratio for all revision intervals": _collapse(found).partition(":")[0],
            "half of the use is kept in most of the ranges": "yes" if border.share_above > HALF else "no",
        },
    )


def _by_world(runs: pd.DataFrame, point: int) -> dict[int, float]:
    """Field-related jobs of each replication at one point; NaN for a run that failed."""
    return {row["replication"]: float(row["related"]) for row in rows(runs) if row["point"] == point}


def _mean(worlds: dict[int, float]) -> float:
    return float(np.nanmean(list(worlds.values())))


def with_kept(runs: pd.DataFrame, best: dict[int, float], worst: dict[int, float]) -> pd.DataFrame:
    """The runs with ``kept``: where between the two ends of its own world a run lies, 1 = at the best."""
    replications = column(runs, "replication").astype(int).tolist()
    high, low = (np.array([ends.get(r, np.nan) for r in replications]) for ends in (best, worst))
    return runs.assign(kept=(column(runs, "related") - low) / (high - low))


def _collapse(found: dict[int, Critical]) -> str:
    """Whether one ratio decides: critical values of the shortest and the longest revision interval, world by world."""
    short, long = min(found), max(found)
    both = found[short].crossings.merge(found[long].crossings, on="replication", suffixes=("_short", "_long"))
    factor = np.log(column(both, "value_long") / column(both, "value_short"))
    mean, low, high = (float(np.exp(x)) for x in mean_interval(factor))
    if not np.isfinite(low + high):
        return f"Too few worlds cross it both at {short} and at {long} quarters between revisions to compare the two."
    word = "One ratio may decide" if low <= 1 <= high else "It is not one ratio for all"
    return (
        f"{word}: with revisions every {long} quarters the critical ratio is {mean:.2g} times that with revisions "
        f"every {short} (95 % interval {low:.2g} to {high:.2g})."
    )
