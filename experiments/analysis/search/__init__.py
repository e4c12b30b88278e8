"""Policy search: which mixes reach a goal with what probability, at what cost, and keep it?

Optuna proposes mixes in batches (NSGA-II, Deb et al. 2002, or TPE) with three objectives: mean cost
down, probability of reaching the goal up, probability of still standing there after the exit up. What
looks good by few runs is partly luck, the more so the more mixes were tried, so some are run again under seeds that the
search never saw; only those runs are reported, with Wilson intervals. Which: the cheapest that looked good enough, the
cheapest that ought to be better than asked by what all tried mixes say together (a logistic regression of the runs on
the instruments), and those that promise most by that. Whether a mix is certain to be as good as asked is tested from
the one that promises most downwards, each at 5 %, until one is not: the order was fixed before the fresh runs, so that
in all 5 % of searches call any mix certain that is not (Maurer, Hothorn & Lehmacher 1995).

The journal keeps every proposal and its values. Each proposal's draws depend on the seed and its own
number alone, so a search that was interrupted goes on as if it had not been.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from abm.machine.errors import InputError, nearest
from abm.results.notebook import Shown
from experiments.analysis._noise import LEVEL, student
from experiments.analysis._runs import Simulator, by_seed, check, column, usable
from experiments.analysis._runs import rows as rows_of
from experiments.analysis.intervals import Interval, interval_of, mean_interval, share_interval
from experiments.analysis.search.tpe import ROW, STRATEGIES, accept, finished, opened, place, propose
from experiments.analysis.wording import number

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure
    from optuna import Trial

    from abm.world.state import Floats
    from experiments.design import Design

OFF = 0.6
"""Width of the stretch below an instrument's range in which it is off, as a share of the range."""


@dataclass(frozen=True)
class Instrument:
    """One part of a mix: the varied key and its range; ``low`` means that it is not used."""

    name: str
    low: float
    high: float
    label: str = ""

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low < self.high):
            raise InputError(f"`{self.name}` = {self.low:g}-{self.high:g}", why="is no range", mend="give low < high")

    @property
    def drawn(self) -> tuple[float, float]:
        """What is drawn from: the range and the stretch below it in which the instrument is off."""
        return self.low - OFF * (self.high - self.low), self.high

    def value(self, drawn: float) -> float:
        """What a draw means."""
        return max(self.low, drawn)


def instruments_of(design: Design) -> tuple[Instrument, ...]:
    """The varied ranges of a design as instruments; InputError for a key without a range."""
    for d in design.vary:
        if not d.is_range:
            raise InputError(f"`{d.name}`", place=f"design {design.name}", why="has no range", mend="give low and high")
    return tuple(Instrument(d.name, d.low, d.high, d.name.replace(".", " ").replace("_", " ")) for d in design.vary)


@dataclass(frozen=True)
class Goal:
    """What a mix is judged by: columns of the runs, and the value from which the goal is reached."""

    cost: str = "cost"
    reached: str = "reached"
    stayed: str = "stayed"
    threshold: float = 0.5
    """A run has reached (or kept) the goal where the column is at least this."""
    probability: float = 0.9
    """With which a mix is asked to reach it, and to keep it."""
    cost_label: str = "Cost"
    goal_label: str = "the goal"


