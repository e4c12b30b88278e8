"""What a change does: paired differences between arms under the same seeds, with intervals, and what they cost.

An arm is a point of a study; runs of two arms with the same replication share their seed, so the
difference within a pair is free of all chance that both have in common (common random numbers; Law,
Simulation Modeling and Analysis, 11.2). Intervals: Student's t over pairs, or the bootstrap over
pairs for ratios such as a cost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from abm.errors import InputError
from experiments.analysis._runs import check, column, lost, rows, usable
from experiments.analysis.intervals import Interval, mean_interval, ratio_interval

if TYPE_CHECKING:
    from matplotlib.figure import Figure


RESAMPLES = 4000
"""Of the pairs behind a price, whose interval is skewed."""


@dataclass(frozen=True)
class Effects:
    """Paired differences of every arm from the baseline arm.

    table: arm, outcome, baseline, mean (difference), low, high, n_pairs, variance_paired,
    variance_unpaired (of the difference of two runs), variance_ratio.
    costs: arm, spent, gained, cost, cost_low, cost_high; empty if no cost was asked for.
    """

    table: pd.DataFrame
    costs: pd.DataFrame
    labels: Mapping[str, str]
    """Outcome -> label with unit."""
    baseline: str
    caveats: tuple[str, ...] = ()

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """By name, as reports keep them."""
        return {"effects": self.table} | ({"costs": self.costs} if len(self.costs) else {})

    def figures(self) -> dict[str, Figure]:
        """Differences with intervals, and what a unit gained costs."""
        from experiments.analysis._effect_figures import costs, differences

        found = {"effects": differences(self)}
        if any(np.isfinite(row["cost"]) for row in rows(self.costs)):
            found["costs"] = costs(self)
        return found

    def answer(self) -> str:
        """The largest sure effect on each outcome, and the cheapest arm."""
        sentences: list[str] = []
        for outcome in dict.fromkeys(self.table["outcome"]):
            sure = [r for r in rows(self.table) if r["outcome"] == outcome and (r["low"] > 0 or r["high"] < 0)]
            label = self.labels.get(str(outcome), str(outcome))
            if not sure:
                sentences.append(f"No arm moves {label} by more than chance (95 % intervals include 0).")
                continue
            top = max(sure, key=lambda row: abs(row["mean"]))
            sentences.append(
                f"{str(top['arm']).capitalize()} moves {label} most: {top['mean']:+.3g} "
                f"(95 % interval {top['low']:+.3g} to {top['high']:+.3g}) against {self.baseline}."
            )
        priced = [row for row in rows(self.costs) if np.isfinite(row["cost"])]
        if priced:
            best = min(priced, key=lambda row: row["cost"])
            label = self.labels.get("cost", "")
            price = f"of {label[:1].lower()}{label[1:].partition(' (')[0]}" if label else "for each unit gained"
            sentences.append(
                f"The cheapest is {best['arm']}: {best['cost']:.3g} {price} "
                f"(95 % interval {best['cost_low']:.3g} to {best['cost_high']:.3g})."
            )
        return " ".join(sentences)


def paired_effects(
    runs: pd.DataFrame,
    outcomes: Sequence[str],
    *,
    arm: str = "arm",
    baseline: str,
    cost: tuple[str, str] | None = None,
    labels: Mapping[str, str] | None = None,
) -> Effects:
    """Differences of every arm from the baseline, pair by pair.

    runs: one row a run with the columns ``arm``, replication, status and the outcomes. cost: (column
    of money, column of what is gained). A pair counts where both of its runs can be used; pairs that
    do not are said in the caveats.
    """
    check(runs, arm, "replication", "status", *outcomes, *(cost or ()))
    names = list(dict.fromkeys(runs[arm]))
    if baseline not in names:
        raise InputError(f"baseline `{baseline}`", why="is not an arm", mend="arms are " + ", ".join(map(str, names)))
    found: list[dict[str, object]] = []
    notes = [note for outcome in outcomes if (note := lost(runs, outcome))]
    for outcome in outcomes:
        wide = _wide(runs, arm, outcome)
        for name in names:
            if name != baseline:
                found.append({"arm": name, "outcome": outcome, **_difference(wide, name, baseline)})
    prices: list[dict[str, object]] = []
    if cost is not None:
        money, gained = (_wide(runs, arm, column) for column in cost)
        for name in names:
            if name != baseline:
                prices.append({"arm": name, **_price(money, gained, name, baseline)})
    return Effects(pd.DataFrame(found), pd.DataFrame(prices), dict(labels or {}), baseline, tuple(dict.fromkeys(notes)))


def _wide(runs: pd.DataFrame, arm: str, outcome: str) -> pd.DataFrame:
    """Usable values, one row a replication, one column an arm; NaN where a run cannot be used."""
    kept = runs[usable(runs, outcome)]
    wide = kept.pivot(index="replication", columns=arm, values=outcome).sort_index()
    return wide.reindex(columns=list(dict.fromkeys(runs[arm])))


def _difference(wide: pd.DataFrame, name: str, baseline: str) -> dict[str, object]:
    a, b = column(wide, name), column(wide, baseline)
    both = np.isfinite(a + b)
    x, y = a[both], b[both]
    mean, low, high = mean_interval(x - y)
    paired = float(np.var(x - y, ddof=1)) if len(x) > 1 else np.nan
    unpaired = float(np.var(x, ddof=1) + np.var(y, ddof=1)) if len(x) > 1 else np.nan
    return {
        "baseline": float(y.mean()) if len(y) else np.nan,
        "mean": mean,
        "low": low,
        "high": high,
        "n_pairs": len(x),
        "variance_paired": paired,
        "variance_unpaired": unpaired,
        "variance_ratio": paired / unpaired if unpaired > 0 else np.nan,
    }


def _price(money: pd.DataFrame, gained: pd.DataFrame, name: str, baseline: str) -> dict[str, object]:
    pairs = money.index.intersection(gained.index)
    money, gained = money.loc[pairs], gained.loc[pairs]
    spent = column(money, name) - column(money, baseline)
    more = column(gained, name) - column(gained, baseline)
    both = np.isfinite(spent + more)
    s, g = spent[both], more[both]
    # Where nothing was bought for sure a price means nothing.
    price, low, high = (
        ratio_interval(s, g, 1, RESAMPLES) if mean_interval(g).low > 0 else Interval(np.nan, np.nan, np.nan)
    )
    return {
        "spent": float(s.mean()) if len(s) else np.nan,
        "gained": float(g.mean()) if len(g) else np.nan,
        "cost": price,
        "cost_low": low,
        "cost_high": high,
    }
