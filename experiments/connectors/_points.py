"""What connectors share: a run of a design's point, with nothing kept but its outcomes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from abm.results import run
from experiments.design.outcomes import reduced

if TYPE_CHECKING:
    from experiments.design import Design


def outcomes(design: Design, point: Mapping[str, Any], replication: int = 0) -> dict[str, float]:
    """Outcomes of one run at a point of the design, under the seed of a replication."""
    metrics: Any = run(design.scenario(point), design.run_seed(replication), threads=1).columns["metrics"]
    values = reduced(design.outcomes, metrics)
    return {outcome.name: value for outcome, value in zip(design.outcomes, values, strict=True)}


def plain(value: Any) -> Any:
    """A NumPy scalar as the Python value that it stands for."""
    return value.item() if isinstance(value, np.generic) else value
