"""Feed: what a page shows of a run, sent past the page's rendering.

Rendering a page anew takes tens of milliseconds, drawing a picture a few. Frames therefore go from the
run straight to the canvases of the page, on a thread of the visit, and the page is rendered anew only
where it is built differently. Texts follow at their own pace, and so do the pictures that are read
rather than watched.

All pictures of a moment go together (stream.py) when the browser has painted those before; what the
run's watcher is told is that the browser still paints at all.
"""

from __future__ import annotations

import operator
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import solara

from dashboards.live.lasting import until_done
from dashboards.live.run import CLOSED, FAILED, SEEKING, STANDING, LiveRun
from dashboards.live.stream import Picture, Stream

if TYPE_CHECKING:
    from dashboards.live.frames import Snapshot

FRAMES_A_SECOND = 60.0
"""Most frames a second that go to live views: what a screen shows."""
TEXTS_A_SECOND = 5.0
"""Most changes a second of texts, cards and pictures that are read."""


@dataclass(frozen=True, eq=False)
class Told:
    """What the texts of a page speak of."""

    snapshot: Snapshot | None
    number: int
    """Number of the frame, to be acknowledged when the texts are drawn."""
    phase: str

    @property
    def step(self) -> int:
        """Quarters done; 0 while the world is being built."""
        return 0 if self.snapshot is None else self.snapshot.step


class Feed:
    """One page's view of one run. ``flow`` is the body of a thread of the visit; the rest may be called by any."""

    def __init__(self, run: LiveRun) -> None:
        self.run = run
        self.latest: Snapshot | None = run.snapshot()
        """The newest frame that was taken from the run."""
        self.told: solara.Reactive[Told] = solara.reactive(Told(self.latest, 0, run.phase), equals=operator.is_)
        self.is_there: solara.Reactive[bool] = solara.reactive(_is_worth_a_look(self.latest, run.phase))
        """Whether the world is built and on its way, so that there is something to show."""
        self.has_failed: solara.Reactive[bool] = solara.reactive(run.phase == FAILED)
        self.has_stumbled: solara.Reactive[bool] = solara.reactive(False)
        """Whether showing the run has failed and is being tried again."""
        self._watcher = run.watch()
        self._number = 0
        self.stream = Stream(self._painted)

    def follow(self, place: int, picture: Picture) -> Callable[[], None]:
        """Give the picture at a place of the stream the newest frame now, and those to come; the answer ends it."""
        picture.wanted = picture.shown = self.latest
        leave = self.stream.add(place, picture)
        self.stream.tend()
        return leave

    def written(self, number: int) -> None:
        """The texts of a frame have been drawn."""
        self._watcher.acknowledge(number)

    def flow(self, cancelled: threading.Event) -> None:
        """Hand on frames and texts until the page or the run is closed; what fails on the way is begun again."""
        try:
            until_done(partial(self._flow, cancelled), cancelled, self.has_stumbled.set)
        finally:
            self.stream.close()

    def _flow(self, cancelled: threading.Event) -> None:
        told_at, is_waiting = 0.0, False
        if self.has_stumbled.value:
            # What was under way when it failed may have reached a part of the page only.
            self._tell_all()
        while not cancelled.is_set() and self.run.phase != CLOSED:
            begun = time.monotonic()
            got = self._watcher.next(1.0 / (FRAMES_A_SECOND if is_waiting else TEXTS_A_SECOND))
            if got is not None:
                self._number, self.latest = got
                self.stream.want(self.latest, is_read=False)
            phase, told = self._phase(), self.told.value
            if not self.is_there.value:
                self.is_there.value = _is_worth_a_look(self.latest, phase)
            is_new = told.snapshot is not self.latest or (told.number, told.phase) != (self._number, phase)
            if is_new and (phase != told.phase or time.monotonic() - told_at >= 1.0 / TEXTS_A_SECOND):
                self._tell(phase)
                told_at = time.monotonic()
            is_waiting = self.stream.tend()
            if self.has_stumbled.value:
                self.has_stumbled.value = False
            if got is not None:
                cancelled.wait(max(0.0, begun + 1.0 / FRAMES_A_SECOND - time.monotonic()))

    def _phase(self) -> str:
        """The run's phase; that it stands is told together with the moment at which it does, and not before."""
        phase = self.run.phase
        is_behind = self.run.snapshot() is not self.latest
        return self.told.value.phase if phase in STANDING and is_behind else phase

    def _painted(self) -> None:
        self._watcher.acknowledge(self._number)

    def _tell_all(self) -> None:
        if self.latest is not None:
            self.stream.want(self.latest, is_read=False)
        self._tell(self._phase())

    def _tell(self, phase: str) -> None:
        if self.latest is not None:
            self.stream.want(self.latest, is_read=True)
        self.told.value = Told(self.latest, self._number, phase)
        self.has_failed.value = phase == FAILED


def _is_worth_a_look(latest: Snapshot | None, phase: str) -> bool:
    """Not before there is a frame, nor at an empty start that the run is about to leave for the moment asked for."""
    return latest is not None and (latest.step > 0 or phase != SEEKING)


def use_feed(run: LiveRun) -> Feed:
    """The feed of a run for the component that calls; it ends with the component."""
    feed: Feed = solara.use_memo(lambda: Feed(run), [id(run)])
    flowing = solara.use_thread(feed.flow, dependencies=[id(run)], intrusive_cancel=False)
    if flowing.error is not None:
        raise flowing.error
    return feed
