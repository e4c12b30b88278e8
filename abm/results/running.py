"""A run from its inputs to its results, and the folder that keeps them.

    results = abm.run("classroom", seed=1)
    results.metrics            # one row a step
    results.save("results/mine")

The same scenario and seed give the same tables, byte for byte, here, on the command line, in any
process and with any number of threads; ``result_hash`` in the manifest says so in one line.
"""

from __future__ import annotations

import builtins
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from abm import quarter
from abm.machine.errors import InputError
from abm.machine.inputs import shown, whole
from abm.machine.language import say
from abm.population import Tables, start_state, tables
from abm.results.folder import write
from abm.results.recording import Recorder
from abm.results.run_tables import RunTables
from abm.scenario import load

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from abm.world.state import State


class Watcher(Protocol):
    """Somebody who looks on: told when the steps begin, called after each; True ends the run."""

    def begin_steps(self) -> None:
        """The world is built."""
        ...

    def __call__(self, state: State) -> bool:
        """A step is done."""
        ...


def processors() -> int:
    """Cores that this process may use.

    Returns
    -------
    int
        At least 1.
    """
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Results(RunTables):
    """What a run left behind: its tables, what can be told of them, and the folder that keeps them.

    The tables are DataFrames, made when asked for.

    Parameters
    ----------
    scenario : Scenario
        As it was run: with its overrides, seed and steps.
    steps_done : int
        Fewer than the scenario's where the run was ended.
    region_names : tuple of str
        Names of the regions by row.
    columns : dict
        The tables by name, each a dictionary of columns.
    seconds : float
        How long the run took.
    population : Tables, optional
        Who lived there, with the ids and names that the tables were read with.

    Examples
    --------
    >>> import abm
    >>> results = abm.run("classroom", seed=1, steps=4)
    >>> print(results.verdict())
    Coordination ...
    >>> list(results.regions.columns[:4])
    ['step', 'region', 'region_id', 'region_name']
    """

    def verdict(self) -> str:
        """One sentence: does coordination hold, how much of it fails, mainly why.

        Returns
        -------
        str
            The sentence.
        """
        from abm.results.summary import verdict

        return verdict(self)

    def summary(self) -> str:
        """What happened, in plain words.

        Returns
        -------
        str
            Lines of at most 100 columns.
        """
        from abm.results.summary import summary

        return summary(self)

    def _repr_html_(self) -> str:
        from abm.results.notebook import of_run

        return of_run(self)

    def save(
        self, folder: str | Path, *, csv: bool = False, report: bool = True, bom: bool = True, xlsx: bool = False
    ) -> Path:
        """Write the results folder; nothing is left half-written.

        Parameters
        ----------
        folder : str or Path
            New, empty, or one of older results, which are replaced.
        csv : bool
            Whether the tables are written as CSV too.
        report : bool
            Whether report.html is written.
        bom : bool
            Whether CSVs begin with the byte-order mark by which Excel knows UTF-8.
        xlsx : bool
            Whether all tables are written as one workbook too.

        Returns
        -------
        Path
            The folder.
        """
        return write(self, Path(folder), csv=csv, report=report, bom=bom, xlsx=xlsx)


