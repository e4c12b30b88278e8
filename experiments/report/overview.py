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

from abm.machine.errors import InputError, nearest
from abm.machine.language import either
from abm.quarter.measurement.metrics import catalogue
from abm.world.levers import BY_NAME
from abm.world.parameters import CATALOGUE
from experiments.analysis.intervals import Interval, difference_interval, mean_interval
from experiments.figures import style as figure_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from experiments.sweep.store import Study

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
                is_crossed = _is_crossed(self.runs, self.study.keys, key)
                for value, group in _parts(self.runs, key):
                    mean, low, high = _interval(group, outcome, is_crossed=is_crossed)
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
        """One row an outcome and key: the lowest and highest mean over the key's values, where they are, and the span.

        low, high: its 95 % interval, wider for the two values having been chosen after the fact (Bonferroni): over
        pairs of the same seed where all values meet the same points, else over points.
        """
        import pandas as pd

        rows = [self._span(outcome, key) for outcome in self.shown for key in self.study.keys]
        columns = ["outcome", "key", "min", "max", "min_at", "max_at", "span", "low", "high"]
        found = pd.DataFrame(rows, columns=columns).dropna(subset="span")
        return found.sort_values(["outcome", "span"], ascending=[True, False], kind="stable", ignore_index=True)

    def _span(self, outcome: str, key: str) -> tuple[Any, ...]:
        parts, is_crossed = _parts(self.runs, key), _is_crossed(self.runs, self.study.keys, key)
        means = {value: float(group[outcome].mean()) for value, group in parts if group[outcome].notna().any()}
        if not means:
            return outcome, key, *[math.nan] * 7
        least, most = min(means, key=means.__getitem__), max(means, key=means.__getitem__)
        groups, n_pairs = dict(parts), max(1, math.comb(len(means), 2))
        low, high = means[least], means[most]
        if is_crossed:
            by_seed = [groups[value].groupby("replication")[outcome].mean() for value in (most, least)]
            span = mean_interval((by_seed[0] - by_seed[1]).to_numpy(), among=n_pairs)
        else:
            by_point = {value: groups[value].groupby("point")[outcome].mean().dropna().to_numpy() for value in means}
            span = difference_interval(list(by_point.values()), by_point[most], by_point[least], among=n_pairs)
        return outcome, key, low, high, str(least), str(most), high - low, span.low, span.high

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
        found += [self._sentence(outcome) for outcome in self.shown if len(self.runs)]
        if len(self.failed):
            found.append(f"{len(self.failed)} runs failed and are left out; the table of failed runs says why.")
        return [" ".join(found)]

    def _sentence(self, outcome: str) -> str:
        """What moves an outcome most, if that can be told."""
        name, seen = _name(outcome), self.runs[outcome].dropna()
        if seen.empty:
            return f"{name}: not measured in any run."
        if seen.min() == seen.max():
            return f"{name}: {seen.iloc[0]:.3g} in every run."
        n_seeds = self.runs["replication"].nunique()
        spans = self.spans[self.spans["outcome"] == outcome]
        sure = spans[spans["low"] > 0]
        if sure.empty:
            return (
                f"{name}: {n_seeds} {'seed' if n_seeds == 1 else 'seeds'} at {self.runs['point'].nunique():,} points "
                "cannot tell the effect of any key from chance, which does not mean that there is none."
            )
        row = sure.iloc[0]
        at = self.effects[(self.effects["outcome"] == outcome) & (self.effects["key"] == row["key"])].set_index("value")
        return (
            f"{name}: most moved by `{row['key']}`, from {_at(at.loc[row['min_at']])} to {_at(at.loc[row['max_at']])}."
        )

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
                axes[-1, j].set_xlabel(_key(key))
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


def _is_crossed(runs: Frame, keys: Sequence[str], key: str) -> bool:
    """Whether all values of a key meet the same values of the other keys, as on a grid."""
    others = [name for name in keys if name != key]
    if not others:
        return runs[key].nunique() <= BINS + 1
    met = [frozenset(part[others].itertuples(index=False, name=None)) for _, part in runs.groupby(key)]
    return len(set(met)) == 1


def _interval(runs: Frame, outcome: str, *, is_crossed: bool) -> Interval:
    """Mean and 95 % interval (Student's t): over replications, or over runs if there is one only.

    Where the other values of the key meet other points, which points these are is chance as well: then the wider
    of that and the interval over points.
    """
    mean = float(runs[outcome].mean())
    by_seed, by_point = (runs.groupby(name)[outcome].mean().dropna().to_numpy() for name in ("replication", "point"))
    found = [mean_interval(by_seed if len(by_seed) > 1 else runs[outcome].to_numpy())]
    if not is_crossed and len(by_point) > 1:
        found.append(mean_interval(by_point))
    half = max(interval.high - interval.value for interval in found)
    return Interval(mean, mean - half, mean + half)


def _name(outcome: str) -> str:
    return catalogue()[outcome].label.capitalize() if outcome in catalogue() else outcome.replace("_", " ").capitalize()


def _at(row: Any) -> str:
    span = "" if math.isnan(row["low"]) else f" ({row['low']:.3g} to {row['high']:.3g})"
    return f"{row['mean']:.3g}{span} at {row.name}"


def _draw(axes: Axes, at: Frame) -> None:
    try:
        x = at["value"].astype(float).to_numpy()
    except ValueError:
        x = np.arange(len(at))
        axes.set_xticks(x, list(at["value"]))
        axes.margins(x=0.2)
    else:
        axes.locator_params(axis="x", nbins=4)
    errors = np.nan_to_num(np.array([at["mean"] - at["low"], at["high"] - at["mean"]]))
    axes.errorbar(x, at["mean"], yerr=errors, color=figure_style.BLUE, marker="o", capsize=2, elinewidth=0.8)


def _key(key: str) -> str:
    """A varied key at an axis: its name in words; in Chinese the label of the parameter or lever."""
    of = CATALOGUE.get(key) or BY_NAME.get(key)
    words = key.replace("_", " ")
    return words if of is None else either(words, of.label_zh)
