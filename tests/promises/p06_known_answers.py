"""Methods on problems whose answers are known: Ishigami's indices, the workbench's boxes, a plane with an island."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec

import numpy as np

from experiments.analysis._space import Space
from experiments.analysis.boundary import find_boundary
from experiments.analysis.discovery.prim import trajectory
from experiments.analysis.sensitivity import sensitivity
from tests.analysis.test_discovery import planted
from tests.analysis.test_sensitivity import SPACE, TOTAL, ishigami
from tests.analysis.toys import height, plane, simulator
from tests.benchmarks.figures import Figure


def measure(is_quick: bool) -> Iterator[Figure]:
    """Indices outside their interval; boxes unlike those of the workbench; share of the plane on the wrong side."""
    tables = [sensitivity("sobol", SPACE, ishigami, "y", 1024, seed=seed).table.set_index("key") for seed in range(10)]
    outside = sum(not t.loc[name, "low"] <= TOTAL[name] <= t.loc[name, "high"] for t in tables for name in SPACE.names)
    # More than 5 come about once in 600 times.
    yield Figure("6 known answers", "Ishigami: total indices outside their 95 % interval, of 30", outside, "indices", 5)
    if find_spec("ema_workbench") is not None:
        yield from _boxes(2 if is_quick else 10)
    truth = height(*plane()) > 0
    square, seeds = Space.of({"x": (0.0, 1.0), "y": (0.0, 1.0)}), range(1, 3 if is_quick else 13)
    wrong = [
        float(np.mean((find_boundary(square, simulator(seed), "z", 0.0, seed=seed).chance > 0.5) != truth))
        for seed in seeds
    ]
    what = f"boundary after 1,024 runs: plane on the wrong side, worst of {len(wrong)} seeds"
    yield Figure("6 known answers", what, 100 * max(wrong), "%", 1.2, note=f"best {100 * min(wrong):.2f} %")


def _boxes(n: int) -> Iterator[Figure]:
    """Our peeling trajectories against those of the EMA workbench on ``n`` sets of cases."""
    import warnings

    import pandas as pd

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from ema_workbench.analysis import prim

        differ = total = 0
        for seed in range(n):
            x, y = planted(seed=seed)
            theirs = prim.Prim(pd.DataFrame(x, columns=list("abcd")), y.astype(float), threshold=0.8).find_box()
            ours = trajectory(x, y)
            same = [
                np.array_equal(np.array([box.low, box.high]), limits.to_numpy(float))
                for box, limits in zip(ours, theirs.box_lims, strict=False)
            ]
            longer = max(len(ours), len(theirs.box_lims))
            total += longer
            differ += longer - sum(same)
    yield Figure("6 known answers", f"PRIM boxes of {total} unlike the EMA workbench's", differ, "boxes", 0)