@dataclass(frozen=True)
class Search(Shown):
    """Mixes tried and confirmed, the front among the confirmed, and the cheapest good enough."""

    tried: pd.DataFrame
    """One row a proposal: the mix, cost, reached, stayed (shares of runs with intervals), n_runs."""
    confirmed: pd.DataFrame
    """The same for those run again under fresh seeds, with is_front: no other is better in all; p_sure and is_sure:
    that it keeps the goal more often than asked, of all confirmed mixes together (binomial, one after the other).
    promise: chance to keep the goal by all tried mixes together."""
    instruments: tuple[Instrument, ...]
    goal: Goal
    caveats: tuple[str, ...] = ()
    margin: Margin | None = None

    def _next(self) -> str:
        """How the best stands against the next best."""
        if self.margin is None:
            return ""
        other, d = self.words(self.confirmed.iloc[self.margin.next]), self.margin.difference
        is_told = self.margin.p <= LEVEL
        if self.margin.is_cost:
            more, low, high = (number(value, digits=2, sign="+") for value in (d.value, d.low, d.high))
            said = f"costs {more} ({low} to {high}) under the same seeds"
        else:
            said = f"kept it {d.value:+.0%} ({d.low:+.0%} to {d.high:+.0%}) as often under the same seeds"
        return f" The next best ({other}) {said}{'' if is_told else ', which is not told from chance'}."

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """By name, as reports keep them."""
        table: Any = self.confirmed
        return {"front": table[table.is_front], "confirmed": self.confirmed, "tried": self.tried}

    @property
    def n_runs(self) -> int:
        """Runs behind it."""
        return int(column(self.tried, "n_runs").sum() + column(self.confirmed, "n_runs").sum())

    @property
    def cheapest(self) -> Any:
        """The cheapest confirmed mix that reaches and keeps the goal with the probability asked for."""
        return self._cheapest((self.confirmed[["reached", "stayed"]] >= self.goal.probability).all(axis=1))

    @property
    def cheapest_sure(self) -> Any:
        """The cheapest of which it is certain that it reaches and keeps the goal as often as asked."""
        return self._cheapest(self.confirmed["is_sure"])

    def _cheapest(self, is_good: Any) -> Any:
        good: Any = self.confirmed[is_good]
        return None if good.empty else good.loc[good["cost"].idxmin()]

    @property
    def best(self) -> Any:
        """The cheapest good enough, or where there is none the one that reaches and keeps the goal most often."""
        if self.cheapest is not None:
            return self.cheapest
        table: Any = self.confirmed
        return table.loc[table[["reached", "stayed"]].min(axis=1).idxmax()]

    def words(self, mix: Any) -> str:
        """A mix in words: only the instruments that are used."""
        used = [
            f"{i.label or i.name} {mix[i.name]:.2f}" for i in self.instruments if mix[i.name] > i.low + 1e-9
        ]  # fmt: skip
        return ", ".join(used) or "no instrument"

    def figures(self) -> dict[str, Figure]:
        """The front, and the mixes along it."""
        from experiments.analysis.search.figures import front, mixes

        return {"front": front(self), "mixes": mixes(self)}

    def answer(self) -> str:
        """The cheapest mix, its cost and probabilities, and how sure that is."""
        goal, best, sure = self.goal, self.cheapest, self.cheapest_sure
        asked = f"{goal.probability:.0%}"
        if best is None:
            top = self.best
            return (
                f"No mix was found that reaches {goal.goal_label} and keeps it after the exit with probability "
                f"{asked}. The best ({self.words(top)}) reached it in {top.reached:.0%} and kept it in "
                f"{top.stayed:.0%} of {int(top.n_runs)} fresh runs.{self._next()}"
            )
        text = (
            f"The cheapest mix found that reaches {goal.goal_label} with probability {asked} and keeps it after the "
            f"exit is {self.words(best)}: {goal.cost_label.lower()} {interval_of(best, 'cost')}; reached in "
            f"{interval_of(best, 'reached')}, kept in {interval_of(best, 'stayed')} of {int(best.n_runs)} fresh runs."
            f"{self._next()}"
        )
        if sure is None:
            need = math.ceil(math.log(LEVEL) / math.log(goal.probability))
            more = f"; it takes {need} fresh runs of each mix or more" if best.n_runs < need else ""
            return f"{text} That both probabilities are above {asked} is not certain at 95 %{more}."
        if sure.name == best.name:
            return f"{text} Both are above {asked} with 95 % confidence."
        return (
            f"{text} The cheapest of which that is certain at 95 % is {self.words(sure)}, at "
            f"{interval_of(sure, 'cost')} (reached {interval_of(sure, 'reached')}, kept {interval_of(sure, 'stayed')})."
        )


@dataclass(frozen=True)
class Margin:
    """The best confirmed mix against the next best, seed by seed."""

    next: int
    """Row of the next best among the confirmed."""
    is_cost: bool
    """Whether costs are compared; else how often the goal is kept."""
    difference: Interval
    p: float


def _margin(confirmed: Any, values: Mapping[str, Floats], goal: Goal) -> Margin | None:
    """Of two or more confirmed mixes. values: cost and whether the goal was kept, [mixes, replications]."""
    good = confirmed[(confirmed[["reached", "stayed"]] >= goal.probability).all(axis=1)]
    is_cost = len(good) > 0
    ranked = good.sort_values("cost", kind="stable") if is_cost else None
    if ranked is None:
        order = confirmed[["reached", "stayed"]].min(axis=1).sort_values(ascending=False, kind="stable").index
    else:
        order = ranked.index
    if len(order) < 2:
        return None
    of = values["cost" if is_cost else "kept"]
    apart = of[int(order[1])] - of[int(order[0])]
    apart = apart[np.isfinite(apart)]
    return Margin(int(order[1]), is_cost, mean_interval(apart), student(apart))