@dataclass(frozen=True)
class Run:
    """A run that is ready to go: every input has been looked at.

    Parameters
    ----------
    scenario : Scenario
        What is run, with its seed.
    threads : int
        Threads that it may use.
    """

    scenario: Scenario
    threads: int

    @classmethod
    def begin(
        cls,
        scenario: str | Path | Scenario,
        seed: int | None = None,
        /,
        *,
        threads: int | None = None,
        **overrides: Any,
    ) -> Run:
        """Choose the scenario and check what was asked; an InputError says what is wrong with it.

        Parameters
        ----------
        scenario : str, Path or Scenario
            As in `abm.run`.
        seed : int, optional
            As in `abm.run`.
        threads : int, optional
            As in `abm.run`.
        **overrides : Any
            As in `abm.run`.

        Returns
        -------
        Run
            Ready to `finish`.
        """
        if threads is not None and (whole(threads) is None or threads < 1):
            raise InputError(f"threads = {shown(threads)}", why="is no whole number from 1 on", mend="give 1 or more")
        from abm.results import trial

        trial.check()
        chosen = load(scenario)
        if seed is not None:
            overrides["seed"] = seed
        if overrides:
            chosen = chosen.with_overrides(**overrides)
        return cls(chosen, threads or processors())

    @cached_property
    def known(self) -> Tables:
        """Who lives in the world, before anything is drawn."""
        return tables(self.scenario)

    @property
    def notes(self) -> tuple[str, ...]:
        """What was guessed in reading a user's tables."""
        return self.known.notes

    def finish(self, watcher: Watcher | None = None) -> Results:
        """Build the world and run it.

        Parameters
        ----------
        watcher : Watcher, optional
            Called after each step; True ends the run.

        Returns
        -------
        Results
            What the run left behind.
        """
        begun = time.perf_counter()
        known = self.known
        state = start_state(known, self.scenario, self.scenario.seed, self.threads)
        recorder = Recorder()
        if watcher is not None:
            watcher.begin_steps()
        for _ in range(self.scenario.steps):
            quarter.step(state, self.scenario)
            recorder.record(state)
            if watcher is not None and watcher(state):
                break
        columns = recorder.columns(known.regions.name)
        seconds = time.perf_counter() - begun
        return Results(self.scenario, recorder.steps, known.regions.name, columns, seconds, known)


def run(
    scenario: str | Path | Scenario = "china",
    seed: int | None = None,
    *,
    threads: int | None = None,
    after_step: Callable[[State], bool] | None = None,
    progress: bool | None = None,
    **overrides: Any,
) -> Results:
    """Run a scenario and return its results.

    Parameters
    ----------
    scenario : str, Path or Scenario
        A name of `abm scenarios`, the path of a .toml, or a Scenario.
    seed : int, optional
        The scenario's own unless given (1 in those that come with the package).
    threads : int, optional
        All cores unless given; results do not depend on it.
    after_step : callable, optional
        Sees the state after every step and ends the run by returning True.
    progress : bool, optional
        Whether steps done and time left are shown from the third second on, and an interrupt (Ctrl-C, a notebook's
        stop) ends the run after its step and keeps what is done, with ``is_complete`` False. Unless given: in
        notebooks and at Python's prompt, not in scripts.
    **overrides : Any
        Whatever `Scenario.with_overrides` takes: parameters and levers by name, ``steps``, ``protocol`` ...

    Returns
    -------
    Results
        The tables of the run, what can be told of them, and `save`.

    Raises
    ------
    InputError
        For an input that cannot be used; it says what, where, why, and how to mend it.

    Examples
    --------
    >>> import abm
    >>> results = abm.run("classroom", seed=1, steps=4, subsidy_rate=0.3)
    >>> len(results.metrics), results.is_complete
    (4, True)
    """
    ready = Run.begin(scenario, seed, threads=threads, **overrides)
    if not (_is_interactive() if progress is None else progress):
        return ready.finish(None if after_step is None else _Caller(after_step))
    from abm.results.progress import Progress

    with Progress(ready.scenario.steps) as shown_to_a_person:
        results = ready.finish(_Caller(after_step, shown_to_a_person))
    if shown_to_a_person.is_interrupted and not results.is_complete:
        n, planned = results.steps_done, ready.scenario.steps
        print(say("stopped after {n} of {all} steps, which are kept", n=n, all=planned), file=sys.stderr)
    return results


def _is_interactive() -> bool:
    """Whether a person waits: Python's prompt, IPython, a notebook."""
    return hasattr(sys, "ps1") or hasattr(builtins, "get_ipython")


class _Caller:
    """A plain function as a watcher, beside what a person is shown."""

    def __init__(self, function: Callable[[State], bool] | None, beside: Watcher | None = None) -> None:
        self.function, self.beside = function, beside

    def begin_steps(self) -> None:
        """The world is built."""
        if self.beside is not None:
            self.beside.begin_steps()

    def __call__(self, state: State) -> bool:
        is_over = self.function is not None and bool(self.function(state))
        return (self.beside is not None and self.beside(state)) or is_over
