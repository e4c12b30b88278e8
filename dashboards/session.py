"""What one visitor's page holds: how it looks, and the runs that belong to it.

A ``Session`` is made by the layout of each page that is opened and handed down through a context; no
other page can reach it. Hooks take frames from a run at the pace at which the browser draws them.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import solara

from dashboards.i18n import say, words
from dashboards.limits import PLACES, check_size
from dashboards.live import LiveRun

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from dashboards.frames import Snapshot
    from dashboards.live import Action
    from dashboards.watching import Watcher

FRAMES_A_SECOND = 30.0
"""Most frames a second that go to live views."""
TEXTS_A_SECOND = 5.0
"""Most changes a second of text and cards."""


@dataclass
class Session:
    """One visitor's page."""

    visitor: str
    """Names the visitor for the count of runs: the session cookie, shared by the visitor's tabs."""
    language: solara.Reactive[str] = field(default_factory=lambda: solara.reactive("en"))
    theme: solara.Reactive[str] = field(default_factory=lambda: solara.reactive("light"))
    is_projected: solara.Reactive[bool] = field(default_factory=lambda: solara.reactive(False))
    link: solara.Reactive[str | None] = field(default_factory=lambda: solara.reactive(None))
    """Query string that the address line should show; None = leave it."""
    runs: list[LiveRun] = field(default_factory=list[LiveRun])
    kept: dict[str, Any] = field(default_factory=dict[str, Any])
    """What a page wants to find again when the visitor comes back to it, by the page's name."""
    farewells: list[Callable[[], None]] = field(default_factory=list["Callable[[], None]"])
    """Called when the visitor has gone."""

    def say(self, key: str, **values: object) -> str:
        """A text in the visitor's language."""
        return say(self.language.value, key, **values)

    def words(self, section: str) -> dict[str, str]:
        """All texts of a section in the visitor's language, by the rest of their keys."""
        start = f"{section}."
        texts = words(self.language.value).items()
        return {key.removeprefix(start): text for key, text in texts if key.startswith(start)}

    def label(self, of: Any) -> str:
        """The label of a catalogue's entry (parameter, lever, metric, rule) in the visitor's language."""
        return of.label_zh if self.language.value == "zh" and of.label_zh else of.label

    def begin(
        self,
        scenario: Scenario,
        actions: tuple[Action, ...] = (),
        *,
        start_at: int = 0,
        instead_of: LiveRun | None = None,
    ) -> LiveRun:
        """Start a run of this visitor. InputError, and nothing ended, if it is too large or no place is left."""
        check_size(scenario, self.language.value)
        if instead_of is not None:
            self.end(instead_of)
        PLACES.take(self.visitor, self.language.value)
        run = LiveRun(scenario, actions, start_at=start_at)
        self.runs.append(run)
        return run

    def end(self, run: LiveRun) -> None:
        """End one of this visitor's runs."""
        if run in self.runs:
            self.runs.remove(run)
            run.close()
            PLACES.give_back(self.visitor)

    def end_all(self) -> None:
        """The visitor has gone."""
        for run in list(self.runs):
            self.end(run)
        for farewell in self.farewells:
            farewell()


_context: Any = solara.create_context(None)


def use_session() -> Session:
    """The session of the page in which a component is shown."""
    session: Any = solara.use_context(_context)
    if not isinstance(session, Session):
        raise LookupError("no session here: components are shown below pages/_layout.py's Layout")
    return session


def provide_session(session: Session) -> None:
    """Hand a session to everything below this component."""
    _context.provide(session)


@dataclass(frozen=True)
class Showing:
    """What a page shows of a run: frames for live views, and more rarely the same for texts."""

    frame: Snapshot | None
    text: Snapshot | None
    number: int
    """Number of the frame, to be acknowledged when it is drawn."""
    phase: str
    acknowledge: Callable[[int], None]


def use_showing(run: LiveRun) -> Showing:
    """Follow a run: renders the component anew for each frame that the browser is ready for."""
    frame, set_frame = solara.use_state(run.snapshot())
    text, set_text = solara.use_state(run.snapshot())
    stamp, set_stamp = solara.use_state((0, run.phase))
    watcher = solara.use_memo(run.watch, [id(run)])

    def follow(cancelled: threading.Event) -> None:
        _follow(run, watcher, cancelled, lambda s: (set_frame(s[1]), set_stamp((s[0], run.phase))), set_text)

    solara.use_thread(follow, dependencies=[id(run)], intrusive_cancel=False)
    return Showing(frame, text, stamp[0], stamp[1], watcher.acknowledge)


def _follow(
    run: LiveRun, watcher: Watcher, cancelled: threading.Event, on_frame: Callable[[Any], Any],
    on_text: Callable[[Any], Any],
) -> None:  # fmt: skip
    said_at, unsaid = 0.0, None
    while not cancelled.is_set() and run.phase != "closed":
        got = watcher.next(1.0 / TEXTS_A_SECOND)
        now = time.monotonic()
        if got is not None:
            on_frame(got)
            unsaid = got[1]
        if unsaid is not None and now - said_at >= 1.0 / TEXTS_A_SECOND:
            on_text(unsaid)
            said_at, unsaid = now, None
        if got is not None:
            time.sleep(max(0.0, 1.0 / FRAMES_A_SECOND - (time.monotonic() - now)))
