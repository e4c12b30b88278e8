"""A plane with a winding boundary and a hidden island of the other regime, behind noise."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

NOISE = 0.25
"""With it a grid of 10,404 runs, each place taken as its nearest cell, puts 3.3 % of the plane on the wrong side."""


def height(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Positive in one regime; the island is a disc of radius 0.075 and 1.8 % of the plane."""
    winding = np.tanh(4.0 * (y - 0.5 - 0.22 * np.sin(5.0 * x)))
    return winding + 1.6 * np.exp(-((x - 0.3) ** 2 + (y - 0.22) ** 2) / (2 * 0.075**2))


def simulator(seed: int, replications: int = 4) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Runs of the toy with fresh noise for every call."""
    rng = np.random.default_rng(seed)

    def simulate(points: pd.DataFrame) -> pd.DataFrame:
        n = len(points)
        x, y = (np.repeat(points[name].to_numpy(), replications) for name in ("x", "y"))
        return pd.DataFrame(
            {
                "point": np.repeat(np.arange(n), replications),
                "replication": np.tile(np.arange(replications), n),
                "status": "ok",
                "z": height(x, y) + rng.normal(0.0, NOISE, len(x)),
            }
        )

    return simulate


def plane(n: int = 101) -> tuple[np.ndarray, np.ndarray]:
    """Places of a grid over the unit square, in the order of the maps. Shapes [n * n]."""
    side = np.linspace(0.0, 1.0, n)
    x, y = np.meshgrid(side, side, indexing="ij")
    return x.ravel(), y.ravel()
