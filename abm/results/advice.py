"""Advice that is tested in the world before it is given: every lever moved alone, under the same draws.

What is said of a failed table is what that table lacked (abm/quarter/negotiation/diagnosis.py). What a policy does to
the world may be another thing, since those who sign change what others find. So a run is parted at a quarter into
branches: one as it is, one for each lever that is meant to help. Effects are differences of branches of one seed, means
over seeds, with Student's t.

    advice = advise("classroom", quarter=24)
    print(advice.verdict())
    advice.frame()
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from abm.machine.errors import InputError
from abm.machine.inputs import number, shown, whole
from abm.machine.language import either, say, spoken, together
from abm.results.branches import HALFWAY, Course, Move, Players, Setting, Task, move
from abm.world.levers import BY_NAME, COLUMN, LEVERS, helpful_end, is_paid
from abm.world.state import QUARTERS_A_YEAR
from abm.world.vocabulary import (
    CAUSES,
    COMMUNICATION_COST,
    DISTRUST,
    EVALUATION,
    FUNDING,
    POLICY_INCONSISTENCY,
    SKILL_MISMATCH,
    UNIDENTIFIED_INTEREST,
)

if TYPE_CHECKING:
    import pandas as pd

    from abm.scenario import Scenario
    from abm.world.state import Floats

HORIZON, SEEDS = 20, 8
CONFIDENCE = 0.9
FILE = "advice.csv"
"""Where a results folder has it."""
PAIRS = 1000
"""Pairs of possible partners to which failures are counted: a number that one can picture."""
LEVERS_THAT_HELP: tuple[str, ...] = tuple(lever.name for lever in LEVERS if helpful_end(lever) is not None)
AGAINST: dict[str, tuple[int, ...]] = {
    "subsidy_rate": (FUNDING,),
    "research_funding": (FUNDING,),
    "tax_credit": (FUNDING,),
    "supervision": (DISTRUST,),
    "penalty": (DISTRUST,),
    "evaluation_reform": (EVALUATION,),
    "student_reform": (EVALUATION,),
    "platform": (UNIDENTIFIED_INTEREST, COMMUNICATION_COST),
    "revision_interval": (SKILL_MISMATCH,),
    "dual_programme": (SKILL_MISMATCH,),
    "charter": (DISTRUST, COMMUNICATION_COST),
    "harmonisation": (POLICY_INCONSISTENCY,),
    "foresight": (SKILL_MISMATCH,),
    "programme_adjustment": (SKILL_MISMATCH,),
    "staff_exchange": (SKILL_MISMATCH,),
    "digital_colleges": (SKILL_MISMATCH, UNIDENTIFIED_INTEREST),
    "digital_enterprises": (SKILL_MISMATCH, UNIDENTIFIED_INTEREST),
    "certificates": (EVALUATION,),
    "differentiated_positioning": (SKILL_MISMATCH,),
    "emerging_support": (SKILL_MISMATCH,),
    "looking_ahead": (SKILL_MISMATCH,),
}
"""Causes that each lever is meant against."""
TRIES = 7
"""Rounds in which a change is scaled to the money."""
CLOSE = 0.9
"""Share of the money from which a change is as large as it allows."""
AIM = 0.97
"""Share of the money that a round aims at, since what it costs is not quite in proportion."""


class Estimate(NamedTuple):
    """A measure in a branch: its mean over seeds, and what differs from the world as it is, with its interval."""

    value: float
    effect: float
    low: float
    high: float


MEASURES = ("failures_per_pair", "failed_share", "tables_per_pair", "depth", "depth_per_place", "jobs", "spent_kcny")
"""Failed negotiations a year for 1,000 pairs of possible partners; the share of negotiations that failed; negotiations
a year for 1,000 pairs; mean substantive depth of contracts; substantive depth a place for partners; field-related jobs
of a year's graduates; public money over the whole horizon in 1,000 yuan of 2022."""


def measures(course: Course) -> Floats:
    """``MEASURES`` of a branch; NaN for what was not there to be measured. Shape [len(MEASURES)]."""
    years, thousands = len(course.tables) / QUARTERS_A_YEAR, course.pairs / PAIRS
    tables, failed = float(course.tables.sum()), float(course.failed.sum())
    return np.array([
        failed / years / thousands if thousands else math.nan,
        failed / tables if tables else math.nan,
        tables / years / thousands if thousands else math.nan,
        _mean(course.depth),
        _mean(course.depth_per_place),
        _mean(course.jobs),
        float(course.spent_kcny.sum()),
    ])  # fmt: skip


