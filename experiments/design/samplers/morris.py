"""Morris trajectories (Morris 1991) for elementary effects, by SALib: n * (keys + 1) points, in its order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from experiments.design.samplers import by_shares
from experiments.design.samplers._options import Option
from experiments.design.samplers._salib import problem

if TYPE_CHECKING:
    import pandas as pd

    from experiments.design.dimensions import Dimension

OPTIONS = {"n": Option("trajectories", 20, 2, 100_000), "levels": Option("levels of each key, even", 4, 2, 100)}


def sample(dimensions: tuple[Dimension, ...], options: dict[str, Any], seed: int) -> pd.DataFrame:
    """Shape [n * (keys + 1), keys]."""
    from SALib.sample import morris

    shares = morris.sample(problem(dimensions), options["n"], num_levels=options["levels"], seed=seed)
    return by_shares(dimensions, shares)
