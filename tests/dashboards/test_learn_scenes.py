"""Scenes of the page Learn: what a bet watches, what is drawn and told of it, which one an address opens."""

from __future__ import annotations

from typing import Any

import pytest

from dashboards.teach.lessons import lessons
from dashboards.teach.scene import STAY, Course, answer, chart, chart_so_far, opened, ranges, told


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
    assert curve["shown"] == f"{series['mean_substantive_depth'][8]:.2f}"
    assert chart_so_far(scene, lambda name: series[name][:0], "zh")["curves"][0]["shown"] == "–"


@pytest.mark.parametrize(
    ("query", "row", "missed"),
    [("?scene=5", 4, ""), ("scene=2", 1, ""), ("", 0, ""), ("?scene=99", 0, "99"), ("?scene=x", 0, "x")],
)
def test_an_address_opens_a_scene_or_says_that_there_is_none(query: str, row: int, missed: str) -> None:
    course = opened(query)
    assert (course.current.value, course.missed.value) == (row, missed)


def test_views_that_lessons_ask_for_exist() -> None:
    from dashboards.controls.views import component

    assert all(component(name) is not None for lesson in lessons() for name in lesson.watch)
