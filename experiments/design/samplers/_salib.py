"""A design's keys as SALib knows problems: names, and shares 0-1 as bounds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from experiments.design.dimensions import Dimension


def problem(dimensions: tuple[Dimension, ...]) -> dict[str, Any]:
    """SALib's problem; sampling in shares leaves logarithms, whole numbers and lists to the dimensions."""
    return {
        "num_vars": len(dimensions),
        "names": [d.name for d in dimensions],
        "bounds": [[0.0, 1.0]] * len(dimensions),
    }
