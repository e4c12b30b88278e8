"""A small sweep of one visitor, run in the background by a process of its own, from coarse to fine.

It can be paused and goes on where it stopped: what has run is in a store of the visitor's, which goes
when the visitor does.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from abm.machine.errors import InputError
from abm.scenario import load, names
from dashboards.live.limits import Places
from dashboards.outcomes.surface import BOUNDARIES

if TYPE_CHECKING:
    import pandas as pd

    from experiments.design import Design

MOST_VALUES = 9
"""Values of a setting: 81 cells."""
MOST_REPLICATIONS = 5
MOST_STEPS = 120
MOST_ENTERPRISES = 400
"""Of the world: a cell must take seconds."""
BATCH = 3
"""Cells that are asked for at once: between two batches the survey can be paused."""
SURVEYS = Places(a_visitor=1, in_all=3)
"""Each has a process of its own."""

RUNNING, PAUSED, DONE, FAILED = "running", "paused", "done", "failed"


@dataclass(frozen=True)
class Plan:
    """What is surveyed."""

    base: str = "classroom"
    x: str = "evaluation_reform"
    x_low: float = 0.0
    x_high: float = 0.8
    y: str = "communication_cost"
    y_low: float = 0.0
    y_high: float = 0.4
    values: int = 5
    replications: int = 3
    steps: int = 60

    def design(self) -> Design:
        """The design of the sweep. InputError for a plan that cannot be, or is too large for a page."""
        from experiments.design import load as load_design

        if self.base not in worlds():
            raise InputError(f"`{self.base[:60]}`", why="is not one of the small worlds: " + ", ".join(worlds()))
        if self.x == self.y:
            raise InputError(f"`{self.x}`", why="is on both axes", mend="choose two different settings")
        bounds = (
            ("values", self.values, 2, MOST_VALUES),
            ("replications", self.replications, 2, MOST_REPLICATIONS),
            ("steps", self.steps, 8, MOST_STEPS),
        )
        for name, value, low, high in bounds:
            if not low <= value <= high:
                raise InputError(f"`{name}` = {value}", why=f"is not in {low}-{high}")
        axes = ((self.x, self.x_low, self.x_high), (self.y, self.y_low, self.y_high))
        return load_design(
            {
                "name": "map-of-outcomes",
                "base": self.base,
                "steps": self.steps,
                "replications": self.replications,
                "outcomes": list(BOUNDARIES),
                "series": [],
                "vary": {key: {"low": low, "high": high, "n": self.values} for key, low, high in axes},
            }
        )


def worlds() -> list[str]:
    """Shipped scenarios that are small enough."""
    specs = {name: load(name).population for name in names()}
    return [n for n, spec in specs.items() if spec.source == "synthetic" and spec.n_enterprises <= MOST_ENTERPRISES]


def coarse_to_fine(points: pd.DataFrame, n: int) -> pd.DataFrame:
    """The points of an n x n grid, wide strides first, so that the whole map shows early."""
    strides = [stride for stride in (4, 2, 1) if stride < n]

    def rank(row: int) -> int:
        return next(k for k, stride in enumerate(strides) if row // n % stride == 0 and row % n % stride == 0)

    return points.iloc[sorted(range(len(points)), key=rank)].reset_index(drop=True)


class Survey:
    """One visitor's survey. Every method may be called from any thread."""

    def __init__(self, plan: Plan, visitor: str) -> None:
        self.plan = plan
        self.design = plan.design()
        SURVEYS.take(visitor)
        self.visitor = visitor
        self.xs, self.ys = (sorted(set(self.design.points()[key])) for key in (plan.x, plan.y))
        self.points = coarse_to_fine(self.design.points(), plan.values)
        self.error: InputError | None = None
        self.version = 0
        """Grows with every change: what a page looks at to know whether to draw anew."""
        self.tables: list[pd.DataFrame] = []
        """Runs of the cells so far, a table a batch."""
        self._folder = tempfile.TemporaryDirectory(prefix="abm-map-", ignore_cleanup_errors=True)
        self._changed = threading.Condition()
        self._is_wanted, self._is_closed = True, False
        self._seconds = 0.0
        self._thread = threading.Thread(target=self._work, name="abm-survey", daemon=True)
        self._thread.start()

    @property
    def cells_done(self) -> int:
        """Cells of which all runs are done."""
        return min(len(self.points), BATCH * len(self.tables))

    @property
    def phase(self) -> str:
        """running, paused, done or failed."""
        if self.error:
            return FAILED
        if self.cells_done >= len(self.points):
            return DONE
        return RUNNING if self._is_wanted else PAUSED

    @property
    def seconds_left(self) -> float | None:
        """At the pace so far; None before the first cells."""
        done = self.cells_done
        return self._seconds / done * (len(self.points) - done) if done else None

    def runs(self) -> pd.DataFrame | None:
        """All runs so far, one row each; None before the first."""
        import pandas as pd

        tables = list(self.tables)
        return pd.concat(tables, ignore_index=True) if tables else None

    def pause(self) -> None:
        """Stop after the cells that are being run."""
        self._want(is_wanted=False)

    def resume(self) -> None:
        """Go on where it stopped."""
        self._want(is_wanted=True)

    def close(self) -> None:
        """End it, its process and its store."""
        with self._changed:
            if self._is_closed:
                return
            self._is_closed = True
            self._changed.notify_all()
        SURVEYS.give_back(self.visitor)

    def join(self, seconds: float) -> bool:
        """Wait for the thread to end; whether it has."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _want(self, *, is_wanted: bool) -> None:
        with self._changed:
            self._is_wanted = is_wanted
            self.version += 1
            self._changed.notify_all()

    def _work(self) -> None:
        from experiments.evaluator import Evaluator

        is_orderly = False
        try:
            with Evaluator(self.design, store=self._folder.name, workers=1, executor="processes") as evaluate:
                while self._wait():
                    self._batch(evaluate)
            is_orderly = True
        except InputError as error:
            self.error, is_orderly = error, True
        finally:
            if not is_orderly:
                mend = "the terminal that runs `abm dashboard` says why"
                self.error = InputError("the survey", why="stopped unexpectedly", mend=mend)
            with self._changed:
                self.version += 1
            self._folder.cleanup()

    def _wait(self) -> bool:
        """Until the next batch is wanted; False when nothing more is."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_closed or self._is_wanted)
            return not self._is_closed and self.cells_done < len(self.points)

    def _batch(self, evaluate: Any) -> None:
        begun = time.monotonic()
        table = evaluate(self.points.iloc[self.cells_done : self.cells_done + BATCH])
        with self._changed:
            self._seconds += time.monotonic() - begun
            self.tables.append(table)
            self.version += 1


def plan_from(wish: Mapping[str, Any]) -> Plan:
    """A plan from what a page sends. InputError for what is no number."""
    try:
        return Plan(
            base=str(wish["base"]),
            x=str(wish["x"]), x_low=float(wish["x_low"]), x_high=float(wish["x_high"]),
            y=str(wish["y"]), y_low=float(wish["y_low"]), y_high=float(wish["y_high"]),
            values=int(wish["values"]), replications=int(wish["replications"]), steps=int(wish["steps"]),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError) as error:
        raise InputError("the survey", why=f"cannot be read ({error})", mend="give a number in every field") from None
