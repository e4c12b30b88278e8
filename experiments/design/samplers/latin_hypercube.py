"""Latin hypercube (McKay, Beckman & Conover 1979), by SciPy: each key's range is covered evenly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from experiments.design.samplers import by_shares
from experiments.design.samplers._options import Option

if TYPE_CHECKING:
    import pandas as pd

    from experiments.design.dimensions import Dimension

OPTIONS = {"n": Option("points", 64)}


def sample(dimensions: tuple[Dimension, ...], options: dict[str, Any], seed: int) -> pd.DataFrame:
    """``n`` points. Shape [n, keys]."""
    from scipy.stats import qmc

    return by_shares(dimensions, qmc.LatinHypercube(len(dimensions), rng=seed).random(options["n"]))
