"""A results folder of before: what its run was, so that it can be run again and shown."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from abm.machine import plugins
from abm.machine.errors import InputError
from abm.machine.version import __version__
from abm.results import own_tables
from abm.results.folder import MANIFEST

if TYPE_CHECKING:
    from abm.scenario import Scenario

SCENARIO = "scenario.toml"
KEYS = ("scenario", "seed", "steps", "steps_done", "complete", "result_hash", "abm", "commit")
"""What the manifest of a run says at least."""


def is_run(path: Path) -> bool:
    """Whether a folder is what `abm run` writes: one run, no store and no study of one."""
    return (path / SCENARIO).is_file() and (path / MANIFEST).is_file()


def run_manifest(path: Path) -> dict[str, Any]:
    """What the manifest of a run says; InputError for one that is no longer whole."""
    try:
        about = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
        whole = set(KEYS) <= about.keys() and type(about["seed"]) is int and type(about["steps_done"]) is int
    except (OSError, ValueError, AttributeError, RecursionError):
        whole, about = False, {}
    if not whole:
        mend = "run its scenario.toml again with `abm run`"
        raise InputError(f"{path / MANIFEST}", why="is not the manifest of a run, or no longer whole", mend=mend)
    return about


@dataclass(frozen=True)
class Saved:
    """A run of before."""

    folder: Path
    scenario: Scenario
    steps_done: int
    is_complete: bool
    result_hash: str
    version: str
    commit: str | None

    def check(self, result_hash: str) -> None:
        """InputError if running it again has given something else, which another version of the model does."""
        # A run that was stopped may have been stopped in the middle of a quarter.
        if self.is_complete and result_hash != self.result_hash:
            raise self.otherwise()

    def check_quarter(self, step: int, seen: Mapping[str, float]) -> None:
        """InputError if running it again gave other metrics in a quarter, by name, or if its table is not whole."""
        import pandas as pd

        place = self.folder / "metrics.parquet"
        try:
            row = pd.read_parquet(place, columns=["step", *seen]).set_index("step").loc[step]
            told = row[list(seen)].to_numpy(np.float64)
        except (OSError, KeyError, ValueError, TypeError):
            mend = "run its scenario.toml again with `abm run`"
            raise InputError(f"{place}", why="is not a table of a run, or no longer whole", mend=mend) from None
        if not np.array_equal(told, list(seen.values()), equal_nan=True):
            raise self.otherwise()

    def otherwise(self) -> InputError:
        """What is said where this version of the model makes another run of it."""
        at = f" at commit {self.commit}" if self.commit else ""
        return InputError(
            f"{self.folder}",
            why=f"was run by {self.version}{at}; this model ({__version__}) gives other results",
            mend="its report.html shows that run; `abm run` on its scenario.toml makes a new one",
        )


def saved(folder: Path) -> Saved:
    """The run of a results folder. InputError for anything else, for one that is not whole, and where code or tables
    that the run used are no longer as they were."""
    from abm.scenario import load

    if not folder.is_dir():
        raise InputError(f"{folder}", why="is not a folder", mend="give a results folder, as `abm run` writes it")
    if not (folder / SCENARIO).is_file() and not (folder / MANIFEST).is_file():
        mend = "give a folder that `abm run` wrote"
        raise InputError(f"{folder}", why=f"holds no run: there is no {SCENARIO} and no {MANIFEST}", mend=mend)
    if not (folder / SCENARIO).is_file():
        raise InputError(f"{folder}", why=f"is not whole: {SCENARIO} is missing", mend="run the scenario again")
    about = run_manifest(folder)
    _check_what_it_used(folder, about)
    scenario = load(folder / SCENARIO).with_overrides(seed=about["seed"])
    steps = about["steps_done"]
    if not 0 <= steps <= scenario.steps:
        why = f"says that {steps} of {scenario.steps} quarters were run"
        raise InputError(f"{folder / MANIFEST}", why=why, mend="run its scenario.toml again with `abm run`")
    return Saved(
        folder, scenario, steps, bool(about["complete"]), str(about["result_hash"]), str(about["abm"]),
        None if about["commit"] is None else str(about["commit"]),
    )  # fmt: skip


def _check_what_it_used(folder: Path, about: dict[str, Any]) -> None:
    now = plugins.codes()
    for name, code in dict(about.get("plugins", {})).items():
        if now.get(name) != code:
            why = f"was run with the plug-in {name.rpartition('.')[2]} {'as it was before an edit' * (name in now)}"
            raise InputError(f"{folder}", why=why.rstrip(), mend="name the same files by --plugin")
    for name, digest in dict(about.get("own_tables", {})).items():
        path = folder / own_tables.FOLDER / name
        if not path.is_file() or own_tables.digest(path) != digest:
            raise InputError(f"{path}", why="is not the table that the run was made from", mend="copy the folder anew")
