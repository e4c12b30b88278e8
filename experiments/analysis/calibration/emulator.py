"""Emulator: statistics of a run as a Gaussian process of its parameters, with the noise between runs.

A draw has that noise and the emulator's own doubt about the mean (Kennedy & O'Hagan 2001): where points are few, a
posterior made with it stays wide.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.analysis._runs import Floats

if TYPE_CHECKING:
    from sklearn.gaussian_process import GaussianProcessRegressor

FOLDS = 5


@dataclass(frozen=True)
class Emulator:
    """One Gaussian process a statistic, and the covariance of what runs differ by at one point."""

    processes: Sequence[GaussianProcessRegressor]
    low: Floats
    span: Floats
    """Smallest value and range of each parameter among the points. Shape [parameters]."""
    noise_root: Floats
    """Lower Cholesky factor of the covariance between runs. Shape [m, m]."""
    unit: Floats
    """Standard deviation of the points' means, in which the processes measure. Shape [m]."""
    r2: Floats
    """Of left-out points' means, by statistic; 0 = no better than their mean. Shape [m]."""
    n_points: int

    @classmethod
    def of(cls, theta: Floats, statistics: Floats, point: Floats) -> Emulator:
        """Fit to runs: parameters [runs, parameters], statistics [runs, m], and the point of each run [runs]."""
        _, first, index = np.unique(point, return_index=True, return_inverse=True)
        counts = np.bincount(index)
        means = np.column_stack([np.bincount(index, column) / counts for column in statistics.T])
        low, span = theta.min(axis=0), np.ptp(theta, axis=0)
        x = (theta[first] - low) / span
        within = statistics - means[index]
        spare = len(statistics) - len(counts)
        processes = [_fitted(x, column) for column in means.T]
        if spare >= 2 * statistics.shape[1]:
            covariance = within.T @ within / spare
        else:
            # Without replications what the processes leave is taken for noise.
            left = means - np.column_stack([process.predict(x) for process in processes])
            covariance = left.T @ left / len(left)
        covariance += 1e-12 * np.trace(covariance) * np.eye(len(covariance)) + 1e-18 * np.eye(len(covariance))
        return cls(processes, low, span, np.linalg.cholesky(covariance), means.std(axis=0), _r2(x, means), len(counts))

    @property
    def noise(self) -> Floats:
        """Standard deviation between runs at one point. Shape [m]."""
        return np.sqrt((self.noise_root**2).sum(axis=1))

    def mean(self, theta: Floats) -> Floats:
        """Expected statistics. Shape [n, parameters] -> [n, m]."""
        x = (theta - self.low) / self.span
        return np.column_stack([process.predict(x) for process in self.processes])

    def doubt(self, theta: Floats) -> Floats:
        """Standard deviation of what the expected statistics are not known by. Shape [n, parameters] -> [n, m]."""
        return self._foretold(theta)[1]

    def draw(self, theta: Floats, rng: np.random.Generator) -> Floats:
        """One run a row. Shape [n, parameters] -> [n, m]."""
        mean, doubt = self._foretold(theta)
        noise = rng.normal(size=mean.shape) @ self.noise_root.T
        return mean + noise + rng.normal(size=mean.shape) * doubt

    def _foretold(self, theta: Floats) -> tuple[Floats, Floats]:
        """Expected statistics and the doubt about them. Shapes [n, m]."""
        x = (theta - self.low) / self.span
        mean, doubt = np.empty((2, len(x), len(self.processes)))
        for j, process in enumerate(self.processes):
            foretold: Any = process.predict(x, return_std=True)
            kernel: Any = process.kernel_
            mean[:, j], spread = foretold
            # What a process takes for noise of its points is noise of their means, and no doubt about the mean.
            white = kernel.get_params()["k2__noise_level"] * self.unit[j] ** 2
            doubt[:, j] = np.sqrt(np.maximum(0.0, spread**2 - white)) if self.unit[j] > 0 else 0.0
        return mean, doubt


def _fitted(x: Floats, y: Floats) -> GaussianProcessRegressor:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel
    from threadpoolctl import threadpool_limits

    scales: Any = np.ones(x.shape[1])
    kernel = ConstantKernel(1.0, (1e-3, 1e3)) * RBF(scales, (0.05, 100.0)) + WhiteKernel(0.1, (1e-6, 10.0))
    process = GaussianProcessRegressor(kernel, normalize_y=True, n_restarts_optimizer=1, random_state=0)
    # On a hundred points threads of the linear algebra cost more than they bring.
    with warnings.catch_warnings(), threadpool_limits(1):
        # A parameter that does not matter ends at the largest scale, as it should.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return process.fit(x, y)


def _r2(x: Floats, means: Floats) -> Floats:
    """Share of the variance between points that processes fitted without a fifth of them foretell there."""
    fold = np.random.default_rng(0).permutation(len(x)) % FOLDS
    found = np.empty_like(means)
    for k in range(FOLDS):
        out = fold == k
        for j in range(means.shape[1]):
            found[out, j] = _fitted(x[~out], means[~out, j]).predict(x[out])
    return 1 - ((means - found) ** 2).sum(axis=0) / ((means - means.mean(axis=0)) ** 2).sum(axis=0)
