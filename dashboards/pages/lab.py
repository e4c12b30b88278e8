"""Lab: one scenario live, its verdict first, levers at the side, time at the bottom."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import solara

from dashboards.controls import content, mend
from dashboards.controls.bench import Bench
from dashboards.controls.parts import Events, Mend, Tabs
from dashboards.controls.steering import ChooserBar, LeverPanel, NoWorld, TimeBar, use_address
from dashboards.controls.trial import Trial, use_trial
from dashboards.controls.views import HALF, TABS, TALLEST, WIDE, ViewOf, arranged, is_shown
from dashboards.live.feed import Feed, use_feed
from dashboards.live.lever_tests import check_worlds, in_this_world, in_worlds
from dashboards.live.run import PAUSED, STANDING, LiveRun
from dashboards.live.session import use_session

PATH, LABEL, ORDER = "lab", "pages.lab", 10

VIEWS = tuple(label.removeprefix("lab.tab_") for label, _ in TABS)
"""What an address calls the tabs."""

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
    solara.HTML("h1", escape(session.say(LABEL)), classes=["abm-hidden"])
    ChooserBar(bench, bench.query)
    if run is None:
        NoWorld(bench.again)
    else:
        Live(bench, run).key(f"run-{id(run)}")


@solara.component
def Live(bench: Bench, run: LiveRun) -> None:  # noqa: N802
    """The page of a run. It is rendered anew where it is built differently, not for each frame."""
    session = use_session()
    feed = use_feed(run)
    looks = bench.looks.value
    tab = VIEWS.index(looks["view"]) if looks.get("view") in VIEWS else 0
    region = int(looks["region"]) if looks.get("region", "").isdecimal() else -1
    Clock(bench, feed)
    if not is_shown(feed, "chooser.waiting"):
        return
    if feed.latest is not None and region >= len(feed.latest.world.region_names):
        region = -1

    def act(name: str, value: Any) -> None:
        """What was chosen in a view: a region, a moment, or a move to apply."""
        if name == "region":
            bench.look("region", str(int(value)) if int(value) >= 0 else "")
        elif name == "moment":
            run.seek(int(value))
        elif name == "apply":
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
                    event_choose=lambda chosen: bench.look("view", VIEWS[int(chosen)] if chosen else ""),
                )
            cards = arranged(tab, feed)
            for name, width in cards:
                ViewOf(name, feed, region, act, width).key(name)
            if tab == 0:
                Happened(feed, HALF if TALLEST in dict(cards).values() else WIDE)
        with solara.Div(classes=["abm-side"]):
            Steering(bench, feed)


@solara.component
def Clock(bench: Bench, feed: Feed) -> None:  # noqa: N802
    """The transport bar, and the link to the moment shown."""
    run, told = feed.run, feed.told.value

    use_address(told, STANDING, bench.address, [run.changes, bench.looks.value])
    TimeBar(feed, [run], bench.reset)


@solara.component
def Steering(bench: Bench, feed: Feed) -> None:  # noqa: N802
    """The levers, which say so where more is known than the moment shown."""
    run, told = feed.run, feed.told.value
    LeverPanel(bench, told.phase == PAUSED and told.step < run.head, run.course, run.scenario_now())


@solara.component
def Mended(feed: Feed, apply: Callable[[Any], None]) -> None:  # noqa: N802
    """What alone would have closed the failed tables."""
    session, shown = use_session(), feed.told.value.snapshot
    found = solara.use_memo(
        lambda: [] if shown is None else mend.rows(session, shown.frame, feed.run.scenario_now()),
        [id(shown), session.language.value],
    )
    run, step = feed.run, 0 if shown is None else shown.step
    moment = (run.changes, step)
    in_one = use_trial(
        lambda wish, _, is_unwanted: in_this_world(run.scenario, lambda: run.state_at(wish[1]), is_unwanted),
        moment,
        is_over=lambda: run.is_over,
    )
    in_eight = use_trial(
        lambda wish, tell, is_unwanted: in_worlds(run.scenario, wish[1], tell, is_unwanted),
        moment,
        check=lambda wish: check_worlds(run.scenario, wish[1]),
        is_over=lambda: run.is_over,
    )

    def ask(trial: Trial[Any]) -> None:
        # What is asked of a moment is shown beside it: the run stays there.
        run.seek(step)
        trial.ask()

    as_is = session.say("mend.as_is_agents" if run.played else "mend.as_is")
    words = mend.told_of(session, None if shown is None else shown.frame)
    told = mend.verdict(session, found, in_one.outcome) if in_one.outcome else ""
    told_of_worlds = mend.verdict_of_worlds(session, in_eight.outcome) if in_eight.outcome else ""
    Mend(
        rows=found,
        tested=mend.tested(session, in_one.outcome or [], feed.run.scenario_now().p.kcny_per_unit, as_is),
        told=told,
        isTesting=in_one.is_running,
        worlds=mend.in_worlds(session, in_eight.outcome, as_is),
        toldOfWorlds=told_of_worlds,
        isTestingWorlds=in_eight.is_running,
        progress=[text for trial in (in_one, in_eight) if (text := trial.told(session))],
        spoken=[in_one.spoken(session, told), in_eight.spoken(session, told_of_worlds)],
        caution=session.say("mend.people") if run.played else "",
        words=words,
        event_apply=apply,
        event_test=lambda *_: ask(in_one),
        event_worlds=lambda *_: ask(in_eight),
    )


@solara.component
def Happened(feed: Feed, width: str) -> None:  # noqa: N802
    """The event log."""
    session, run, shown = use_session(), feed.run, feed.told.value.snapshot
    found = solara.use_memo(
        lambda: [] if shown is None else content.event_rows(session, run.changes, shown),
        [id(shown), run.changes, session.language.value],
    )
    Events(rows=found, words=session.words("lab"), width=width, event_seek=lambda step: run.seek(int(step)))
