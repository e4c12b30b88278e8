"""Transport bar, levers and chooser of one or several benches, as components."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import solara

from dashboards import uploads
from dashboards.bench import Bench
from dashboards.controls import content
from dashboards.controls.parts import Again, Chooser, Levers, Transport
from dashboards.feed import Feed
from dashboards.live import SPEEDS, LiveRun
from dashboards.session import use_session


@solara.component
def TimeBar(feed: Feed, runs: Sequence[LiveRun], reset: Callable[[], None]) -> None:  # noqa: N802
    """The transport bar for runs that share a clock; the first is the one that is fed and whose time is shown."""
    session = use_session()
    lead, told = runs[0], feed.told.value
    shown = told.snapshot
    ticks, bands = solara.use_memo(
        lambda: ([], []) if shown is None else (content.ticks(lead, shown), content.bands(shown)),
        [id(shown), len(lead.actions)],
    )

    def each(act: Callable[[LiveRun], Any]) -> None:
        for run in runs:
            act(run)

    def play(is_wanted: bool) -> None:
        each(lambda run: run.play() if is_wanted else run.pause())

    def step(quarters: int) -> None:
        before = lead.shown_step()
        lead.step(quarters)
        for run in runs[1:]:
            run.seek(before + quarters)

    Transport(
        step=told.step,
        head=lead.head,
        horizon=lead.scenario.steps,
        phase=told.phase,
        speed=lead.speed,
        speeds=list(SPEEDS),
        number=told.number,
        ticks=ticks,
        bands=bands,
        words=session.words("transport"),
        event_reset=lambda *_: reset(),
        event_play=play,
        event_step=step,
        event_seek=lambda at: each(lambda run: run.seek(int(at))),
        event_speed=lambda speed: each(lambda run: run.set_speed(float(speed))),
        event_seen=lambda number: feed.written(int(number)),
        event_alive=lambda *_: each(lambda run: run.heard()),
    )


@solara.component
def NoWorld(retry: Callable[[], None]) -> None:  # noqa: N802
    """What stands where no world could be begun; the chooser says why."""
    session = use_session()
    Again(text=session.say("chooser.no_world"), again=session.say("chooser.again"), event_again=lambda *_: retry())


@solara.component
def LeverPanel(bench: Bench, is_past: bool, n_actions: int) -> None:  # noqa: N802
    """The sliders of a bench; ``is_past`` = paused at a moment after which more is known already."""
    session = use_session()
    is_all, set_all = solara.use_state(False)
    run = bench.run.value
    scenario = run.scenario_now() if run is not None else None
    groups = solara.use_memo(
        lambda: [] if scenario is None else content.lever_groups(session, scenario, is_all=is_all),
        [scenario, is_all, session.language.value],
    )
    Levers(
        groups=groups,
        words=session.words("levers"),
        message=bench.note()[0] if bench.refused_move.value else "",
        isPast=is_past,
        isAll=is_all,
        event_change=lambda move: bench.change(str(move["key"]), float(move["value"])),
        event_reset=bench.reset,
        event_all=set_all,
    )


@solara.component
def ChooserBar(bench: Bench) -> None:  # noqa: N802
    """Scenario, seed, upload and what can be taken along."""
    session = use_session()
    exporting, set_exporting = solara.use_state("")
    run = bench.run.value

    def export() -> None:
        if exporting:
            bench.export(exporting)
            set_exporting("")

    solara.use_thread(export, dependencies=[exporting])
    scenario = bench.wanted_scenario()
    text, is_wrong = bench.note()
    most = uploads.MOST_BYTES // 1024**2
    words = session.words("chooser")
    words["upload_limits"] = words["upload_limits"].format(mb=most)

    def refused(about: dict[str, Any]) -> None:
        size = f"{float(about['size']) / 1024**2:.1f}"
        bench.say(lambda: session.say("chooser.too_large", mb=size, most=most), is_wrong=True)

    listed = content.scenario_list(session)
    name = scenario.name
    if bench.own is not None or all(s["name"] != name for s in listed):
        listed = [{"name": name, "title": session.title(scenario)}, *listed]
    Chooser(
        scenario=name,
        scenarios=listed,
        seed=str(scenario.seed),
        about=content.about(session, scenario),
        words=words,
        link=(bench.query(run.shown_step()) if run is not None else None) or "",
        download=bench.download.value,
        note=text,
        is_wrong=is_wrong,
        most_bytes=uploads.MOST_BYTES,
        event_choose=bench.choose,
        event_seed=bench.seed,
        event_upload=bench.upload,
        event_refused=refused,
        event_export=set_exporting,
        event_offer=lambda *_: None,
    )
