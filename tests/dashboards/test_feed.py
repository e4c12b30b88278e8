"""A feed hands frames to pictures at once and texts at their pace, and ends with the page."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import solara

from abm.machine.errors import InputError
from abm.scenario import load
from dashboards.controls.views import is_shown
from dashboards.live import lasting
from dashboards.live.feed import TEXTS_A_SECOND, Feed, Told, use_feed
from dashboards.live.frames import Snapshot
from dashboards.live.run import FAILED, LiveRun
from dashboards.live.scenes import Scene, Seen
from dashboards.live.session import Session, provide_session
from dashboards.live.stream import MOST_UNDER_WAY, Picture, There
from dashboards.views import views
from dashboards.views.live_canvas import LiveCanvas
from tests.dashboards.opened import until, widgets
from tests.dashboards.test_stream import unpacked

SMALL = {"population.n_enterprises": 60, "population.n_colleges": 12, "population.n_students": 900}


@pytest.fixture
def run() -> Iterator[LiveRun]:
    live = LiveRun(load("classroom").with_overrides(steps=400, **SMALL))
    until(lambda: live.snapshot() is not None)
    yield live
    live.close()
    assert live.join(10)


@contextmanager
def flowing(run: LiveRun) -> Iterator[Feed]:
    feed, cancelled = Feed(run), threading.Event()
    thread = threading.Thread(target=feed.flow, args=(cancelled,))
    thread.start()
    try:
        yield feed
    finally:
        cancelled.set()
        thread.join(10)
        assert not thread.is_alive()


class Browser:
    """Paints at once whatever comes by the stream, and notes the steps of each picture; a lazy one paints nothing."""

    def __init__(self, feed: Feed, *, is_lazy: bool = False) -> None:
        self.feed, self.is_lazy = feed, is_lazy
        self.steps: dict[int, list[int]] = {}
        feed.stream.connect(self.receive)

    def receive(self, message: bytes | None) -> None:
        if message is None:
            return
        head = unpacked(message)
        for scene in head["scenes"]:
            if not scene["is_ground"]:
                self.steps[scene["place"]].append(scene["meta"]["step"])
        if not self.is_lazy:
            threading.Thread(target=self.feed.stream.painted, args=(head["number"],)).start()

    def picture(self, *, is_read: bool = False) -> tuple[list[int], Callable[[], None]]:
        """A new picture: the steps that it shows, and how it leaves."""
        place, steps = self.feed.stream.place(), list[int]()
        self.steps[place] = steps
        self.feed.stream.has({known: There(known, True) for known in self.steps})
        leave = self.feed.follow(place, Picture(scene_of, lambda _: Scene(), lambda _: None, is_read))
        return steps, leave


def scene_of(snapshot: Snapshot) -> Scene:
    return Scene(words={"step": snapshot.step})


def test_that_a_run_stands_is_told_with_the_moment_at_which_it_does(run: LiveRun) -> None:
    """Also to a page that draws nothing, which is given a frame only now and then."""
    with flowing(run) as feed:
        told: list[tuple[str, int]] = []
        Browser(feed, is_lazy=True).picture()
        feed.told.subscribe(lambda said: told.append((said.phase, said.step)))
        for _ in range(4):
            run.set_speed(30.0)
            run.play()
            here = run.shown_step()
            until(lambda here=here: run.shown_step() >= here + 8)
            told.clear()
            run.pause()
            until(lambda: run.phase == "paused")
            stands_at = run.shown_step()
            until(lambda at=stands_at: ("paused", at) in told)
            assert {step for phase, step in told if phase == "paused"} == {stands_at}


def test_pictures_get_frames_and_what_is_read_gets_few_and_both_end_at_the_moment_shown(run: LiveRun) -> None:
    with flowing(run) as feed:
        told: list[int] = []
        browser = Browser(feed)
        watched, read = browser.picture()[0], browser.picture(is_read=True)[0]
        feed.told.subscribe(lambda said: told.append(said.step))
        run.set_speed(60)
        begun = time.monotonic()
        run.play()
        until(lambda: len(watched) > 40)
        run.pause()
        seconds = time.monotonic() - begun
        until(lambda: feed.told.value.phase == "paused")
        until(lambda: watched[-1] == read[-1] == told[-1] == run.shown_step())
        assert watched == sorted(watched)
        assert len(read) <= seconds * TEXTS_A_SECOND + 6
        run.seek(7)
        until(lambda: feed.told.value.phase == "paused" and feed.told.value.step == 7)
        until(lambda: watched[-1] == read[-1] == told[-1] == 7)


def test_a_picture_that_comes_later_is_given_the_moment_and_one_that_left_nothing(run: LiveRun) -> None:
    with flowing(run) as feed:
        browser = Browser(feed)
        first, leave = browser.picture()
        run.seek(3)
        until(lambda: first[-1] == 3)
        leave()
        late, _ = browser.picture()
        until(lambda: late == [3])
        run.seek(4)
        until(lambda: late[-1] == 4)
        assert 4 not in first


def test_a_browser_that_does_not_paint_gets_two_frames(run: LiveRun) -> None:
    with flowing(run) as feed:
        steps, _ = Browser(feed, is_lazy=True).picture()
        run.set_speed(60)
        run.play()
        until(lambda: run.head > 0)
        time.sleep(1.5)
        assert len(steps) == MOST_UNDER_WAY


def test_the_feed_ends_with_the_run(run: LiveRun) -> None:
    feed = Feed(run)
    thread = threading.Thread(target=feed.flow, args=(threading.Event(),))
    thread.start()
    run.close()
    thread.join(10)
    assert not thread.is_alive()


def test_a_run_that_fails_is_told(run: LiveRun) -> None:
    with flowing(run) as feed:
        run.error = InputError("the run", why="stopped unexpectedly")
        until(lambda: feed.has_failed.value)
        assert feed.told.value.phase == FAILED


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What failed is begun again at once."""
    monkeypatch.setattr(lasting, "FIRST_WAIT", 0.05)


