"""Posterior of parameters by approximate Bayesian computation (ABC-SMC), with pyABC.

A particle is kept if what it simulates lies within a distance of what was seen; the distance
shrinks from population to population (Toni et al. 2009). A few populations of pyABC find where the
posterior lies. One more, a hundred times as large and drawn in one call from theirs and, in part,
from the prior (Owen & Zhou 2000), makes the ends of its intervals steady: from 200 particles alone
they vary by a third of the posterior's standard deviation. What distance is left is taken out by a
local-linear regression of the parameters on the statistics (Beaumont, Zhang & Balding 2002), made
in the logit of the prior's range so that nothing leaves it.

Needs pyabc (`pip install "industry-education-abm[calibration]"`).
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from abm.machine.errors import InputError
from experiments.analysis._runs import Floats

if TYPE_CHECKING:
    import pandas as pd

Ranges = Mapping[str, tuple[float, float]]
"""Parameter -> ends of its uniform prior."""
Simulate = Callable[[Floats, np.random.Generator], Floats]
"""Parameters [n, parameters] in the order of the ranges, and a generator, to statistics [n, m]; noise of the
seen included."""

EDGE = 1e-6
"""How close to an end of its range a parameter may come, as a share of the range."""
KEPT = 0.1
"""Share of the last population's simulations that is kept: the nearest."""
FROM_PRIOR = 0.1
"""Share of the last population that is drawn from the prior, so that no weight exceeds 1 / FROM_PRIOR."""
WIDER = 2.0**0.5
"""How much wider than Silverman's the kernel is from which the rest is drawn: its tails have to be reached."""


@dataclass(frozen=True)
class Pace:
    """How long ABC-SMC goes on: particles, populations at most, and the acceptance that ends it; then the last."""

    particles: int = 200
    populations: int = 4
    least_accepted: float = 0.03
    last: int = 20_000
    """Simulations of the last population, of which a tenth is kept."""


@dataclass(frozen=True)
class Posterior:
    """Weighted particles, adjusted for the distance that was left."""

    particles: pd.DataFrame
    """One column a parameter."""
    weights: Floats
    """Sum 1. Shape [particles]."""
    epsilon: float
    """Distance within which the last population was kept, in standard deviations of the statistics."""
    n_simulations: int

    def quantile(self, name: str, q: float) -> float:
        """Weighted quantile of a parameter: a further draw lies below it with probability q, on average.

        The k-th of n equal weights stands at k / (n + 1); unequal ones count as the n that tell as much.
        """
        values = self.particles[name].to_numpy(np.float64)
        order = np.argsort(values, kind="stable")
        n, own = effective_size(self.weights), self.weights[order]
        places = (n * (np.cumsum(own) - 0.5 * own) + 0.5) / (n + 1)
        return float(np.interp(q, places, values[order]))

    def draws(self, n: int, rng: np.random.Generator) -> Floats:
        """Equally weighted draws. Shape [n, parameters]."""
        rows = rng.choice(len(self.weights), n, p=self.weights)
        return self.particles.to_numpy(np.float64)[rows]


def effective_size(weights: Floats) -> float:
    """How many equally weighted particles tell as much (Kish 1965). Weights sum to 1."""
    return float(1 / np.sum(weights**2))


def posterior(
    simulate: Simulate, ranges: Ranges, seen: Floats, scale: Floats, *, pace: Pace | None = None, seed: int = 1
) -> Posterior:
    """ABC-SMC under uniform priors.

    seen, scale: what was seen and the standard deviation by which each statistic is measured, shape [m]. The same
    seed gives the same posterior. Raises InputError without pyabc.
    """
    import pandas as pd

    pace = pace or Pace()
    names = list(ranges)
    low, span = _box(ranges)
    rng = np.random.default_rng((seed, 1))
    history = _history(simulate, ranges, seen / scale, scale, pace, seed, rng)
    frame, weights = history.get_distribution()
    first = (frame[names].to_numpy(np.float64) - low) / span
    share, weights = _last(first, np.asarray(weights, np.float64), pace.last, rng)
    statistics = simulate(low + span * share, rng) / scale
    distance = np.sqrt(((statistics - seen / scale) ** 2).sum(axis=1))
    near = np.argsort(distance, kind="stable")[: max(2, round(KEPT * pace.last))]
    adjusted, weights = regressed(low + span * share[near], weights[near], statistics[near], seen / scale, ranges)
    n_simulations = int(history.total_nr_simulations) + len(share)
    return Posterior(pd.DataFrame(adjusted, columns=names), weights, float(distance[near[-1]]), n_simulations)


