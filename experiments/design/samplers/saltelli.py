"""Saltelli's scheme (Saltelli 2002) for Sobol indices, by SALib: n * (keys + 2) points, in its order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from abm.machine.errors import InputError
from experiments.design.samplers import by_shares
from experiments.design.samplers._options import Option
from experiments.design.samplers._salib import problem

if TYPE_CHECKING:
    import pandas as pd

    from experiments.design.dimensions import Dimension

OPTIONS = {
    "n": Option("base points, a power of 2", 64, 2, 2**20),
    "second_order": Option("1 = with the points for second-order indices, 0 = without", 0, 0, 1),
}


def sample(dimensions: tuple[Dimension, ...], options: dict[str, Any], seed: int) -> pd.DataFrame:
    """Shape [n * (keys + 2), keys], with second order [n * (2 keys + 2), keys]."""
    from SALib.sample import sobol

    n = options["n"]
    if n & (n - 1):
        raise InputError(f"`n` = {n} of saltelli", why="is not a power of 2", mend=f"take {1 << n.bit_length()}")
    shares = sobol.sample(problem(dimensions), n, calc_second_order=bool(options["second_order"]), seed=seed)
    return by_shares(dimensions, shares)
