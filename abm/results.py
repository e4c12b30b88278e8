"""A run from its inputs to its results, and the folder that keeps them.

    results = abm.run("classroom", seed=1)
    results.metrics            # one row a step
    results.save("results/mine")

The same scenario and seed give the same tables, byte for byte, here, on the command line, in any
process and with any number of threads; ``result_hash`` in the manifest says so in one line.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from abm import simulation
from abm.errors import InputError
from abm.population import build, tables
from abm.recording import Columns, Recorder
from abm.scenario import load

if TYPE_CHECKING:
    import pandas as pd

    from abm.scenario import Scenario
    from abm.state import State

TABLES = ("metrics", "regions", "events", "contracts", "tables", "communities")


class Watcher(Protocol):
    """Somebody who looks on: told when the steps begin, called after each; True ends the run."""

    def begin_steps(self) -> None:
        """The world is built."""
        ...

    def __call__(self, state: State) -> bool:
        """A step is done."""
        ...


def processors() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True)
class Results:
    """What a run left behind. The six tables are DataFrames, made when asked for."""

    scenario: Scenario
    """As it was run: with its overrides, seed and steps."""
    steps_done: int
    region_names: tuple[str, ...]
    columns: dict[str, Columns] = field(repr=False)
    """The tables by name, each a dictionary of columns."""
    seconds: float = 0.0

    @property
    def is_complete(self) -> bool:
        """False for a run that was interrupted."""
        return self.steps_done >= self.scenario.steps

    def frame(self, table: str) -> pd.DataFrame:
        """One table as a DataFrame."""
        import pandas as pd

        return pd.DataFrame(self.columns[table])

    @property
    def metrics(self) -> pd.DataFrame:
        """One row a step: the national metrics (abm.metrics says what each means)."""
        return self.frame("metrics")

    @property
    def regions(self) -> pd.DataFrame:
        """One row a step and region: stage, tables, causes of failure, contracts, levers, money."""
        return self.frame("regions")

    @property
    def events(self) -> pd.DataFrame:
        """One row an event."""
        return self.frame("events")

    @property
    def contracts(self) -> pd.DataFrame:
        """One row an event in the life of a contract: signed, renewed, lapsed, blamed, ended, fined, and why."""
        return self.frame("contracts")

    @property
    def tables(self) -> pd.DataFrame:
        """One row a failed table: why it failed and what alone would have closed it."""
        return self.frame("tables")

    @property
    def communities(self) -> pd.DataFrame:
        """One row a year and community."""
        return self.frame("communities")

    def result_hash(self) -> str:
        """BLAKE2b of all tables: equal for equal results."""
        digest = hashlib.blake2b(digest_size=16)
        for name in TABLES:
            for column, values in self.columns[name].items():
                digest.update(f"{name}.{column}:".encode())
                digest.update(values.tobytes() if isinstance(values, np.ndarray) else repr(values).encode())
        return digest.hexdigest()

    def verdict(self) -> str:
        """One sentence: does coordination hold, how much of it fails, mainly why."""
        from abm.summary import verdict

        return verdict(self)

    def summary(self) -> str:
        """What happened, in plain words, at most 100 columns wide."""
        from abm.summary import summary

        return summary(self)

    def save(self, folder: str | Path, *, csv: bool = False, report: bool = True) -> Path:
        """Write the results folder; nothing is left half-written. Returns the folder."""
        from abm.folder import write

        return write(self, Path(folder), csv=csv, report=report)


@dataclass(frozen=True)
class Run:
    """A run that is ready to go: every input has been looked at."""

    scenario: Scenario
    threads: int

    @classmethod
    def begin(
        cls, scenario: str | Path | Scenario, seed: int | None = None, *, threads: int | None = None, **overrides: Any
    ) -> Run:
        """Choose the scenario and check what was asked; an InputError says what is wrong with it."""
        if threads is not None and threads < 1:
            raise InputError(f"threads = {threads}", why="is less than 1", mend="give 1 or more")
        chosen = load(scenario)
        if seed is not None:
            overrides["seed"] = seed
        if overrides:
            chosen = chosen.with_overrides(**overrides)
        return cls(chosen, threads or processors())

    def finish(self, watcher: Watcher | None = None) -> Results:
        """Build the world and run it; a watcher that returns True ends it after the step."""
        begun = time.perf_counter()
        names = tables(self.scenario).regions.name
        state = build(self.scenario, self.scenario.seed, threads=self.threads)
        recorder = Recorder()
        if watcher is not None:
            watcher.begin_steps()
        for _ in range(self.scenario.steps):
            simulation.step(state, self.scenario)
            recorder.record(state)
            if watcher is not None and watcher(state):
                break
        columns = recorder.columns(names)
        return Results(self.scenario, recorder.steps, names, columns, time.perf_counter() - begun)


def run(
    scenario: str | Path | Scenario = "china",
    seed: int | None = None,
    *,
    threads: int | None = None,
    after_step: Callable[[State], bool] | None = None,
    **overrides: Any,
) -> Results:
    """Run a scenario (a name, the path of a .toml, or a Scenario) and return its results.

    ``seed`` is the scenario's own unless given (1 in those that come with the package).
    ``overrides`` are whatever `Scenario.with_overrides` takes: parameters and levers by name,
    ``steps``, ``protocol`` ... ``after_step`` sees the state after every step and ends the run by
    returning True. Raises InputError for an input that cannot be used.
    """
    watcher = None if after_step is None else _Caller(after_step)
    return Run.begin(scenario, seed, threads=threads, **overrides).finish(watcher)


class _Caller:
    """A plain function as a watcher."""

    def __init__(self, function: Callable[[State], bool]) -> None:
        self.function = function

    def begin_steps(self) -> None:
        """Nothing to prepare."""

    def __call__(self, state: State) -> bool:
        return bool(self.function(state))
