"""At which lag between training and demand does training lose its use?

Paper 5.2 P2: what is taught lags behind what is asked for by half a revision interval and the length
of a programme; over the half-life of skill demand that is the lag ratio. Field-related jobs fall from
what up-to-date training gives to what training for yesterday's demand gives; the critical value is
where half of that is lost. If one ratio decided, it would be the same for all revision intervals.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from experiments.analysis._runs import column
from experiments.analysis._space import Space
from experiments.analysis._watch import Watch
from experiments.analysis.boundary import Critical, critical_value, find_boundary
from experiments.design import load
from experiments.questions import Reply, Setting
from experiments.questions._asking import evaluator, provenance, study

TITLE = "The critical lag of training"
CAVEATS = (
    "Half of the loss is a definition of critical: the fall is smooth, there is no jump.",
    "Best and worst are the corners of the ranges: revision every quarter under the slowest demand, every ten years "
    "under the fastest.",
)
LABEL = "share of field-related jobs"
KEY = "lag ratio (training lag over half-life of skill demand)"


def ask(setting: Setting) -> Reply:
    """Boundary over revision interval and half-life; the critical ratio for three revision intervals."""
    plane = load("lag-ratio", replications=2 if setting.is_quick else 4)
    lines = load("lag-lines", replications=3 if setting.is_quick else 8)
    space = Space.from_design(plane)
    corners = space.points(np.array([[0.0, 1.0], [1.0, 0.0]]))
    with evaluator(setting, plane) as simulate:
        ends = simulate(corners)
        best, worst = (float(column(ends[ends["point"] == i], "related").mean()) for i in (0, 1))
        threshold = (best + worst) / 2
        n_points = 32 if setting.is_quick else 96
        border = find_boundary(
            space, simulate, "related", threshold, n_points=n_points, start=n_points // 2, label=LABEL,
            watch=Watch("boundary", is_quiet=setting.is_quiet),
        )  # fmt: skip
    runs = study(setting, lines).runs()
    found: dict[int, Critical] = {}
    for interval in sorted(set(column(runs, "revision_interval").astype(int).tolist())):
        own: Any = runs[column(runs, "revision_interval") == interval]
        found[interval] = critical_value(
            own, "lag_ratio", "related", threshold, is_log=True, key_label=KEY, label=LABEL
        )
    usual = found[20]
    values = pd.DataFrame(
        [(interval, c.value, c.low, c.high) for interval, c in found.items()],
        columns=["revision_interval", "critical_lag_ratio", "low", "high"],
    )
    return Reply(
        answer=f"Field-related jobs fall from {best:.0%} of graduates to {worst:.0%}; half of that is lost at "
        f"{threshold:.0%}. {usual.answer()} {_collapse(found)} {border.answer()}",
        tables={"critical_values": values, **usual.tables, **border.tables},
        figures={**usual.figures(), **border.figures()},
        n_runs=len(ends) + len(border.runs) + len(runs),
        provenance=provenance((plane, lines), threshold=threshold, best=best, worst=worst),
        caveats=tuple(dict.fromkeys((*border.caveats, *usual.caveats))),
    )


def _collapse(found: dict[int, Critical]) -> str:
    """Whether one ratio decides, whatever the revision interval."""
    known = {interval: c for interval, c in found.items() if np.isfinite(c.value)}
    if len(known) < 2:
        return "The other revision intervals do not cross it."
    listed = ", ".join(f"{c.value:.2g} ({c.low:.2g}-{c.high:.2g}) at {i} quarters" for i, c in known.items())
    overlap = max(c.low for c in known.values()) <= min(c.high for c in known.values())
    word = "One ratio decides" if overlap else "It is not one ratio for all"
    return f"{word}: by revision interval the critical value is {listed}."
