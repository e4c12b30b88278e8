"""What one visitor's page holds: how it looks, and the runs that belong to it.

A ``Session`` is made by the layout of each page that is opened and handed down through a context; no
other page can reach it.
"""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import solara

from abm.machine.language import in_language
from dashboards import words
from dashboards.live.limits import PLACES, check_size
from dashboards.live.memory import give_back_soon
from dashboards.live.run import LiveRun
from dashboards.words import say
from dashboards.words.catalogues import told

if TYPE_CHECKING:
    from abm.machine.errors import InputError
    from abm.scenario import Scenario
    from dashboards.live.played import PlayedWorld


@dataclass(eq=False)
class Session:
    """One visitor's page."""

    visitor: str
    """Names the visitor for the count of runs: the session cookie, shared by the visitor's tabs."""
    language: solara.Reactive[str] = field(default_factory=lambda: solara.reactive("en"))
    theme: solara.Reactive[str] = field(default_factory=lambda: solara.reactive("light"))
    is_projected: solara.Reactive[bool] = field(default_factory=lambda: solara.reactive(False))
    link: solara.Reactive[str | None] = field(default_factory=lambda: solara.reactive(None))
    """Query string that the address line should show, empty where no link leads to what is shown; None = leave it."""
    runs: list[LiveRun] = field(default_factory=list[LiveRun])
    kept: dict[str, Any] = field(default_factory=dict[str, Any])
    """What a page wants to find again when the visitor comes back to it, by the page's name."""
    farewells: list[Callable[[], None]] = field(default_factory=list["Callable[[], None]"])
    """Called when the visitor has gone."""
    is_connected: Callable[[], bool] = lambda: True
    """Whether the page's browser is there now; one that lost its connection may come back for a while."""
    leave: Callable[[], None] = lambda: None
    """Ends the page as if the visitor had gone for good."""

    def __post_init__(self) -> None:
        _sessions.add(self)

    def say(self, key: str, **values: object) -> str:
        """A text in the visitor's language."""
        return say(self.language.value, key, **values)

    def words(self, section: str) -> dict[str, str]:
        """The texts of a section (words.section) in the visitor's language."""
        return words.section(self.language.value, section)

    def label(self, of: Any) -> str:
        """The label of a catalogue's entry (parameter, lever, metric, rule) in the visitor's language."""
        return of.label_zh if self.language.value == "zh" and of.label_zh else of.label

    def part(self, whole: str, part: str) -> str:
        """A part after the whole that it belongs to, in the visitor's language: "subsidy: rate"."""
        return f"{whole}：{part}" if self.language.value == "zh" else f"{whole}: {part}"

    def text(self, english: str) -> str:
        """A text of the model's catalogues, scenarios or validation in the visitor's language."""
        return in_language(self.language.value, english)

    def title(self, scenario: Scenario) -> str:
        """What a scenario is called in the visitor's language; its name if it has no title."""
        is_chinese = self.language.value == "zh" and scenario.title_zh
        return (scenario.title_zh if is_chinese else scenario.title) or scenario.name

    def day(self, at: float) -> str:
        """A day, from seconds since 1970."""
        then = time.localtime(at)
        return self.say("day", year=then.tm_year, month=f"{then.tm_mon:02d}", day=f"{then.tm_mday:02d}")

    def told(self, error: InputError) -> str:
        """What an error says, in the visitor's language."""
        return told(self.language.value, error)

    def begin(
        self, scenario: Scenario, *, start_at: int = 0, instead_of: LiveRun | None = None,
        played: PlayedWorld | None = None,
    ) -> LiveRun:  # fmt: skip
        """Start a run of this visitor, as people ``played`` it if they did. InputError, and nothing ended, if it is
        too large or no place is left."""
        check_size(scenario)
        if instead_of is not None:
            self.end(instead_of)
        if PLACES.are_full():
            make_room()
        PLACES.take(self.visitor)
        run = LiveRun(scenario, start_at=start_at, played=played)
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
        give_back_soon()


_sessions: weakref.WeakSet[Session] = weakref.WeakSet()


def make_room() -> None:
    """Give up the page that has been without its browser for longest, and its runs; none if all are there.

    Others wait for the place. Who comes back to such a page is told that the server no longer holds it; the
    address line leads to the same moment.
    """
    gone = [session for session in list(_sessions) if session.runs and not session.is_connected()]
    if gone:
        longest = min(gone, key=lambda session: max((run.heard_at() for run in list(session.runs)), default=0.0))
        longest.end_all()
        # The page's own end waits for what it is doing; the newcomer need not.
        threading.Thread(target=longest.leave, name="abm-leave", daemon=True).start()


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
