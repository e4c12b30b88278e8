"""What a visitor asks for that takes longer than a moment: it is worked out on a thread when its turn comes, says how
far it is, and ends when the visitor goes on or leaves."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar, cast

import solara

from abm.machine.errors import InputError
from dashboards.live.session import Session
from dashboards.live.turn import Unwanted, in_turn

LOG = logging.getLogger(__name__)
Outcome = TypeVar("Outcome")
Work = Callable[[Any, Callable[[int, int], object], Callable[[], bool]], Outcome]
"""Works out what a wish asks for: (the wish, hears parts done and planned, whether nobody waits any more)."""
GRACE = 5.0
"""Seconds for which another moment may be shown: a run that was on its way comes back to the one that was asked of."""
TELL_EVERY = 0.5
"""Seconds between two words on how far it is, for the eye."""
SPEAK_EVERY = 10.0
"""The same for the ear: a screen reader says each to its end."""


class Progress(NamedTuple):
    """How far it is."""

    done: int = 0
    planned: int = 0
    """Parts; 0 = not known yet."""
    left: float = float("nan")
    """Seconds that the rest may take; NaN = not known yet."""
    is_waiting: bool = False
    """Whether another is worked out first."""

    def told(self, session: Session) -> str:
        """In the visitor's language."""
        if self.is_waiting or self.done == 0:
            return session.say("trial.waiting" if self.is_waiting else "trial.starting")
        # A number of seconds is the same in every language; longer ones are said in minutes.
        minutes, seconds = divmod(max(1, round(self.left)), 60)
        rest = session.say("trial.minutes" if minutes else "trial.seconds", min=minutes, s=seconds)
        return session.say("trial.running", done=self.done, all=self.planned, left=rest)


@dataclass(frozen=True)
class Trial(Generic[Outcome]):
    """How a wish stands."""

    outcome: Outcome | None
    """What came of it, if it was asked for at the moment that is shown."""
    is_running: bool
    progress: Progress
    heard: Progress
    """How far it was when that was last read out."""
    error: Exception | None
    ask: Callable[[], None]

    def told(self, session: Session) -> str:
        """How far it is, or what was wrong, in the visitor's language; empty where there is nothing to say."""
        if self.is_running:
            return self.progress.told(session)
        if isinstance(self.error, InputError):
            return session.told(self.error)
        return "" if self.error is None else session.say("trial.failed")

    def spoken(self, session: Session, outcome: str = "") -> str:
        """What a screen reader is to say by itself: how far it is, once in a while, and ``outcome`` when it is done."""
        if self.is_running:
            return self.heard.told(session)
        return self.told(session) or ("" if self.outcome is None else outcome or session.say("trial.done"))


def use_trial(
    work: Work[Outcome],
    wish: object,
    check: Callable[[Any], object] = lambda _: None,
    is_over: Callable[[], bool] = lambda: False,
) -> Trial[Outcome]:
    """``wish`` is the moment that is shown: what was worked out for another is not shown, and its work ends.

    ``check`` raises an InputError for a wish that is not to be worked out here, before it waits for its turn;
    ``is_over`` says whether nothing can come of it any more.
    """
    asked, set_asked = solara.use_state(cast("tuple[object] | None", None))
    known, set_known = solara.use_state(cast("tuple[object, Outcome | None, Exception | None] | None", None))
    progress, set_progress = solara.use_state(Progress())
    heard, set_heard = solara.use_state(Progress())
    wanted = solara.use_ref(cast("tuple[object] | None", None))
    shown = solara.use_ref(wish)
    shown.current = wish

    def show(how_far: Progress, is_heard: bool) -> None:
        set_progress(how_far)
        if is_heard:
            set_heard(how_far)

    def work_it_out() -> None:
        if asked is None:
            return
        (moment,) = asked
        last_shown = time.monotonic()

        def is_wanted() -> bool:
            return wanted.current is asked

        def is_unwanted() -> bool:
            nonlocal last_shown
            now = time.monotonic()
            last_shown = now if shown.current == moment else last_shown
            return not is_wanted() or now - last_shown > GRACE or is_over()

        def report(how_far: Progress, is_heard: bool = True) -> None:
            if is_wanted():
                show(how_far, is_heard)

        outcome, error = None, None
        try:
            check(moment)
            with in_turn(is_unwanted, lambda: report(Progress(is_waiting=True))):
                # What is left is reckoned from here: waiting says nothing of how long the work takes.
                begun = last_told = last_heard = time.monotonic()
                report(Progress())

                def tell(done: int, planned: int) -> None:
                    nonlocal last_told, last_heard
                    now = time.monotonic()
                    is_due = done in (0, planned) or now - last_told >= TELL_EVERY
                    is_heard = now - last_heard >= SPEAK_EVERY
                    if is_due:
                        last_told, last_heard = now, now if is_heard else last_heard
                        left = (now - begun) / done * (planned - done) if done else float("nan")
                        report(Progress(done, planned, left), is_heard)

                outcome = work(moment, tell, is_unwanted)
        except Unwanted:
            pass
        except InputError as wrong:
            error = wrong
        # Whatever it is, the visitor is told that nothing more comes.
        except Exception as unforeseen:
            LOG.exception("what a visitor asked for could not be worked out")
            error = unforeseen
        # Whoever left has no page any more on which to set anything.
        if is_wanted():
            if outcome is not None or error is not None:
                set_known((moment, outcome, error))
            set_asked(None)

    def ask() -> None:
        # At once, so that what was asked for before ends, and a page that is left meanwhile is known as left.
        wanted.current = (wish,)
        show(Progress(), is_heard=True)
        set_asked(wanted.current)

    def leave() -> None:
        wanted.current = None

    solara.use_effect(lambda: leave, [])
    # Not ended at any line it may be at: it holds the turn, and looks by itself whether it is wanted.
    solara.use_thread(work_it_out, dependencies=[asked], intrusive_cancel=False)
    is_shown = known is not None and known[0] == wish
    outcome, error = (known[1], known[2]) if known is not None and is_shown else (None, None)
    return Trial(outcome, asked is not None, progress, heard, error, ask)
