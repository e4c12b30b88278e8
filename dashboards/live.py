"""LiveRun: one run of one visitor, played on a thread of its own.

A run is a scenario and a log of actions: what was changed, and after how many quarters. The model is
deterministic, so any moment can be shown again (the nearest checkpoint, then a short replay) and the
run continued from it under other policies; the same scenario and log give the same run anywhere.

Whoever looks on takes frames from a ``Watcher``: always the latest, never more than two that the
browser has not acknowledged. When acknowledgements stop for good, stepping stops too.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from abm import simulation
from abm.errors import InputError
from abm.population import build
from dashboards.checkpoints import Checkpoints
from dashboards.frames import History, Snapshot, World, frame_of, world_of
from dashboards.levers import check_now
from dashboards.limits import checkpoint_bytes
from dashboards.watching import Board, Watcher

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from abm.state import State
    from dashboards.frames import Frame

ABANDONED_AFTER = 20.0
"""Seconds without an acknowledgement after which nobody looks on, and stepping waits."""
SPEEDS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 60.0)
"""Quarters a second that the transport bar offers."""

BUILDING, PAUSED, PLAYING, SEEKING = "building", "paused", "playing", "seeking"
DONE, FAILED, CLOSED = "done", "failed", "closed"


@dataclass(frozen=True)
class Action:
    """A change made while the run was going: after ``step`` quarters, in the words of with_overrides."""

    step: int
    overrides: tuple[tuple[str, Any], ...]


class LiveRun:
    """One run: play, pause, step, seek, change, close. Every method may be called from any thread."""

    def __init__(
        self,
        scenario: Scenario,
        actions: tuple[Action, ...] = (),
        *,
        start_at: int = 0,
        budget: Callable[[], int] = checkpoint_bytes,
    ) -> None:
        self.scenario = scenario
        """As it was before the first action."""
        self.actions = actions
        self.speed = 4.0
        self.error: InputError | None = None
        """What went wrong; None while nothing did."""
        self._board = Board()
        self._changed = self._board.changed
        self._is_wanted = False
        self._target: int | None = start_at if start_at > 0 else None
        self._pending: dict[str, Any] | None = None
        self._phases: tuple[tuple[int, Scenario], ...] = phases(scenario, actions)
        self._checkpoints = Checkpoints(budget)
        self._history: History | None = None
        self._peer: LiveRun | None = None
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
            if self._target is not None or self._pending is not None:
                return SEEKING
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

    def scenario_now(self) -> Scenario:
        """The scenario in force at the moment shown: with the actions up to it."""
        return self._in_force(self.shown_step())

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
        """Continue from the moment shown under other policies or parameters; what came after it is forgotten.

        Raises InputError for what cannot act in a running world, or does not fit.
        """
        check_now(overrides)
        with self._changed:
            self.scenario_now().with_overrides(**(self._pending or {}), **overrides)
            self._pending = {**(self._pending or {}), **overrides}
            self._changed.notify_all()

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
            self.error = error
            is_orderly = True
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
                pending, self._pending = self._pending, None
                target = self._target
                is_playing = target is None and self._is_playing(state)
            if pending:
                self._branch(state, pending)
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
        return self._board.is_closed or self._pending is not None or self._target is not None or self._is_playing(state)

    def _is_disturbed(self) -> bool:
        return self._board.is_closed or self._pending is not None or self._target is not None or not self._is_wanted

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
        with self._changed:
            if self._target == target:
                self._target = None
        self._publish(world, state, frame)
        return state

    def _advance(self, state: State) -> Frame | None:
        """One quarter on; its frame if it was never reached before and is therefore new to the history."""
        scenario = self._in_force(state.step)
        simulation.step(state, scenario)
        self._checkpoints.offer(state)
        if self._history is None or state.step <= self._history.steps:
            return None
        frame = frame_of(state, scenario.p.related_fit)
        self._history.append(frame)
        return frame

    def _branch(self, state: State, overrides: dict[str, Any]) -> None:
        """From here on the run takes another course."""
        actions = [action for action in self.actions if action.step <= state.step]
        actions.append(Action(state.step, tuple(sorted(overrides.items()))))
        course = phases(self.scenario, tuple(actions))
        with self._changed:
            self.actions, self._phases = tuple(actions), course
            self._history = self._history.until(state.step) if self._history else None
        self._checkpoints.forget_after(state.step)
        self._checkpoints.keep(state)

    def _in_force(self, step: int) -> Scenario:
        return next(scenario for first, scenario in reversed(self._phases) if first <= step)

    def _publish(self, world: World, state: State, frame: Frame | None = None) -> None:
        """Show the state; ``frame`` where it is worked out already."""
        frame = frame or frame_of(state, self._in_force(max(0, state.step - 1)).p.related_fit)
        if self._history is None:
            self._history = History(tuple(frame.metrics), tuple(frame.regions), len(state.governments.stage))
        self._board.put(Snapshot(world, self._history, frame))
        peer = self._peer
        if peer is not None:
            peer.nudge()


def phases(scenario: Scenario, actions: tuple[Action, ...]) -> tuple[tuple[int, Scenario], ...]:
    """The scenario in force from each step on. InputError for an action that does not fit."""
    course = [(0, scenario)]
    for action in sorted(actions, key=lambda a: a.step):
        course.append((action.step, course[-1][1].with_overrides(**dict(action.overrides))))
    return tuple(course)
