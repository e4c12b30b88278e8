"""Tipping: a jump that is large against the noise around it, and the warnings before it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from abm.machine.kernels import kernel
from abm.quarter.measurement.detectors import Detection

if TYPE_CHECKING:
    from abm.quarter.measurement.detectors import Trajectory
    from abm.world.parameters import Parameters
    from abm.world.state import Floats

KIND = "tipping"
LABEL, LABEL_ZH = "tipping point", "临界转变"
MEANING = (
    "The largest difference between the means of p.tipping_window quarters after and before, if it is at least "
    "p.tipping_jump and p.tipping_ratio standard deviations inside the windows; value = that ratio, signed."
)
SOURCE = "Scheffer et al. 2009; Dakos et al. 2012"
METRICS = {
    "substantive_depth_per_enterprise": "substantive depth an enterprise",
    "community_share": "the share of institutions in communities",
    "coordination": "coupling coordination D",
}
"""Metrics that are looked at, and what a sentence calls them."""


def detect(trajectory: Trajectory, p: Parameters) -> list[Detection]:
    """At most one tipping point in each metric: from the last quarter before the jump to the first after."""
    found: list[Detection] = []
    for metric in METRICS:
        if metric not in trajectory:
            continue
        at, ratio, size = largest_jump(trajectory[metric], int(p.tipping_window))
        if at > 0 and abs(size) >= p.tipping_jump and abs(ratio) >= p.tipping_ratio:
            found.append(Detection(KIND, metric, at - 1, at, ratio))
    return found


def said(detection: Detection) -> str:
    """What jumped which way."""
    way = "up" if detection.value > 0 else "down"
    return f"{METRICS[detection.metric]} tips {way}, by {abs(detection.value):.1f} times the noise around it"


@kernel(borrows=True)
def largest_jump(values, window):
    """Where the means of ``window`` values from t on and before t differ most against the noise.

    Returns t, the difference over the pooled standard deviation inside both windows (at least 1e-3, so
    that a flat series is no miracle), and the difference. t = -1 where the series is too short.
    """
    best, best_ratio, best_size = -1, 0.0, 0.0
    for t in range(window, len(values) - window + 1):
        before, after = 0.0, 0.0
        for i in range(window):
            before += values[t - 1 - i] / window
            after += values[t + i] / window
        variance = 0.0
        for i in range(window):
            variance += (values[t - 1 - i] - before) ** 2 + (values[t + i] - after) ** 2
        ratio = (after - before) / max(1e-3, math.sqrt(variance / (2 * window - 2)))
        if abs(ratio) > abs(best_ratio):
            best, best_ratio, best_size = t, ratio, after - before
    return best, best_ratio, best_size


@kernel
def _indicators(values, window, variance, autocorrelation):
    """Fill variance and lag-1 autocorrelation of linearly detrended windows that end at each step."""
    residual = np.empty(window)
    middle = 0.5 * (window - 1)
    for end in range(window - 1, len(values)):
        mean, slope, spread = 0.0, 0.0, 0.0
        for i in range(window):
            mean += values[end - window + 1 + i] / window
        for i in range(window):
            slope += (i - middle) * (values[end - window + 1 + i] - mean)
            spread += (i - middle) ** 2
        slope /= spread
        total, product = 0.0, 0.0
        for i in range(window):
            residual[i] = values[end - window + 1 + i] - mean - slope * (i - middle)
            total += residual[i] ** 2
        for i in range(1, window):
            product += residual[i] * residual[i - 1]
        variance[end] = total / (window - 1)
        # A straight line leaves only rounding: it has no memory to speak of.
        autocorrelation[end] = product / total if total > 1e-24 else math.nan


def early_warning(values: Floats, window: int) -> tuple[Floats, Floats]:
    """Variance and lag-1 autocorrelation of a detrended rolling window (Dakos et al. 2012).

    Both rise before a tipping point as recovery slows down. Shapes [steps]; NaN before the first full
    window. ``window`` is at least 3.
    """
    if window < 3:
        raise ValueError(f"window = {window} of early_warning is too short for a trend and a lag: take 3 or more")
    variance, autocorrelation = np.full(len(values), np.nan), np.full(len(values), np.nan)
    _indicators(np.ascontiguousarray(values, np.float64), window, variance, autocorrelation)
    return variance, autocorrelation


@kernel(borrows=True)
def kendall_tau(values):
    """Rank correlation of a series with time: pairs that rise minus pairs that fall over pairs. NaN are left out."""
    balance, pairs = 0, 0
    for i in range(len(values)):
        for j in range(i + 1, len(values)):
            if not (math.isnan(values[i]) or math.isnan(values[j])):
                pairs += 1
                if values[j] > values[i]:
                    balance += 1
                elif values[j] < values[i]:
                    balance -= 1
    return balance / pairs if pairs > 0 else math.nan
