"""Lab: one scenario live, its verdict first, levers at the side, time at the bottom."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import solara

from dashboards.bench import Bench
from dashboards.controls import content, mend
from dashboards.controls.parts import Events, Mend, Tabs
from dashboards.controls.steering import ChooserBar, LeverPanel, NoWorld, TimeBar
from dashboards.controls.views import TABS, ViewOf, arranged, is_shown, use_choice
from dashboards.feed import Feed, use_feed
from dashboards.live import DONE, PAUSED, LiveRun
from dashboards.session import use_session

PATH, LABEL, ORDER = "lab", "pages.lab", 10

FIRST_LOOK = "step=40"
"""Where a page opens to which no link led: ten years on, when there is something to see."""


@solara.component
def Page() -> None:  # noqa: N802
    """The visitor's bench, made at the first look and found again afterwards."""
    session = use_session()
    query = solara.use_router().search or ""

    def bench_of() -> Bench:
        if "lab" not in session.kept:
            session.kept["lab"] = Bench(session, query or FIRST_LOOK)
        return session.kept["lab"]

    bench = solara.use_memo(bench_of, [])
    run = bench.run.value
    ChooserBar(bench)
    if run is None:
        NoWorld(bench.again)
    else:
        Live(bench, run).key(f"run-{id(run)}")


@solara.component
def Live(bench: Bench, run: LiveRun) -> None:  # noqa: N802
    """The page of a run. It is rendered anew where it is built differently, not for each frame."""
    session = use_session()
    feed = use_feed(run)
    tab, set_tab = solara.use_state(0)
    region, hear = use_choice(run)
    Clock(bench, feed)
    if not is_shown(feed, "chooser.waiting"):
        return

    def act(name: str, value: Any) -> None:
        """What was chosen in a view: a region, a moment, or a move to apply."""
        hear(name, value)
        if name == "apply":
            bench.change(str(value["key"]), float(value["value"]))
            run.play()

    with solara.Div(classes=["abm-lab"]):
        with solara.Div(classes=["abm-views"]):
            ViewOf("verdict", feed, region, act, classes="is-wide")
            with solara.Div(classes=["is-wide"]):
                Mended(feed, lambda move: act("apply", move))
            with solara.Div(classes=["is-wide"]):
                Tabs(
                    names=[session.say(label) for label, _ in TABS],
                    chosen=tab,
                    label=session.say("lab.title"),
                    event_choose=set_tab,
                )
            for name, width in arranged(tab, feed):
                ViewOf(name, feed, region, act, width).key(name)
            if tab == 0:
                Happened(feed)
        with solara.Div(classes=["abm-side"]):
            Steering(bench, feed)


@solara.component
def Clock(bench: Bench, feed: Feed) -> None:  # noqa: N802
    """The transport bar, and the link to the moment shown while time stands."""
    session, run, told = use_session(), feed.run, feed.told.value

    def put_link() -> None:
        if told.snapshot is not None and told.phase in (PAUSED, DONE):
            session.link.value = bench.query(told.step)

    solara.use_effect(put_link, [told.step, told.phase, len(run.actions)])
    TimeBar(feed, [run], bench.reset)


@solara.component
def Steering(bench: Bench, feed: Feed) -> None:  # noqa: N802
    """The levers, which say so where more is known than the moment shown."""
    run, told = feed.run, feed.told.value
    LeverPanel(bench, told.phase == PAUSED and told.step < run.head, len(run.actions))


@solara.component
def Mended(feed: Feed, apply: Callable[[Any], None]) -> None:  # noqa: N802
    """What alone would have closed the failed tables."""
    session, shown = use_session(), feed.told.value.snapshot
    found = solara.use_memo(
        lambda: [] if shown is None else mend.rows(session, shown.frame, feed.run.scenario_now()),
        [id(shown), session.language.value],
    )
    Mend(rows=found, words=session.words("mend"), event_apply=apply)


@solara.component
def Happened(feed: Feed) -> None:  # noqa: N802
    """The event log."""
    session, run, shown = use_session(), feed.run, feed.told.value.snapshot
    found = solara.use_memo(
        lambda: [] if shown is None else content.event_rows(session, run, shown),
        [id(shown), len(run.actions), session.language.value],
    )
    Events(rows=found, words=session.words("lab"), event_seek=lambda step: run.seek(int(step)))
