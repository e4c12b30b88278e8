"""What a visitor holds of each scene: the bet, how far it is played, and what the model says to it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any

import solara

from dashboards.by_hand import CollegeByHand
from dashboards.lessons import Lesson, LessonRun, Measure, lessons
from dashboards.lessons.playing import Series, measured, play_all, right, surprise

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from dashboards.live import LiveRun
    from dashboards.session import Session

BET, PLAY, REVEAL = "bet", "play", "reveal"
STAY = 80
"""Quarters that a scene with levers goes on after its surprise."""


@dataclass(frozen=True)
class Answer:
    """What the model says to a scene. The same for everybody: the lesson's own seed."""

    series: dict[str, Series]
    values: dict[str, float]
    right: int
    """Row of the right choice."""


@cache
def answer(name: str) -> Answer:
    """Play all runs of a lesson, once."""
    lesson = next(lesson for lesson in lessons() if lesson.name == name)
    series = play_all(lesson)
    values = measured(lesson, series)
    choice = right(lesson, values)
    return Answer(series, values, lesson.choices.index(choice) if choice is not None else -1)


@dataclass
class Scene:
    """One scene of one visitor."""

    lesson: Lesson
    bet: solara.Reactive[int] = field(default_factory=lambda: solara.reactive(-1))
    stage: solara.Reactive[str] = field(default_factory=lambda: solara.reactive(BET))
    is_done: solara.Reactive[bool] = field(default_factory=lambda: solara.reactive(False))
    """Whether its surprise has been seen, now or before."""
    run: LiveRun | None = None
    hand: CollegeByHand | None = None
    error: str = ""
    """Why it could not be started, for the visitor."""

    @property
    def until(self) -> int:
        """Quarters after which the surprise is told."""
        return self.lesson.runs[0].scenario.steps

    def watched(self) -> LessonRun:
        """The run that the visitor watches: that of the bet where each choice has a run of its own."""
        lesson = self.lesson
        choice = lesson.choices[max(0, self.bet.value)]
        if choice.low is not None or choice.below is not None:
            return lesson.runs[0]
        name = lesson.cited[choice.measure].run
        return next(run for run in lesson.runs if run.name == name)

    def scenario(self) -> Scenario:
        """What is played live: the watched run under the lesson's seed, longer where the visitor may stay."""
        scenario = replace(self.watched().scenario, seed=self.lesson.seed)
        return replace(scenario, steps=scenario.steps + STAY) if self.lesson.levers else scenario

    def leave(self, session: Session) -> None:
        """The visitor goes elsewhere: a run is ended, a scene that was under way begins anew."""
        if self.run is not None:
            session.end(self.run)
            self.run = None
        if self.stage.value == PLAY:
            self.stage.value = BET
            self.hand = None

    def again(self, session: Session) -> None:
        """From the bet on, once more."""
        self.leave(session)
        self.hand = None
        self.bet.value = -1
        self.stage.value = BET


@dataclass
class Course:
    """All scenes of one visitor, and where the visitor is."""

    scenes: list[Scene] = field(default_factory=lambda: [Scene(lesson) for lesson in lessons()])
    current: solara.Reactive[int] = field(default_factory=lambda: solara.reactive(0))

    def go(self, session: Session, to: int) -> None:
        """Another scene."""
        if to != self.current.value and 0 <= to < len(self.scenes):
            self.scenes[self.current.value].leave(session)
            self.current.value = to


def told(scene: Scene, found: Answer, language: str) -> str:
    """The surprise with its measured numbers."""
    return surprise(scene.lesson, found.values).to(language)


def ranges(lesson: Lesson, language: str) -> list[dict[str, str]]:
    """What was measured under several seeds, for the teacher."""
    rows: list[dict[str, str]] = []
    for measure in lesson.measures:
        if measure.name in lesson.measured:
            mean, low, high = (measure.text(value) for value in lesson.measured[measure.name])
            rows.append({"label": measure.label.to(language), "mean": mean, "span": f"{low} – {high}"})
    return rows


def chart(scene: Scene, found: Answer, language: str, own: Series | None = None) -> dict[str, Any]:
    """The main measure of a lesson over time: a line for each of its runs, and the visitor's own."""
    lesson = scene.lesson
    main = lesson.cited[lesson.choices[found.right].measure]
    watched = scene.watched().name
    curves: list[dict[str, Any]] = [
        {
            "label": run.label.to(language),
            "values": _plain(found.series[run.name][main.metric]),
            "is_mine": own is None and run.name == watched,
            "is_low": False,
        }
        for run in lesson.runs
    ]
    if own is not None:
        label = {"zh": "你", "en": "you"}[language]
        curves.insert(0, {"label": label, "values": _plain(own[main.metric]), "is_mine": True, "is_low": False})
    return {
        "curves": curves,
        "span": list(main.quarters),
        "horizon": scene.until,
        "top": _top([value for curve in curves for value in curve["values"] if value is not None]),
        "percent": main.shown == "percent",
        "metric": main.metric,
    }


def _plain(values: Any) -> list[float | None]:
    return [float(f"{value:.4g}") if math.isfinite(value) else None for value in values]


def _top(values: list[float]) -> float:
    """A round number at or above the largest value."""
    most = max(values, default=1.0) or 1.0
    unit = 10.0 ** math.floor(math.log10(most))
    return next(unit * n for n in (1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8, 10) if unit * n >= most * 0.999)


__all__ = ["BET", "PLAY", "REVEAL", "Answer", "Course", "Measure", "Scene", "answer", "chart", "ranges", "told"]