def _mean(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else math.nan


def estimates(base: Floats, branch: Floats) -> dict[str, Estimate]:
    """Paired differences with their 90 % intervals. Shapes [seeds, len(MEASURES)]."""
    return {name: _estimate(base[:, i], branch[:, i]) for i, name in enumerate(MEASURES)}


def _estimate(base: Floats, branch: Floats) -> Estimate:
    """Of the seeds in which both could be measured; two take an interval."""
    # Of scipy.stats this is all that is needed, and it is loaded in a tenth of the time.
    from scipy.special import stdtrit

    differences = branch - base
    differences = differences[np.isfinite(differences)]
    value, n = _mean(branch), len(differences)
    if n == 0:
        return Estimate(value, math.nan, math.nan, math.nan)
    effect = float(differences.mean())
    if n == 1:
        return Estimate(value, effect, math.nan, math.nan)
    half = float(stdtrit(n - 1, 0.5 + CONFIDENCE / 2)) * float(differences.std(ddof=1)) / math.sqrt(n)
    return Estimate(value, effect, effect - half, effect + half)


@dataclass(frozen=True)
class Mend:
    """What was tried: no move (the world as it is), one lever, or two."""

    moves: tuple[Move, ...]
    found: dict[str, Estimate]
    """By measure."""
    rank: int = 0
    """Among those of its group, by failures for each pair of possible partners; 0 = the world as it is."""

    @property
    def group(self) -> str:
        """Its group: those of one lever and of two, with and without levers that cost money by themselves."""
        if not self.moves:
            return "as it is"
        kind = "paid" if any(is_paid(one.lever) for one in self.moves) else "free"
        return kind if len(self.moves) == 1 else f"{kind} pair"

    @property
    def is_told(self) -> bool:
        """Whether it lowers failures by more than chance."""
        return self.found["failures_per_pair"].high < 0.0

    @property
    def against(self) -> set[int]:
        """Causes that its levers are meant against."""
        return {cause for one in self.moves for cause in AGAINST.get(one.lever, ())}

    def label(self) -> str:
        """Its levers in words."""
        named = [lever_label(one.lever) for one in self.moves]
        return say("{a} and {b}", a=named[0], b=named[1]) if len(named) == 2 else "".join(named)


GROUPS = ("paid", "free", "paid pair", "free pair")


@dataclass(frozen=True)
class Advice:
    """What every lever does to a run from a quarter on."""

    quarter: int
    """Quarters that are done when the levers are moved."""
    horizon: int
    seeds: int
    first_seed: int
    budget_kcny: float
    """Public money that a change may cost over the horizon beyond the world as it is; NaN = nobody limits it."""
    cause: int
    """What most negotiations of the world as it is failed for in those quarters; -1 = none failed."""
    cause_share: float
    """Share of the failures that it explains."""
    mends: tuple[Mend, ...]
    """The world as it is, then by group and rank."""
    left_out: tuple[str, ...] = ()
    """Levers that stand at their end already, or whose smallest move costs more than the money."""

    @property
    def base(self) -> Mend:
        """The world as it is."""
        return self.mends[0]

    def of(self, group: str) -> list[Mend]:
        """The mends of a group, the best first."""
        return [mend for mend in self.mends if mend.group == group]

    @property
    def best(self) -> Mend | None:
        """The lever that lowers failures most; None if none does by more than chance."""
        told = [mend for group in GROUPS[:2] for mend in self.of(group)[:1] if mend.is_told]
        return min(told, key=_failures, default=None)

    @property
    def agrees(self) -> bool:
        """Whether what worked best in the world is meant against what most tables failed for."""
        return self.best is not None and self.cause in self.best.against

    def verdict(self) -> str:
        """What most tables fail for, what worked best in the world, and whether the two are one."""
        if self.cause < 0:
            return say("No negotiation failed in those quarters: there is nothing to mend.")
        cause = spoken(CAUSES.label(self.cause))
        said = [
            say("At the tables most fails for {cause}: {share} of the failures of the world as it is.", cause=cause,
                share=f"{self.cause_share:.0%}")
        ]  # fmt: skip
        paid, free = (next((mend for mend in self.of(group) if mend.is_told), None) for group in GROUPS[:2])
        if paid is not None:
            said.append(say("Of the levers that cost public money {lever} lowers failures most: {effect} {unit}.",
                            lever=paid.label(), effect=_shown(paid), unit=_unit()))  # fmt: skip
        if free is not None:
            said.append(say("Of the levers that cost none by themselves {lever} lowers failures most: {effect} {unit}.",
                            lever=free.label(), effect=_shown(free), unit=_unit()))  # fmt: skip
        if self.best is None:
            said.append(say("No lever moved alone lowers failures in this world by more than chance."))
        elif self.agrees:
            said.append(say("Tables and world agree: {lever} is meant against that cause.", lever=self.best.label()))
        else:
            said.append(say("Tables and world differ: {lever} is not meant against that cause, and in the world it "
                            "does more than what is.", lever=self.best.label()))  # fmt: skip
        pair = min((mend for group in GROUPS[2:] for mend in self.of(group)), key=_failures, default=None)
        if pair is not None and pair.is_told:
            said.append(say("Of all pairs {lever} lower failures most: {effect} {unit}.", lever=pair.label(),
                            effect=_shown(pair), unit=_unit()))  # fmt: skip
        return together(said)

    def frame(self) -> pd.DataFrame:
        """All that was tried, a row each, as `abm columns advice` describes it."""
        import pandas as pd

        return pd.DataFrame(self.rows())

    def rows(self) -> list[dict[str, Any]]:
        """The rows of the table, by column; NaN for what is not there."""
        return [self._row(mend) for mend in self.mends]

    def _row(self, mend: Mend) -> dict[str, Any]:
        row: dict[str, Any] = {
            "quarter": self.quarter, "horizon": self.horizon, "seeds": self.seeds, "first_seed": self.first_seed,
            "budget_kcny": self.budget_kcny, "main_cause": CAUSES[self.cause] if self.cause >= 0 else "",
            "main_cause_share": self.cause_share, "group": mend.group, "rank": mend.rank,
        }  # fmt: skip
        for i, place in enumerate(("", "second_")):
            one = mend.moves[i] if i < len(mend.moves) else Move("", math.nan, math.nan, math.nan)
            row |= {f"{place}{key}": value for key, value in one._asdict().items()}
        for name in MEASURES:
            value, effect, low, high = mend.found[name]
            row |= {name: value, f"{name}_effect": effect, f"{name}_low": low, f"{name}_high": high}
        return row


def read(folder: Path) -> Advice | None:
    """The advice of a results folder; None where nobody has asked for any. InputError for a table that is none."""
    import pandas as pd

    place = folder / FILE
    if not place.is_file():
        return None
    try:
        rows = pd.read_csv(place, encoding="utf-8-sig", keep_default_na=True).to_dict("records")
        return _of_rows(rows)
    except (OSError, ValueError, KeyError, IndexError, TypeError):
        mend = "make it again by `abm advise`"
        raise InputError(f"{place}", why="is not a table of `abm advise`, or no longer whole", mend=mend) from None


def _of_rows(rows: list[dict[Any, Any]]) -> Advice:
    mends: list[Mend] = []
    for row in rows:
        moves = tuple(
            Move(str(row[f"{place}lever"]), *(float(row[f"{place}{key}"]) for key in Move._fields[1:]))
            for place in ("", "second_")
            if row[f"{place}lever"] in BY_NAME
        )
        found = {
            name: Estimate(*(float(row[f"{name}{end}"]) for end in ("", "_effect", "_low", "_high")))
            for name in MEASURES
        }
        mends.append(Mend(moves, found, int(row["rank"])))
    about, tried = rows[0], {mend.moves[0].lever for mend in mends if len(mend.moves) == 1}
    cause = CAUSES.index(about["main_cause"]) if about["main_cause"] in CAUSES else -1
    return Advice(
        int(about["quarter"]), int(about["horizon"]), int(about["seeds"]), int(about["first_seed"]),
        float(about["budget_kcny"]), cause, float(about["main_cause_share"]), tuple(mends),
        tuple(lever for lever in LEVERS_THAT_HELP if lever not in tried),
    )  # fmt: skip


def lever_label(name: str) -> str:
    """A lever in words."""
    return either(BY_NAME[name].label, BY_NAME[name].label_zh)


def _failures(mend: Mend) -> float:
    effect = mend.found["failures_per_pair"].effect
    return effect if math.isfinite(effect) else math.inf


def _unit() -> str:
    return say("a year for 1,000 pairs of possible partners")


def _shown(mend: Mend) -> str:
    """Its effect on failures with the interval."""
    of = mend.found["failures_per_pair"]
    return f"{signed(of.effect, 1)} [{signed(of.low, 1)}, {signed(of.high, 1)}]"


def signed(value: float, digits: int) -> str:
    """A difference for reading; a dash where it could not be measured."""
    if not math.isfinite(value):
        return "-"
    return f"{round(value, digits) + 0.0:+,.{digits}f}"


def default_quarter(scenario: Scenario) -> int:
    """Where a run that nobody has made is parted: after a third of it, in whole years."""
    return scenario.steps // 3 // QUARTERS_A_YEAR * QUARTERS_A_YEAR


def advise(
    scenario: str | Path | Scenario,
    quarter: int | None = None,
    *,
    horizon: int = HORIZON,
    seeds: int = SEEDS,
    first_seed: int | None = None,
    budget_kcny: float | None = None,
    pairs: bool = False,
    processes: int = 1,
    watch: Callable[[int, int], object] = lambda done, planned: None,
    check: Callable[[Course], object] = lambda base: None,
) -> Advice:
    """Move each lever that is meant to help alone from a quarter on, and say what becomes of the world.

    Parameters
    ----------
    scenario : str, Path or Scenario
        As in `abm.run`.
    quarter : int, optional
        Quarters that are done when levers are moved; unless given a third of the scenario's, in whole years.
    horizon : int
        Quarters that are played under each lever.
    seeds : int
        Worlds in which each is tried.
    first_seed : int, optional
        Seed of the first; the others follow. The scenario's own unless given.
    budget_kcny : float, optional
        Public money in 1,000 yuan of 2022 that a change may cost over the horizon, on the mean of the seeds, beyond
        the world as it is. With it levers that cost money go as far as it carries them, to the end of their range at
        most; without it halfway, as all others do.
    pairs : bool
        Whether each two levers are tried together, too.
    processes : int
        Processes that play; results do not depend on them.
    watch : callable, optional
        Told how many branches are done and how many are planned, first when none is.
    check : callable, optional
        Called with the first seed's branch as it is, before others are played.

    Returns
    -------
    Advice
        All that was tried, ranked.

    Raises
    ------
    InputError
        For an input that cannot be used.

    Examples
    --------
    >>> from abm.results.advice import advise
    >>> advice = advise("classroom", 4, horizon=4, seeds=2)
    >>> advice.base.group, advice.of("paid")[0].rank
    ('as it is', 1)
    """
    from abm.population import tables
    from abm.scenario import load

    chosen = load(scenario)
    step = _step(default_quarter(chosen) if quarter is None else quarter, chosen.steps)
    budget = checked_budget(budget_kcny)
    for name, value, least in (("horizon", horizon, 1), ("seeds", seeds, 1), ("first_seed", first_seed, 0)):
        if value is not None and (whole(value) is None or value < least):
            why, mend = f"is not a whole number from {least} on", f"give {least} or more"
            raise InputError(f"`{name}` = {shown(value)}", why=why, mend=mend)
    first = chosen.seed if first_seed is None else first_seed
    setting = Setting(chosen, tables(chosen), step, horizon)
    trial = _Trial(setting, range(first, first + seeds), processes, watch)
    try:
        return trial.advice(budget, pairs, check)
    finally:
        trial.players.close()


def _step(quarter: int, last: int) -> int:
    if whole(quarter) is None or not 0 <= quarter <= last:
        raise InputError(
            f"`quarter` = {shown(quarter)}",
            why=f"is not in the run, which has {last} quarters",
            mend=f"give 0 (its begin) to {last} (its end)",
        )
    return int(quarter)


def checked_budget(budget: object) -> float:
    """Money as somebody gave it; NaN for none. InputError for what is no amount."""
    if budget is None:
        return math.nan
    found = number(budget)
    if found is None or found < 0.0:
        raise InputError(
            f"`budget_kcny` = {shown(budget)}",
            why="is not an amount of money from 0 on, in 1,000 yuan",
            mend="give 5000 for 5 million yuan",
        )
    return found


class _Trial:
    """The branches of one advice."""

    def __init__(
        self, setting: Setting, seeds: Sequence[int], processes: int, watch: Callable[[int, int], object]
    ) -> None:
        self.setting, self.seeds = setting, list(seeds)
        self.players = Players(setting, processes)
        self._watch, self._done, self._planned = watch, 0, 0

    def advice(self, budget: float, pairs: bool, check: Callable[[Course], object]) -> Advice:
        """Play all branches and rank them."""
        n_levers, n_seeds = len(LEVERS_THAT_HELP), len(self.seeds)
        self._planned = n_seeds * (1 + n_levers + (n_levers * (n_levers - 1) // 2 if pairs else 0))
        self._watch(0, self._planned)
        (courses,) = self._played([()], is_explained=True)
        check(courses[0])
        base = np.array([measures(course) for course in courses])
        levels = courses[0].levers
        causes = np.sum([course.causes for course in courses], axis=0)
        singles = self._scaled([(lever,) for lever in LEVERS_THAT_HELP], levels, base, budget)
        found = [(moves, branch) for moves, branch in singles if moves]
        if pairs:
            able = [moves[0].lever for moves, _ in found]
            self._planned = self._done + n_seeds * len(able) * (len(able) - 1) // 2
            both = self._scaled(list(combinations(able, 2)), levels, base, budget)
            found += [(moves, branch) for moves, branch in both if len(moves) == 2]
        mends = [Mend(moves, estimates(base, branch)) for moves, branch in found]
        ranked: list[Mend] = []
        for group in GROUPS:
            best = sorted((mend for mend in mends if mend.group == group), key=_failures)
            ranked += [replace(mend, rank=i + 1) for i, mend in enumerate(best)]
        cause, n_failed = int(np.argmax(causes)), float(causes.sum())
        tried = {moves[0].lever for moves, _ in found if len(moves) == 1}
        return Advice(
            self.setting.step, self.setting.quarters, n_seeds, self.seeds[0], budget, cause if n_failed else -1,
            float(causes[cause] / n_failed) if n_failed else math.nan,
            (Mend((), estimates(base, base)), *ranked), tuple(x for x in LEVERS_THAT_HELP if x not in tried),
        )  # fmt: skip

    def _played(self, changes: Sequence[tuple[Move, ...]], is_explained: bool = False) -> list[list[Course]]:
        """Each change under each seed. The seeds are the outer loop: who plays a seed has been at its moment."""
        tasks = [Task(seed, moves, is_explained) for seed in self.seeds for moves in changes]
        courses = self.players.play(tasks, self._tell)
        return [courses[i :: len(changes)] for i in range(len(changes))]

    def _tell(self) -> None:
        self._done += 1
        self._planned = max(self._planned, self._done)
        self._watch(self._done, self._planned)

    def _moves(self, levers: Sequence[str], levels: Floats, share: float, budget: float) -> tuple[Move, ...]:
        """Levers moved by a share of what they are moved at most; without those that stand where they would go."""
        found: list[Move] = []
        for lever in levers:
            is_limited = math.isfinite(budget)
            most = 1.0 if is_limited and is_paid(lever) else HALFWAY
            now = float(levels[COLUMN[lever]])
            one = move(self.setting.scenario, self.setting.step, lever, now, share * most, 4 if share < 1.0 else 2)
            if one is not None:
                found.append(one)
        return tuple(found)

    def _scaled(
        self, wanted: Sequence[tuple[str, ...]], levels: Floats, base: Floats, budget: float
    ) -> list[tuple[tuple[Move, ...], Floats]]:
        """Each change as large as the money allows, with its measures [seeds, len(MEASURES)]; no moves if none fits.

        What a change costs rises with it, not in proportion: a secant between the largest share that fits and the
        smallest that does not, for a few rounds, all changes side by side.
        """
        spent, n = MEASURES.index("spent_kcny"), len(wanted)
        nothing: tuple[tuple[Move, ...], Floats] = ((), base)
        found: list[tuple[tuple[Move, ...], Floats]] = [nothing] * n
        shares = [1.0] * n
        fits, exceeds = [(0.0, 0.0)] * n, [(math.inf, math.inf)] * n
        waiting = list(range(n))
        for attempt in range(TRIES):
            moves = {i: self._moves(wanted[i], levels, shares[i], budget) for i in waiting}
            waiting = [i for i in waiting if len(moves[i]) == len(wanted[i])]
            if not waiting:
                break
            again: list[int] = []
            for i, courses in zip(waiting, self._played([moves[i] for i in waiting]), strict=True):
                branch = np.array([measures(course) for course in courses])
                cost = float((branch[:, spent] - base[:, spent]).mean())
                if not cost > budget:
                    found[i], fits[i] = (moves[i], branch), (shares[i], cost)
                    if shares[i] == 1.0 or cost >= CLOSE * budget:
                        continue
                else:
                    exceeds[i] = (shares[i], cost)
                (low, below), (high, above) = fits[i], exceeds[i]
                part = (AIM * budget - below) / (above - below)
                if low == 0.0 and attempt > 0:
                    # Where budgets run out, a large change costs hardly more than a small one.
                    part = min(part, 0.25)
                shares[i] = low + min(0.95, max(0.05, part)) * (high - low)
                again.append(i)
            waiting = again
            self._planned += len(again) * len(self.seeds)
        return found
