"""Branches of a run: from a moment on the world is played under a change and under none, with the same draws.

A draw is a function of seed, stream, step and ids (abm/machine/streams.py), so two branches of one moment share every
draw that they can, and what differs between them follows from the change. A branch is the run that the scenario with
the same entry in [[changes]] gives, number by number.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from abm import quarter
from abm.machine import plugins
from abm.population import start_state, tables
from abm.results import warmup
from abm.scenario import Scenario
from abm.scenario.changes import Change
from abm.world.levers import BY_NAME, COLUMN, helpful_end
from abm.world.state import QUARTERS_A_YEAR
from abm.world.vocabulary import CAUSES, REVIEW

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from abm.population import Tables
    from abm.world.state import Floats, State

HALFWAY = 0.5
"""How far a lever is moved toward its end where no money says otherwise: policies go part of a way at a time."""
LEAST = 0.005
"""Share of a lever's range below which a move is none."""
KEPT_BYTES = 512 * 1024**2
"""Of moments that a process keeps, so as not to play up to them again."""
LOOKS = frozenset(("metric", "national", "nation", "regional"))
"""Of abm.scenario.policies.Observation: what rules see of the last quarter beside the levers."""
MARKS = ("agreement_rate", "mean_substantive_depth", "spent_total", "fill_rate", "coordination", "u1", "u2")
"""Metrics that hardly agree to the last bit in two runs that are not one; none is of causes."""
_JOBS_STEP = 1
"""Quarter of the year, from 0, in which first jobs are counted."""


def _nothing() -> None:
    """Nobody looks."""


class Course(NamedTuple):
    """What happened in the H quarters of a branch."""

    tables: Floats  # [H] negotiations, reviews left out
    failed: Floats  # [H] of them without a contract
    causes: Floats  # [len(CAUSES)] failures by cause, shared ones in parts; means nothing where nobody explained them
    depth: Floats  # [H] mean substantive depth of contracts, 0-1; NaN where there are none
    depth_per_place: Floats  # [H] substantive depth a place for partners
    jobs: Floats  # [H] field-related jobs of the year's graduates; NaN in quarters in which they are not counted
    spent: Floats  # [H] public money
    spent_kcny: Floats  # [H] the same in 1,000 yuan of 2022
    levers: Floats  # [L] mean over regions in the first of the quarters
    pairs: float  # enterprises and colleges that can find each other
    marks: Floats  # [len(MARKS)] of the quarter before, by which two runs are known to be one


class Move(NamedTuple):
    """A lever that is moved: from where it stands, on the mean of regions, to where it is meant to stand then."""

    lever: str
    before: float
    after: float
    value: float
    """What the scenario says of it then: its base, to which rules add."""


def move(scenario: Scenario, step: int, lever: str, now: float, share: float, digits: int = 2) -> Move | None:
    """Move a lever from ``now`` by a share of the way to the end that is meant to help.

    None where it has no such end, or stands there already.
    """
    of = BY_NAME[lever]
    end = helpful_end(of)
    if end is None:
        return None
    after = now + share * (end - now)
    after = float(np.floor(after + 0.5)) if of.is_whole else round(after, digits)
    if abs(after - now) <= LEAST * (of.high - of.low):
        return None
    value = after
    if of.combine == "add":
        # Rules add to it: what they add stays.
        base = scenario.in_force(step).base_levers[COLUMN[lever]]
        value = round(min(of.high, max(of.low, base + after - now)), digits)
    return Move(lever, now, after, value)


def changed(scenario: Scenario, step: int, moves: Sequence[Move]) -> Scenario:
    """The scenario in which levers are moved from a step on."""
    more = tuple(Change(step, one.lever, one.value) for one in moves)
    return replace(scenario, changes=(*scenario.changes, *more)) if more else scenario


