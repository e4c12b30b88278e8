"""What a person sees while a run is under way, and how Ctrl-C ends it without losing it."""

from __future__ import annotations

import signal
import sys
import threading
import time
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any, Self

from abm.machine.language import padded, say, width

if TYPE_CHECKING:
    from abm.world.state import State

PATIENCE = 2.0
"""Seconds before anything is shown."""
TERMINAL_EVERY, LOG_EVERY = 0.25, 30.0
"""Seconds between updates on a terminal, and between lines elsewhere."""


def duration(seconds: float) -> str:
    """A length of time in words: 8 s, 3 min 20 s, 2 h 5 min."""
    whole = max(0, round(seconds))
    if whole < 60:
        return say("{s} s", s=whole)
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return say("{min} min {s} s", min=minutes, s=rest)
    return say("{h} h {min} min", h=minutes // 60, min=minutes % 60)


class Progress:
    """Shows steps done and time left on stderr; call it after each step, it returns True to stop.

    The first Ctrl-C asks the run to end after its current step, a second one ends it at once.
    """

    def __init__(self, steps: int, *, is_quiet: bool = False, title: str = "") -> None:
        self.steps, self.is_quiet, self.title = steps, is_quiet, title
        self.done = 0
        self.is_interrupted = False
        self._is_stepping = False
        self._is_terminal = sys.stderr.isatty()
        self._begun = self._first = time.monotonic()
        self._over = threading.Event()
        self._previous: Any = None
        self._width = 0

    def __enter__(self) -> Self:
        self._begun = time.monotonic()
        if threading.current_thread() is threading.main_thread():
            self._previous = signal.signal(signal.SIGINT, self._interrupt)
        if not self.is_quiet:
            threading.Thread(target=self._show, name="abm-progress", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        if self._previous is not None:
            signal.signal(signal.SIGINT, self._previous)
        if self._width:
            print("\r" + " " * self._width + "\r", end="", file=sys.stderr, flush=True)

    def begin_steps(self) -> None:
        """The world is built; from here on an interrupted run is kept."""
        self._is_stepping = True
        self._first = time.monotonic()

    def __call__(self, state: State) -> bool:
        """One more step is done."""
        self.done += 1
        return self.is_interrupted

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        if self.is_interrupted or not self._is_stepping:
            raise KeyboardInterrupt
        self.is_interrupted = True
        print("\n" + say("stopping after this step (Ctrl-C again: at once)"), file=sys.stderr, flush=True)

    def _line(self) -> str:
        if not self._is_stepping:
            return say("building the world")
        now = time.monotonic()
        if not self.done:
            return say("step 1 of {n} (the first run after a change compiles the model)", n=self.steps)
        left = (now - self._first) / self.done * (self.steps - self.done)
        return say(
            "step {i} of {n}, {share}, about {left} left", i=self.done, n=self.steps,
            share=f"{self.done / self.steps:.0%}", left=duration(left),
        )  # fmt: skip

    def _show(self) -> None:
        wait = PATIENCE
        while not self._over.wait(wait):
            wait = TERMINAL_EVERY if self._is_terminal else LOG_EVERY
            line = self.title + self._line()
            if self._is_terminal:
                self._width = max(self._width, width(line))
                print("\r" + padded(line, self._width), end="", file=sys.stderr, flush=True)
            else:
                print(line, file=sys.stderr, flush=True)


class BranchProgress(Progress):
    """Shows branches done and time left; Ctrl-C ends it at once, for of some branches nothing is told."""

    def __init__(self) -> None:
        super().__init__(0)

    def tell(self, done: int, planned: int) -> None:
        """So many are done of so many; the first call, with none, says that they begin."""
        if not self._is_stepping:
            self.begin_steps()
        self.done, self.steps = done, planned

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    def _line(self) -> str:
        if not self._is_stepping:
            return say("loading the model")
        if not self.done:
            return say("branch 1 of {n} (the first run after a change compiles the model)", n=self.steps)
        left = (time.monotonic() - self._first) / self.done * (self.steps - self.done)
        return say(
            "branch {i} of {n}, {share}, about {left} left", i=self.done, n=self.steps,
            share=f"{self.done / self.steps:.0%}", left=duration(left),
        )  # fmt: skip
