"""Views as components on a page: they take a moment, keep no state of the run, and hand on what is chosen."""

import solara

from dashboards.live.scenes import Style
from dashboards.views import blame_card, views
from dashboards.views.live_canvas import LiveCanvas
from tests.dashboards.played import played


def canvas_of(rc):
    return rc.find(LiveCanvas).widget


def test_every_view_renders_and_offers_its_moment(monkeypatch):
    run, sent = played("classroom", 6), []
    monkeypatch.setattr(LiveCanvas, "send", lambda self, content, buffers=None: sent.append((self.kind, content)))
    for kind, module in views().items():
        _, rc = solara.render(module.View(run.seen(6)), handle_error=False)
        widget = canvas_of(rc)
        widget._heard(widget, {"is_ready": True}, [])
        assert widget.kind == kind and widget.title
        steps = [content["meta"]["step"] for name, content in sent if name == kind and not content["is_ground"]]
        assert steps == [6]
        rc.close()


def test_a_new_moment_is_offered_and_an_old_one_is_not_sent_again(monkeypatch):
    run, sent = played("classroom", 6), []
    monkeypatch.setattr(LiveCanvas, "send", lambda self, content, buffers=None: sent.append(content))
    view = views()["depth"].View
    _, rc = solara.render(view(run.seen(3)), handle_error=False)
    widget = canvas_of(rc)
    widget._heard(widget, {"is_ready": True}, [])
    rc.render(view(run.seen(3)))
    rc.render(view(run.seen(4)))
    assert [m["meta"]["step"] for m in sent if not m["is_ground"]] == [3, 4]
    rc.close()


def test_the_card_stays_while_the_run_plays(monkeypatch):
    run, sent, told = played("classroom", 6), [], []
    monkeypatch.setattr(LiveCanvas, "send", lambda self, content, buffers=None: sent.append(content))

    def card(step, *, is_playing):
        style = Style(on_act=lambda *act: told.append(act))
        return blame_card.View(run.seen(step), style, is_playing=is_playing)

    _, rc = solara.render(card(3, is_playing=True), handle_error=False)
    widget = canvas_of(rc)
    widget._heard(widget, {"is_ready": True}, [])
    rc.render(card(4, is_playing=True))
    widget._heard(widget, {"painted": 1}, [])
    widget._heard(widget, {"act": "card", "value": 2}, [])
    widget._heard(widget, {"painted": 2}, [])
    widget._heard(widget, {"act": "region", "value": 1}, [])
    rc.render(card(5, is_playing=False))
    cards = [(m["meta"]["step"], m["meta"]["at"]) for m in sent if not m["is_ground"]]
    assert cards[:2] == [(3, 1), (3, 3)] and cards[-1][0] == 5
    assert told == [("region", 1)]
    rc.close()
