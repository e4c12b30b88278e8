"""Two scenarios side by side: their paired difference over time, with bands.

Runs of both under the same seed share all draws they can; the difference within a seed is taken at
every step, and the band is Student's t over seeds, at each step for itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from abm.machine.errors import InputError
from abm.results.notebook import Shown
from experiments.analysis._noise import student, told
from experiments.analysis._runs import Floats, check
from experiments.analysis.intervals import band, mean_interval
from experiments.analysis.wording import begun, number

if TYPE_CHECKING:
    from matplotlib.figure import Figure

QUARTERS_AT_END = 20
"""Quarters whose mean the answer compares: five years."""


@dataclass(frozen=True)
class Comparison(Shown):
    """Differences b - a of metrics over time.

    series: step, metric, a, b (means), difference, low, high, a_low, a_high, b_low, b_high.
    ends: metric, a, b, difference, low, high: means over the last five years, or all of a shorter run; p and is_told:
    of all metrics together (paired t, Holm).
    """

    a: str
    b: str
    series: pd.DataFrame
    ends: pd.DataFrame
    labels: Mapping[str, str]
    n_pairs: int
    caveats: tuple[str, ...] = ()

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """By name, as reports keep them."""
        return {"ends": self.ends, "series": self.series}

    def figures(self) -> dict[str, Figure]:
        """For each metric both scenarios with bands, and below the difference with its band."""
        from experiments.analysis.comparison.figures import both_and_difference

        metrics = list(dict.fromkeys(self.series["metric"]))
        return {metric: both_and_difference(self, metric) for metric in metrics}

    def answer(self) -> str:
        """Which metrics end apart, and by how much."""
        sentences: list[str] = []
        for row in self.ends.to_dict("records"):
            label = self.labels.get(str(row["metric"]), str(row["metric"]).replace("_", " "))
            numbers = f"{number(row['a'])} in {self.a}, {number(row['b'])} in {self.b}"
            band = f"95 % interval {number(row['low'], sign='+')} to {number(row['high'], sign='+')}"
            if row["is_told"]:
                word = "higher" if row["difference"] > 0 else "lower"
                apart = number(row["difference"], sign="+")
                sentences.append(f"{begun(label)} ends {word}: {numbers} ({apart}; {band}).")
            else:
                sentences.append(f"No difference at the end is told from chance in {label}: {numbers} ({band}).")
        tested = ", all tested together at 5 %" if len(sentences) > 1 else ""
        return " ".join(sentences) + f" Means of {self._when()} over {self.n_pairs} pairs of runs{tested}."

    def _when(self) -> str:
        steps = max(map(int, self.series["step"].tolist()))
        return "the last five years" if steps > QUARTERS_AT_END else f"all {steps} quarters"


def compare(
    a: pd.DataFrame,
    b: pd.DataFrame,
    metrics: Sequence[str],
    *,
    names: tuple[str, str] = ("A", "B"),
    labels: Mapping[str, str] | None = None,
) -> Comparison:
    """Paired differences b - a over time.

    a, b: one row a run and step, with the columns ``replication``, ``step`` and the metrics. Only
    replications that both have count; the caveats say how many do not.
    """
    for table in (a, b):
        check(table, "replication", "step", *metrics)
    shared = sorted(set(a["replication"]) & set(b["replication"]))
    if len(shared) < 2:
        raise InputError(f"{len(shared)} pairs of runs", why="give no band", mend="run 2 or more replications of both")
    left_out = len(set(a["replication"]) | set(b["replication"])) - len(shared)
    series, ends = [], []
    for metric in metrics:
        x, y = (_wide(table, metric, shared) for table in (a, b))
        steps = min(x.shape[1], y.shape[1])
        x, y = x[:, :steps], y[:, :steps]
        series.append(
            pd.DataFrame({"step": np.arange(1, steps + 1), "metric": metric}).assign(
                **_band(x, "a"), **_band(y, "b"), **_band(y - x, "difference")
            )
        )
        last = slice(-QUARTERS_AT_END, None)
        ends_x, ends_y = (_mean(values[:, last]) for values in (x, y))
        both = np.isfinite(ends_x) & np.isfinite(ends_y)
        apart = ends_y[both] - ends_x[both]
        if not len(apart):
            why = "has no value at the end in any pair of runs"
            raise InputError(f"metric `{metric}`", why=why, mend="compare another, or run longer")
        mean, low, high = mean_interval(apart)
        ends.append((metric, float(ends_x[both].mean()), float(ends_y[both].mean()), mean, low, high, student(apart)))
    of_ends = pd.DataFrame(ends, columns=["metric", "a", "b", "difference", "low", "high", "p"])
    of_ends["p"], of_ends["is_told"] = told(of_ends["p"].to_numpy(np.float64))
    table = pd.concat(series, ignore_index=True)
    table = table.rename(columns={"difference_low": "low", "difference_high": "high"})
    notes = (f"{left_out} replications without a partner were left out.",) if left_out else ()
    return Comparison(
        *names,
        series=table,
        ends=of_ends,
        labels=dict(labels or {}),
        n_pairs=len(shared),
        caveats=notes,
    )


def _mean(values: Floats) -> Floats:
    """Mean of each run over the quarters in which it was measured; NaN where it never was."""
    there = np.isfinite(values)
    n = there.sum(axis=1)
    return np.divide(np.where(there, values, 0.0).sum(axis=1), n, out=np.full(len(values), np.nan), where=n > 0)


def _wide(table: pd.DataFrame, metric: str, replications: Sequence[int]) -> Floats:
    """Values, shape [replications, steps]."""
    wide = table.pivot(index="replication", columns="step", values=metric).loc[list(replications)]
    return wide.sort_index(axis=1).to_numpy(np.float64)


def _band(values: Floats, name: str) -> dict[str, Floats]:
    """Mean and 95 % band over replications at each step. Shapes [steps]."""
    return dict(zip((name, f"{name}_low", f"{name}_high"), band(values), strict=True))