def played(
    state: State,
    scenario: Scenario,
    quarters: int,
    *,
    is_explained: bool = True,
    look: Callable[[], object] = _nothing,
) -> Course:
    """Play some quarters, in place.

    ``is_explained``: whether failures are given their causes, which takes half of the time and moves nothing else.
    ``look`` is called before each quarter; what it raises ends the play.
    """
    instead = _phases(scenario, is_explained)
    rows, causes = np.full((quarters, 7), np.nan), np.zeros(len(CAUSES))
    levers, pairs = np.zeros(0), possible_pairs(state)
    marks = np.array([state.metrics.get(name, np.nan) for name in MARKS])
    for i in range(quarters):
        look()
        for _ in quarter.quarter(state, scenario, instead):
            pass
        record, metrics = state.tables, state.metrics
        n_tables = n_failed = 0
        if record is not None:
            counted = record.kind != REVIEW
            failed = counted & (record.cause >= 0)
            n_tables, n_failed = int(counted.sum()), int(failed.sum())
            causes += record.parts[failed].sum(axis=0)
        is_counted = (state.step - 1) % QUARTERS_A_YEAR == _JOBS_STEP
        rows[i] = (
            n_tables, n_failed, metrics["mean_substantive_depth"], metrics["substantive_depth_per_place"],
            metrics["field_related_jobs"] if is_counted else np.nan, metrics["spent"], metrics["spent_kcny"],
        )  # fmt: skip
        if i == 0:
            levers = state.governments.levers.mean(axis=0)
    tables_, failed_, depth, per_place, jobs, spent, spent_kcny = np.ascontiguousarray(rows.T)
    return Course(tables_, failed_, causes, depth, per_place, jobs, spent, spent_kcny, levers, pairs, marks)


def possible_pairs(state: State) -> float:
    """Pairs of an enterprise and a college that can find each other: in one region, or in two that are neighbours."""
    near = state.governments.adjacency.astype(bool) | np.eye(len(state.governments.id), dtype=bool)
    enterprises, colleges = (np.bincount(of.region, minlength=len(near)) for of in (state.enterprises, state.colleges))
    return float(enterprises @ near.astype(np.int64) @ colleges)


def moment(
    known: Tables,
    scenario: Scenario,
    seed: int,
    step: int,
    is_explained: bool = False,
    look: Callable[[], object] = _nothing,
) -> State:
    """The world of a seed after so many quarters; ``look`` as in ``played``."""
    state = start_state(known, scenario, seed)
    instead = _phases(scenario, is_explained)
    for _ in range(step):
        look()
        for _ in quarter.quarter(state, scenario, instead):
            pass
    return state


def _phases(scenario: Scenario, is_explained: bool) -> dict[str, quarter.Phase]:
    """What is played in place of phases: negotiations that are not explained, where nobody would ask why."""
    if is_explained or _somebody_asks(scenario):
        return {}
    from abm.quarter.negotiation import negotiation, unexplained

    return {"negotiation": lambda state, now: negotiation(state, now, explain=unexplained)}


def _somebody_asks(scenario: Scenario) -> bool:
    """Whether the causes of failures may move this world: by rules that look at what is measured, or by plug-ins."""
    if plugins.active():
        return True
    return any(
        rule.when is not None or not LOOKS.isdisjoint(type(rule).levers.__code__.co_names)
        for _, now in scenario.course
        for rule in now.policies
    )


class Task(NamedTuple):
    """A branch that is wanted."""

    seed: int
    moves: tuple[Move, ...] = ()
    is_explained: bool = False


class Setting(NamedTuple):
    """What all branches have in common."""

    scenario: Scenario
    known: Tables
    step: int
    """Quarters that are done when they part."""
    quarters: int


