"""Advice that is tested in the world before it is given: every lever moved alone, under the same draws.

What is said of a failed table is what that table lacked (abm/quarter/negotiation/diagnosis.py). What a policy does to
the world may be another thing, since those who sign change what others find. So a run is parted at a quarter into
branches: one as it is, one for each lever that is meant to help. Effects are differences of branches of one seed, means
over seeds, with Student's t. Which levers lower failures by more than chance is asked of all of them together: of 23
that do nothing one lies beyond its own 90 % interval more often than not.

    advice = advise("classroom", quarter=24)
    print(advice.verdict())
    advice.frame()
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from abm.machine.errors import InputError
from abm.machine.inputs import number, shown, whole
from abm.machine.language import current, in_language, said_in, together
from abm.results.branches import (
    HALFWAY,
    Course,
    Move,
    Players,
    Setting,
    Task,
    move,
)
from abm.results.several_tests import LEVEL, holm
from abm.world.levers import BY_NAME, COLUMN, LEVERS, can_act, helpful_end, is_paid
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
    "guidelines": (DISTRUST,),
    "status_credit": (DISTRUST,),
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
    def against(self) -> set[int]:
        """Causes that its levers are meant against."""
        return {cause for one in self.moves for cause in AGAINST.get(one.lever, ())}

    def label(self, language: str | None = None) -> str:
        """Its levers in words, in a language (None: the one that is spoken)."""
        language = language or current()
        named = [lever_label(one.lever, language) for one in self.moves]
        return said_in(language, "{a} and {b}").format(a=named[0], b=named[1]) if len(named) == 2 else "".join(named)


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
    """Levers that stand at their end already, that cannot act in this world, or whose smallest move costs more than the
    money."""

    @property
    def base(self) -> Mend:
        """The world as it is."""
        return self.mends[0]

    def of(self, group: str) -> list[Mend]:
        """The mends of a group, the best first."""
        return [mend for mend in self.mends if mend.group == group]

    @cached_property
    def _told(self) -> frozenset[tuple[Move, ...]]:
        """Of levers all that were moved alone are one question, of pairs all pairs."""
        found: set[tuple[Move, ...]] = set()
        for n in (1, 2):
            mends = [mend for mend in self.mends if len(mend.moves) == n]
            p = holm(np.array([_chance(mend.found["failures_per_pair"], self.seeds) for mend in mends]))
            found |= {mend.moves for mend, one in zip(mends, p, strict=True) if one <= LEVEL}
        return frozenset(found)

    def is_told(self, mend: Mend) -> bool:
        """Whether it lowers failures by more than chance, all that were tried taken together (Holm)."""
        return mend.moves in self._told

    def told(self, *groups: str) -> Mend | None:
        """Of groups, the mend that lowers failures most of those that do so by more than chance; None if none does."""
        return min(
            (mend for group in groups for mend in self.of(group) if self.is_told(mend)), key=_failures, default=None
        )

    @property
    def best(self) -> Mend | None:
        """The lever that lowers failures most; None if none does by more than chance."""
        return self.told(*GROUPS[:2])

    @property
    def agrees(self) -> bool:
        """Whether what worked best in the world is meant against what most tables failed for."""
        return self.best is not None and self.cause in self.best.against

    def verdict(self, language: str | None = None) -> str:
        """What most tables fail for, what worked best in the world, and whether the two are one; in a language (None:
        the one that is spoken)."""
        language = language or current()
        if self.cause < 0:
            return said_in(language, "No negotiation failed in those quarters: there is nothing to mend.")
        cause = in_language(language, CAUSES.label(self.cause))
        at_tables = said_in(
            language, "At the tables most fails for {cause}: {share} of the failures of the world as it is."
        )
        of_paid = said_in(
            language,
            "Of the levers that cost public money and lower failures by more than chance {lever} lowers them most: "
            "{effect} {unit}.",
        )
        of_free = said_in(
            language,
            "Of the levers that cost none by themselves and lower failures by more than chance {lever} lowers them "
            "most: {effect} {unit}.",
        )
        of_pairs = said_in(
            language,
            "Of the pairs that lower failures by more than chance {lever} lower them most: {effect} {unit}.",
        )

        def about(text: str, mend: Mend | None) -> list[str]:
            if mend is None:
                return []
            return [text.format(lever=mend.label(language), effect=_shown(mend), unit=_unit(language))]

        said = [at_tables.format(cause=cause, share=f"{self.cause_share:.0%}")]
        said += about(of_paid, self.told("paid")) + about(of_free, self.told("free"))
        best, n_alone = self.best, sum(len(mend.moves) == 1 for mend in self.mends)
        if best is None:
            text = said_in(
                language,
                "Of {n} levers that were each moved alone none lowers failures in this world by more than chance.",
            )
            said.append(text.format(n=n_alone))
        elif self.agrees:
            text = said_in(language, "Tables and world agree: {lever} is meant against that cause.")
            said.append(text.format(lever=best.label(language)))
        else:
            text = said_in(
                language,
                "Tables and world differ: {lever} is not meant against that cause, and nothing that is lowers failures "
                "as much by more than chance.",
            )
            said.append(text.format(lever=best.label(language)))
        return together(said + about(of_pairs, self.told(*GROUPS[2:])))

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


def lever_label(name: str, language: str | None = None) -> str:
    """A lever in words, in a language (None: the one that is spoken)."""
    of, language = BY_NAME[name], language or current()
    return of.label_zh if language == "zh" and of.label_zh else in_language(language, of.label)


def _chance(of: Estimate, seeds: int) -> float:
    """Chance of an effect so far below 0 where nothing acts, by Student's t over pairs; 1 where it has no interval."""
    from scipy.special import stdtr, stdtrit

    half = (of.high - of.low) / 2
    if not math.isfinite(half):
        return 1.0
    if half == 0.0:
        return 0.0 if of.effect < 0.0 else 1.0
    return float(stdtr(seeds - 1, of.effect / half * float(stdtrit(seeds - 1, 0.5 + CONFIDENCE / 2))))


