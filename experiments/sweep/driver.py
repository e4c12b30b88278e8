"""Driver: brings the chunks of a plan to an executor until all are on disk, whatever happens on the way."""

from __future__ import annotations

import math
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from abm.machine import disk
from abm.machine.errors import InputError
from abm.machine.language import say, spoken
from experiments import executors
from experiments.executors import Executor, WorkerDiedError
from experiments.runs import chunks, files, identity
from experiments.runs.chunks import Chunk, Report
from experiments.sweep import matching, pilot
from experiments.sweep.pace import Pace
from experiments.sweep.plan import Plan
from experiments.sweep.progress import Progress
from experiments.sweep.store import Store, Study, reading, unwritable

if TYPE_CHECKING:
    from experiments.design import Design
    from experiments.sweep.pilot import Pilot

MATCHING = "matching"
"""Folder of a store, with the runs by which arms were given equal money."""
CHUNK_SECONDS = 2.5
"""Work in a chunk: long against the cost of handing it out and writing it, short against what a death loses."""
LARGEST_CHUNK = 500
CHUNKS_A_WORKER = 4
"""Chunks that each worker gets at least, where there are enough runs."""
LEAST_TIMEOUT, TIMEOUT_PILOTS = 120.0, 50.0
"""A run may take this many seconds and this many times the pilot run, unless the design says otherwise."""
WORTH_PROCESSES = 8.0
"""Seconds of work, all designs of a driver together, from which processes pay: each spends two or three to start."""


class Interrupted(KeyboardInterrupt):
    """The sweep was stopped by a person; what is done is kept."""


@dataclass(frozen=True)
class Estimate:
    """What a sweep is going to take."""

    n_runs: int
    seconds: float
    size: float
    """Bytes on disk."""


