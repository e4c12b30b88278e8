"""A group of metrics from outside."""

from __future__ import annotations

from abm.quarter.measurement.metrics import Metric, Seen
from abm.world.levers import COLUMN

METRICS = (
    Metric(
        "credit_given", "credit given", "授信额", "1", 0, 1, "Mean reach of credit, less what banks shy at.", "a test"
    ),
)


def measure(seen: Seen) -> dict[str, float]:
    """Mean over regions, times what the banks dare."""
    reach = float(seen.state.governments.levers[:, COLUMN["credit_reach"]].mean())
    return {"credit_given": reach * seen.p.daring_of_banks}
