"""Sweeps that were run before: the stores below ./studies, or a folder that a visitor gives, read only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from abm.machine.errors import InputError
from dashboards.outcomes.surface import BOUNDARIES

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from experiments.sweep.store import Study

MOST_RUNS = 300_000
"""Runs of a study that a page reads."""
MOST_LISTED = 60
OPENED: dict[str, Study] = {}
"""Studies that the dashboard was started with, by the name shown."""
AGAIN = "copy the whole folder of the study again"


def listed() -> dict[str, Study]:
    """Studies by the name shown: those with a map in them, and those that cannot be read, which say so when chosen."""
    from experiments.runs import files
    from experiments.sweep.store import HOME, Study

    found: dict[str, Study] = dict(OPENED)
    for path in sorted(HOME.glob(f"*/*/{files.MANIFEST}")):
        study = Study(path.parent)
        if not study.folder.name.startswith(".") and _is_listed(study):
            found[f"{path.parts[-3]} / {study.folder.name[:8]}"] = study
    return dict(list(found.items())[:MOST_LISTED])


def open_store(folder: Path) -> list[str]:
    """List the studies of a store, or a study, wherever it is: their names, the newest first; empty for none with a
    map in it."""
    from experiments.commands._store import found

    here = {f"{study.folder.parent.name} / {study.folder.name[:8]}": study for study in found(folder)}
    OPENED.update({name: study for name, study in here.items() if _is_listed(study)})
    return [name for name in reversed(here) if name in OPENED]


def _is_listed(study: Study) -> bool:
    try:
        check_manifest(study)
    except InputError:
        return True
    return len(numeric(study.manifest)) > 1 and bool(set(study.outcomes) & set(BOUNDARIES))


def check_manifest(study: Study) -> None:
    """Raise an InputError if the study's own description cannot be read or lacks something."""
    from experiments.runs import files

    try:
        _ = study.manifest
    except InputError as error:
        why = error.why if error.why.startswith("has no ") else "cannot be read"
        raise InputError(f"{study.folder.name}/{files.MANIFEST}", why=why, mend=AGAIN) from None


def numeric(manifest: dict[str, Any]) -> list[str]:
    """Varied settings that have an order, as axes need."""
    vary: dict[str, Any] = manifest["design"]["vary"]
    return [key for key, entry in vary.items() if not _has_words(entry)]


def _has_words(entry: Any) -> bool:
    values = entry.get("values", []) if isinstance(entry, dict) else entry
    return not isinstance(values, list) or any(isinstance(value, str) for value in values)


def read(study: Study) -> pd.DataFrame:
    """The runs of a study that are done. InputError if it is broken, too large, empty or has no map in it."""
    import pyarrow as pa

    check_manifest(study)
    name, keys = study.folder.name, numeric(study.manifest)
    planned = int(study.manifest["runs"])
    if planned > MOST_RUNS:
        raise InputError(name, why=f"has {planned:,} runs, more than {MOST_RUNS:,}", mend="use `abm report`")
    outcomes = [outcome for outcome in BOUNDARIES if outcome in study.outcomes]
    if len(keys) < 2 or not outcomes:
        mend = "a map needs two settings with numbers and one of " + ", ".join(f"`{o}`" for o in BOUNDARIES)
        raise InputError(name, why="has no map in it", mend=mend)
    try:
        runs = study.runs()
    except (OSError, pa.ArrowException, KeyError, ValueError) as error:
        raise InputError(name, why=f"is broken ({_first_line(error)})", mend=AGAIN) from None
    if runs.empty:
        raise InputError(name, why="has no runs yet", mend="wait, or start `abm sweep` again")
    wrong = [key for key in (*keys, *outcomes, "seed") if runs[key].dtype.kind not in "iuf"]
    if wrong:
        raise InputError(name, why=f"is broken ({', '.join(wrong)} without numbers)", mend=AGAIN)
    return runs


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:120]


def on_grid(runs: pd.DataFrame, key: str, most: int = 24) -> list[float]:
    """Values of an axis. What a sampler drew is gathered in even bins, into their middles, in ``runs`` itself."""
    values = np.unique(runs[key].to_numpy(np.float64))
    if len(values) <= most:
        return values.tolist()
    edges = np.linspace(values[0], values[-1], 13)
    middles = (edges[:-1] + edges[1:]) / 2
    row = np.clip(np.digitize(runs[key].to_numpy(np.float64), edges) - 1, 0, len(middles) - 1)
    runs[key] = middles[row]
    return middles.tolist()