HALF_LOADED = "partially initialized module 'pandas' has no attribute 'DataFrame'"


def test_a_feed_that_fails_says_so_and_comes_back(
    run: LiveRun, soon: None, caplog: pytest.LogCaptureFixture
) -> None:  # fmt: skip
    n_left, told, stumbled = [3], list[int](), list[bool]()

    def hear(said: Told) -> None:
        if said.step == 5 and n_left[0] > 0:
            n_left[0] -= 1
            raise AttributeError(HALF_LOADED)
        told.append(said.step)

    with flowing(run) as feed:
        steps, _ = Browser(feed).picture()
        feed.has_stumbled.subscribe(stumbled.append)
        feed.told.subscribe(hear)
        run.seek(5)
        until(lambda: told and told[-1] == 5, 20)
        until(lambda: not feed.has_stumbled.value, 20)
        assert stumbled[0] and not stumbled[-1]
        run.seek(9)
        until(lambda: told[-1] == steps[-1] == 9, 20)
    assert HALF_LOADED in caplog.text


def test_a_picture_that_cannot_be_drawn_once_is_drawn_then(run: LiveRun, soon: None) -> None:
    n_left, drawn = [2], list[int]()

    def scene(snapshot: Snapshot) -> Scene:
        if snapshot.step == 5 and n_left[0] > 0:
            n_left[0] -= 1
            raise AttributeError(HALF_LOADED)
        drawn.append(snapshot.step)
        return scene_of(snapshot)

    with flowing(run) as feed:
        browser = Browser(feed)
        place = feed.stream.place()
        browser.steps[place] = []
        feed.stream.has({place: There(place, True)})
        feed.follow(place, Picture(scene, lambda _: Scene(), lambda _: None, is_read=False))
        run.seek(5)
        until(lambda: drawn and drawn[-1] == 5, 20)
    assert n_left == [0], "both failures came before it"


@pytest.mark.parametrize(("language", "words"), [("en", "is being tried again"), ("zh", "正在重试")])
def test_the_page_says_that_a_feed_has_failed(run: LiveRun, language: str, words: str) -> None:
    session, feed = Session("ann"), Feed(run)
    session.language.value = language
    until(lambda: feed.is_there.value)

    @solara.component
    def Page() -> None:  # noqa: N802
        is_shown(feed, "chooser.waiting")

    @solara.component
    def Around() -> None:  # noqa: N802
        provide_session(session)
        Page()

    box, context = solara.render(Around(), handle_error=False)
    try:
        assert words not in text_of(box)
        feed.has_stumbled.value = True
        assert words in text_of(box)
        feed.has_stumbled.value = False
        assert words not in text_of(box)
    finally:
        context.close()


def text_of(box: Any) -> str:
    return " ".join(str(child) for widget in widgets(box) for child in getattr(widget, "children", [])) + " ".join(
        str(widget.unsafe_innerHTML) for widget in widgets(box) if widget.has_trait("unsafe_innerHTML")
    )


def test_a_view_on_a_page_goes_on_without_being_rendered_anew(run: LiveRun) -> None:
    rendered: list[None] = []
    feeds: list[Feed] = []

    @solara.component
    def Page() -> None:  # noqa: N802
        feed = use_feed(run)
        feeds[:] = [feed]
        rendered.append(None)
        if feed.latest is not None:
            now = feed.latest
            views()["depth"].View(Seen(now.world, now.history, now.frame, now.step, "en"), feed=feed)

    _, context = solara.render(Page(), handle_error=False)
    try:
        canvas = context.find(LiveCanvas).widget
        assert canvas.stream == feeds[0].stream.key
        browser = Browser(feeds[0])
        sent = browser.steps[canvas.place] = []
        feeds[0].stream.has({canvas.place: There(1, True)})
        until(lambda: sent == [0])
        settled = len(rendered)
        for step in range(1, 9):
            run.seek(step)
            until(lambda step=step: sent[-1] == step)
        assert len(rendered) <= settled + 1
    finally:
        context.close()
    n = len(sent)
    run.seek(20)
    until(lambda: run.shown_step() == 20)
    time.sleep(0.5)
    assert len(sent) == n
