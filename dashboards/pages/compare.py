"""Compare: two runs of one scenario and seed under one clock; whatever differs, the policies caused."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import solara

from abm.metrics import catalogue
from dashboards.bench import Bench
from dashboards.controls import content
from dashboards.controls.parts import Difference, Seen, Tabs
from dashboards.controls.steering import ChooserBar, LeverPanel, NoWorld, TimeBar
from dashboards.controls.views import ViewOf, is_shown
from dashboards.feed import Feed, use_feed
from dashboards.frames import Snapshot
from dashboards.live import PAUSED, LiveRun
from dashboards.session import use_session

PATH, LABEL, ORDER = "compare", "pages.compare", 30

MEASURES = (
    "failed_share", "mean_formal_depth", "mean_substantive_depth", "blame_rate", "community_share",
    "self_sustaining_share", "field_related_share", "skill_mismatch", "spent_total",
)  # fmt: skip
VIEWS = ("tile_map", "causes", "depth")
OF_A, OF_B = "is-of-world is-a", "is-of-world is-b"
"""Classes of a view: it bears the letter of its world, and stands beside its twin."""
"""Views side by side below the verdicts and the difference."""


class Pair:
    """Two benches that start from one scenario and keep step."""

    def __init__(self, session: Any, query: str) -> None:
        self.a, self.b = Bench(session, query), Bench(session, query)
        self.match()

    def match(self) -> None:
        """Give B the world of A, from the start, and let them walk together."""
        scenario, other = self.a.run_scenario(), self.b.run_scenario()
        if scenario is not None and other != scenario:
            self.b.follow(self.a)
        first, second = self.a.run.value, self.b.run.value
        if first is not None and second is not None:
            first.walk_with(second)
            second.walk_with(first)

    def again(self) -> None:
        """Try once more what could not be begun."""
        for bench in (self.a, self.b):
            if bench.run.value is None:
                bench.again()
        self.match()

    def reset(self, settings: dict[str, Any] | None = None) -> None:
        """Both from the start again, without what was changed on the way."""
        self.a.reset(settings)
        self.b.reset()
        self.match()


@solara.component
def Page() -> None:  # noqa: N802
    """The visitor's pair, made at the first look and found again afterwards."""
    session = use_session()
    query = solara.use_router().search or ""

    def pair_of() -> Pair:
        if "compare" not in session.kept:
            session.kept["compare"] = Pair(session, query)
        return session.kept["compare"]

    pair = solara.use_memo(pair_of, [])
    first, second = pair.a.run.value, pair.b.run.value
    solara.use_effect(pair.match, [id(first)])
    ChooserBar(pair.a)
    solara.Text(session.say("compare.both"), classes=["abm-soft"])
    if first is None or second is None:
        NoWorld(pair.again)
    else:
        Both(pair, first, second).key(f"{id(first)} {id(second)}")


@solara.component
def Both(pair: Pair, first: LiveRun, second: LiveRun) -> None:  # noqa: N802
    """Both columns, their difference, and the levers of the one that is chosen."""
    session = use_session()
    a, b = use_feed(first), use_feed(second)
    side, set_side = solara.use_state(1)
    TimeBar(a, [first, second], pair.reset)
    Heard(b)
    if not (is_shown(a, "chooser.waiting") and is_shown(b, "chooser.waiting")):
        return
    with solara.Div(classes=["abm-lab"]):
        with solara.Div(classes=["abm-views"]):
            with solara.Div(classes=["is-wide", "abm-pair"]):
                Head(session.say("compare.a"), a)
                Head(session.say("compare.b"), b)
            with solara.Div(classes=["is-wide"]):
                Differences(a, b)
            for view in VIEWS:
                ViewOf(view, a, -1, _ignore, OF_A).key(f"{view}-a")
                ViewOf(view, b, -1, _ignore, OF_B).key(f"{view}-b")
        with solara.Div(classes=["abm-side"]):
            names = [session.say("compare.steer", world=letter) for letter in "AB"]
            Tabs(names=names, chosen=side, label=session.say("levers.levers"), event_choose=set_side)
            Steering((pair.a, pair.b)[side], (a, b)[side], a).key(f"levers-{side}")


@solara.component
def Heard(feed: Feed) -> None:  # noqa: N802
    """Tells the feed whose time is not shown that its texts are drawn."""
    Seen(number=feed.told.value.number, event_seen=lambda number: feed.written(int(number)))


@solara.component
def Steering(bench: Bench, feed: Feed, lead: Feed) -> None:  # noqa: N802
    """The levers of one of the two worlds; ``lead`` is the one whose time is shown."""
    is_past = lead.told.value.phase == PAUSED and feed.told.value.step < feed.run.head
    LeverPanel(bench, is_past, len(feed.run.actions))


@solara.component
def Head(name: str, feed: Feed) -> None:  # noqa: N802
    """One of the two worlds: its name, what was changed in it, its verdict."""
    with solara.Div(classes=["abm-column"]):
        with solara.Div(classes=["abm-column-head"]):
            solara.Text(name, classes=["abm-column-name"])
            Moves(feed)
        ViewOf("verdict", feed, -1, _ignore)


@solara.component
def Moves(feed: Feed) -> None:  # noqa: N802
    """What was changed in a world on the way."""
    session, _told = use_session(), feed.told.value
    found = [f"{content.name_of(session, k)} = {v:g}" for action in feed.run.actions for k, v in action.overrides]
    solara.Text(", ".join(found), classes=["abm-soft"])


def _ignore(name: str, value: Any) -> None:
    """Nothing can be chosen in a comparison."""


@solara.component
def Differences(first: Feed, second: Feed) -> None:  # noqa: N802
    """The table of measures and the one that is drawn."""
    session = use_session()
    chosen, set_chosen = solara.use_state(MEASURES[0])
    a, b = first.told.value.snapshot or first.latest, second.told.value.snapshot or second.latest
    if a is None or b is None:
        return
    step = min(a.step, b.step)
    rows = [_row(content.metric_label(session, name), name, a, b, step) for name in MEASURES]
    Difference(
        rows=rows,
        chosen=chosen,
        a=_series(a, chosen, step),
        b=_series(b, chosen, step),
        horizon=first.run.scenario.steps,
        words=session.words("compare"),
        event_choose=set_chosen,
    )


def _series(snapshot: Snapshot, name: str, step: int) -> list[float | None]:
    return [float(v) if math.isfinite(v) else None for v in snapshot.history.metric(name, step)]


def _row(label: str, name: str, a: Snapshot, b: Snapshot, step: int) -> dict[str, str]:
    shown = _shown(catalogue()[name].high <= 1)
    last = [next((v for v in reversed(_series(s, name, step)) if v is not None), None) for s in (a, b)]
    first, second = last
    difference = "–" if first is None or second is None else shown(second - first)
    if first is not None and second is not None and second > first:
        difference = f"+{difference}"
    of = ["–" if value is None else shown(value) for value in last]
    return {"name": name, "label": label, "a": of[0], "b": of[1], "difference": difference.replace("-", "−")}


def _shown(is_share: bool) -> Callable[[float], str]:
    return (lambda v: f"{v:.2f}") if is_share else (lambda v: f"{v:,.0f}")
