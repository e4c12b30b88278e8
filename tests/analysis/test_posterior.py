"""The posterior of a linear Gaussian toy is known exactly."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from experiments.analysis.calibration.self_test import SCALE, TOY, exact_toy, toy
from experiments.analysis.posterior import FROM_PRIOR, Pace, _last, posterior, regressed

pytest.importorskip("pyabc")

A = np.array([[1.0, 0.5], [0.3, 1.0], [0.2, -0.4]])
NOISE = 0.1
RANGES = {"a": (0.0, 1.0), "b": (0.0, 1.0)}
TRUE = np.array([0.6, 0.4])


def simulate(theta: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return theta @ A.T + rng.normal(0, NOISE, (len(theta), 3))


def test_the_posterior_is_the_known_one():
    found = posterior(simulate, RANGES, A @ TRUE, np.full(3, NOISE), pace=Pace(150, 4, 0.05), seed=2)
    spread = np.sqrt(np.diag(np.linalg.inv(A.T @ A))) * NOISE
    for i, name in enumerate(RANGES):
        values = found.particles[name]
        mean = float(values @ found.weights)
        sd = float(np.sqrt((values - mean) ** 2 @ found.weights))
        assert mean == pytest.approx(TRUE[i], abs=0.15 * spread[i])
        assert sd == pytest.approx(spread[i], rel=0.1)
        assert found.quantile(name, 0.05) < TRUE[i] < found.quantile(name, 0.95)
    assert found.weights.sum() == pytest.approx(1)
    assert found.particles.to_numpy().min() > 0 and found.particles.to_numpy().max() < 1


def test_the_same_seed_gives_the_same_posterior_and_leaves_others_draws_alone():
    np.random.seed(5)
    expected = np.random.random(3)
    np.random.seed(5)
    first, again, other = (
        posterior(simulate, RANGES, A @ TRUE, np.full(3, NOISE), pace=Pace(40, 2), seed=seed) for seed in (1, 1, 2)
    )
    assert first.particles.equals(again.particles)
    assert not first.particles.equals(other.particles)
    assert np.random.random(3).tolist() == expected.tolist()


def test_the_regression_takes_out_a_wide_distance():
    rng = np.random.default_rng(0)
    theta = rng.uniform(0.3, 0.7, (4000, 1))
    y = theta + rng.normal(0, 0.02, theta.shape)
    moved, weights = regressed(theta, np.full(4000, 1 / 4000), y, np.array([0.45]), {"a": (0.0, 1.0)})
    mean = float(moved[:, 0] @ weights)
    assert theta.std() > 0.1
    assert mean == pytest.approx(0.45, abs=0.005)
    assert np.sqrt((moved[:, 0] - mean) ** 2 @ weights) == pytest.approx(0.02, rel=0.35)


def test_the_exact_posterior_of_the_toy_is_normal_far_from_the_ends():
    seen = A @ [0.5, 0.5]
    precision = A.T @ A / NOISE**2
    mean, spread = np.linalg.solve(precision, A.T @ seen / NOISE**2), np.sqrt(np.diag(np.linalg.inv(precision)))
    place, below = exact_toy(seen)
    for i in range(2):
        assert below[i] == pytest.approx(stats.norm.cdf(place, mean[i], spread[i]), abs=2e-3)


@pytest.mark.long
def test_intervals_hold_what_they_say_also_at_the_ends_of_the_prior():
    probability = []
    for k, truth in enumerate([[0.03, 0.5], [0.97, 0.02], [0.5, 0.98], [0.6, 0.4]]):
        seen = toy(np.array([truth]), np.random.default_rng(k))[0]
        found = posterior(toy, TOY, seen, SCALE, pace=Pace(100, 4), seed=k)
        place, below = exact_toy(seen)
        for name, one in zip(TOY, below, strict=True):
            probability.append(np.diff(np.interp([found.quantile(name, q) for q in (0.05, 0.95)], place, one))[0])
    assert min(probability) > 0.84 and max(probability) < 0.96
    assert np.mean(probability) == pytest.approx(0.9, abs=0.02)


def test_the_last_population_weighs_as_the_prior():
    rng = np.random.default_rng(5)
    share, weights = _last(rng.beta(2, 6, (100, 2)), np.full(100, 0.01), 40_000, rng)
    assert weights.max() <= 1 / FROM_PRIOR
    weights = weights / weights.sum()
    assert weights @ share == pytest.approx([0.5, 0.5], abs=0.02)
    assert weights @ share**2 == pytest.approx([1 / 3, 1 / 3], abs=0.02)
