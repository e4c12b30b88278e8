"""Resilience: how much is lost to a shock, how fast is it back, and do the communities stand?

Every shocked run is held against the run under the same seed that is spared, so growth and chance
that both share count for nothing. Loss is the deepest year below the spared run; a response has
recovered when it is back within a tolerance of the spared run and stays there for a year.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from abm.errors import InputError, nearest
from experiments.analysis._runs import rows as rows_of
from experiments.analysis.intervals import interval_of, mean_interval, ratio_interval, share_interval

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from abm.state import Floats

YEAR = 4
TOLERANCE = 0.1
"""Share of the level before the shock within which a response counts as back."""


@dataclass(frozen=True)
class Resilience:
    """Loss, recovery and what stands in the end, by shock and response."""

    summary: pd.DataFrame
    """One row a shock and response: before (level), loss and lasting (shares of before), each with its
    95 % interval; recovered (share of the runs that had lost, with interval); quarters (median time to recovery of all
    that had lost; inf = more than half did not recover); n_runs, n_hit (runs that had lost)."""
    paths: pd.DataFrame
    """shock, response, quarter (from the shock), mean, low, high: shocked over before, less spared over before."""
    standing: pd.DataFrame
    """shock, and the end's communities of shocked over those of spared runs, with interval; empty if not asked for."""
    labels: Mapping[str, str]
    caveats: tuple[str, ...] = ()

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """By name, as reports keep them."""
        found = {"summary": self.summary, "paths": self.paths}
        return found | ({"standing": self.standing} if len(self.standing) else {})

    def figures(self) -> dict[str, Figure]:
        """The way down and back up, and loss against recovery."""
        from experiments.analysis._resilience_figures import paths, recovery

        return {"paths": paths(self), "recovery": recovery(self)}

    def answer(self) -> str:
        """A sentence a shock on the first response, and what stands."""
        summary = rows_of(self.summary)
        first = summary[0]["response"]
        stands = {row["shock"]: interval_of(row, "standing") for row in rows_of(self.standing)}
        sentences: list[str] = []
        for row in summary:
            if row["response"] != first:
                continue
            text = f"{row['shock']}: {_loss_in_words(row, self.labels.get(first, first))}"
            stand = stands.get(row["shock"])
            if stand is not None and math.isfinite(stand.value):
                text += (
                    f"; at the end {stand.value:.0%} [{stand.low:.0%}, {stand.high:.0%}] as many communities stand as "
                    "without it"
                )
            sentences.append(text + ".")
        return " ".join(sentences)


def _loss_in_words(row: Mapping[str, Any], label: str) -> str:
    loss = interval_of(row, "loss")
    if not loss.low > TOLERANCE / 2:
        return f"no loss of {label} beyond chance"
    of = f"{label} loses {loss.value:.0%} [{loss.low:.0%}, {loss.high:.0%}] in its deepest year"
    share = f"in {row['recovered']:.0%} of the runs that lost as much"
    if math.isfinite(row["quarters"]):
        return f"{of}; it is back within {TOLERANCE:.0%} after {row['quarters']:.0f} quarters (median), {share}"
    return f"{of}; it is back within {TOLERANCE:.0%} only {share}"


