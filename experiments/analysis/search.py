"""Policy search: which mixes reach a goal with what probability, at what cost, and keep it?

Optuna proposes mixes in batches (NSGA-II, Deb et al. 2002, or TPE) with three objectives: mean cost
down, probability of reaching the goal up, probability of still standing there after the exit up. What
looks good by few runs is partly luck, so the best are run again under seeds that the search never
saw; only those runs are reported, with Wilson intervals.

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

from abm.errors import InputError, nearest
from experiments.analysis._optuna import ROW, STRATEGIES, accept, finished, opened, place, propose
from experiments.analysis._runs import Simulator, check, column, usable
from experiments.analysis._runs import rows as rows_of
from experiments.analysis.intervals import Interval, interval_of, mean_interval, share_interval

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure
    from optuna import Trial

    from abm.state import Floats
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
class Search:
    """Mixes tried and confirmed, the front among the confirmed, and the cheapest good enough."""

    tried: pd.DataFrame
    """One row a proposal: the mix, cost, reached, stayed (shares of runs with intervals), n_runs."""
    confirmed: pd.DataFrame
    """The same for those run again under fresh seeds, with is_front: no other is better in all."""
    instruments: tuple[Instrument, ...]
    goal: Goal
    caveats: tuple[str, ...] = ()

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
        return self._cheapest("reached", "stayed")

    @property
    def cheapest_sure(self) -> Any:
        """The cheapest of which the intervals themselves lie above the probability asked for."""
        return self._cheapest("reached_low", "stayed_low")

    def _cheapest(self, *columns: str) -> Any:
        table: Any = self.confirmed
        good = table[(table[list(columns)] >= self.goal.probability).all(axis=1)]
        return None if good.empty else good.loc[good["cost"].idxmin()]

    def words(self, mix: Any) -> str:
        """A mix in words: only the instruments that are used."""
        used = [
            f"{i.label or i.name} {mix[i.name]:.2f}" for i in self.instruments if mix[i.name] > i.low + 1e-9
        ]  # fmt: skip
        return ", ".join(used) or "no instrument"

    def figures(self) -> dict[str, Figure]:
        """The front, and the mixes along it."""
        from experiments.analysis._search_figures import front, mixes

        return {"front": front(self), "mixes": mixes(self)}

    def answer(self) -> str:
        """The cheapest mix, its cost and probabilities, and how sure that is."""
        goal, best, sure = self.goal, self.cheapest, self.cheapest_sure
        asked = f"{goal.probability:.0%}"
        if best is None:
            table: Any = self.confirmed
            top = table.loc[table[["reached", "stayed"]].min(axis=1).idxmax()]
            return (
                f"No mix was found that reaches {goal.goal_label} and keeps it after the exit with probability "
                f"{asked}. The best ({self.words(top)}) reached it in {top.reached:.0%} and kept it in "
                f"{top.stayed:.0%} of {int(top.n_runs)} fresh runs."
            )
        text = (
            f"The cheapest mix found that reaches {goal.goal_label} with probability {asked} and keeps it after the "
            f"exit is {self.words(best)}: {goal.cost_label.lower()} {interval_of(best, 'cost')}; reached in "
            f"{interval_of(best, 'reached')}, kept in {interval_of(best, 'stayed')} of {int(best.n_runs)} fresh runs."
        )
        if sure is None:
            return f"{text} That both probabilities are above {asked} is not certain at 95 %."
        if sure.name == best.name:
            return f"{text} Both are above {asked} with 95 % confidence."
        return (
            f"{text} The cheapest of which that is certain at 95 % is {self.words(sure)}, at "
            f"{interval_of(sure, 'cost')} (reached {interval_of(sure, 'reached')}, kept {interval_of(sure, 'stayed')})."
        )


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
    points = tried.loc[_worth_confirming(tried, goal, effort.n_confirmed), names].reset_index(drop=True)
    if tell is not None:
        tell(effort.n_proposals, effort.n_proposals)
    confirmed: Any = _judged(confirm(points), points, goal)
    confirmed = confirmed[confirmed.n_runs > 0].reset_index(drop=True)
    if confirmed.empty:
        raise InputError("the search", why="could confirm no mix: every run failed", mend="look at the runs' errors")
    confirmed["is_front"] = front_of(confirmed[["cost", "reached", "stayed"]].to_numpy(np.float64) * [1, -1, -1])
    return Search(tried, confirmed, tuple(instruments), goal, _caveats(tried, confirmed))


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


def _worth_confirming(tried: pd.DataFrame, goal: Goal, n: int) -> list[int]:
    """Rows to run again: the cheapest that seem good enough, then the front of the tried from its dear end.

    Mixes with the same cost and probabilities are equals: the first stands for them.
    """
    table: Any = tried
    known = table[table.n_runs > 0]
    good = known[(known[["reached", "stayed"]] >= goal.probability).all(axis=1)].sort_values("cost", kind="stable")
    front = known[front_of(known[["cost", "reached", "stayed"]].to_numpy(np.float64) * [1, -1, -1])]
    front = front.sort_values(["stayed", "reached", "cost"], ascending=[False, False, True], kind="stable")
    return list(dict.fromkeys([*good.index[: (2 * n + 2) // 3], *front.index, *good.index]))[:n]


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
