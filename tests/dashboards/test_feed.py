"""A feed hands frames to pictures at once and texts at their pace, and ends with the page."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import solara

from abm.scenario import load
from dashboards.components import views
from dashboards.components.live_canvas import LiveCanvas
from dashboards.feed import TEXTS_A_SECOND, Feed, Follower, use_feed
from dashboards.live import FAILED, LiveRun

SMALL = {"population.n_enterprises": 60, "population.n_colleges": 12, "population.n_students": 900}


def until(holds: Callable[[], bool], seconds: float = 240.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.005)


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


def picture(feed: Feed, steps: list[int], *, is_read: bool = False) -> Callable[[], None]:
    """A picture that draws at once whatever it is given."""

    def show(snapshot: Any) -> None:
        steps.append(snapshot.step)
        threading.Thread(target=feed.painted).start()

    return feed.follow(Follower(show, lambda: False, is_read))


def test_pictures_get_frames_and_what_is_read_gets_few_and_both_end_at_the_moment_shown(run: LiveRun) -> None:
    with flowing(run) as feed:
        watched: list[int] = []
        read: list[int] = []
        told: list[int] = []
        picture(feed, watched)
        picture(feed, read, is_read=True)
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
        first: list[int] = []
        leave = picture(feed, first)
        run.seek(3)
        until(lambda: first[-1] == 3)
        leave()
        late: list[int] = []
        picture(feed, late)
        assert late == [3]
        run.seek(4)
        until(lambda: late[-1] == 4)
        assert 4 not in first


def test_a_browser_that_does_not_draw_gets_two_frames_and_then_one_a_second(run: LiveRun) -> None:
    with flowing(run) as feed:
        steps: list[int] = []
        feed.follow(Follower(lambda snapshot: steps.append(snapshot.step), lambda: False, is_read=False))
        run.set_speed(60)
        run.play()
        until(lambda: run.head > 0)
        time.sleep(2.5)
        assert 2 <= len(steps) <= 6


def test_the_feed_ends_with_the_run(run: LiveRun) -> None:
    feed = Feed(run)
    thread = threading.Thread(target=feed.flow, args=(threading.Event(),))
    thread.start()
    run.close()
    thread.join(10)
    assert not thread.is_alive()


def test_a_run_that_fails_is_told(run: LiveRun) -> None:
    with flowing(run) as feed:
        run.error = "there is no such thing"
        until(lambda: feed.has_failed.value)
        assert feed.told.value.phase == FAILED


def test_a_view_on_a_page_goes_on_without_being_rendered_anew(run: LiveRun, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[int] = []
    rendered: list[None] = []
    canvases: list[LiveCanvas] = []

    def send(canvas: LiveCanvas, content: dict[str, Any], buffers: Any = None) -> None:
        if not content["is_ground"]:
            sent.append(content["meta"]["step"])
            answer = ({"painted": content["number"]}, [])
            threading.Timer(0.001, canvas._heard, [canvas, *answer]).start()

    monkeypatch.setattr(LiveCanvas, "send", send)

    @solara.component
    def Page() -> None:  # noqa: N802
        feed = use_feed(run)
        now = feed.latest
        rendered.append(None)
        if now is not None:
            views()["depth"].View(now.world, now.history, now.frame, now.step, feed=feed)

    _, context = solara.render(Page(), handle_error=False)
    try:
        canvases.append(context.find(LiveCanvas).widget)
        canvases[0]._heard(canvases[0], {"is_ready": True}, [])
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
