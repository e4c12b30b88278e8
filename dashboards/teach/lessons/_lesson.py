"""What a lesson consists of."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dashboards.words import percent

if TYPE_CHECKING:
    from abm.scenario import Scenario

LANGUAGES = ("en", "zh")
SEEDS = (1, 2, 3, 4, 5)
"""Seeds under which every claim is held against the model."""


@dataclass(frozen=True)
class Words:
    """One text in every language of the dashboard."""

    en: str
    zh: str

    def to(self, language: str) -> str:
        """The text in a language; English where there is no such language."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True)
class LessonRun:
    """One world of a lesson. All worlds of a lesson run under the same seed."""

    name: str
    label: Words
    scenario: Scenario
    base: str
    """Name of the shipped scenario that it starts from."""
    overrides: Mapping[str, Any]
    """What differs from it, as `Scenario.with_overrides` takes it."""
    effort: float | None = None
    """Effort that the college played by hand always gives, 0-1; None = the model decides."""
    accepts: bool = False
    """Whether that college accepts every invitation; False = the model decides."""


@dataclass(frozen=True)
class Measure:
    """A number taken from the runs of a lesson: the mean of a metric over some quarters of one run."""

    name: str
    label: Words
    run: str
    metric: str
    quarters: tuple[int, int]
    """First quarter, and the one after the last, counted from 0."""
    over: str = ""
    """Another measure by which this one is divided."""
    shown: str = "percent"
    """'percent', 'number' or 'count'."""

    def text(self, value: float, language: str) -> str:
        """A value of this measure for reading; a dash where nothing could be measured."""
        if value != value:
            return "-"
        if self.shown == "percent":
            return percent(language, value)
        if self.shown == "count" or abs(value) >= 10:
            return str(math.floor(value + 0.5))
        return f"{value:.2f}" if abs(value) < 1 else f"{value:.2g}"


@dataclass(frozen=True)
class Choice:
    """One answer to the question: right where its measure lies in a range, or is the largest of all."""

    text: Words
    measure: str
    low: float | None = None
    below: float | None = None


@dataclass(frozen=True)
class Claim:
    """What must come out of the model, whatever the seed: a measure between bounds."""

    measure: str
    above: float | None = None
    below: float | None = None

    def holds(self, value: float) -> bool:
        """Whether a measured value lies inside; NaN never does."""
        is_above = self.above is None or value > self.above
        return value == value and is_above and (self.below is None or value < self.below)


@dataclass(frozen=True)
class Lesson:
    """One guided scene: a bet, a run, a surprise, and what was learnt."""

    name: str
    order: int
    minutes: int
    seed: int
    title: Words
    rule: Words
    """The one rule of the scene."""
    story: Words
    """What a teacher says before the bet."""
    question: Words
    choices: tuple[Choice, ...]
    task: Words
    """What to do and where to look while it runs."""
    picture: Words
    """What the picture beside the surprise shows: its title."""
    surprise: Words
    """What came out; ``{name}`` stands for the measure of that name."""
    learnt: Words
    notes: Words
    """For the teacher: how to lead the class, and what was measured."""
    watch: tuple[str, ...]
    """Views shown while it runs, by name."""
    levers: tuple[str, ...]
    """What the visitor may move meanwhile: keys of `Scenario.with_overrides`."""
    runs: tuple[LessonRun, ...]
    """The first one is watched; the others are its comparisons."""
    measures: tuple[Measure, ...]
    claims: tuple[Claim, ...]
    measured: dict[str, tuple[float, float, float]]
    """Measure -> mean, lowest and highest value over ``SEEDS``; written by ``python -m dashboards.teach.lessons``."""

    @property
    def is_by_hand(self) -> bool:
        """Whether the visitor plays a college, quarter by quarter."""
        return any(run.effort is not None for run in self.runs)

    @property
    def cited(self) -> dict[str, Measure]:
        """Measures by name."""
        return {measure.name: measure for measure in self.measures}
