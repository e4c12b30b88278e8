"""Resilience: how much is lost to a shock, how fast is it back, and do the communities stand?

Every shocked run is held against the run under the same seed that is spared, so growth and chance
that both share count for nothing. Loss is the deepest year below the spared run; a response has
recovered when it is back within a tolerance of the spared run and stays there for a year.

How large a loss is and whether it is more than chance are two things. The deepest of many years is below 0 even where
nothing was struck. So the null is a pair without a shock: then it is chance which of its two runs is called the struck
one, and the roles are exchanged (a randomisation test over pairs: Ernst 2004, Statistical Science 19), each time with a
deepest year of its own; differences at the end have Student's t over pairs. All of them, of all shocks, are tested at
once (Holm 1979): where no shock does anything, 5 % of studies name one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from abm.machine.errors import InputError, nearest
from abm.results.notebook import Shown
from experiments.analysis import _noise
from experiments.analysis._runs import rows as rows_of
from experiments.analysis.intervals import Interval, band, interval_of, mean_interval, ratio_interval, share_interval

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from abm.world.state import Floats

YEAR = 4
TOLERANCE = 0.1
"""Share of the level before the shock within which a response counts as back."""
IS_TOLD = {"p_loss": "is_lost", "p_end": "is_moved", "p_standing": "is_standing"}
"""Column of a p -> whether it is told from chance."""
SEED = 1
"""Of the exchanges of roles."""


@dataclass(frozen=True)
class Resilience(Shown):
    """Loss, recovery and what stands in the end, by shock and response."""

    summary: pd.DataFrame
    """One row a shock and response: before (level), loss and lasting (shares of before), each with its
    95 % interval; recovered (share of the runs that had lost, with interval); quarters (median time to recovery of all
    that had lost; inf = more than half did not recover); n_runs, n_hit (runs that had lost)."""
    paths: pd.DataFrame
    """shock, response, quarter (from the shock), mean, low, high: shocked over before, less spared over before."""
    standing: pd.DataFrame
    """shock, and the end's communities of shocked over those of spared runs, with interval, p_standing and is_standing
    (p <= 5 %: more or fewer than without it); empty if not asked for."""
    labels: Mapping[str, str]
    caveats: tuple[str, ...] = ()

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """By name, as reports keep them."""
        found = {"summary": self.summary, "paths": self.paths}
        return found | ({"standing": self.standing} if len(self.standing) else {})

    def figures(self) -> dict[str, Figure]:
        """The way down and back up, and loss against recovery."""
        from experiments.analysis.resilience.figures import paths, recovery

        return {"paths": paths(self), "recovery": recovery(self, TOLERANCE)}

    def answer(self) -> str:
        """A sentence a shock: every response that moves by more than chance, the others by name, and what stands."""
        stands = {row["shock"]: row for row in rows_of(self.standing)}
        sentences: list[str] = []
        summary = rows_of(self.summary)
        for shock in dict.fromkeys(row["shock"] for row in summary):
            own = [row for row in summary if row["shock"] == shock]
            told = [row for row in own if row["is_lost"] or row["is_moved"]]
            parts = [_moved_in_words(row, self._label(row)) for row in told]
            still = [self._label(row) for row in own if row not in told]
            if still:
                parts.append(f"no loss of {' or '.join(still)} is told from chance")
            if shock in stands and math.isfinite(stands[shock]["standing"]):
                parts.append(_standing_in_words(stands[shock]))
            sentences.append(f"{shock}: {'; '.join(parts)}.")
        return " ".join(sentences)

    def _label(self, row: Mapping[str, Any]) -> str:
        return self.labels.get(row["response"], row["response"])


def _moved_in_words(row: Mapping[str, Any], label: str) -> str:
    end = interval_of(row, "lasting")
    side = "below" if end.value > 0 else "above"
    low, high = sorted((abs(end.low), abs(end.high)))
    ends = f"ends {abs(end.value):.0%} [{low:.0%}, {high:.0%}] {side} the spared run" if row["is_moved"] else ""
    if not row["is_lost"]:
        return f"{label} {ends}"
    loss = interval_of(row, "loss")
    of = (
        f"{label} loses {loss.value:.0%} [{loss.low:.0%}, {loss.high:.0%}] of its level before in its deepest year "
        f"(chance alone: {row['chance']:.0%})"
    )
    of += f" and {ends}" if ends else ""
    if row["n_hit"] == 0:
        return f"{of}, never more than {TOLERANCE:.0%}"
    share = f"in {row['recovered']:.0%} of the runs that lost more ({row['n_hit']} of {row['n_runs']})"
    if math.isfinite(row["quarters"]):
        return f"{of}; it is back within {TOLERANCE:.0%} after {row['quarters']:.0f} quarters (median), {share}"
    return f"{of}; it is back within {TOLERANCE:.0%} only {share}"


def _standing_in_words(row: Mapping[str, Any]) -> str:
    stand = interval_of(row, "standing")
    share = f"{stand.value:.0%} [{stand.low:.0%}, {stand.high:.0%}]"
    text = f"at the end {share} as many communities stand as without it"
    return text if row["is_standing"] else f"{text}, which is not told from chance"


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
    names = [str(name) for name in series["shock"].unique()]
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
    tests: list[tuple[str, dict[str, object], float]] = []
    n_lost = 0
    for shock, at in strikes.items():
        for response in responses:
            hit, free, lost = _pairs(wide[response], shock, against[shock])
            n_lost = max(n_lost, lost)
            measured, path = _of_shock(response, hit, free, at)
            row: dict[str, object] = {"shock": shock, "response": response, **measured}
            gap = hit[:, at:] - free[:, at:]
            tests += [("p_loss", row, _p_loss(gap)), ("p_end", row, _p_apart(gap[:, -YEAR:].mean(axis=1)))]
            summary.append(row)
            path.insert(0, "shock", shock)
            path.insert(1, "response", response)
            paths.append(path)
        if communities:
            hit, free, _ = _pairs(wide[communities], shock, against[shock])
            share = ratio_interval(hit[:, -YEAR:].mean(axis=1), free[:, -YEAR:].mean(axis=1))
            row = {"shock": shock, **share.columns("standing"), "n_runs": len(hit)}
            tests.append(("p_standing", row, _p_apart((hit - free)[:, -YEAR:].mean(axis=1))))
            standing.append(row)
    adjusted = _noise.holm(np.array([p for _, _, p in tests]))
    for (name, row, _), p in zip(tests, adjusted, strict=True):
        row[name] = float(p)
        row[IS_TOLD[name]] = bool(p <= _noise.LEVEL)
    n_pairs = min(int(str(row["n_runs"])) for row in summary)
    said = list(caveats)
    if n_lost:
        said.append(f"{n_lost} runs had no whole counterpart and are left out.")
    if 2.0**-n_pairs * len(tests) > _noise.LEVEL:
        said.append(f"{n_pairs} pairs of runs cannot tell {len(tests)} differences from chance; more replications can.")
    return Resilience(
        pd.DataFrame(summary),
        pd.concat(paths, ignore_index=True),
        pd.DataFrame(standing),
        dict(labels or {}),
        tuple(said),
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
    yearly = _years(gap)
    loss = -yearly.min(axis=1)
    times = np.array([_recovery(run, deepest) for run, deepest in zip(yearly, yearly.argmin(axis=1), strict=True)])
    is_hit = loss > TOLERANCE
    back = np.isfinite(times[is_hit])
    scatter = (yearly - yearly.mean(axis=0)) * math.sqrt(len(yearly) / max(1, len(yearly) - 1))
    # Who cannot go below nothing loses no more than all.
    most = 1.0 if min(hit.min(), free.min()) >= 0 else math.inf
    taken, lasting = (_at_most(most, mean_interval(values)) for values in (loss, -yearly[:, -1]))
    row: dict[str, object] = {
        "before": level,
        **taken.columns("loss"),
        "chance": float((scatter.max(axis=1) - scatter.min(axis=1)).mean() / 2),
        **lasting.columns("lasting"),
        **share_interval(int(back.sum()), int(is_hit.sum())).columns("recovered"),
        "quarters": float(np.sort(times[is_hit])[(int(is_hit.sum()) - 1) // 2]) if is_hit.any() else math.nan,
        "n_runs": len(hit),
        "n_hit": int(is_hit.sum()),
    }
    around = (hit - free)[:, begin:] / level
    spread = pd.DataFrame(dict(zip(("mean", "low", "high"), band(around), strict=True)))
    spread.insert(0, "quarter", np.arange(begin - at, hit.shape[1] - at))
    return row, spread


def _at_most(most: float, of: Interval) -> Interval:
    """The interval without what cannot be, unless the estimate itself is there: the spared runs have grown since."""
    return of._replace(high=min(of.high, max(most, of.value)))


def _years(values: Floats) -> Floats:
    """Means of every four quarters on end. Shape [runs, steps] -> [runs, steps - 3]."""
    return np.lib.stride_tricks.sliding_window_view(values, YEAR, axis=1).mean(axis=2)


def _p_loss(gap: Floats) -> float:
    """p of the deepest year of the mean path, against pairs whose roles are exchanged. gap: [pairs, steps]."""
    return _noise.exchanged(_years(gap), lambda sums: -sums.min(axis=1), SEED)


def _p_apart(differences: Floats) -> float:
    """p of a mean difference of pairs, up or down, by Student's t as its interval. Shape [pairs]."""
    from scipy import stats

    if not differences.any():
        return 1.0
    if np.ptp(differences) == 0:
        return 0.0 if len(differences) > 1 else 1.0
    n = len(differences)
    t = float(differences.mean() / differences.std(ddof=1)) * math.sqrt(n)
    return float(2 * stats.t.sf(abs(t), n - 1))


def _recovery(yearly: Floats, deepest: int) -> float:
    """Quarters from the shock to the first year, after the deepest, that is within the tolerance; inf if none is."""
    back = np.flatnonzero(yearly[deepest:] >= -TOLERANCE)
    return float(deepest + back[0]) if len(back) else math.inf