class Player:
    """Plays branches in this process; it keeps the moments from which they part. ``look`` as in ``played``."""

    def __init__(self, setting: Setting, look: Callable[[], object] = _nothing) -> None:
        self.setting, self._look = setting, look
        self._kept: dict[int, bytes] = {}

    def play(self, task: Task) -> Course:
        """What happens in a branch."""
        scenario, _, step, quarters = self.setting
        state = self._at(task.seed)
        now = changed(scenario, step, task.moves)
        return played(state, now, quarters, is_explained=task.is_explained, look=self._look)

    def _at(self, seed: int) -> State:
        kept = self._kept.get(seed)
        if kept is not None:
            return pickle.loads(kept)
        scenario, known, step, _ = self.setting
        state = moment(known, scenario, seed, step, look=self._look)
        kept = pickle.dumps(state, protocol=5)
        while self._kept and sum(map(len, self._kept.values())) + len(kept) > KEPT_BYTES:
            del self._kept[next(iter(self._kept))]
        self._kept[seed] = kept
        return state


class Players:
    """Branches played by this process, or by several: a share of the seeds each, so that moments are met once.
    ``look`` as in ``played``, where this process plays."""

    def __init__(self, setting: Setting, processes: int = 1, look: Callable[[], object] = _nothing) -> None:
        self._own = Player(setting, look)
        self._workers: list[tuple[Any, Connection]] = []
        if processes > 1:
            _load(setting.scenario)
        for _ in range(processes if processes > 1 else 0):
            self._workers.append(_started(setting))

    def play(self, tasks: Sequence[Task], tell: Callable[[], object] = lambda: None) -> list[Course]:
        """What happens in each branch; ``tell`` is called after each. Tasks come in the order of their seeds."""
        if not self._workers:
            found: list[Course] = []
            for task in tasks:
                found.append(self._own.play(task))
                tell()
            return found
        from multiprocessing.connection import wait

        courses: dict[int, Course] = {}
        waiting: dict[Connection, int] = {}
        shares = np.array_split(np.arange(len(tasks)), len(self._workers))
        for (_, pipe), share in zip(self._workers, shares, strict=True):
            if len(share):
                pipe.send([(int(i), tasks[i]) for i in share])
                waiting[pipe] = len(share)
        while waiting:
            for pipe in wait(list(waiting)):
                number, answer = _received(pipe)  # pyright: ignore[reportArgumentType]
                if isinstance(answer, BaseException):
                    raise answer
                courses[number] = answer
                tell()
                waiting[pipe] -= 1  # pyright: ignore[reportArgumentType]
                if not waiting[pipe]:  # pyright: ignore[reportArgumentType]
                    del waiting[pipe]  # pyright: ignore[reportArgumentType]
        return [courses[i] for i in range(len(tasks))]

    def close(self) -> None:
        """End the other processes, whatever they do."""
        for process, pipe in self._workers:
            pipe.close()
            process.kill()
            process.join()
        self._workers.clear()


def _load(scenario: Scenario) -> None:
    """Load the compiled model, once for all processes that are forked from this one."""
    small = Scenario(name="small").with_overrides(**warmup.WORLD, protocol=scenario.protocol)
    Player(Setting(small, tables(small), warmup.STEPS, 1)).play(Task(1))


def _received(pipe: Connection) -> tuple[int, Any]:
    try:
        return pipe.recv()
    except EOFError:
        raise RuntimeError("a process that played branches has ended before its time") from None


def _started(setting: Setting) -> tuple[Any, Connection]:
    import multiprocessing

    # A forked process has what this one has loaded; elsewhere than on Linux systems do not bear it.
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_work, args=(theirs, setting), daemon=True)
    process.start()
    theirs.close()
    return process, ours


def _work(pipe: Connection, setting: Setting) -> None:
    """Play what comes through the pipe until it is closed."""
    # Ctrl-C is for the process that asks, which ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    player = Player(setting)
    with suppress(EOFError, OSError):
        while True:
            for number, task in pipe.recv():
                try:
                    answer: Any = player.play(task)
                # Any error belongs to the process that asks.
                except Exception as error:  # noqa: BLE001
                    answer = error
                pipe.send((number, answer))
    os._exit(0)
