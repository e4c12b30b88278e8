"""Runs of before, by their results folder: opened as worlds of the dashboard."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from abm.machine.errors import InputError
from abm.machine.version import __version__
from abm.results import TABLES, saved
from abm.results.folder import commit
from dashboards.live.worlds import World
from dashboards.play.again import found

if TYPE_CHECKING:
    from abm.results.saved import Saved
    from dashboards.play.again import Played

A_YEAR = 4
"""Quarters that are run again to see whether this model gives what the folder holds."""
OTHER, HALF = "chooser.other_results", "chooser.half_results"


def opened(folder: Path) -> tuple[World, int]:
    """The world of a results folder and the quarter to show. What is not whole, and what another version of the model
    ran, is shown as far as it can be, with a word of it. InputError where there is nothing to show."""
    from abm.scenario import load

    try:
        run = saved.saved(folder)
    except InputError:
        if not (folder / saved.SCENARIO).is_file():
            raise
        scenario = load(folder / saved.SCENARIO)
        return World(scenario, __version__, doubt=HALF), scenario.steps
    game = found(folder)
    doubt = "" if _is_ours(run, game) else OTHER
    doubt = doubt or ("" if _is_whole(folder) else HALF)
    played = None if game is None else game.world()
    return World(run.scenario, run.version, doubt=doubt, played=played), run.steps_done


def _is_whole(folder: Path) -> bool:
    """Whether every table of a run is there and can be read."""
    from pyarrow import parquet

    try:
        for name in TABLES:
            parquet.read_metadata(folder / f"{name}.parquet")
    except (OSError, ValueError):
        return False
    return True


def _is_ours(run: Saved, game: Played | None) -> bool:
    """Whether this model gives the run: by its version, or else by running its first year again."""
    now = commit()
    if (run.version, run.commit) == (__version__, now) and not (now or "").endswith("-dirty"):
        return True
    try:
        from pyarrow import parquet, types

        table = parquet.read_table(run.folder / "metrics.parquet")
        told = {field.name: table[field.name].to_numpy() for field in table.schema if types.is_floating(field.type)}
    except (OSError, ValueError, KeyError):
        return False
    import abm

    steps = min(A_YEAR, run.steps_done)
    results = abm.run(replace(run.scenario, steps=max(1, steps))) if game is None else game.run(steps)
    again = results.columns["metrics"]
    return all(
        name in told and np.array_equal(told[name][:steps], np.asarray(values)[:steps], equal_nan=True)
        for name, values in again.items()
        if np.asarray(values).dtype.kind == "f"
    )
