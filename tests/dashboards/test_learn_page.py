"""The page Learn without a browser: bets, runs that begin and end, the desk, the surprise."""

from __future__ import annotations

import pytest

from dashboards.live.session import Session
from dashboards.pages import learn
from dashboards.pages import map as outcomes_map
from dashboards.teach.desk import own_series
from dashboards.teach.scene import BET, PLAY, REVEAL, Course, answer
from tests.dashboards.opened import holds, opened, part, until

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning", "ignore::DeprecationWarning")


def test_each_scene_waits_for_a_bet_and_is_told_in_both_languages() -> None:
    session = Session("ann")
    with opened(session, learn) as box:
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


def test_a_bet_starts_the_run_and_the_surprise_follows_at_its_end() -> None:
    session = Session("bob")
    with opened(session, learn) as box:
        course: Course = session.kept["learn"]
        scene = course.scenes[0]
        scene.bet.value = 0
        part(box, "choices").vue_start(None)
        assert scene.stage.value == PLAY
        assert len(session.runs) == 1
        assert scene.run is not None
        scene.run.seek(scene.until)
        until(lambda: scene.stage.value == REVEAL)
        until(lambda: holds(box, "surprise"))
        reveal = part(box, "surprise")
        assert not reveal.is_right
        assert "{" not in reveal.surprise
        assert [c["mark"] for c in part(box, "choices").choices] == ["wrong", "", "right"]
        assert scene.is_done.value
        course.go(session, 1)
        assert session.runs == [], "a scene that is left costs nothing any more"


def test_the_desk_plays_what_the_visitor_decides() -> None:
    session = Session("eve")
    with opened(session, learn) as box:
        course: Course = session.kept["learn"]
        course.go(session, 1)
        scene = course.scenes[1]
        scene.bet.value = 2
        part(box, "choices").vue_start(None)
        until(lambda: holds(box, "invitations"))
        hand = scene.hand
        assert hand is not None
        for _ in range(scene.until):
            # Another thread may still be drawing: who is asked is read from the page once it shows this quarter.
            until(lambda: part(box, "invitations").quarter == hand.state.step)
            desk = part(box, "invitations")
            answers = [[i["enterprise"], True] for i in desk.invitations]
            desk.vue_play({"quarters": 1, "effort": 1.0, "later": "own", "answers": answers})
            if scene.stage.value == REVEAL:
                break
        assert hand.is_over
        given = own_series(hand)["own_effort"]
        assert set(given[given == given]) == {1.0}
        # The visitor did what the lesson's first run does: the same world, to the last digit.
        kept = answer("keep_your_word").series["kept"]["lived_depth"]
        assert own_series(hand)["lived_depth"] == pytest.approx(kept)


def test_scenes_seen_on_an_earlier_visit_are_marked() -> None:
    session = Session("fay")
    with opened(session, learn) as box:
        part(box, "scenes").vue_kept(["by_order", "nothing of ours"])
        assert [s["name"] for s in part(box, "scenes").scenes if s["done"]] == ["by_order"]


def test_a_year_at_the_desk_answers_later_invitations_like_the_first_ones() -> None:
    came: dict[str, float] = {}
    for later in ("all", "none"):
        session = Session(later)
        with opened(session, learn) as box:
            course: Course = session.kept["learn"]
            course.go(session, 1)
            course.scenes[1].bet.value = 0
            part(box, "choices").vue_start(None)
            until(lambda box=box: holds(box, "invitations"))
            for _ in range(2):
                desk = part(box, "invitations")
                answers = [[i["enterprise"], later == "all"] for i in desk.invitations]
                desk.vue_play({"quarters": 4, "effort": 1.0, "later": later, "answers": answers})
            hand = course.scenes[1].hand
            assert hand is not None
            assert hand.state.step == 8
            came[later] = sum(hand.series["partners"])
    assert came["all"] > came["none"]


def test_the_map_asks_before_it_draws() -> None:
    session = Session("dan")
    with opened(session, outcomes_map) as box:
        order = part(box, "worlds")
        assert "classroom" in {world["name"] for world in order.worlds}
        assert "china" not in {world["name"] for world in order.worlds}
        order.vue_order({**order.plan, "y": order.plan["x"]})
        assert "both axes" in part(box, "worlds").message
        assert session.kept["map"].survey is None
