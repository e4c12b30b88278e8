"""LiveRun: one run of one visitor, played on a thread of its own.

A run is a scenario with its changes: what became another, and after how many quarters. The model is
deterministic, so any moment can be shown again (the nearest checkpoint, then a short replay) and the
run continued from it under other policies; the same scenario gives the same run anywhere.

Whoever looks on takes frames from a ``Watcher``: always the latest, never more than two that the
browser has not acknowledged. When acknowledgements stop for good, stepping stops too.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from abm.machine.disk import said
from abm.machine.errors import InputError
from abm.population import build
from dashboards.live.checkpoints import Checkpoints
from dashboards.live.course import Course, parts_at
from dashboards.live.frames import History, Snapshot, World, frame_of, world_of
from dashboards.live.levers import check_now
from dashboards.live.limits import checkpoint_bytes
from dashboards.live.played import PlayedWorld, step_of
from dashboards.live.watching import Board, Watcher

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from abm.scenario.changes import Change
    from abm.world.state import State
    from dashboards.live.frames import Frame

ABANDONED_AFTER = 20.0
"""Seconds without an acknowledgement after which nobody looks on, and stepping waits."""
SPEEDS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 60.0)
"""Quarters a second that the transport bar offers."""

CHANGED_WITHIN = 10.0
"""Seconds in which a change asked for is made: a quarter of the largest world that is played takes a second or two."""

BUILDING, PAUSED, PLAYING, SEEKING = "building", "paused", "playing", "seeking"
DONE, FAILED, CLOSED = "done", "failed", "closed"
STANDING = (PAUSED, DONE)
"""Phases in which the moment shown stays until somebody asks for something."""

Order = Callable[[Course, int], Course]
"""What becomes of a course, asked for when the run is at a step."""


class LiveRun:
    """One run: play, pause, step, seek, change, close. Every method may be called from any thread."""

    def __init__(
        self,
        scenario: Scenario,
        *,
        start_at: int = 0,
        played: PlayedWorld | None = None,
        budget: Callable[[], int] = checkpoint_bytes,
    ) -> None:
        self.scenario = scenario
        """With all changes that were made in the run so far, in the order in which they were made."""
        self.played = played
        """What people decided in this world, where they did: it goes on with that."""
        self._step = step_of(played)
        self.speed = 4.0
        self.error: InputError | None = None
        """What went wrong; None while nothing did."""
        self._board = Board()
        self._changed = self._board.changed
        self._is_wanted = False
        self._target: int | None = start_at if start_at > 0 else None
        self._course = Course(scenario.changes)
        self._pending: tuple[Order, ...] = ()
        self._checkpoints = Checkpoints(budget)
        self._history: History | None = None
        self._peer: LiveRun | None = None
        self._under_way: str | None = None
        """PLAYING or SEEKING while what was asked for is being worked out and not shown yet."""
        self._thread = threading.Thread(target=self._live, name="abm-live-run", daemon=True)
        self._thread.start()

    # What a page asks for.

    @property
    def phase(self) -> str:
        """building, paused, playing, seeking (on the way to a moment), done (at the horizon), failed or closed."""
        with self._changed:
            if self.error:
                return FAILED
            if self._board.is_closed:
                return CLOSED
            if self._board.snapshot is None:
                return BUILDING
            if self._target is not None or self._pending:
                return SEEKING
            # A pause holds once the quarter that was begun is shown: until then the moment shown still moves.
            if self._under_way is not None:
                return self._under_way
            if self._board.snapshot.step >= self.scenario.steps:
                return DONE
            return PLAYING if self._is_wanted else PAUSED

    @property
    def head(self) -> int:
        """Quarters known so far, whatever moment is shown."""
        history = self._history
        return 0 if history is None else history.steps

    def snapshot(self) -> Snapshot | None:
        """The moment shown now; None while the world is being built."""
        return self._board.snapshot

    @property
    def is_over(self) -> bool:
        """Whether nothing will come of this run any more: closed, or stopped by an error."""
        return self._board.is_closed or self.error is not None

    def shown_step(self) -> int:
        """Quarters done at the moment shown; 0 while the world is being built."""
        snapshot = self._board.snapshot
        return 0 if snapshot is None else snapshot.step

    @property
    def changes(self) -> tuple[Change, ...]:
        """What was changed, in the order in which it was."""
        return self.scenario.changes

    def state_at(self, step: int) -> State:
        """The state after ``step`` quarters that are known, as an object of its own."""
        state = self._checkpoints.nearest(step)
        while state.step < step:
            self._step(state, self.scenario)
        return state

    def scenario_now(self) -> Scenario:
        """The scenario in force at the moment shown."""
        return self.scenario.in_force(self.shown_step())

    def moment(self) -> tuple[Scenario, int]:
        """What a link or a file of this run is made of: the scenario with every change asked for so far, and the
        quarter shown, or asked for and on its way."""
        with self._changed:
            self._changed.wait_for(lambda: not self._pending or self.is_over, timeout=CHANGED_WITHIN)
            step = self.shown_step() if self._target is None else self._target
            return replace(self.scenario, changes=self._ordered(step).changes), step

    def moment_asked(self) -> tuple[Scenario, int]:
        """The same at once: with what was asked for and is not done yet."""
        with self._changed:
            step = self.shown_step()
            return replace(self.scenario, changes=self._ordered(step).changes), step

    @property
    def course(self) -> Course:
        """What was changed so far, and what can be undone and redone."""
        return self._course

    def play(self) -> None:
        """Go on until the horizon or a pause."""
        self._ask(is_wanted=True)

    def pause(self) -> None:
        """Stay at the moment shown."""
        self._ask(is_wanted=False)

    def step(self, quarters: int = 1) -> None:
        """One quarter on (or several, or back with a negative number), then pause."""
        with self._changed:
            base = (
                self._target if self._target is not None else (self._board.snapshot.step if self._board.snapshot else 0)
            )
        self.seek(base + quarters)

    def seek(self, step: int) -> None:
        """Show the moment after ``step`` quarters, replaying or going on as needed, and pause there."""
        self._ask(is_wanted=False, target=max(0, min(step, self.scenario.steps)))

    def set_speed(self, quarters_a_second: float) -> None:
        """Quarters a second while playing."""
        with self._changed:
            self.speed = max(0.1, min(quarters_a_second, SPEEDS[-1]))
            self._board.put(None)

    def change(self, overrides: Mapping[str, Any]) -> None:
        """Continue from the moment shown under other policies or parameters; what is changed later stays.

        Raises InputError for what cannot act in a running world, or does not fit.
        """
        check_now(overrides)
        with self._changed:
            moment, step = self.moment_asked()
            moment.in_force(step).with_overrides(**overrides)
        self._order(lambda course, step: course.moved(step, overrides))

    def undo(self) -> None:
        """Take back the last change, removal or redo; the moment shown stays."""
        self._order(lambda course, _: course.back())

    def redo(self) -> None:
        """Do again what was undone last."""
        self._order(lambda course, _: course.forth())

    def remove(self, change: Change) -> None:
        """Leave one change out. Raises InputError where a later one does not fit without it."""
        self._order(lambda course, _: course.without(change))

    def _order(self, order: Order) -> None:
        with self._changed:
            ordered = order(self._ordered(self.shown_step()), self.shown_step())
            # Says what does not fit before anything is done.
            _ = replace(self.scenario, changes=()).with_overrides(changes=ordered.changes).course
            self._pending += (order,)
            self._changed.notify_all()

    def _ordered(self, step: int) -> Course:
        """The course with everything asked for, as it is when the run is at a step."""
        course = self._course
        for order in self._pending:
            course = order(course, step)
        return course

    def close(self) -> None:
        """End the run and its thread; nothing is shown any more."""
        with self._changed:
            self._board.is_closed = True
            self._changed.notify_all()

    def join(self, seconds: float) -> bool:
        """Wait for the thread to end; whether it has."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def watch(self) -> Watcher:
        """Somebody new looks on."""
        return Watcher(self._board)

    def heard(self) -> None:
        """A sign of life from a browser."""
        self._board.heard()

    def heard_at(self) -> float:
        """When a browser last gave a sign of life, in seconds of the monotonic clock."""
        return self._board.heard_at

    def walk_with(self, other: LiveRun) -> None:
        """Never be more than one quarter ahead of another run while playing."""
        with self._changed:
            self._peer = other

    def nudge(self) -> None:
        """Look again whether there is something to do."""
        with self._changed:
            self._changed.notify_all()

    def _ask(self, *, is_wanted: bool, target: int | None = None) -> None:
        with self._changed:
            self._is_wanted, self._target = is_wanted, target
            self._board.heard()
            self._board.put(None)

    # The run's own thread.

    def _live(self) -> None:
        is_orderly = False
        try:
            state = build(self.scenario, self.scenario.seed)
            world = world_of(self.scenario, state)
            self._checkpoints.keep(state)
            self._publish(world, state)
            while self._play_on(world):
                pass
            is_orderly = True
        except InputError as error:
            self.error, is_orderly = error, True
        except OSError as error:
            # Tables that were deleted, or whose disk is gone, while the world was being built.
            why = f"cannot be read ({said(error)})"
            self.error, is_orderly = InputError("the tables", why=why, mend="upload them again"), True
        finally:
            if not is_orderly:
                mend = "the terminal that runs `abm dashboard` says why"
                self.error = InputError("the run", why="stopped unexpectedly", mend=mend)
            self._board.put(None)

    def _play_on(self, world: World) -> bool:
        """Wait until there is something to do and do it; False once closed."""
        state = self._checkpoints.nearest(0)
        due = time.monotonic()
        while True:
            with self._changed:
                self._changed.wait_for(partial(self._has_work, state), timeout=1.0)
                if self._board.is_closed:
                    return False
                pending = self._pending
                target = self._target
                is_playing = target is None and self._is_playing(state)
                if is_playing and not pending:
                    self._under_way = PLAYING
            if pending:
                state = self._branch(state, pending)
                self._publish(world, state)
            elif target is not None:
                state = self._reach(world, state, target)
            elif is_playing:
                due = max(due + 1.0 / self.speed, time.monotonic() - 0.25)
                frame = self._advance(state)
                self._publish(world, state, frame)
                with self._changed:
                    self._changed.wait_for(self._is_disturbed, timeout=max(0.0, due - time.monotonic()))

    def _has_work(self, state: State) -> bool:
        return self._board.is_closed or bool(self._pending) or self._target is not None or self._is_playing(state)

    def _is_disturbed(self) -> bool:
        return self._board.is_closed or bool(self._pending) or self._target is not None or not self._is_wanted

    def _is_playing(self, state: State) -> bool:
        is_seen = time.monotonic() - self._board.heard_at < ABANDONED_AFTER
        peer = self._peer
        is_ahead = peer is not None and not peer.is_over and state.step > peer.shown_step()
        return self._is_wanted and is_seen and not is_ahead and state.step < self.scenario.steps

    def _reach(self, world: World, state: State, target: int) -> State:
        """The state after ``target`` quarters, shown; long ways show where they are, and give way to a new wish."""
        if target < state.step or any(state.step < at <= target for at in self._checkpoints.steps):
            state = self._checkpoints.nearest(target)
        shown, frame = time.monotonic(), None
        while state.step < target:
            frame = self._advance(state)
            if time.monotonic() - shown > 0.2:
                self._publish(world, state, frame)
                shown = time.monotonic()
            with self._changed:
                if self._board.is_closed or self._target != target:
                    break
        self._publish(world, state, frame, reached=target)
        return state

    def _advance(self, state: State) -> Frame | None:
        """One quarter on; its frame if it was never reached before and is therefore new to the history."""
        scenario = self.scenario
        self._step(state, scenario)
        self._checkpoints.offer(state)
        if self._history is None or state.step <= self._history.steps:
            return None
        frame = frame_of(state, scenario.in_force(state.step - 1).p.related_fit)
        self._history.append(frame)
        return frame

    def _branch(self, state: State, pending: tuple[Order, ...]) -> State:
        """The run takes another course from where the changes differ; the state from which to go on, and the moment
        shown is asked for again where that lies before it."""
        course = self._course
        for order in pending:
            course = order(course, state.step)
        at = parts_at(self.scenario.changes, course.changes)
        with self._changed:
            self.scenario, self._course = replace(self.scenario, changes=course.changes), course
            self._pending, self._under_way = self._pending[len(pending) :], SEEKING
            if at is not None:
                self._history = self._history.until(at) if self._history else None
                self._target = state.step if at < state.step and self._target is None else self._target
            self._changed.notify_all()
        if at is None:
            return state
        self._checkpoints.forget_after(at)
        if at >= state.step:
            self._checkpoints.keep(state)
            return state
        return self._checkpoints.nearest(at)

    def _publish(self, world: World, state: State, frame: Frame | None = None, reached: int | None = None) -> None:
        """Show the state; ``frame`` where it is worked out already. ``reached``: a target that is met by it, which
        is over in the same moment in which it is shown."""
        frame = frame or frame_of(state, self.scenario.in_force(max(0, state.step - 1)).p.related_fit)
        if self._history is None:
            self._history = History(tuple(frame.metrics), tuple(frame.regions), len(state.governments.stage))
        with self._changed:
            self._under_way = None
            if reached is not None and self._target == reached:
                self._target = None
            self._board.put(Snapshot(world, self._history, frame))
        peer = self._peer
        if peer is not None:
            peer.nudge()
