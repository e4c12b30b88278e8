"""Samplers: which points of the varied keys are run. One file each, found by discovery.

A sampler is a module of this folder with

    OPTIONS  what a design may tell it, name -> Option
    sample   (dimensions, options, seed) -> DataFrame: one row a point, one column a varied key

or, where the points are given and not drawn, ``rows`` (the design's [[points]], options, where) in
place of ``sample``. To add one, copy ``latin_hypercube.py``; a design calls it by the name of its file.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from experiments.design.samplers._options import Option

if TYPE_CHECKING:
    import pandas as pd

    from abm.world.state import Floats
    from experiments.design.dimensions import Dimension

__all__ = ["Option", "by_shares", "samplers"]


@cache
def samplers() -> dict[str, ModuleType]:
    """Every sampler by its name."""
    names = sorted(m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_"))
    return {name: import_module(f"{__name__}.{name}") for name in names}


def by_shares(dimensions: tuple[Dimension, ...], shares: Floats) -> pd.DataFrame:
    """Points from shares of the ranges, 0-1. Shape [points, keys]."""
    import pandas as pd

    columns: Mapping[str, Any] = {d.name: d.at(shares[:, i]) for i, d in enumerate(dimensions)}
    return pd.DataFrame(columns)
