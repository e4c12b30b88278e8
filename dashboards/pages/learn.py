"""Learn: scenes in which one bets, plays, and is surprised."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from typing import Any, cast

import solara

from abm.machine.errors import InputError
from dashboards.controls import content, links
from dashboards.controls.links import Link
from dashboards.controls.parts import Levers
from dashboards.controls.steering import TimeBar
from dashboards.controls.views import ViewOf, is_shown, use_choice
from dashboards.live.beside import BESIDE
from dashboards.live.feed import Feed, use_feed
from dashboards.live.run import LiveRun
from dashboards.live.session import Session, use_session
from dashboards.teach.desk import Desk, own_series
from dashboards.teach.parts import Bet, Curves, Reveal, Scenes, Tile
from dashboards.teach.scene import (
    BET,
    PLAY,
    REVEAL,
    Answer,
    Course,
    Scene,
    answer,
    chart,
    chart_so_far,
    opened,
    ranges,
    told,
)

PATH, LABEL, ORDER = "learn", "pages.learn", 20


NOTHING: Answer | None = None


@solara.component
def Page() -> None:  # noqa: N802
    """The scenes of this visitor, found again when coming back."""
    session = use_session()
    router = solara.use_router()
    query = router.search or ""

    def course_of() -> Course:
        if "learn" not in session.kept:
            session.kept["learn"] = opened(query)
        return session.kept["learn"]

    course = solara.use_memo(course_of, [])
    language, current = session.language.value, course.current.value
    solara.use_effect(lambda: session.link.set(f"?scene={course.scenes[current].lesson.order}"), [current])
    solara.use_effect(lambda: lambda: course.scenes[course.current.value].leave(session), [])
    with solara.Div(classes=["abm-learn"]):
        Scenes(
            scenes=[
                {"name": s.lesson.name, "title": s.lesson.title.to(language), "done": s.is_done.value}
                for s in course.scenes
            ],
            current=current,
            words=session.words("learn"),
            event_go=lambda to: course.go(session, int(to)),
            event_kept=lambda names: course.seen_before([str(name) for name in names]),
        )
        if BESIDE:
            Tile(root=(router.root_path or "").rstrip("/") + BESIDE[0].path, words=session.words("play.tile"))
        if course.missed.value:
            missed = session.say("learn.no_such_scene", asked=course.missed.value, all=len(course.scenes))
            solara.HTML("p", escape(missed), classes=["abm-note", "is-wrong"], attributes={"role": "alert"})
        Stage(course, course.scenes[current]).key(f"scene-{current}")


@solara.component
def Stage(course: Course, scene: Scene) -> None:  # noqa: N802
    """One scene: words at one side, the world at the other."""
    session = use_session()
    found, set_found = solara.use_state(NOTHING)
    problem, set_problem = solara.use_state(cast("InputError | None", None))
    stage = scene.stage.value

    def ask() -> None:
        if stage != BET:
            set_found(answer(scene.lesson.name))

    solara.use_thread(ask, dependencies=[stage != BET])

    def start() -> None:
        if scene.bet.value < 0:
            return
        try:
            if not scene.lesson.is_by_hand:
                scene.run = session.begin(scene.scenario())
                scene.run.play()
            set_problem(None)
            scene.stage.value = PLAY
        except InputError as error:
            set_problem(error)

    with solara.Div(classes=["l-stage", f"is-at-{stage}"]):
        with solara.Div(classes=["l-words"]):
            Bet(
                scene=_scene(session, scene) | {"number": course.current.value + 1, "all": len(course.scenes)},
                choices=_choices(session, scene, found),
                bet=scene.bet.value,
                stage=stage,
                words=session.words("learn"),
                event_choose=lambda row: scene.bet.set(int(row)),
                event_start=lambda *_: start(),
                event_skip=lambda *_: scene.run.seek(scene.until) if scene.run is not None else None,
            )
            if problem is not None:
                solara.HTML(
                    "p", escape(session.told(problem)), classes=["abm-note", "is-wrong"], attributes={"role": "alert"}
                )
            if stage == REVEAL and found is None:
                solara.HTML("p", session.say("learn.asking"), classes=["abm-note"], attributes={"role": "status"})
            elif stage == REVEAL and found is not None:
                Told(course, scene, found)
        if stage != BET:
            with solara.Div(classes=["l-world"]):
                if stage == REVEAL and found is not None:
                    Answered(scene, found)
                if scene.lesson.is_by_hand:
                    Desk(scene)
                elif scene.run is not None:
                    Watched(scene, scene.run).key(f"run-{id(scene.run)}")


@solara.component
def Watched(scene: Scene, run: LiveRun) -> None:  # noqa: N802
    """The live world of a scene; the surprise is told when it has come far enough."""
    feed = use_feed(run)
    region, hear = use_choice(run)
    Clock(scene, feed)
    if not is_shown(feed, "learn.building"):
        return
    if scene.stage.value == PLAY:
        SoFar(scene, feed)
    if scene.lesson.levers and scene.stage.value == REVEAL:
        Freely(scene, feed)
    with solara.Div(classes=["abm-views"]):
        for i, name in enumerate(scene.lesson.watch):
            ViewOf(name, feed, region, hear, classes="is-wide" if i == 0 else "").key(name)


@solara.component
def Clock(scene: Scene, feed: Feed) -> None:  # noqa: N802
    """The transport bar; the surprise is told when the run has come far enough."""
    run, told = feed.run, feed.told.value
    is_far = told.step >= scene.until

    def tell() -> None:
        if is_far and scene.stage.value == PLAY:
            run.pause()
            scene.stage.value = REVEAL

    solara.use_effect(tell, [is_far])
    solara.use_effect(lambda: scene.lab.set(_lab(scene)), [told.step, told.phase, run.changes])
    TimeBar(feed, [run], lambda: run.seek(0))


@solara.component
def Freely(scene: Scene, feed: Feed) -> None:  # noqa: N802
    """After the surprise: the levers of the scene."""
    session, run, step = use_session(), feed.run, feed.told.value.step
    refusal, set_refusal = solara.use_state(cast("InputError | None", None))

    def change(move: dict[str, Any]) -> None:
        try:
            run.change({str(move["key"]): float(move["value"])})
            run.play()
            set_refusal(None)
        except InputError as error:
            set_refusal(error)

    message = "" if refusal is None else session.told(refusal)
    wanted = set(scene.lesson.levers)
    scenario = run.scenario_now()
    groups = solara.use_memo(
        lambda: [
            group | {"controls": kept, "is_open": True}
            for group in content.lever_groups(session, scenario, is_all=False)
            if (kept := [c for c in group["controls"] if c["key"] in wanted])
        ],
        [scenario, session.language.value],
    )
    Levers(
        groups=groups, goneBack=0, words=session.words("levers"), message=message, isPast=step < run.head, isAll=False,
        isOfPair=False, event_change=change, event_reset=lambda *_: run.seek(0), event_all=lambda *_: None,
    )  # fmt: skip


@solara.component
def Told(course: Course, scene: Scene, found: Answer) -> None:  # noqa: N802
    """The surprise, and where to go from here."""
    session = use_session()
    language, lesson = session.language.value, scene.lesson
    is_right = scene.bet.value == found.right
    root = (solara.use_router().root_path or "").rstrip("/")
    solara.use_effect(lambda: scene.is_done.set(True), [])
    Reveal(
        headline=session.say("learn.you_were_right" if is_right else "learn.you_were_wrong"),
        is_right=is_right,
        surprise=told(scene, found, language),
        learnt=lesson.learnt.to(language),
        free=session.say("learn.free") if lesson.levers and scene.run is not None else "",
        notes=lesson.notes.to(language),
        measured=ranges(lesson, language),
        words=session.words("learn"),
        isLast=scene is course.scenes[-1],
        lab=root + (scene.lab.value or _lab(scene)),
        event_next=lambda *_: course.go(session, course.current.value + 1),
        event_again=lambda *_: scene.again(session),
    )


@solara.component
def Answered(scene: Scene, found: Answer) -> None:  # noqa: N802
    """The lines behind the surprise."""
    session = use_session()
    own = own_series(scene.hand) if scene.hand is not None else None
    Curves(words=session.words("learn"), **chart(scene, found, session.language.value, own))


@solara.component
def SoFar(scene: Scene, feed: Feed) -> None:  # noqa: N802
    """What the question asks for, as it comes about."""
    session, shown = use_session(), feed.told.value.snapshot
    if shown is not None:
        drawn = chart_so_far(scene, lambda name: shown.history.metric(name, shown.step), session.language.value)
        Curves(words=session.words("learn"), **drawn)


def _scene(session: Session, scene: Scene) -> dict[str, Any]:
    lesson, language = scene.lesson, session.language.value
    texts = {key: getattr(lesson, key).to(language) for key in ("title", "rule", "story", "question", "task")}
    return {**texts, "minutes": lesson.minutes, "is_by_hand": lesson.is_by_hand}


def _choices(session: Session, scene: Scene, found: Answer | None) -> list[dict[str, str]]:
    """The answers; once told, with a mark at the right one and at a bet that was wrong."""
    is_told = scene.stage.value == REVEAL and found is not None
    rows: list[dict[str, str]] = []
    for i, choice in enumerate(scene.lesson.choices):
        mark = ""
        if is_told and found is not None:
            mark = "right" if i == found.right else "wrong" if i == scene.bet.value else ""
        rows.append({"text": choice.text.to(session.language.value), "mark": mark})
    return rows


def _lab(scene: Scene) -> str:
    """The address in the Lab of what the scene shows live, at its moment; of the small town, of the country that it
    stands for."""
    watched, run = scene.watched(), scene.run
    settings = {key: value for key, value in watched.overrides.items() if key not in ("steps", "population")}
    link = Link(watched.base, scene.lesson.seed, settings)
    if run is not None:
        scenario, step = run.moment()
        if step > link.build().steps:
            settings["steps"] = scenario.steps
        link = replace(link, changes=scenario.changes, step=step)
    return "/lab" + links.write(link)
