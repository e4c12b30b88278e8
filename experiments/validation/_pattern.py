"""What a validation pattern is made of: worlds, what is kept of their runs, effects between them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from abm import scenario
from abm.scenario import Scenario
from abm.world.state import State

Observe = Callable[[State], Mapping[str, Any]]
"""After each step: name -> number or array (always of the same shape) that no metric holds."""


@dataclass(frozen=True)
class World:
    """One side of a comparison: a scenario, and what changes under way."""

    scenario: Scenario
    changes: tuple[tuple[int, Scenario], ...] = ()
    """(step, scenario from there on), for parameters that move with time."""
    observe: Observe | None = None


@dataclass(frozen=True)
class Run:
    """What one run left behind, one value a step."""

    metrics: Mapping[str, npt.NDArray[np.float64]]
    stage: npt.NDArray[np.int8]
    """Stage of each region, index of abm.stages.STAGES. Shape [steps, R]."""
    seen: Mapping[str, npt.NDArray[Any]] = field(default_factory=dict[str, Any])
    """What the world's ``observe`` gave. Shape [steps, ...]."""

    def mean(self, name: str, start: int = 0, end: int | None = None) -> float:
        """Mean of a metric, or of an observation, over steps; NaN left out."""
        values = (self.seen[name] if name in self.seen else self.metrics[name])[start:end]
        return float(np.nanmean(values)) if np.isfinite(values).any() else float("nan")

    def sum(self, name: str, start: int = 0, end: int | None = None) -> float:
        """Sum of a metric, or of an observation, over steps; NaN counts as 0."""
        return float(np.nansum((self.seen[name] if name in self.seen else self.metrics[name])[start:end]))

    def last(self, name: str, quarters: int = 12) -> float:
        """Mean over the last quarters."""
        return self.mean(name, -quarters)


Runs = Mapping[str, Run]
"""The runs of one seed, by the names of the worlds."""


@dataclass(frozen=True)
class Effect:
    """One number taken from the runs of a seed, and where it must lie for the pattern to hold.

    It lies there if its whole 95 % interval over seeds does. One without bounds is only reported.
    """

    name: str
    measure: Callable[[Runs], float]
    above: float | None = None
    below: float | None = None


@dataclass(frozen=True)
class Pattern:
    """A pattern: number, what is claimed, who says so, the worlds compared, the effects asked for."""

    number: str
    statement: str
    source: str
    worlds: Mapping[str, World]
    effects: tuple[Effect, ...]
    note: str = ""
    """What a reader of the table should know: what was chosen, what was found beside the claim."""


def world(
    base: str = "classroom",
    policies: tuple[dict[str, Any], ...] | None = None,
    observe: Observe | None = None,
    **overrides: Any,
) -> World:
    """A shipped scenario with other values, and with these policies in place of its own (None = its own)."""
    if policies is not None:
        overrides["policies"] = list(policies)
    return World(scenario.load(base).with_overrides(**overrides), observe=observe)


def package(
    start: int = 8, until: int | None = None, ramp: int = 8, strength: float = 1.0
) -> tuple[dict[str, Any], ...]:
    """Evaluation reform and supervision: the two remedies that turn paper into substance, as policies."""
    when: dict[str, Any] = {"from": start, "ramp": ramp}
    if until is not None:
        when["until"] = until
    return (
        {"rule": "college_evaluation", "reform": 0.7 * strength, **when},
        {"rule": "supervision", "probability": 0.5 * strength, "penalty": 0.3 * strength, **when},
    )


def difference(name: str, of: str, against: str, quarters: int = 20) -> Callable[[Runs], float]:
    """Last quarters' mean of a metric in one world minus that in another."""
    return lambda runs: runs[of].last(name, quarters) - runs[against].last(name, quarters)


def whole_difference(name: str, of: str, against: str) -> Callable[[Runs], float]:
    """Mean of a metric over the whole run in one world minus that in another."""
    return lambda runs: runs[of].mean(name) - runs[against].mean(name)
