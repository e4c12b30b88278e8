"""The desk of the college that the visitor plays: invitations, effort, and what came of them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import solara

from dashboards.live.session import use_session
from dashboards.teach.by_hand import HAND_METRICS, CollegeByHand
from dashboards.teach.parts import Curves, Hand
from dashboards.teach.scene import REVEAL, Scene
from dashboards.words import percent

if TYPE_CHECKING:
    from collections.abc import Callable

    from dashboards.live.session import Session
    from dashboards.teach.lessons.playing import Series

MOST_QUARTERS = 4
"""Quarters that one press plays at most."""
MEET_ALL, DECLINE_ALL = "all", "none"
"""Standing answers to invitations; hand.vue knows them by the same names."""


def own_series(hand: CollegeByHand) -> Series:
    """What was measured of the visitor's college so far."""
    with hand.turn:
        return {name: np.array(hand.series[name]) for name in HAND_METRICS}


@solara.component
def Desk(scene: Scene) -> None:  # noqa: N802
    """Plays the quarters that the visitor asks for."""
    session = use_session()
    quarter, set_quarter = solara.use_state(0 if scene.hand is None else scene.hand.state.step)
    is_ready, set_ready = solara.use_state(scene.hand is not None)

    def prepare() -> None:
        if scene.hand is None:
            hand = CollegeByHand(scene.lesson.runs[0].scenario, scene.lesson.seed)
            hand.open_quarter()
            scene.hand = hand
        set_ready(True)

    solara.use_thread(prepare, dependencies=[])
    hand = scene.hand
    if hand is None or not is_ready:
        solara.HTML("div", session.say("learn.building"), classes=["abm-wait"], attributes={"role": "status"})
        return

    def play(wish: dict[str, Any]) -> None:
        """A quarter, or several with the same effort and the same answer to whoever asks later: yes, no, or as
        the college would."""
        effort = min(1.0, max(0.0, float(wish["effort"])))
        answers = {int(enterprise): bool(meets) for enterprise, meets in wish["answers"]}
        later = {MEET_ALL: True, DECLINE_ALL: False}.get(str(wish["later"]))
        with hand.turn:
            for i in range(min(MOST_QUARTERS, max(1, int(wish["quarters"])))):
                if hand.is_over:
                    break
                asked = hand.open_quarter()
                alike = {} if later is None else {invitation.enterprise: later for invitation in asked}
                hand.close_quarter(effort, answers if i == 0 else alike)
            if not hand.is_over:
                hand.open_quarter()
        if hand.is_over:
            scene.stage.value = REVEAL
        set_quarter(hand.state.step)

    # In one frame always: what the visitor has set at the desk would be lost if the desk moved.
    with solara.Div(classes=["l-world"]):
        with hand.turn:
            shown: dict[str, Any] = {
                "invitations": [] if hand.is_over else _invitations(session, hand),
                "figures": _figures(session, hand),
                "news": _news(session, hand),
                "is_over": hand.is_over,
            }
            efforts = _efforts(session, hand) if quarter else None
        Hand(quarter=quarter, horizon=hand.scenario.steps, words=session.words("learn"), event_play=play, **shown)
        if efforts is not None:
            Curves(words=session.words("learn"), **efforts)


def _invitations(session: Session, hand: CollegeByHand) -> list[dict[str, Any]]:
    say: Callable[..., str] = session.say
    return [
        {
            "enterprise": i.enterprise,
            "name": say("learn.enterprise", n=i.enterprise + 1),
            "about": say(
                "learn.known" if i.is_known else "learn.stranger",
                trust=percent(session.language.value, i.trust),
                size=f"{i.size:.1f}",
            )
            + (say("learn.own_choice") if i.would_come else say("learn.own_refusal")),
            "would_come": i.would_come,
        }
        for i in hand.open_quarter()
    ]


def _figures(session: Session, hand: CollegeByHand) -> list[dict[str, str]]:
    def last(name: str, digits: int = 0, *, is_share: bool = False) -> str:
        values = hand.series[name]
        if not values or math.isnan(values[-1]):
            return "–"
        return percent(session.language.value, values[-1]) if is_share else f"{values[-1]:.{digits}f}"

    others = f"{hand.others[-1]:.1f}" if hand.others else "–"
    return [
        {"label": session.say("learn.partners"), "value": last("partners"), "note": ""},
        {
            "label": session.say("learn.lived"),
            "value": last("lived_depth", 1),
            "note": session.say("learn.others", value=others),
        },
        {"label": session.say("learn.partners_effort"), "value": last("partners_effort", is_share=True), "note": ""},
        {"label": session.say("learn.would_give"), "value": last("would_give", is_share=True), "note": ""},
        {"label": session.say("learn.reputation"), "value": last("reputation", is_share=True), "note": ""},
    ]


def _news(session: Session, hand: CollegeByHand) -> str:
    """What changed in the last quarter, in a sentence."""
    partners, blames = hand.series["partners"], hand.series["blames"]
    if not partners:
        return session.say("learn.news_first")
    parts: list[str] = []
    gained = int(partners[-1] - (partners[-2] if len(partners) > 1 else partners[-1]))
    if gained:
        parts.append(session.say("learn.news_more" if gained > 0 else "learn.news_fewer", n=abs(gained)))
    if blames[-1]:
        parts.append(session.say("learn.news_blamed", n=int(blames[-1])))
    if not partners[-1]:
        parts.append(session.say("learn.news_none"))
    return " ".join(parts) or session.say("learn.news_quiet")


def _efforts(session: Session, hand: CollegeByHand) -> dict[str, Any]:
    def line(name: str, key: str, is_mine: bool) -> dict[str, Any]:
        values = [None if math.isnan(v) else round(v, 4) for v in hand.series[name]]
        shown = percent(session.language.value, hand.series[name][-1])
        return {"label": session.say(key), "values": values, "shown": shown, "is_mine": is_mine, "is_right": False}

    return {
        "title": session.say("learn.efforts"),
        "curves": [
            line("own_effort", "learn.you_give", True),
            line("partners_effort", "learn.they_give", False),
            line("would_give", "learn.by_itself", False),
        ],
        "span": [0, 0],
        "horizon": hand.scenario.steps,
        "top": 1.0,
        "percent": True,
    }
