"""Every combination of the values of all keys; the last key moves fastest."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

from abm.machine.errors import InputError
from experiments.design.samplers._options import Option

if TYPE_CHECKING:
    import pandas as pd

    from experiments.design.dimensions import Dimension

OPTIONS: dict[str, Option] = {}
LARGEST = 10_000_000
"""Points that a grid may have."""


def sample(dimensions: tuple[Dimension, ...], options: dict[str, Any], seed: int) -> pd.DataFrame:
    """All combinations. Shape [product of the numbers of values, keys]."""
    import pandas as pd

    values = [d.on_grid() for d in dimensions]
    n = math.prod(map(len, values))
    if n > LARGEST:
        mend = "give fewer values, or use latin_hypercube or sobol"
        raise InputError(f"the grid of {n:,} points", why=f"is larger than {LARGEST:,}", mend=mend)
    return pd.DataFrame(list(itertools.product(*values)), columns=[d.name for d in dimensions])
