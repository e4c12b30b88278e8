"""What the promises about sweeps share."""

from __future__ import annotations

import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.design import Design, load
from tests.experiments.simulators import BASE


def stand_in(simulator: str, **changes: Any) -> Design:
    """Four points of a stand-in for the model."""
    return load(BASE, simulator=f"tests.experiments.simulators:{simulator}", **changes)


def classroom(**changes: Any) -> Design:
    """The real model in the classroom world."""
    return load({"name": "promise", "base": "classroom", "outcomes": ["failed_share", "mean_formal_depth"], **changes})


@contextmanager
def folder() -> Generator[Path]:
    """An empty folder, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="abm-promise-") as name:
        yield Path(name)


def hashes(runs: pd.DataFrame) -> dict[str, str]:
    """Result hash by run key."""
    return dict(zip(runs["run_key"], runs["result_hash"], strict=True))