def _box(ranges: Ranges) -> tuple[Floats, Floats]:
    """Low ends and widths of the prior. Shape [parameters] each."""
    low, high = np.array([ends[0] for ends in ranges.values()]), np.array([ends[1] for ends in ranges.values()])
    return low, high - low


def _last(share: Floats, weights: Floats, n: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Points of the last population in shares of the prior's range, at most [n, parameters], and their weights.

    Drawn from a kernel estimate of the population before and from the prior; what leaves the prior is dropped.
    A weight is the prior's density, 1, by that of the mixture.
    """
    from scipy.stats import gaussian_kde

    kernel = gaussian_kde(share.T, "silverman", weights)
    kernel.set_bandwidth(kernel.factor * WIDER)
    n_prior = round(FROM_PRIOR * n)
    drawn = np.vstack([rng.uniform(size=(n_prior, share.shape[1])), kernel.resample(n - n_prior, rng).T])
    drawn = drawn[((drawn > 0) & (drawn < 1)).all(axis=1)]
    return drawn, 1 / (FROM_PRIOR + (1 - FROM_PRIOR) * kernel(drawn.T))


def _history(
    simulate: Simulate, ranges: Ranges, seen: Floats, scale: Floats, pace: Pace, seed: int, rng: np.random.Generator
):
    """The history of a pyABC run, kept in memory."""
    try:
        import pyabc
    except ImportError:
        raise InputError(
            "calibration", why="needs pyabc", mend='pip install "industry-education-abm[calibration]"'
        ) from None
    logging.getLogger("ABC").setLevel(logging.ERROR)
    names = list(ranges)
    # pyABC draws from the global generators.
    before = np.random.get_state(), random.getstate()
    np.random.seed(np.random.SeedSequence((seed, 2)).generate_state(1))
    random.seed(seed)

    def model(point: Mapping[str, float]) -> dict[str, Floats]:
        return {"y": simulate(np.array([[point[name] for name in names]]), rng)[0] / scale}

    def distance(x: Mapping[str, Floats], y: Mapping[str, Floats]) -> float:
        return float(np.sqrt(np.sum((x["y"] - y["y"]) ** 2)))

    try:
        prior = pyabc.Distribution(**{k: pyabc.RV("uniform", low, high - low) for k, (low, high) in ranges.items()})
        run = pyabc.ABCSMC(
            model, prior, distance, population_size=pace.particles, sampler=pyabc.SingleCoreSampler(),
            eps=pyabc.QuantileEpsilon(alpha=0.4),
        )  # fmt: skip
        run.new("sqlite://", {"y": seen})
        return run.run(max_nr_populations=pace.populations, min_acceptance_rate=pace.least_accepted)
    finally:
        np.random.set_state(before[0])
        random.setstate(before[1])


def regressed(
    theta: Floats, weights: Floats, statistics: Floats, seen: Floats, ranges: Ranges
) -> tuple[Floats, Floats]:
    """Particles moved along a local-linear regression to where the statistics are what was seen; new weights.

    theta [n, parameters], weights [n], statistics [n, m], seen [m]. Weights are those given times
    Epanechnikov's kernel of the distance. What the regression leaves is widened by the degrees of
    freedom that it took, as in any estimate of a residual variance; without that, intervals are too narrow.
    """
    low, span = _box(ranges)
    share = np.clip((theta - low) / span, EDGE, 1 - EDGE)
    logit = np.log(share / (1 - share))
    away = statistics - seen
    distance = np.sqrt((away**2).sum(axis=1))
    kernel = weights * np.maximum(0.0, 1 - (distance / (distance.max() * (1 + 1e-9))) ** 2)
    kernel /= kernel.sum()
    design = np.column_stack([np.ones(len(away)), away])
    root = np.sqrt(kernel)[:, None]
    fitted = np.linalg.lstsq(design * root, logit * root, rcond=None)[0]
    n, lost = effective_size(kernel), design.shape[1]
    moved = fitted[0] + (logit - design @ fitted) * np.sqrt(n / max(1.0, n - lost))
    return low + span / (1 + np.exp(-moved)), kernel
