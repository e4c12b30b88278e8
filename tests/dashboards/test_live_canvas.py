"""Frames go to the browser newest first, two at most on their way, and again when they were lost."""

import pytest

from dashboards.live.scenes import Scene
from dashboards.views import live_canvas
from dashboards.views.live_canvas import LiveCanvas


class Post:
    """What a widget sent."""

    def __init__(self, widget, monkeypatch):
        self.sent = []
        monkeypatch.setattr(widget, "send", lambda content, buffers=None: self.sent.append(content))

    @property
    def steps(self):
        return [m["meta"]["step"] for m in self.sent if not m["is_ground"]]


def scene(step):
    return lambda: Scene("label", {"step": step})


def ground():
    return Scene("", {"names": ["a"]})


@pytest.fixture
def canvas(monkeypatch):
    widget = LiveCanvas(kind="depth")
    return widget, Post(widget, monkeypatch)


def hear(widget, **content):
    widget._heard(widget, content, [])


def test_nothing_is_sent_before_the_browser_is_there(canvas):
    widget, post = canvas
    widget.offer(scene(1))
    assert post.sent == []
    hear(widget, is_ready=True)
    assert post.steps == [1]


def test_the_newest_scene_wins_and_others_are_never_made(canvas):
    widget, post = canvas
    made = []
    hear(widget, is_ready=True)
    for step in range(6):
        widget.offer(lambda step=step: (made.append(step), Scene("", {"step": step}))[1])
    assert made == post.steps == [0, 1]
    hear(widget, painted=1)
    assert made == post.steps == [0, 1, 5]


def test_the_ground_is_sent_once(canvas):
    widget, post = canvas
    hear(widget, is_ready=True)
    widget.offer(scene(1), ground, "en")
    widget.offer(scene(2), ground, "en")
    assert [m["is_ground"] for m in post.sent] == [True, False, False]
    hear(widget, painted=2)
    widget.offer(scene(3), ground, "zh")
    assert [m["is_ground"] for m in post.sent[3:]] == [True, False]


def test_all_is_sent_again_when_acknowledgements_stop(canvas, monkeypatch):
    widget, post = canvas
    now = [100.0]
    monkeypatch.setattr(live_canvas.time, "monotonic", lambda: now[0])
    hear(widget, is_ready=True)
    for step in (1, 2, 3):
        widget.offer(scene(step), ground, "en")
    assert post.steps == [1, 2]
    now[0] += live_canvas.TIMEOUT + 0.1
    widget.offer(scene(4), ground, "en")
    assert post.steps == [1, 2, 4]
    assert [m["is_ground"] for m in post.sent] == [True, False, False, True, False]


def test_a_page_that_comes_back_sees_the_last_scene(canvas):
    widget, post = canvas
    hear(widget, is_ready=True)
    widget.offer(scene(7), ground, "en")
    hear(widget, painted=1)
    hear(widget, is_ready=True)
    assert post.steps == [7, 7]
    assert [m["is_ground"] for m in post.sent] == [True, False, True, False]


def test_what_is_chosen_is_told(canvas):
    widget, _ = canvas
    told = []
    widget.on_act = lambda name, value: told.append((name, value))
    hear(widget, act="region", value=3)
    assert told == [("region", 3)]


def test_the_table_is_made_when_asked_for(canvas):
    widget, post = canvas
    hear(widget, is_ready=True)
    widget.offer(lambda: Scene("", {"step": 1}, table=lambda: (["a"], [[1]])))
    hear(widget, act="table", value=0)
    assert post.sent[-1] == {"head": ["a"], "rows": [[1]]}


def test_what_is_out_of_sight_gets_one_scene_and_the_newest_when_it_comes_into_sight(canvas):
    widget, post = canvas
    made = []
    hear(widget, is_seen=False)
    hear(widget, is_ready=True)
    for step in range(5):
        widget.offer(lambda step=step: (made.append(step), Scene("", {"step": step}))[1])
        hear(widget, painted=1)
    assert made == post.steps == [0]
    hear(widget, is_seen=True)
    assert made == post.steps == [0, 4]


def test_a_lost_scene_is_sent_again_even_if_nothing_new_comes(canvas, monkeypatch):
    widget, post = canvas
    now = [100.0]
    monkeypatch.setattr(live_canvas.time, "monotonic", lambda: now[0])
    hear(widget, is_ready=True)
    widget.offer(scene(3), ground, "en")
    widget.tend()
    assert post.steps == [3]
    now[0] += live_canvas.TIMEOUT + 0.1
    widget.tend()
    assert post.steps == [3, 3]
    hear(widget, painted=2)
    now[0] += live_canvas.TIMEOUT + 0.1
    widget.tend()
    assert post.steps == [3, 3]
