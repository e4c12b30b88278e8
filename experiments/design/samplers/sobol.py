"""Scrambled Sobol sequence (Sobol 1967; Owen 1998), by SciPy: fills space evenly. For Sobol indices: saltelli."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from abm.machine.errors import InputError
from experiments.design.samplers import by_shares
from experiments.design.samplers._options import Option

if TYPE_CHECKING:
    import pandas as pd

    from experiments.design.dimensions import Dimension

OPTIONS = {"n": Option("points, a power of 2", 64, 1, 2**20)}


def sample(dimensions: tuple[Dimension, ...], options: dict[str, Any], seed: int) -> pd.DataFrame:
    """``n`` points. Shape [n, keys]."""
    from scipy.stats import qmc

    n = options["n"]
    if n & (n - 1):
        near = sorted((1 << (n.bit_length() - 1), 1 << n.bit_length()))
        raise InputError(f"`n` = {n} of sobol", why="is not a power of 2", mend=f"take {near[0]} or {near[1]}")
    return by_shares(dimensions, qmc.Sobol(len(dimensions), rng=seed).random(n))
