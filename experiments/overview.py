"""What a sweep shows at first sight: each outcome over each varied key, with intervals, and the runs that failed."""

from __future__ import annotations

import itertools
import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from abm.errors import InputError, nearest
from abm.metrics import catalogue
from experiments import figure_style
from experiments.analysis.intervals import Interval, mean_interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from experiments.store import Study

Frame = Any
"""A pandas DataFrame; what its own types say of it, type checkers cannot follow."""

HEADLINE = ("failed_share", "substantive_depth_per_enterprise", "community_share", "deep_share")
"""Outcomes that are shown of a design that keeps many."""
MOST_SHOWN, FEW = 4, 12
BINS = 8
"""Equal parts of a range that was sampled at more values than this."""


@dataclass(frozen=True)
class Overview:
    """Means and intervals of some outcomes over each varied key."""

    study: Study
    shown: tuple[str, ...]

    @cached_property
    def runs(self) -> Frame:
        """The runs that went well."""
        runs: Frame = self.study.runs()
        return runs[runs["status"] == "ok"]

    @cached_property
    def failed(self) -> Frame:
        """The runs that failed, with their errors."""
        runs: Frame = self.study.runs()
        return runs.loc[runs["status"] != "ok", ["run_key", "point", "replication", *self.study.keys, "error"]]

    @cached_property
    def effects(self) -> Frame:
        """One row an outcome, key and value: mean, low, high (95 % interval), runs."""
        import pandas as pd

        rows: list[dict[str, Any]] = []
        for outcome in self.shown:
            for key in self.study.keys:
                for value, group in _parts(self.runs, key):
                    mean, low, high = _interval(group, outcome)
                    about = {
                        "outcome": outcome,
                        "key": key,
                        "value": str(value),
                        "mean": mean,
                        "low": low,
                        "high": high,
                    }
                    rows.append({**about, "runs": len(group)})
        columns = ["outcome", "key", "value", "mean", "low", "high", "runs"]
        return pd.DataFrame(rows, columns=columns)

    @cached_property
    def spans(self) -> Frame:
        """One row an outcome and key: the lowest and highest mean over the key's values, and the span between."""
        found = self.effects.groupby(["outcome", "key"], sort=False)["mean"].agg(["min", "max"]).reset_index()
        found["span"] = found["max"] - found["min"]
        return found.sort_values(["outcome", "span"], ascending=[True, False], kind="stable", ignore_index=True)

    @property
    def tables(self) -> dict[str, Frame]:
        """What the report holds."""
        found = {"spans": self.spans, "effects": self.effects}
        return found | ({"failed_runs": self.failed} if len(self.failed) else {})

    def answer(self) -> list[str]:
        """A few sentences."""
        done, planned = len(self.runs) + len(self.failed), int(self.study.manifest["runs"])
        whole = (
            f"{done:,} runs are done." if self.study.is_complete else f"{done:,} of {planned:,} runs are done so far."
        )
        found = [whole]
        for outcome in self.shown:
            spans = self.spans[(self.spans["outcome"] == outcome) & self.spans["span"].notna()]
            if spans.empty:
                continue
            key = str(spans.iloc[0]["key"])
            at = self.effects[(self.effects["outcome"] == outcome) & (self.effects["key"] == key)]
            low, high = at.loc[at["mean"].idxmin()], at.loc[at["mean"].idxmax()]
            if low["high"] < high["low"]:
                found.append(f"{_name(outcome)}: most moved by `{key}`, from {_at(low)} to {_at(high)}.")
            else:
                found.append(f"{_name(outcome)}: no key moves it beyond the noise of the seeds.")
        if len(self.failed):
            found.append(f"{len(self.failed)} runs failed and are left out; the table of failed runs says why.")
        return [" ".join(found)]

    def figures(self) -> dict[str, Figure]:
        """One picture: a row an outcome, a column a key."""
        keys = self.study.keys[:MOST_SHOWN]
        if self.effects.empty:
            return {}
        n = len(self.shown)
        with figure_style.drawing():
            figure, axes = figure_style.new(
                height=max(2.4, 1.6 * n), rows=n, columns=len(keys), sharey="row", sharex="col"
            )
            for (i, outcome), (j, key) in itertools.product(enumerate(self.shown), enumerate(keys)):
                at = self.effects[(self.effects["outcome"] == outcome) & (self.effects["key"] == key)]
                _draw(axes[i, j], at)
                axes[-1, j].set_xlabel(key.replace("_", " "))
                axes[i, 0].set_ylabel(textwrap.fill(_name(outcome), 22))
            figure.align_ylabels()
        more = "" if len(keys) == len(self.study.keys) else f" The first {MOST_SHOWN} keys are shown."
        figure.set_label(f"Mean of each outcome over each varied key, all others averaged, with 95 % intervals.{more}")
        return {"effects": figure}


def overview(study: Study, outcomes: Sequence[str] | None = None) -> Overview:
    """An overview of a study, of these outcomes (default: the first four, or the headline of all metrics)."""
    kept = study.outcomes
    if outcomes is None:
        headline = [name for name in HEADLINE if name in kept]
        outcomes = headline if len(kept) > FEW and headline else kept[:MOST_SHOWN]
    for name in outcomes:
        if name not in kept:
            raise InputError(f"outcome `{name}`", place=f"{study.folder}", why="is not there", mend=nearest(name, kept))
    return Overview(study, tuple(outcomes))


def _parts(runs: Frame, key: str) -> list[tuple[Any, Frame]]:
    """The runs by value of a key; by equal parts of its range, named by their middle, if there are many values."""
    import pandas as pd

    values = runs[key]
    if values.nunique() <= BINS + 1 or not pd.api.types.is_numeric_dtype(values):
        return [(value, group) for value, group in runs.groupby(key, sort=True)]
    bins = pd.cut(values, BINS)
    return [(float(f"{part.mid:.4g}"), group) for part, group in runs.groupby(bins, observed=True)]


def _interval(runs: Frame, outcome: str) -> Interval:
    """Mean and 95 % interval (Student's t) over replications, each the mean of its points; over runs if only one."""
    by_seed = runs.groupby("replication")[outcome].mean().dropna().to_numpy()
    return mean_interval(by_seed if len(by_seed) > 1 else runs[outcome].dropna().to_numpy())


def _name(outcome: str) -> str:
    return catalogue()[outcome].label.capitalize() if outcome in catalogue() else outcome.replace("_", " ").capitalize()


def _at(row: Any) -> str:
    span = "" if math.isnan(row["low"]) else f" ({row['low']:.3g} to {row['high']:.3g})"
    return f"{row['mean']:.3g}{span} at {row['value']}"


def _draw(axes: Axes, at: Frame) -> None:
    try:
        x = at["value"].astype(float).to_numpy()
    except ValueError:
        x = np.arange(len(at))
        axes.set_xticks(x, list(at["value"]))
        axes.margins(x=0.2)
    errors = np.nan_to_num(np.array([at["mean"] - at["low"], at["high"] - at["mean"]]))
    axes.errorbar(x, at["mean"], yerr=errors, color=figure_style.BLUE, marker="o", capsize=2, elinewidth=0.8)
