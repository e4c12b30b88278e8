"""What a change does: paired differences between arms under the same seeds, with intervals, and what they cost.

An arm is a point of a study; runs of two arms with the same replication share their seed, so the
difference within a pair is free of all chance that both have in common (common random numbers; Law,
Simulation Modeling and Analysis, 11.2). Intervals: Student's t over pairs, or the bootstrap over
pairs for ratios such as a cost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from abm.machine.errors import InputError
from abm.results.notebook import Shown
from experiments.analysis._noise import LEVEL, student, told
from experiments.analysis._runs import check, column, lost, rows, usable
from experiments.analysis.intervals import Interval, mean_interval, ratio_interval
from experiments.analysis.wording import begun, number

if TYPE_CHECKING:
    from matplotlib.figure import Figure


RESAMPLES = 4000
"""Of the pairs behind a price, whose interval is skewed."""


@dataclass(frozen=True)
class Effects(Shown):
    """Paired differences of every arm from the baseline arm.

    table: arm, outcome, baseline, mean (difference), low, high, n_pairs, variance_paired,
    variance_unpaired (of the difference of two runs), variance_ratio, p (paired t, for all arms and outcomes together
    by Holm's method), is_told (p <= 5 %).
    costs: arm, spent, gained, cost, cost_low, cost_high; empty if no cost was asked for.
    """

    table: pd.DataFrame
    costs: pd.DataFrame
    labels: Mapping[str, str]
    """Outcome -> label with unit."""
    baseline: str
    bought: str = ""
    """Outcome that the costs are of; empty if no cost was asked for."""
    ties: tuple[str, ...] = ()
    """Arms whose price cannot be told from the lowest (95 % interval of the difference of prices, over pairs)."""
    caveats: tuple[str, ...] = ()

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """By name, as reports keep them."""
        return {"effects": self.table} | ({"costs": self.costs} if len(self.costs) else {})

    def figures(self) -> dict[str, Figure]:
        """Differences with intervals, and what a unit gained costs."""
        from experiments.analysis.effects.figures import costs, differences

        found = {"effects": differences(self)}
        if any(np.isfinite(row["cost"]) for row in rows(self.costs)):
            found["costs"] = costs(self)
        return found

    def answer(self) -> str:
        """The largest sure effect on each outcome, and the cheapest arm."""
        sentences: list[str] = []
        for outcome in dict.fromkeys(self.table["outcome"]):
            sure = [r for r in rows(self.table) if r["outcome"] == outcome and r["is_told"]]
            label = self.labels.get(str(outcome), str(outcome))
            if not sure:
                sentences.append(f"No arm is seen to move {label} by more than chance (all tested together at 5 %).")
                continue
            top = max(sure, key=lambda row: abs(row["mean"]))
            moves = "moves" if len(sure) == 1 else "moves in this sample most"
            sentences.append(
                f"{begun(str(top['arm']))} {moves} {label}: {number(top['mean'], sign='+')} (95 % interval "
                f"{number(top['low'], sign='+')} to {number(top['high'], sign='+')}) against {self.baseline}."
            )
        priced = [row for row in rows(self.costs) if np.isfinite(row["cost"])]
        if priced:
            best = min(priced, key=lambda row: row["cost"])
            label = self.labels.get("cost", "")
            price = f"of {label[:1].lower()}{label[1:].partition(' (')[0]}" if label else "for each unit gained"
            cost, low, high = (number(best[name], digits=2) for name in ("cost", "cost_low", "cost_high"))
            of = f"{cost} {price} (95 % interval {low} to {high})"
            if len(priced) == 1:
                sentences.append(f"Only {best['arm']} surely gains something; its price: {of}.")
            elif self.ties:
                tied = " and ".join(self.ties)
                sentences.append(f"The lowest price is that of {best['arm']}: {of}; {tied} cannot be told from it.")
            else:
                sentences.append(f"The cheapest is {best['arm']}: {of}.")
            if best["cost_high"] < 0:
                sentences.append(f"A price below 0: {best['arm']} spends less than {self.baseline}.")
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
    prices: list[dict[str, Any]] = []
    ties: tuple[str, ...] = ()
    if cost is not None:
        money, gained = (_wide(runs, arm, column) for column in cost)
        for name in names:
            if name != baseline:
                prices.append({"arm": name, **_price(money, gained, name, baseline, len(names) - 1)})
        ties = _ties(prices, money, gained, baseline)
    table = pd.DataFrame(found)
    if found:
        table["p"], table["is_told"] = told(table["p"].to_numpy(np.float64))
        fewest = min(int(row["n_pairs"]) for row in rows(table))
        if fewest < 2:
            notes.append(f"Some arms have {fewest} usable pairs with {baseline}; an interval takes 2 or more.")
    return Effects(
        table, pd.DataFrame(prices), dict(labels or {}), baseline, cost[1] if cost else "", ties,
        tuple(dict.fromkeys(notes)),
    )  # fmt: skip


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
        "p": student(x - y),
    }


def _price(money: pd.DataFrame, gained: pd.DataFrame, name: str, baseline: str, among: int) -> dict[str, Any]:
    pairs = money.index.intersection(gained.index)
    money, gained = money.loc[pairs], gained.loc[pairs]
    spent = column(money, name) - column(money, baseline)
    more = column(gained, name) - column(gained, baseline)
    both = np.isfinite(spent + more)
    s, g = spent[both], more[both]
    # Where nothing was bought for sure a price means nothing.
    price, low, high = (
        ratio_interval(s, g, 1, RESAMPLES) if mean_interval(g, among).low > 0 else Interval(np.nan, np.nan, np.nan)
    )
    return {
        "spent": float(s.mean()) if len(s) else np.nan,
        "gained": float(g.mean()) if len(g) else np.nan,
        "cost": price,
        "cost_low": low,
        "cost_high": high,
    }


def _ties(prices: list[dict[str, Any]], money: pd.DataFrame, gained: pd.DataFrame, baseline: str) -> tuple[str, ...]:
    """Arms whose price cannot be told from the lowest, by the bootstrap over the pairs that both have."""
    priced = sorted((row for row in prices if np.isfinite(row["cost"])), key=lambda row: row["cost"])
    if len(priced) < 2:
        return ()
    pairs = money.index.intersection(gained.index)
    spent, more = (
        {row["arm"]: column(of.loc[pairs], row["arm"]) - column(of.loc[pairs], baseline) for row in priced}
        for of in (money, gained)
    )
    best, rng, found = priced[0]["arm"], np.random.default_rng(0), list[str]()
    tail = 100 * LEVEL / 2 / (len(priced) - 1)
    for row in priced[1:]:
        other = row["arm"]
        both = np.flatnonzero(np.isfinite(spent[best] + more[best] + spent[other] + more[other]))
        drawn = both[rng.integers(len(both), size=(RESAMPLES, len(both)))]
        gains = [more[arm][drawn].sum(axis=1) for arm in (other, best)]
        with np.errstate(divide="ignore", invalid="ignore"):
            apart = spent[other][drawn].sum(axis=1) / gains[0] - spent[best][drawn].sum(axis=1) / gains[1]
        # A resample that gains nothing has no price: it speaks for no difference.
        apart = np.where((gains[0] > 0) & (gains[1] > 0), apart, -np.inf)
        if float(np.percentile(apart, tail, method="lower")) <= 0:
            found.append(str(other))
    return tuple(found)