def resilience(
    series: pd.DataFrame,
    strikes: Mapping[str, int],
    responses: Sequence[str],
    *,
    spared: str | Mapping[str, str],
    communities: str | None = None,
    labels: Mapping[str, str] | None = None,
    caveats: Sequence[str] = (),
) -> Resilience:
    """Hold shocked runs against spared ones.

    series: columns shock, replication, step (from 0) and the responses (higher = better), one row a step; strikes:
    shock -> first step that feels it; spared: the name, in the column shock, of the runs without it, or one
    for each shock; communities: column with the number of communities. Runs without a whole counterpart are left
    out and said. Raises InputError for names that are not there.
    """
    import pandas as pd

    against = {shock: spared if isinstance(spared, str) else spared[shock] for shock in strikes}
    names = [str(name) for name in dict.fromkeys(series["shock"])]
    columns = [*responses, *([communities] if communities else [])]
    asked = [(name, names) for name in (*strikes, *against.values())]
    for name, known in asked + [(name, list(series.columns)) for name in columns]:
        if name not in known:
            raise InputError(f"`{name}`", why="is not in the runs", mend=nearest(name, map(str, known)))
    wide: dict[str, Any] = {
        name: series.pivot(index=["shock", "replication"], columns="step", values=name) for name in columns
    }
    summary: list[dict[str, object]] = []
    paths: list[pd.DataFrame] = []
    standing: list[dict[str, object]] = []
    n_lost = 0
    for shock, at in strikes.items():
        for response in responses:
            hit, free, lost = _pairs(wide[response], shock, against[shock])
            n_lost = max(n_lost, lost)
            row, path = _of_shock(response, hit, free, at)
            summary.append({"shock": shock, "response": response, **row})
            path.insert(0, "shock", shock)
            path.insert(1, "response", response)
            paths.append(path)
        if communities:
            hit, free, _ = _pairs(wide[communities], shock, against[shock])
            share = ratio_interval(hit[:, -YEAR:].mean(axis=1), free[:, -YEAR:].mean(axis=1))
            standing.append({"shock": shock, **share.columns("standing"), "n_runs": len(hit)})
    said = (*caveats, f"{n_lost} runs had no whole counterpart and are left out.") if n_lost else tuple(caveats)
    return Resilience(
        pd.DataFrame(summary), pd.concat(paths, ignore_index=True), pd.DataFrame(standing), dict(labels or {}), said
    )


def _pairs(wide: Any, shock: str, spared: str) -> tuple[Floats, Floats, int]:
    """Shocked and spared runs of the same replications, [runs, steps] each, and how many were left out."""
    hit, free = wide.loc[shock], wide.loc[spared]
    whole = hit.index.intersection(free.index)
    hit_values, free_values = hit.loc[whole].to_numpy(np.float64), free.loc[whole].to_numpy(np.float64)
    keep = np.isfinite(hit_values[:, -1]) & np.isfinite(free_values[:, -1])
    if not keep.any():
        raise InputError(f"shock `{shock}`", why=f"has no whole run beside one of `{spared}`")
    return hit_values[keep], free_values[keep], max(len(hit), len(free)) - int(keep.sum())


def _of_shock(response: str, hit: Floats, free: Floats, at: int) -> tuple[dict[str, object], pd.DataFrame]:
    """Loss and recovery of all pairs, and their mean path from a year before the shock."""
    import pandas as pd

    begin = max(0, at - YEAR)
    before = free[:, begin:at].mean(axis=1) if at > 0 else free[:, 0]
    level = float(before.mean())
    if not level > 0:
        mend = "shock a world that has something to lose"
        raise InputError(f"the response before the shock ({response})", why=f"is {level:g}", mend=mend)
    gap = (hit - free)[:, at:] / level
    yearly = np.apply_along_axis(lambda x: np.convolve(x, np.ones(YEAR) / YEAR, "valid"), 1, gap)
    loss = -yearly.min(axis=1)
    times = np.array([_recovery(run, deepest) for run, deepest in zip(yearly, yearly.argmin(axis=1), strict=True)])
    is_hit = loss > TOLERANCE
    back = np.isfinite(times[is_hit])
    row: dict[str, object] = {
        "before": level,
        **mean_interval(loss).columns("loss"),
        **mean_interval(-yearly[:, -1]).columns("lasting"),
        **share_interval(int(back.sum()), int(is_hit.sum())).columns("recovered"),
        "quarters": float(np.sort(times[is_hit])[(int(is_hit.sum()) - 1) // 2]) if is_hit.any() else math.nan,
        "n_runs": len(hit),
        "n_hit": int(is_hit.sum()),
    }
    around = (hit - free)[:, begin:] / level
    spread = pd.DataFrame([mean_interval(column) for column in around.T], columns=["mean", "low", "high"])
    spread.insert(0, "quarter", np.arange(begin - at, hit.shape[1] - at))
    return row, spread


def _recovery(yearly: Floats, deepest: int) -> float:
    """Quarters from the shock to the first year, after the deepest, that is within the tolerance; inf if none is."""
    back = np.flatnonzero(yearly[deepest:] >= -TOLERANCE)
    return float(deepest + back[0]) if len(back) else math.inf