@dataclass
class Effort:
    """How much is tried: proposals, how many at once, how many are confirmed; the strategy and its seed."""

    n_proposals: int = 240
    batch: int = 40
    n_confirmed: int = 16
    strategy: str = "nsga2"
    seed: int = 1
    starts: Sequence[Mapping[str, float]] = field(default_factory=tuple)
    """Mixes that are proposed first, such as the ones somebody has in mind."""

    def __post_init__(self) -> None:
        if self.strategy not in STRATEGIES:
            raise InputError(f"strategy `{self.strategy}`", why="is unknown", mend=nearest(self.strategy, STRATEGIES))
        for name in ("n_proposals", "batch", "n_confirmed"):
            if getattr(self, name) < 1:
                raise InputError(f"{name} = {getattr(self, name)}", why="is too few", mend="give 1 or more")


def search(
    simulate: Simulator,
    confirm: Simulator,
    instruments: Sequence[Instrument],
    *,
    goal: Goal | None = None,
    effort: Effort | None = None,
    journal: Path | None = None,
    tell: Callable[[int, int], None] | None = None,
) -> Search:
    """Search the mixes of ``instruments``.

    simulate: points -> runs, for proposals (a few replications); confirm: the same under other seeds,
    more replications. journal: file that keeps the search; None = it is kept in memory. tell: called
    with proposals done and in all. A proposal all of whose runs failed is out; single failures are
    counted in the caveats. Raises InputError where nothing could be confirmed.
    """
    import pandas as pd
    from scipy import stats

    goal, effort = goal or Goal(), effort or Effort()
    names = [i.name for i in instruments]
    signature = _signature(instruments, goal, effort)
    study = opened(journal, directions=("minimize", "maximize", "maximize"), signature=signature)
    ranges = {i.name: i.drawn for i in instruments}
    while (done := len(finished(study))) < effort.n_proposals:
        if tell is not None:
            tell(done, effort.n_proposals)
        size = min(effort.batch - done % effort.batch, effort.n_proposals - done)
        trials: list[Trial] = []
        for i in range(done, done + size):
            if i < len(effort.starts):
                place(study, effort.starts[i])
            trials.append(propose(study, ranges, effort.strategy, (effort.seed, i), effort.batch))
        points = pd.DataFrame([{i.name: i.value(t.params[i.name]) for i in instruments} for t in trials])
        judged = _judged(simulate(points), points, goal)
        for trial, row in zip(trials, rows_of(judged), strict=True):
            accept(study, trial, row, (row["cost"], row["reached"], row["stayed"]))
    tried: Any = pd.DataFrame([trial.user_attrs[ROW] for trial in finished(study)])
    tried["promise"] = _promise(tried, names)
    points = tried.loc[_worth_confirming(tried, goal, effort.n_confirmed), [*names, "promise"]]
    promise = points.pop("promise").to_numpy(np.float64)
    points = points.reset_index(drop=True)
    if tell is not None:
        tell(effort.n_proposals, effort.n_proposals)
    fresh = confirm(points)
    confirmed: Any = _judged(fresh, points, goal)
    there = np.asarray(confirmed.n_runs > 0)
    confirmed = confirmed[there].reset_index(drop=True)
    if confirmed.empty:
        raise InputError("the search", why="could confirm no mix: every run failed", mend="look at the runs' errors")
    # A run that kept the goal had reached it.
    kept = np.round(confirmed["stayed"] * confirmed["n_runs"]).astype(int)
    p = stats.binom.sf(kept - 1, confirmed["n_runs"].astype(int), goal.probability)
    confirmed["promise"] = promise[there]
    order = np.argsort(-promise[there], kind="stable")
    confirmed.loc[order, "p_sure"] = np.maximum.accumulate(p[order])
    confirmed["is_sure"] = confirmed["p_sure"] <= LEVEL
    confirmed["is_front"] = front_of(confirmed[["cost", "reached", "stayed"]].to_numpy(np.float64) * [1, -1, -1])
    values = {name: table[there] for name, table in _by_seed(fresh, len(points), goal).items()}
    margin = _margin(confirmed, values, goal)
    return Search(tried, confirmed, tuple(instruments), goal, _caveats(tried, confirmed), margin)


def _by_seed(runs: pd.DataFrame, n: int, goal: Goal) -> dict[str, Floats]:
    """Cost, and whether the goal was kept, of each mix under each seed. Shapes [n, seeds]; NaN without a usable run."""
    kept = by_seed(runs, goal.reached, n) >= goal.threshold
    stayed = by_seed(runs, goal.stayed, n)
    kept = np.where(np.isfinite(stayed), kept & (stayed >= goal.threshold), np.nan)
    return {"cost": by_seed(runs, goal.cost, n), "kept": kept}


