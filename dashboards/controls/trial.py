"""What a visitor asks for that takes longer than a moment: it is worked out on a thread, says how far it is, and ends
when the visitor goes on or leaves."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

import solara

from abm.machine.errors import InputError
from dashboards.live.session import Session
from dashboards.live.trials import Unwanted

Came = TypeVar("Came")
Work = Callable[[Any, Callable[[int, int], object], Callable[[], bool]], Came]
"""Works out what a wish asks for: (the wish, hears parts done and planned, whether nobody waits any more)."""
GRACE = 5.0
"""Seconds for which another moment may be shown: a run that was on its way comes back to the one that was asked of."""
TELL_EVERY = 0.5
"""Seconds between two words on how far it is."""


@dataclass(frozen=True)
class Trial(Generic[Came]):
    """How a wish stands."""

    came: Came | None
    """What came of it, if it was asked for at the moment that is shown."""
    is_running: bool
    progress: tuple[int, int, float]
    """Parts done, parts planned, seconds that the rest may take (NaN = not known yet)."""
    error: InputError | None
    ask: Callable[[], None]

    def told(self, session: Session) -> str:
        """How far it is, or what was wrong, in the visitor's language; empty where there is nothing to say."""
        if self.error is not None:
            return session.told(self.error)
        done, planned, left = self.progress
        if not self.is_running:
            return ""
        if done == 0:
            return session.say("trial.starting")
        # A number of seconds is the same in every language; longer ones are said in minutes.
        minutes, seconds = divmod(max(1, round(left)), 60)
        rest = session.say("trial.minutes" if minutes else "trial.seconds", min=minutes, s=seconds)
        return session.say("trial.running", done=done, all=planned, left=rest)


def use_trial(work: Work[Came], wish: object) -> Trial[Came]:
    """``wish`` is the moment that is shown: what was worked out for another is not shown, and its work ends."""
    asked, set_asked = solara.use_state(cast("tuple[object] | None", None))
    known, set_known = solara.use_state(cast("tuple[object, Came | None, InputError | None] | None", None))
    progress, set_progress = solara.use_state(cast("tuple[int, int, float]", (0, 0, float("nan"))))
    wanted = solara.use_ref(cast("tuple[object] | None", None))
    shown = solara.use_ref(wish)
    shown.current = wish

    def try_it() -> None:
        one = asked
        if one is None:
            return
        wanted.current = one
        begun = told = seen = time.monotonic()

        def is_unwanted() -> bool:
            nonlocal seen
            now = time.monotonic()
            seen = now if shown.current == one[0] else seen
            return wanted.current is not one or now - seen > GRACE

        def tell(done: int, planned: int) -> None:
            nonlocal told
            now = time.monotonic()
            if done == 0 or done == planned or now - told >= TELL_EVERY:
                told = now
                left = (now - begun) / done * (planned - done) if done else float("nan")
                set_progress((done, planned, left))

        try:
            set_progress((0, 0, float("nan")))
            came = work(one[0], tell, is_unwanted)
            set_known((one[0], came, None))
        except Unwanted:
            pass
        except InputError as error:
            set_known((one[0], None, error))
        finally:
            if wanted.current is one:
                set_asked(None)

    def leave() -> None:
        wanted.current = None

    solara.use_effect(lambda: leave, [])
    solara.use_thread(try_it, dependencies=[asked])
    is_shown = known is not None and known[0] == wish
    came, error = (known[1], known[2]) if known is not None and is_shown else (None, None)
    return Trial(came, asked is not None, progress, error, lambda: set_asked((wish,)))