class Driver:
    """Runs designs in a store, one after another, with the same workers."""

    def __init__(
        self,
        store: Store,
        *,
        workers: int = 1,
        executor: Executor | None = None,
        is_quiet: bool = False,
        shard: tuple[int, int] = (1, 1),
        confirm: Callable[[Estimate], None] | None = None,
        retry_failed: bool = False,
    ) -> None:
        if workers < 1:
            raise InputError(f"workers = {workers}", why="is less than 1", mend="give 1 or more")
        if not 1 <= shard[0] <= shard[1]:
            raise InputError(f"shard {shard[0]}/{shard[1]}", why="does not exist", mend="write i/n with i from 1 to n")
        self.store, self.workers, self.is_quiet, self.shard, self.confirm = store, workers, is_quiet, shard, confirm
        self._retry_failed = retry_failed
        self._given = executor
        self._own: Executor | None = None
        self._pilot: Pilot | None = None
        self._asked = 0.0
        self._said: set[str] = set()
        self._is_called = False
        self._is_interrupted = False

    def __enter__(self) -> Driver:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def own(self, executor: Executor) -> None:
        """Use these workers, and end them when the driver ends."""
        self._own = executor

    def close(self) -> None:
        """End the workers that this driver started."""
        if self._own is not None:
            self._own.close()
            self._own = None

    def run(self, design: Design) -> Study:
        """Every run of the design that is not in the store yet. Returns its study."""
        design = self._matched(design)
        plan = Plan(design)
        self._say_doubts()
        study = self.store.study(plan)
        if study is not None:
            self._verify(study)
            if not self._todo(study):
                _clear(study)
                return study
        self._call_workers()
        cost = self._cost(design)
        if study is None:
            for name in self.store.edited(design):
                anew = say("{name} was edited since the last runs: run anew with it", name=name)
                print(anew, file=sys.stderr, flush=True)
            # Asked before anything is written.
            new = set(plan.runs["run_key"]) - self.store.known().keys()
            executor = self._agreed(math.ceil(len(new) / self.shard[1]), cost)
            timeout = design.timeout or max(LEAST_TIMEOUT, TIMEOUT_PILOTS * cost.seconds)
            study = self.store.create(plan, self._n_chunks(plan, cost), timeout)
            todo = self._chunks(study, design)
        else:
            todo = self._chunks(study, design)
            executor = self._agreed(sum(map(_to_simulate, todo)), cost)
        self._work(study, executor, todo)
        _clear(study)
        return study

    def _matched(self, design: Design) -> Design:
        """The design, each arm scaled that is to spend as much as another; those runs lie in a store of their own."""
        if all(match.factor is not None for match in design.matches):
            return design
        beside = Driver(
            Store(self.store.path / MATCHING), workers=self.workers, executor=self._given or self._own,
            is_quiet=self.is_quiet, confirm=self.confirm,
        )  # fmt: skip

        def tell(words: str) -> None:
            if not self.is_quiet:
                print(words, file=sys.stderr, flush=True)

        with beside:
            found = matching.matched(design, lambda asked: beside.run(asked).runs(), tell)
        for match in found.matches:
            tell(match.words())
        return found

    def _say_doubts(self) -> None:
        """Runs that the store has already are taken as they are: what is not guaranteed of them is said once."""
        doubts = dict.fromkeys(doubt for study in self.store.studies() for doubt in study.doubts)
        for doubt in doubts.keys() - self._said:
            print(f"{self.store.path}: {doubt}", file=sys.stderr, flush=True)
        self._said |= doubts.keys()

    def _agreed(self, n_runs: int, cost: Pilot) -> Executor:
        """Who does so many runs, once whoever is to confirm it does not raise."""
        executor = self._executor(n_runs * cost.seconds)
        if self.confirm is not None and n_runs:
            self.confirm(Estimate(n_runs, n_runs * cost.seconds / executor.workers, n_runs * cost.size))
        return executor

    def _cost(self, design: Design) -> Pilot:
        if self._pilot is None:
            self._pilot = pilot.measure(design, workers=self.workers, is_quiet=self.is_quiet)
        return self._pilot

    def _call_workers(self) -> None:
        """Workers that are there already make themselves ready while the sweep is prepared."""
        executor = self._given or self._own
        if executor is not None and not self._is_called:
            self._is_called = True
            for _ in range(executor.workers):
                executor.submit(chunks.load, None)

    def _n_chunks(self, plan: Plan, cost: Pilot) -> int:
        """As many for each worker of each shard as for the others, so that all end together."""
        n, hands = len(set(plan.runs["run_key"])), self.workers * self.shard[1]
        size = max(1, min(round(CHUNK_SECONDS / cost.seconds), LARGEST_CHUNK))
        each = max(CHUNKS_A_WORKER, math.ceil(n / size / hands))
        return min(n, each * hands)

    def _executor(self, seconds: float) -> Executor:
        """The given one, or processes where the work is worth their start."""
        if self._given is not None:
            return self._given
        if self._own is not None:
            return self._own
        self._asked += seconds
        if self.workers > 1 and self._asked > WORTH_PROCESSES:
            self._own = executors.start("processes", self.workers)
            return self._own
        return executors.start("serial", 1)

    def _mine(self, number: int) -> bool:
        return number % self.shard[1] == self.shard[0] - 1

    def _verify(self, study: Study) -> None:
        """Put away the chunks that are not whole, and say so."""
        with reading(study.folder):
            members = study.members()
        for number in study.chunks():
            why = files.fault(study.folder, number, [run.key for run in members.get(number, [])])
            if why is not None:
                self._put_away(files.chunk_path(study.folder, files.SUMMARY, number))
                again = say("chunk {n} of {folder} is not whole ({why}): done again", n=number, folder=study.folder,
                            why=spoken(why))  # fmt: skip
                print(again, file=sys.stderr, flush=True)

    def _put_away(self, path: Path) -> None:
        try:
            disk.remove(path)
        except OSError as error:
            raise unwritable(self.store.path, error) from error

    def _todo(self, study: Study) -> dict[int, int]:
        """Chunks to do, and which attempt it is: those that are missing, and those with failed runs if wanted."""
        done = set(study.chunks())
        found = {number: 1 for number in range(study.manifest["chunks"]) if number not in done}
        if self._retry_failed and done:
            summary, chunk = study.summary(), dict(zip(study.plan["run_key"], study.plan["chunk"], strict=True))
            for key, status, n in zip(summary["run_key"], summary["status"], summary["attempt"], strict=True):
                if status != "ok":
                    found[int(chunk[key])] = max(found.get(int(chunk[key]), 1), int(n) + 1)
        return {number: attempt for number, attempt in sorted(found.items()) if self._mine(number)}

    def _chunks(self, study: Study, design: Design) -> list[Chunk]:
        """The chunks to do, with the runs of them that the store has already."""
        known, members = self.store.known(), study.members()
        timeout, model = float(study.manifest["timeout"]), identity.model()
        code = identity.code_of(design.base, design.simulator)
        is_whole: dict[Any, bool] = {}
        found: list[Chunk] = []
        for number, attempt in self._todo(study).items():
            have = {run.key: known[run.key] for run in members[number] if run.key in known}
            for place in set(have.values()) - set(is_whole):
                is_whole[place] = files.fault(*place) is None
            have = {key: place for key, place in have.items() if is_whole[place]}
            found.append(
                Chunk(study.folder, number, design, tuple(members[number]), timeout, model, attempt, have, code)
            )
        return found

    def _work(self, study: Study, executor: Executor, todo: list[Chunk]) -> None:
        mine = {number: runs for number, runs in study.members().items() if self._mine(number)}
        ahead = {chunk.number for chunk in todo}
        n_failed = list(study.summary()["status"]).count("failed")
        progress = Progress(
            study.folder,
            sum(map(len, mine.values())),
            Pace(sum(map(_to_simulate, todo)), executor.workers),
            done=sum(len(runs) for number, runs in mine.items() if number not in ahead),
            failed=0 if self._retry_failed else n_failed,
            is_quiet=self.is_quiet,
            shard="" if self.shard == (1, 1) else f"{self.shard[0]}/{self.shard[1]}",
        )
        state = "interrupted"
        previous = self._catch_interrupts()
        try:
            self._is_interrupted = False
            self._until_done(executor, deque(todo), progress)
            state = "interrupted" if self._is_interrupted else "finished"
        except OSError as error:
            raise unwritable(self.store.path, error) from error
        finally:
            if previous is not None:
                signal.signal(signal.SIGINT, previous)
            try:
                progress.end(state)
            except OSError as error:
                lost = say("{folder}: progress cannot be written ({why})", folder=study.folder, why=error.strerror)
                print(lost, file=sys.stderr)
        if self._is_interrupted:
            raise Interrupted(
                say("stopped after {n} of {all} runs, which are kept", n=progress.done, all=progress.runs)
            )

    def _until_done(self, executor: Executor, waiting: deque[Chunk], progress: Progress) -> None:
        under_way: dict[Future[Report], Chunk] = {}
        fatal: BaseException | None = None
        while under_way or (waiting and not self._is_interrupted):
            while waiting and len(under_way) < executor.ahead and not self._is_interrupted:
                chunk = waiting.popleft()
                if chunk.attempt == 1 and files.chunk_path(chunk.folder, files.SUMMARY, chunk.number).exists():
                    # Somebody else has done it meanwhile.
                    progress.add(len(chunk.runs), 0, 0)
                    progress.pace.left -= _to_simulate(chunk)
                    continue
                under_way[executor.submit(chunks.do_and_write, chunk)] = chunk
                progress.pace.hand_in(chunk.number, _to_simulate(chunk))
            ended, _ = wait(under_way, timeout=0.25, return_when=FIRST_COMPLETED)
            for future in ended:
                chunk = under_way.pop(future)
                error = future.exception()
                if error is None:
                    self._count(chunk, future.result(), progress)
                elif isinstance(error, WorkerDiedError) and fatal is None:
                    self._after_death(executor, chunk, waiting, progress)
                else:
                    # Chunks under way come to their end, so that no worker is killed while it writes.
                    fatal = fatal or error
                    waiting.clear()
            progress.pace.workers = executor.workers
            progress.show()
        if fatal is not None:
            raise fatal

    @staticmethod
    def _count(chunk: Chunk, report: Report, progress: Progress) -> None:
        progress.add(len(chunk.runs), report.n_simulated, report.n_failed)
        progress.pace.end(chunk.number, report.n_simulated, report.seconds, report.loading)

    def _after_death(self, executor: Executor, chunk: Chunk, waiting: deque[Chunk], progress: Progress) -> None:
        # After that its runs are done one by one, to find the one that kills.
        if chunk.attempt < executors.MOST_DEATHS:
            waiting.appendleft(replace(chunk, attempt=chunk.attempt + 1))
            progress.pace.give_back(chunk.number)
            return
        self._count(chunk, self._one_by_one(executor, chunk), progress)

    def _one_by_one(self, executor: Executor, chunk: Chunk) -> Report:
        """Find the run that kills its worker: each alone, and a row with the error if it kills twice."""
        begun = time.perf_counter()
        rows: list[files.Row] = []
        for run in chunk.runs:
            if run.key in chunk.known:
                continue
            rows += self._alone(executor, replace(chunk, runs=(run,), attempt=chunk.attempt + 1))
        return chunks.write(chunk, rows, begun)

    @staticmethod
    def _alone(executor: Executor, chunk: Chunk) -> list[files.Row]:
        """A chunk of one run, twice if need be."""
        future = executor.submit(chunks.do, chunk)
        if isinstance(future.exception(), WorkerDiedError):
            chunk = replace(chunk, attempt=chunk.attempt + 1)
            future = executor.submit(chunks.do, chunk)
        error = future.exception()
        if isinstance(error, WorkerDiedError):
            return [chunks.failed(chunk, chunk.runs[0], f"its worker died: {error}", math.nan)]
        return future.result()

    def _catch_interrupts(self) -> Any:
        """The first Ctrl-C lets the chunks under way end, the second ends at once."""
        if threading.current_thread() is not threading.main_thread():
            return None

        def interrupt(number: int, frame: FrameType | None) -> None:
            if self._is_interrupted:
                raise KeyboardInterrupt
            self._is_interrupted = True
            stopping = say("stopping when the runs under way are written (Ctrl-C again: at once)")
            print(f"\n{stopping}", file=sys.stderr, flush=True)

        return signal.signal(signal.SIGINT, interrupt)


def _to_simulate(chunk: Chunk) -> int:
    """Runs of a chunk that the store does not have."""
    return len(chunk.runs) - len(chunk.known)


def _clear(study: Study) -> None:
    """Nothing half-written stays beside a study that is whole, whoever left it."""
    if study.is_complete:
        files.clear_left_over(study.folder)
