"""The page Learn without a browser: bets, runs that begin and end, the desk, the surprise."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
import solara
from solara.routing import Router, router_context

from dashboards.learn.desk import own_series
from dashboards.learn.scene import (
    BET,
    PLAY,
    REVEAL,
    STAY,
    Course,
    answer,
    chart,
    chart_so_far,
    opened,
    ranges,
    told,
)
from dashboards.lessons import lessons
from dashboards.pages import learn
from dashboards.pages import map as outcomes_map
from dashboards.session import Session, provide_session

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::DeprecationWarning")


@solara.component
def Opened(session: Session, page: Any, path: str) -> None:  # noqa: N802
    router_context.provide(Router(path, []))
    provide_session(session)
    page.Page()


def templates(widget: Any) -> list[Any]:
    """All Vue templates below a widget, in their order."""
    found = [widget] if hasattr(widget, "template_file") or hasattr(widget, "vue_go") else []
    for child in getattr(widget, "children", []):
        if not isinstance(child, str):
            found += templates(child)
    return found


def part(box: Any, trait: str) -> Any:
    return next(widget for widget in templates(box) if widget.has_trait(trait))


def until(holds: Callable[[], bool], seconds: float = 240.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.02)


def test_each_scene_waits_for_a_bet_and_is_told_in_both_languages() -> None:
    session = Session("ann")
    box, context = solara.render(Opened(session, learn, "/learn"), handle_error=False)
    try:
        course: Course = session.kept["learn"]
        for row, scene in enumerate(course.scenes):
            course.go(session, row)
            for language in ("en", "zh"):
                session.language.value = language
                shown = part(box, "choices")
                assert shown.scene["title"] == scene.lesson.title.to(language)
                assert [c["text"] for c in shown.choices] == [c.text.to(language) for c in scene.lesson.choices]
                assert shown.stage == BET
                assert {c["mark"] for c in shown.choices} == {""}, "nothing is given away before the bet"
        assert session.runs == []
    finally:
        context.close()
        session.end_all()


def test_a_bet_starts_the_run_and_the_surprise_follows_at_its_end() -> None:
    session = Session("bob")
    box, context = solara.render(Opened(session, learn, "/learn"), handle_error=False)
    try:
        course: Course = session.kept["learn"]
        scene = course.scenes[0]
        scene.bet.value = 0
        part(box, "choices").vue_start(None)
        assert scene.stage.value == PLAY
        assert len(session.runs) == 1
        assert scene.run is not None
        scene.run.seek(scene.until)
        until(lambda: scene.stage.value == REVEAL)
        until(lambda: any(widget.has_trait("surprise") for widget in templates(box)))
        reveal = part(box, "surprise")
        assert not reveal.is_right
        assert "{" not in reveal.surprise
        assert [c["mark"] for c in part(box, "choices").choices] == ["wrong", "", "right"]
        assert scene.is_done.value
        course.go(session, 1)
        assert session.runs == [], "a scene that is left costs nothing any more"
    finally:
        context.close()
        session.end_all()


def test_the_desk_plays_what_the_visitor_decides() -> None:
    session = Session("eve")
    box, context = solara.render(Opened(session, learn, "/learn"), handle_error=False)
    try:
        course: Course = session.kept["learn"]
        course.go(session, 1)
        scene = course.scenes[1]
        scene.bet.value = 2
        part(box, "choices").vue_start(None)
        until(lambda: any(widget.has_trait("invitations") for widget in templates(box)))
        for _ in range(scene.until):
            desk = part(box, "invitations")
            answers = [[i["enterprise"], True] for i in desk.invitations]
            desk.vue_play({"quarters": 1, "effort": 1.0, "later": "own", "answers": answers})
            if scene.stage.value == REVEAL:
                break
        assert scene.hand is not None
        assert scene.hand.is_over
        given = own_series(scene.hand)["own_effort"]
        assert set(given[given == given]) == {1.0}
        # The visitor did what the lesson's first run does: the same world, to the last digit.
        kept = answer("keep_your_word").series["kept"]["lived_depth"]
        assert own_series(scene.hand)["lived_depth"] == pytest.approx(kept)
    finally:
        context.close()
        session.end_all()


@pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: lesson.name)
def test_each_bet_watches_a_world_and_draws_its_lines(lesson: Any) -> None:
    scene = next(s for s in Course().scenes if s.lesson is lesson)
    found = answer(lesson.name)
    for row in range(len(lesson.choices)):
        scene.bet.value = row
        assert scene.scenario().seed == lesson.seed
        assert scene.scenario().steps == scene.until + (STAY if lesson.levers else 0)
    drawn = chart(scene, found, "zh")
    assert len(drawn["curves"]) == len(lesson.runs)
    assert sum(curve["is_mine"] for curve in drawn["curves"]) == 1
    values = [v for curve in drawn["curves"] for v in curve["values"] if v is not None]
    assert values
    assert max(values) <= drawn["top"] * 1.001
    assert all(len(curve["values"]) == drawn["horizon"] for curve in drawn["curves"])
    assert told(scene, found, "en") != told(scene, found, "zh")
    assert len(ranges(lesson, "en")) == len(lesson.measured)


@pytest.mark.parametrize("lesson", lessons(), ids=lambda lesson: lesson.name)
def test_the_numbers_at_the_lines_are_those_of_the_words(lesson: Any) -> None:
    scene = next(s for s in Course().scenes if s.lesson is lesson)
    found = answer(lesson.name)
    scene.bet.value = found.right
    shown = [curve["shown"] for curve in chart(scene, found, "en")["curves"]]
    words = told(scene, found, "en")
    assert shown
    # Of the first line and of one more, if there is one, the words speak too.
    assert all(number in words for number in shown[:2])


def test_while_it_plays_the_picture_shows_the_watched_run_alone_and_its_newest_number() -> None:
    scene = Course().scenes[3]
    scene.bet.value = 0
    series = answer("by_order").series["ordered"]
    drawn = chart_so_far(scene, lambda name: series[name][:9], "en")
    (curve,) = drawn["curves"]
    assert len(curve["values"]) == 9
    assert curve["shown"] == f"{series['n_ties'][8]:.0f}"
    assert chart_so_far(scene, lambda name: series[name][:0], "zh")["curves"][0]["shown"] == "–"


@pytest.mark.parametrize(
    ("query", "row", "missed"),
    [("?scene=5", 4, ""), ("scene=2", 1, ""), ("", 0, ""), ("?scene=99", 0, "99"), ("?scene=x", 0, "x")],
)
def test_an_address_opens_a_scene_or_says_that_there_is_none(query: str, row: int, missed: str) -> None:
    course = opened(query)
    assert (course.current.value, course.missed.value) == (row, missed)


def test_scenes_seen_on_an_earlier_visit_are_marked() -> None:
    session = Session("fay")
    box, context = solara.render(Opened(session, learn, "/learn"), handle_error=False)
    try:
        part(box, "scenes").vue_kept(["by_order", "nothing of ours"])
        assert [s["name"] for s in part(box, "scenes").scenes if s["done"]] == ["by_order"]
    finally:
        context.close()
        session.end_all()


def test_a_year_at_the_desk_answers_later_invitations_like_the_first_ones() -> None:
    came: dict[str, float] = {}
    for later in ("all", "none"):
        session = Session(later)
        box, context = solara.render(Opened(session, learn, "/learn"), handle_error=False)
        try:
            course: Course = session.kept["learn"]
            course.go(session, 1)
            course.scenes[1].bet.value = 0
            part(box, "choices").vue_start(None)
            until(lambda box=box: any(widget.has_trait("invitations") for widget in templates(box)))
            for _ in range(2):
                desk = part(box, "invitations")
                answers = [[i["enterprise"], later == "all"] for i in desk.invitations]
                desk.vue_play({"quarters": 4, "effort": 1.0, "later": later, "answers": answers})
            hand = course.scenes[1].hand
            assert hand is not None
            assert hand.state.step == 8
            came[later] = sum(hand.series["partners"])
        finally:
            context.close()
            session.end_all()
    assert came["all"] > came["none"]


def test_views_that_lessons_ask_for_exist() -> None:
    from dashboards.controls.views import component

    assert all(component(name) is not None for lesson in lessons() for name in lesson.watch)


def test_the_map_asks_before_it_draws() -> None:
    session = Session("dan")
    box, context = solara.render(Opened(session, outcomes_map, "/map"), handle_error=False)
    try:
        order = part(box, "worlds")
        assert "classroom" in {world["name"] for world in order.worlds}
        assert "china" not in {world["name"] for world in order.worlds}
        order.vue_order({**order.plan, "y": order.plan["x"]})
        assert "both axes" in part(box, "worlds").message
        assert session.kept["map"].survey is None
    finally:
        context.close()
        session.end_all()