def _signature(instruments: Sequence[Instrument], goal: Goal, effort: Effort) -> str:
    """What has to be the same for a journal to be gone on with: everything but how long to go on."""
    return repr((tuple(instruments), goal, effort.batch, effort.strategy, effort.seed, tuple(map(dict, effort.starts))))


def _judged(runs: pd.DataFrame, points: pd.DataFrame, goal: Goal) -> pd.DataFrame:
    """Each point with cost, shares of runs that reached and that also kept the goal, and their intervals."""
    import pandas as pd

    check(runs, "point", "status", goal.cost, goal.reached, goal.stayed)
    keep = np.all([usable(runs, name) for name in (goal.cost, goal.reached, goal.stayed)], axis=0)
    at = column(runs, "point")
    reached = column(runs, goal.reached) >= goal.threshold
    stayed = reached & (column(runs, goal.stayed) >= goal.threshold)
    found: list[dict[str, float]] = []
    for i, point in enumerate(rows_of(points)):
        own = keep & (at == i)
        n = int(own.sum())
        cost = mean_interval(column(runs, goal.cost)[own]) if n else Interval(math.inf, math.nan, math.nan)
        shares = [share_interval(int(of[own].sum()), n) if n else Interval(0.0, 0.0, 1.0) for of in (reached, stayed)]
        row = {**point, **cost.columns("cost"), **shares[0].columns("reached"), **shares[1].columns("stayed")}
        found.append({**row, "n_runs": n, "n_failed": int((at == i).sum()) - n})
    return pd.DataFrame(found)


def _promise(tried: pd.DataFrame, names: Sequence[str]) -> Floats:
    """Chance of each tried mix to keep the goal, by the runs of all: logistic regression, squares and products too."""
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import PolynomialFeatures

    n = column(tried, "n_runs")
    kept = np.where(n > 0, column(tried, "stayed"), 0.0)
    weights = np.r_[n * kept, n * (1.0 - kept)]
    if not weights[: len(n)].any() or not weights[len(n) :].any():
        return kept
    x = tried[list(names)].to_numpy(np.float64)
    x = (x - x.min(axis=0)) / np.maximum(np.ptp(x, axis=0), 1e-12)
    x = PolynomialFeatures(2, include_bias=False).fit_transform(x)
    fitted = LogisticRegression(C=10.0, max_iter=2000)
    fitted.fit(np.r_[x, x], np.r_[np.ones(len(n)), np.zeros(len(n))], sample_weight=weights)
    return np.asarray(fitted.predict_proba(x)[:, 1], np.float64)


def _worth_confirming(tried: pd.DataFrame, goal: Goal, n: int) -> list[int]:
    """Rows to run again, a third each: the cheapest that seem good enough, the cheapest that ought to be better than
    asked by what all say together, those that promise most; then the front of the tried from its dear end.

    Mixes with the same cost and probabilities are equals: the first stands for them.
    """
    table: Any = tried
    known = table[table.n_runs > 0]
    good = known[(known[["reached", "stayed"]] >= goal.probability).all(axis=1)].sort_values("cost", kind="stable")
    better = good[good["promise"] >= (1.0 + goal.probability) / 2]
    safest = good.sort_values("promise", ascending=False, kind="stable")
    front = known[front_of(known[["cost", "reached", "stayed"]].to_numpy(np.float64) * [1, -1, -1])]
    front = front.sort_values(["stayed", "reached", "cost"], ascending=[False, False, True], kind="stable")
    third = (n + 2) // 3
    first = [*good.index[:third], *better.index[:third], *safest.index[: n // 3], *front.index, *good.index]
    return list(dict.fromkeys(first))[:n]


def front_of(values: Floats) -> npt.NDArray[np.bool_]:
    """Which rows no other row beats: less is better in every column. Shape [n, objectives] -> [n]."""
    at_most = (values[:, None, :] <= values[None, :, :]).all(axis=2)
    less = (values[:, None, :] < values[None, :, :]).any(axis=2)
    return np.asarray(~(at_most & less).any(axis=0))


def _caveats(tried: Any, confirmed: Any) -> tuple[str, ...]:
    said = [
        f"{len(tried):,} mixes were tried with few runs each, {len(confirmed)} run again under fresh seeds; a cheaper "
        "mix that was never proposed may exist.",
        "The cheapest of several confirmed mixes is a little lucky still: read its interval, not its share.",
    ]
    failed = int(tried.n_failed.sum() + confirmed.n_failed.sum())
    if failed:
        said.append(f"{failed:,} runs failed or had no outcome and count neither way.")
    return tuple(said)