def _failures(mend: Mend) -> float:
    effect = mend.found["failures_per_pair"].effect
    return effect if math.isfinite(effect) else math.inf


def _unit(language: str) -> str:
    return said_in(language, "a year for 1,000 pairs of possible partners")


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
    look: Callable[[], object] = lambda: None,
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
    look : callable, optional
        Called before each quarter that one process plays, not by several: what it raises ends it all.

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
    trial = _Trial(setting, range(first, first + seeds), processes, watch, look)
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
        self, setting: Setting, seeds: Sequence[int], processes: int, watch: Callable[[int, int], object],
        look: Callable[[], object],
    ) -> None:  # fmt: skip
        self.setting, self.seeds = setting, list(seeds)
        self.players = Players(setting, processes, look)
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
        idle = {lever for lever in LEVERS_THAT_HELP if not self._moves((lever,), levels, 1.0, budget)}
        self._planned -= n_seeds * len(idle)
        alone = [(lever,) for lever in LEVERS_THAT_HELP if lever not in idle]
        singles = self._scaled(alone, levels, base, budget)
        found = [(moves, branch) for moves, branch in singles if moves]
        if pairs:
            # Some act only together with another.
            able = {moves[0].lever for moves, _ in found} | idle
            wanted = [
                pair
                for pair in combinations([lever for lever in LEVERS_THAT_HELP if lever in able], 2)
                if len(self._moves(pair, levels, 1.0, budget)) == 2
            ]
            self._planned = self._done + n_seeds * len(wanted)
            both = self._scaled(wanted, levels, base, budget)
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
        """Levers moved by a share of what they are moved at most; without those that stand where they would go, or that
        would move nothing there."""
        found: list[Move] = []
        after = {lever.name: float(levels[column]) for column, lever in enumerate(LEVERS)}
        for lever in levers:
            is_limited = math.isfinite(budget)
            most = 1.0 if is_limited and is_paid(lever) else HALFWAY
            now = float(levels[COLUMN[lever]])
            one = move(self.setting.scenario, self.setting.step, lever, now, share * most, 4 if share < 1.0 else 2)
            if one is not None:
                found.append(one)
                after[lever] = one.after
        return tuple(one for one in found if can_act(one.lever, self.setting.scenario.p, after))

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
