"""Lab: one scenario live, its verdict first, levers at the side, time at the bottom."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import solara

from dashboards.bench import Bench
from dashboards.controls import content, mend
from dashboards.controls.parts import Events, Mend, Tabs
from dashboards.controls.steering import ChooserBar, LeverPanel, TimeBar
from dashboards.controls.views import TABS, ViewOf
from dashboards.frames import Snapshot
from dashboards.live import LiveRun
from dashboards.session import use_session, use_showing

PATH, LABEL, ORDER = "lab", "pages.lab", 20


@solara.component
def Page() -> None:  # noqa: N802
    """The visitor's bench, made at the first look and found again afterwards."""
    session = use_session()
    query = solara.use_router().search or ""

    def bench_of() -> Bench:
        if "lab" not in session.kept:
            session.kept["lab"] = Bench(session, query)
        return session.kept["lab"]

    bench = solara.use_memo(bench_of, [])
    run = bench.run.value
    ChooserBar(bench)
    if run is not None:
        Live(bench, run).key(f"run-{id(run)}")


@solara.component
def Live(bench: Bench, run: LiveRun) -> None:  # noqa: N802
    """Everything that changes while a run is played."""
    session = use_session()
    showing = use_showing(run)
    tab, set_tab = solara.use_state(0)
    region, set_region = solara.use_state(-1)
    frame, text = showing.frame, showing.text or showing.frame

    def put_link() -> None:
        if text is not None and showing.phase in ("paused", "done"):
            session.link.value = bench.query(text.step)

    solara.use_effect(put_link, [text.step if text else 0, showing.phase, len(run.actions)])
    TimeBar(showing, [run], bench.reset)
    if run.error:
        solara.HTML("p", escape(run.error), classes=["abm-note", "is-wrong"])
    if frame is None or text is None:
        solara.HTML("div", session.say("chooser.waiting"), classes=["abm-wait"], attributes={"role": "status"})
        return

    def act(name: str, value: Any) -> None:
        """What was chosen in a view: a region, a moment, or a move to apply."""
        if name == "region":
            set_region(int(value))
        elif name == "moment":
            run.seek(int(value))
        elif name == "apply":
            bench.change(str(value["key"]), float(value["value"]))
            run.play()

    with solara.Div(classes=["abm-lab"]):
        with solara.Div(classes=["abm-views"]):
            ViewOf("verdict", frame, text, region, act, classes="is-wide")
            with solara.Div(classes=["is-wide"]):
                Mended(text, run, lambda move: act("apply", move))
            with solara.Div(classes=["is-wide"]):
                Tabs(
                    names=[session.say(label) for label, _ in TABS],
                    chosen=tab,
                    label=session.say("lab.title"),
                    event_choose=set_tab,
                )
            for name, width in TABS[tab][1]:
                more = {"is_playing": showing.phase == "playing", "scenario": run.scenario_now()}
                ViewOf(name, frame, text, region, act, width, more if name == "blame_card" else {}).key(name)
            if tab == 0:
                Happened(text, run, len(run.actions))
        with solara.Div(classes=["abm-side"]):
            LeverPanel(bench, showing.phase == "paused" and text.step < run.head, len(run.actions))


@solara.component
def Mended(text: Snapshot, run: LiveRun, apply: Callable[[Any], None]) -> None:  # noqa: N802
    """What alone would have closed the failed tables; worked out at the pace of texts."""
    session = use_session()
    found = solara.use_memo(
        lambda: mend.rows(session, text.frame, run.scenario_now()), [id(text), session.language.value]
    )
    Mend(rows=found, words=session.words("mend"), event_apply=apply)


@solara.component
def Happened(text: Snapshot, run: LiveRun, n_actions: int) -> None:  # noqa: N802
    """The event log; worked out at the pace of texts."""
    session = use_session()
    found = solara.use_memo(
        lambda: content.event_rows(session, run, text), [id(text), n_actions, session.language.value]
    )
    Events(rows=found, words=session.words("lab"), event_seek=lambda step: run.seek(int(step)))
