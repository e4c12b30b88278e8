"""A smooth surface through noisy points: a Gaussian process over the unit cube.

Rasmussen & Williams (2006), 2.2 and 4.2: Matern 5/2 with a length for each dimension, plus
independent noise whose size is estimated with the lengths.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from experiments.analysis._runs import Floats

if TYPE_CHECKING:
    from numpy.random import Generator

LENGTHS = (0.03, 10.0)
"""Shortest and longest length, in shares of a range: shorter ones are not told from noise."""
NOISES = (1e-6, 10.0)
"""Smallest and largest variance of the noise, in variances of the outcome."""
EXPLORE = 3
"""One place in so many of a batch goes to the widest gap."""


@dataclass(frozen=True)
class Surface:
    """A fitted process. Values are in the unit of the outcome, places in the unit cube."""

    fitted: Any
    centre: float
    scale: float
    is_noise_fitted: bool

    @property
    def noise(self) -> float:
        """Variance of the noise of a point (mean over points), in the squared unit of the outcome."""
        if self.is_noise_fitted:
            return float(self.fitted.kernel_.k2.noise_level) * self.scale**2
        return float(np.mean(self.fitted.alpha)) * self.scale**2

    def predict(self, unit: Floats) -> tuple[Floats, Floats]:
        """Mean and standard deviation of the surface itself, without noise, at places. Shapes [n]."""
        mean, sd = cast("tuple[Floats, Floats]", self.fitted.predict(unit, return_std=True))
        variance = (sd * self.scale) ** 2 - (self.noise if self.is_noise_fitted else 0.0)
        return mean * self.scale + self.centre, np.sqrt(np.maximum(variance, 0.0))

    def covariance(self, unit: Floats) -> tuple[Floats, Floats]:
        """Mean, shape [n], and covariance of the surface without noise, shape [n, n]."""
        mean, found = cast("tuple[Floats, Floats]", self.fitted.predict(unit, return_cov=True))
        found = found * self.scale**2
        if self.is_noise_fitted:
            found -= self.noise * np.eye(len(unit))
        return mean * self.scale + self.centre, found

    def through(self, unit: Floats, values: Floats) -> Surface:
        """The same lengths and noise through other values, shape [n], at other places, shape [n, d]."""
        from sklearn.gaussian_process import GaussianProcessRegressor

        alpha: Any = float(np.mean(self.fitted.alpha))
        again = GaussianProcessRegressor(self.fitted.kernel_, alpha=alpha, optimizer=cast("Any", None))
        return Surface(
            again.fit(unit, (values - self.centre) / self.scale), self.centre, self.scale, self.is_noise_fitted
        )


def fit(unit: Floats, values: Floats, noise: Floats | None = None, start: Surface | None = None) -> Surface:
    """The process through values, shape [n], at places, shape [n, d]; lengths by likelihood.

    noise: variance of each value, shape [n], as replications show it; None = estimated with the
    lengths. Known noise matters: without it a small island looks like noise and is smoothed away.
    ``start`` is a fit to fewer points, from which the search for lengths begins.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel
    from threadpoolctl import threadpool_limits

    kernel: Any = ConstantKernel(1.0, (1e-3, 1e3)) * Matern([0.3] * unit.shape[1], LENGTHS, nu=2.5)
    if noise is None:
        kernel = kernel + WhiteKernel(0.1, NOISES)
    if start is not None:
        kernel = start.fitted.kernel_
    centre, scale = float(values.mean()), float(values.std()) or 1.0
    alpha: Any = 1e-10 if noise is None else noise / scale**2 + 1e-8
    # On a few hundred points threads of the linear algebra cost more than they bring.
    with warnings.catch_warnings(), threadpool_limits(1):
        # A length at its bound is a dimension that does not matter (or noise that is not there).
        warnings.simplefilter("ignore", ConvergenceWarning)
        fitted = GaussianProcessRegressor(kernel, alpha=alpha, random_state=0).fit(unit, (values - centre) / scale)
    return Surface(fitted, centre, scale, noise is None)


def straddle(surface: Surface, threshold: float, candidates: Floats, tried: Floats, n: int, rng: Generator) -> Floats:
    """The n places that tell most about where the surface crosses a threshold. Shape [n, d].

    Straddle (Bryan et al. 2005): large 1.96 sd - |mean - threshold|. After each choice the spread is
    what it will be once that place has been run, so that a batch does not crowd. Every `EXPLORE`-th
    place is the one furthest from all that were tried: an island of another regime, smaller than the
    gaps of the start, shows in no surface until something has fallen on it.
    """
    mean, covariance = surface.covariance(candidates)
    distance = np.abs(mean - threshold)
    gap = np.min(np.linalg.norm(candidates[:, None] - tried[None], axis=2), axis=1)
    chosen: list[int] = []
    for k in range(n):
        if k % EXPLORE == EXPLORE - 1:
            score = gap.copy()
        else:
            score = 1.96 * np.sqrt(np.maximum(covariance.diagonal(), 0.0)) - distance
        score[chosen] = -np.inf
        # Equal scores are told apart by chance, not by the order of candidates.
        i = int(rng.choice(np.flatnonzero(score == score.max())))
        chosen.append(i)
        gap = np.minimum(gap, np.linalg.norm(candidates - candidates[i], axis=1))
        column = covariance[:, i].copy()
        covariance -= np.outer(column, column) / (column[i] + surface.noise + 1e-12)
    return candidates[chosen]
