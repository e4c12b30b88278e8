"""Sweeps that were run on this machine before: the stores below ./studies, read only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from abm.errors import InputError
from dashboards.outcomes.surface import BOUNDARIES

if TYPE_CHECKING:
    import pandas as pd

    from experiments.store import Study

MOST_RUNS = 300_000
"""Runs of a study that a page reads."""
MOST_LISTED = 60


def listed() -> dict[str, Study]:
    """Studies with a map in them, by the name shown: two numeric settings and an outcome that can be mapped."""
    from experiments.store import HOME, studies

    found: dict[str, Study] = {}
    if not HOME.is_dir():
        return found
    for folder in sorted(path for path in HOME.iterdir() if path.is_dir()):
        for study in studies(folder):
            if len(numeric(study.manifest)) > 1 and set(study.outcomes) & set(BOUNDARIES):
                found[f"{folder.name} / {study.folder.name[:8]}"] = study
    return dict(list(found.items())[:MOST_LISTED])


def numeric(manifest: dict[str, Any]) -> list[str]:
    """Varied settings that have an order, as axes need."""
    vary: dict[str, Any] = manifest["design"]["vary"]
    return [key for key, entry in vary.items() if not _has_words(entry)]


def _has_words(entry: Any) -> bool:
    values = entry.get("values", []) if isinstance(entry, dict) else entry
    return any(isinstance(value, str) for value in values)


def read(study: Study) -> pd.DataFrame:
    """The runs of a study that are done. InputError if they are too many, or none."""
    planned = int(study.manifest["runs"])
    if planned > MOST_RUNS:
        raise InputError(
            f"{study.folder.name}", why=f"has {planned:,} runs, more than {MOST_RUNS:,}", mend="use `abm report`"
        )
    runs = study.runs()
    if runs.empty:
        raise InputError(f"{study.folder.name}", why="has no runs yet", mend="wait, or start `abm sweep` again")
    return runs


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
