"""A design as a SALib problem, and back: sample and analyse with SALib, run with whatever runs points.

from SALib.sample import sobol as sample
from SALib.analyze import sobol as analyze
from experiments.connectors.salib import points_of, problem, values_of
from experiments.evaluator import Evaluator

of = problem(design)
with Evaluator(design) as evaluate:
    runs = evaluate(points_of(design, sample.sample(of, 64)))
analyze.analyze(of, values_of(runs, "coordination"))
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from abm.machine.errors import InputError
from experiments.analysis._runs import Floats, by_point, column

if TYPE_CHECKING:
    import pandas as pd

    from experiments.design import Design


def problem(design: Design) -> dict[str, Any]:
    """Names and bounds of the varied ranges, as SALib describes problems.

    Whole numbers and logarithms have the bounds 0-1; ``points_of`` says what is meant.
    """
    for d in design.vary:
        if not d.is_range:
            raise InputError(f"`{d.name}`", place=f"design {design.name}", why="has no range", mend="give low and high")
    return {
        "num_vars": len(design.vary),
        "names": list(design.keys),
        "bounds": [[0.0, 1.0] if d.is_log or d.is_whole else [d.low, d.high] for d in design.vary],
    }


def points_of(design: Design, sample: Floats) -> pd.DataFrame:
    """A sample of the problem, shape [n, keys], as points of the design."""
    import pandas as pd

    columns: dict[str, Any] = {}
    for d, values in zip(design.vary, np.asarray(sample, np.float64).T, strict=True):
        columns[d.name] = d.at(values) if d.is_log or d.is_whole else values
    return pd.DataFrame(columns)


def values_of(runs: pd.DataFrame, outcome: str) -> Floats:
    """Mean outcome of each point in the order of the sample, as SALib's analyses want it.

    Shape [n]. InputError where a point has no usable run: an analysis by differences has no room for gaps.
    """
    n_points = int(column(runs, "point").max()) + 1
    means, _, counts = by_point(runs, outcome, n_points)
    if (counts == 0).any():
        first = int(np.flatnonzero(counts == 0)[0])
        raise InputError(
            f"{int((counts == 0).sum())} points", why=f"have no usable run, point {first} first",
            mend="look at their errors, or use `abm sensitivity`, which leaves whole rows of the sample out",
        )  # fmt: skip
    return means
