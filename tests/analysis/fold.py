"""Toy systems whose answers are known."""

from __future__ import annotations

import numpy as np

FOLD = 2 / (3 * np.sqrt(3))
"""The cubic system below jumps up at push = FOLD and down at push = -FOLD."""
LOOP = 1.5
"""Area between its two branches, the integral of x over the push around the loop."""


def cubic(push: np.ndarray, noise: float, seed: int, substeps: int = 40, dt: float = 0.05) -> np.ndarray:
    """dx = (push + x - x^3) dt + noise dW from the lower branch; x after each step. Shape [steps]."""
    rng = np.random.default_rng(seed)
    x = -1.2
    out = np.empty(len(push))
    for t, r in enumerate(push):
        for dw in rng.normal(0, np.sqrt(dt), substeps):
            x += (r + x - x**3) * dt + noise * dw
        out[t] = x
    return out
