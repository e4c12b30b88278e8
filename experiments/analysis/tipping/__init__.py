"""Early warning of a tipping point: do variance and memory rise beforehand, and only then?

Before a fold a system recovers ever more slowly, so the variance and the lag-1 autocorrelation of a
detrended rolling window rise (Scheffer et al. 2009; Dakos et al. 2012). Whether that is a warning is
asked by a ROC curve: the trend of each indicator (Kendall's tau) in runs that tip, up to their
tipping, against the trend in runs that do not, up to the same quarters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from abm.machine.errors import InputError
from abm.quarter.measurement.detectors.tipping import early_warning, kendall_tau, largest_jump
from experiments.analysis._noise import told
from experiments.analysis.intervals import Interval, auc_interval

if TYPE_CHECKING:
    import pandas as pd

    from abm.world.state import Floats

INDICATORS = ("variance", "autocorrelation")


@dataclass(frozen=True)
class Warnings:
    """How well each indicator tells runs that tip from runs that do not."""

    scores: pd.DataFrame
    """One row a run: run, tips, until (last step looked at), and Kendall's tau of each indicator."""
    roc: pd.DataFrame
    """indicator, threshold, false_alarms, hits: shares of runs with a tau above the threshold."""
    auc: Mapping[str, Interval]
    """Area under the ROC curve of each indicator: 0.5 = no warning, 1 = always and only before a tipping."""
    is_told: Mapping[str, bool]
    """Whether the area is told from 0.5, of both indicators together (Mann-Whitney, Holm): with few runs of a kind
    DeLong's interval is too narrow, and has no width where the two kinds do not overlap."""


def tipping_step(values: Floats, window: int, jump: float, ratio: float = 3.0) -> int:
    """Step of the largest jump of a series, -1 if it is not one.

    A jump: the means of ``window`` values after and before differ by ``jump`` or more, and by
    ``ratio`` or more standard deviations inside the windows.
    """
    at, found, size = largest_jump(np.ascontiguousarray(values, np.float64), window)
    return int(at) if at > 0 and abs(size) >= jump and abs(found) >= ratio else -1


def warnings_of(
    series: Sequence[Floats], tips_at: Sequence[int], *, window: int, start: int = 0, margin: int = 0
) -> Warnings:
    """Score every run by the trend of its indicators up to its tipping, and draw the ROC curves.

    series: one array [steps] a run; tips_at: its step of tipping, -1 = none; window: steps of the rolling window;
    start: first step looked at; margin: steps before the tipping that are left out, because its own
    jump is already in them. A run that does not tip is looked at up to the quarter of a run that
    does, each in turn. Raises InputError where one of the groups is empty.
    """
    import pandas as pd

    tips = [i for i, at in enumerate(tips_at) if at >= 0]
    others = [i for i, at in enumerate(tips_at) if at < 0]
    if not tips or not others:
        raise InputError(
            "early warning", why=f"needs runs that tip and runs that do not, has {len(tips)} and {len(others)}",
            mend="push harder, or less hard, or more replications",
        )  # fmt: skip
    ends = {i: tips_at[i] - margin for i in tips}
    ends |= {i: ends[tips[n % len(tips)]] for n, i in enumerate(others)}
    rows: list[dict[str, float]] = []
    for i, end in sorted(ends.items()):
        seen = early_warning(np.asarray(series[i][start:end], np.float64), window) if end - start > window else None
        taus = [float("nan")] * 2 if seen is None else [float(kendall_tau(values)) for values in seen]
        rows.append({"run": i, "tips": tips_at[i] >= 0, "until": end, **dict(zip(INDICATORS, taus, strict=True))})
    scores = pd.DataFrame(rows)
    roc = pd.concat([_roc(scores, name) for name in INDICATORS], ignore_index=True)
    auc = {name: auc_interval(scores.loc[scores.tips, name], scores.loc[~scores.tips, name]) for name in INDICATORS}
    tests = [_p(scores.loc[scores.tips, name], scores.loc[~scores.tips, name]) for name in INDICATORS]
    return Warnings(scores, roc, auc, dict(zip(INDICATORS, told(tests)[1].tolist(), strict=True)))


def _p(positive: pd.Series, negative: pd.Series) -> float:
    """Of two groups of scores with the same distribution; NaN where one is empty."""
    from scipy import stats

    p, n = (values.dropna().to_numpy(np.float64) for values in (positive, negative))
    return float(stats.mannwhitneyu(p, n).pvalue) if len(p) and len(n) else float("nan")


def _roc(scores: pd.DataFrame, indicator: str) -> pd.DataFrame:
    """Hits against false alarms as the threshold falls through all scores."""
    import pandas as pd

    known = scores[np.isfinite(scores[indicator])]
    positive = known.loc[known.tips, indicator].to_numpy()
    negative = known.loc[~known.tips, indicator].to_numpy()
    thresholds = np.r_[np.inf, np.unique(known[indicator])[::-1], -np.inf]
    return pd.DataFrame(
        {
            "indicator": indicator,
            "threshold": thresholds,
            "false_alarms": [(negative >= t).mean() if len(negative) else np.nan for t in thresholds],
            "hits": [(positive >= t).mean() if len(positive) else np.nan for t in thresholds],
        }
    )
