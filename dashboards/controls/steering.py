"""Transport bar, levers and chooser of one or several benches, as components."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import solara

from dashboards.controls import content, uploads
from dashboards.controls.bench import OWN, Bench
from dashboards.controls.parts import Again, Changes, Chooser, Levers, Present, Transport
from dashboards.live.feed import Feed, Told
from dashboards.live.run import PLAYING, SPEEDS, LiveRun
from dashboards.live.session import use_session
from dashboards.live.worlds import WORLDS

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from dashboards.live.course import Course

PUT_EVERY = 2.0
"""Seconds between changes of the address line while time runs: browsers let a page change it so often only."""


def use_address(told: Told, standing: Sequence[str], address: Callable[[], str], depends: Sequence[Any]) -> None:
    """Keep the address line at the moment shown: at once in the phases in which time stands, and while it runs often
    enough that a page that is loaded anew finds its place."""
    session, put_at = use_session(), solara.use_ref(0.0)

    def put() -> None:
        now = time.monotonic()
        is_due = told.phase == PLAYING and now - put_at.current >= PUT_EVERY
        if told.snapshot is not None and (told.phase in standing or is_due):
            put_at.current = now
            session.link.value = address()

    solara.use_effect(put, [told.step, told.phase, *depends])


@solara.component
def TimeBar(feed: Feed, runs: Sequence[LiveRun], reset: Callable[[], None]) -> None:  # noqa: N802
    """The transport bar for runs that share a clock; the first is the one that is fed and whose time is shown."""
    session = use_session()
    lead, told = runs[0], feed.told.value
    shown = told.snapshot
    ticks, bands = solara.use_memo(
        lambda: ([], []) if shown is None else (content.ticks(lead.changes, shown), content.bands(shown)),
        [id(shown), lead.changes],
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
def LeverPanel(  # noqa: N802
    bench: Bench, is_past: bool, course: Course, scenario: Scenario, is_of_pair: bool = False
) -> None:
    """The sliders of a bench; ``is_past`` = paused at a moment after which more is known already.

    ``course`` and the ``scenario`` in force are those of the moment at which the page is drawn. Read from the run in
    here they could be those between a change and its undo, after which nothing that was handed over would have changed.
    """
    session = use_session()
    is_all, set_all = solara.use_state(False)
    run = bench.run.value
    if run is not None:
        Changes(
            rows=content.change_rows(session, course.changes, run.shown_step()),
            undoable=bool(course.before),
            redoable=bool(course.undone),
            words=session.words("changes"),
            event_seek=lambda at: run.seek(int(at)),
            event_remove=lambda number: bench.remove(int(number)),
            event_undo=lambda *_: bench.undo(),
            event_redo=lambda *_: bench.redo(),
        )
    groups = solara.use_memo(
        lambda: content.lever_groups(session, scenario, is_all=is_all),
        [scenario, is_all, session.language.value],
    )
    Levers(
        groups=groups,
        goneBack=bench.gone_back.value,
        words=session.words("levers"),
        message=bench.note()[0] if bench.refused_move.value else "",
        isPast=is_past,
        isAll=is_all,
        isOfPair=is_of_pair,
        event_change=lambda move: bench.change(str(move["key"]), float(move["value"])),
        event_reset=bench.reset,
        event_all=set_all,
    )


@solara.component
def ChooserBar(bench: Bench, query: Callable[[], str]) -> None:  # noqa: N802
    """Scenario, seed, upload and what can be taken along; ``query`` finds the link to the moment of asking."""
    session = use_session()
    exporting, set_exporting = solara.use_state("")
    number, given = bench.given.value

    def export() -> None:
        if exporting:
            bench.export(exporting)
            set_exporting("")

    solara.use_thread(export, dependencies=[exporting])
    scenario = bench.wanted_scenario()
    text, is_wrong = bench.note()
    most = uploads.MOST_BYTES // 1024**2
    words = session.words("chooser")
    days = WORLDS.days if WORLDS.folder is not None else 0
    words["upload_limits"] = (words["upload_kept"] if days else words["upload_limits"]).format(mb=most, days=days)

    def refused(about: dict[str, Any]) -> None:
        size = f"{float(about['size']) / 1024**2:.1f}"
        bench.say(lambda: session.say("chooser.too_large", mb=size, most=most), is_wrong=True)

    listed = content.scenario_list(session)
    is_own = bench.own is not None or bool(bench.link.world)
    if bench.brought is not None:
        link, own = bench.brought
        title = session.title(scenario if is_own else own or link.build())
        listed = [{"name": OWN, "title": title}, *listed]
    until = bench.kept_until
    with solara.Div(classes=["abm-top"]):
        Chooser(
            scenario=OWN if is_own else scenario.name,
            scenarios=listed,
            seed=str(scenario.seed),
            about=content.about(session, scenario),
            words=words,
            given={"number": number, "link": given},
            kept="" if until is None else session.say("chooser.kept_until", until=session.day(until)),
            is_lost=bench.own is not None,
            has_tables=scenario.population.source == "tables",
            download=bench.download.value,
            note=text,
            is_wrong=is_wrong,
            most_bytes=uploads.MOST_BYTES,
            event_choose=bench.choose,
            event_seed=bench.seed,
            event_upload=bench.upload,
            event_refused=refused,
            event_export=set_exporting,
            event_link=lambda *_: bench.give(query),
            event_forget=lambda *_: bench.forget(),
        )
        Present(words=session.words("present"))
