"""What a visitor holds of each scene: the bet, how far it is played, and what the model says to it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import numpy as np
import solara

from dashboards.teach.by_hand import CollegeByHand
from dashboards.teach.lessons import Lesson, LessonRun, Measure, lessons
from dashboards.teach.lessons.playing import Series, mean, measured, play_all, right, surprise
from dashboards.words import say

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from abm.scenario import Scenario
    from abm.world.state import Floats
    from dashboards.live.run import LiveRun
    from dashboards.live.session import Session

BET, PLAY, REVEAL = "bet", "play", "reveal"
STAY = 80
"""Quarters that a scene with levers goes on after its surprise."""
MOST_OF_A_NUMBER = 20
"""Letters that are told of a scene's number that is none."""


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
    lab: solara.Reactive[str] = field(default_factory=lambda: solara.reactive(""))
    """Link to what is shown live now, in the Lab; empty where nothing is."""
    run: LiveRun | None = None
    hand: CollegeByHand | None = None

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
        name = self.asked().run
        return next(run for run in lesson.runs if run.name == name)

    def asked(self) -> Measure:
        """What the question asks for: the measure of the bet."""
        return self.lesson.cited[self.lesson.choices[max(0, self.bet.value)].measure]

    def scenario(self) -> Scenario:
        """What is played live: the watched run under the lesson's seed, longer where the visitor may stay."""
        scenario = replace(self.watched().scenario, seed=self.lesson.seed)
        return replace(scenario, steps=scenario.steps + STAY) if self.lesson.levers else scenario

    def leave(self, session: Session) -> None:
        """The visitor goes elsewhere: a run is ended, a scene that was under way begins anew."""
        if self.run is not None:
            session.end(self.run)
            self.run = None
            self.lab.value = ""
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
    missed: solara.Reactive[str] = field(default_factory=lambda: solara.reactive(""))
    """Number of a scene that an address asked for and that there is not; empty once the visitor goes elsewhere."""

    def go(self, session: Session, to: int) -> None:
        """Another scene."""
        if to != self.current.value and 0 <= to < len(self.scenes):
            self.scenes[self.current.value].leave(session)
            self.missed.value = ""
            self.current.value = to

    def seen_before(self, names: Collection[str]) -> None:
        """Mark scenes whose surprise this visitor has seen on an earlier visit."""
        for scene in self.scenes:
            if scene.lesson.name in names:
                scene.is_done.value = True


def opened(query: str) -> Course:
    """The course at the scene that an address asks for (``?scene=5``); at the first where there is no such scene."""
    asked = dict(parse_qsl(query.lstrip("?"))).get("scene", "")
    course = Course()
    row = next((row for row, scene in enumerate(course.scenes) if str(scene.lesson.order) == asked), None)
    course.current.value = row or 0
    course.missed.value = asked[:MOST_OF_A_NUMBER] if row is None else ""
    return course


def told(scene: Scene, found: Answer, language: str) -> str:
    """The surprise with its measured numbers."""
    return surprise(scene.lesson, found.values).to(language)


def ranges(lesson: Lesson, language: str) -> list[dict[str, str]]:
    """What was measured under several seeds, for the teacher."""
    rows: list[dict[str, str]] = []
    for measure in lesson.measures:
        if measure.name in lesson.measured:
            mean, low, high = (measure.text(value, language) for value in lesson.measured[measure.name])
            rows.append({"label": measure.label.to(language), "mean": mean, "span": f"{low} – {high}"})
    return rows


def chart(scene: Scene, found: Answer, language: str, own: Series | None = None) -> dict[str, Any]:
    """What the question asks for, over time: a line for each run of the lesson, and the visitor's own. The number at
    a line is its mean over the quarters that the surprise speaks of."""
    watched, lesson = scene.watched().name, scene.lesson
    curves = [
        _curve(scene, run.label.to(language), found.series[run.name].__getitem__, language) for run in lesson.runs
    ]
    if own is not None:
        curves.insert(0, _curve(scene, say(language, "learn.you"), own.__getitem__, language) | {"is_mine": True})
    for run, curve in zip(lesson.runs, curves[-len(lesson.runs) :], strict=True):
        curve["is_mine"] = own is None and run.name == watched
        curve["is_right"] = run.name == lesson.cited[lesson.choices[found.right].measure].run
    return _drawn(scene, curves, list(scene.asked().quarters), language)


def chart_so_far(scene: Scene, metric: Callable[[str], Floats], language: str) -> dict[str, Any]:
    """The same while it plays: the run that is watched alone, with its newest number."""
    curve = _curve(scene, scene.watched().label.to(language), metric, language, is_over=False) | {"is_mine": True}
    return _drawn(scene, [curve], [0, 0], language)


def _drawn(scene: Scene, curves: list[dict[str, Any]], span: list[int], language: str) -> dict[str, Any]:
    is_share = scene.asked().shown == "percent"
    values = [value for curve in curves for value in curve["values"] if value is not None]
    return {
        "title": scene.lesson.picture.to(language),
        "curves": curves,
        "span": span,
        "horizon": scene.until,
        "top": 1.0 if is_share else _top(values),
        "percent": is_share,
    }


def _curve(
    scene: Scene, label: str, metric: Callable[[str], Floats], language: str, *, is_over: bool = True
) -> dict[str, Any]:
    """A line; the number at it is its mean over the quarters asked for, or the newest one where it is not over."""
    asked, lesson = scene.asked(), scene.lesson
    whole = lesson.cited.get(asked.over)
    values = metric(asked.metric)[: scene.until]
    end = mean(metric, asked.metric, asked.quarters)
    # What is divided by something of another run has no course in time but its own.
    if whole is not None and whole.run == asked.run:
        wholes = metric(whole.metric)[: scene.until]
        end /= mean(metric, whole.metric, asked.quarters)
        values = np.divide(values, wholes, out=np.full(len(values), math.nan), where=wholes > 0)
    if not is_over:
        end = float(values[-1]) if len(values) else math.nan
    shown = asked.text(end, language) if math.isfinite(end) else "–"
    return {"label": label, "values": _plain(values), "shown": shown, "is_mine": False, "is_right": False}


def _plain(values: Any) -> list[float | None]:
    return [float(f"{value:.4g}") if math.isfinite(value) else None for value in values]


def _top(values: list[float]) -> float:
    """A round number at or above the largest value."""
    most = max(values, default=1.0) or 1.0
    unit = 10.0 ** math.floor(math.log10(most))
    return next(unit * n for n in (1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8, 10) if unit * n >= most * 0.999)
