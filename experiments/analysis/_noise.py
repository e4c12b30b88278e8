"""Which inputs are told from noise: a test of every input, so that on pure noise hardly any study names one.

Indices such as mu* or ST are positive whatever the outcome, so that an interval above 0 says nothing. What noise alone
would give is taken from the design of each method:

sobol, morris   An input that does nothing leaves both ends of each of its steps with the same distribution, whatever
                the other inputs do: each change along a step is as likely up as down. So the signs of the changes are
                flipped at random, which gives what noise alone would (a randomisation test: Pitman 1937; Ernst 2004,
                Statistical Science 19). *Direction*: the change goes with the input (Morris: by where the step
                begins; Sobol: by how far it goes), or with the outcome's own first-order part (Sobol: the estimator of
                S1). *Size*, where points have two seeds or more: the products of the changes of a step under different
                seeds, which noise leaves around 0 and an effect of whatever direction makes positive: replications are
                to a simulation what a dummy input is to a sample (Khorashadi Zadeh et al. 2017, Environmental Modelling
                & Software 91), how much the index owes to noise.
delta, pawn     Points are a Latin hypercube, an input's column is independent of all others, so that shuffled outcomes
                are what an idle input sees. Delta is measured on ranks here, which leave it the same (Borgonovo et al.
                2014, Risk Analysis 34).

Inputs are tested at once: p is Holm's (1979, Scandinavian Journal of Statistics 6), so that the chance of naming any
idle input is 5 % in all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from abm.results.several_tests import LEVEL, holm
from experiments.analysis._runs import Floats

LEAST_DRAWS, DRAWS_AN_INPUT = 2000, 120
"""Draws of a null distribution: enough to see the smallest p that Holm asks for."""
ROOM = 5_000_000
"""Numbers that a batch of draws may hold."""
Classes = NDArray[np.int64]
"""The class of each point."""


def draws_for(n_inputs: int) -> int:
    """How many draws a test of so many inputs needs."""
    return max(LEAST_DRAWS, DRAWS_AN_INPUT * n_inputs)


def student(differences: Floats) -> float:
    """Chance of a mean so far from 0 where nothing acts, by Student's t over pairs; NaN for fewer than two."""
    from scipy.special import stdtr

    if len(differences) < 2:
        return float("nan")
    error = float(differences.std(ddof=1)) / np.sqrt(len(differences))
    mean = abs(float(differences.mean()))
    if error == 0:
        return 0.0 if mean > 0 else 1.0
    return 2.0 * float(stdtr(len(differences) - 1, -mean / error))


def told(p: Sequence[float] | Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Several tests of one study together: Holm's p of each, and which are told; one that could not be done is not."""
    adjusted = holm(np.nan_to_num(np.asarray(p, np.float64), nan=1.0))
    return adjusted, adjusted <= LEVEL


def tail(seen: float, null: Floats) -> float:
    """p of a statistic: how often noise gives as much, itself counted."""
    # Sums in another order differ in their last digit.
    return float((1 + np.count_nonzero(null >= seen - 1e-9 * abs(seen))) / (1 + len(null)))


def either(p: list[float]) -> float:
    """p of several tests of the same input (Bonferroni)."""
    return min(1.0, len(p) * min(p))


def exchanged(values: Floats, statistic: Callable[[Floats], Floats], seed: int) -> float:
    """p of a statistic of the sums of pairs' differences, against pairs whose roles are exchanged.

    values: [pairs, n]; statistic: sums [draws, n] -> [draws], larger = further from nothing. All exchanges where they
    are few, else as many as are drawn elsewhere.
    """
    if not values.any():
        return 1.0
    n = len(values)
    seen = float(statistic(values.sum(axis=0, keepdims=True))[0])
    if 2**n <= LEAST_DRAWS:
        signs = 1.0 - 2.0 * (np.arange(2**n)[:, None] >> np.arange(n) & 1)
        null = statistic(signs @ values)
        # That nothing is exchanged is one of them.
        return float(np.count_nonzero(null >= seen - 1e-9 * abs(seen)) / len(null))
    batches = flips(LEAST_DRAWS, n, np.random.default_rng(seed))
    return tail(seen, np.concatenate([statistic(signs @ values) for signs in batches]))


def flips(n_draws: int, n: int, rng: np.random.Generator) -> Iterator[NDArray[np.float32]]:
    """Random signs in batches, [draws, n] each."""
    batch = max(1, ROOM // max(n, 1))
    for start in range(0, n_draws, batch):
        size = min(batch, n_draws - start)
        yield (2 * rng.integers(0, 2, (size, n), dtype=np.int8) - 1).astype(np.float32)


def sobol(unit: Floats, y: Floats, seed: int) -> Floats:
    """p of every input, before Holm. y: [points, seeds], in blocks of A, A with one column of B each, and B."""
    d = unit.shape[1]
    blocks = y.reshape(-1, d + 2, y.shape[1])
    own = np.nanmean(blocks[:, -1], axis=1) - np.nanmean(blocks)
    places = unit.reshape(-1, d + 2, d)
    steps = [blocks[:, 1 + j] - blocks[:, 0] for j in range(d)]
    moves = [places[:, 1 + j, j] - places[:, 0, j] for j in range(d)]
    return _flipped(steps, [[(own[:, None], True), (move[:, None], False)] for move in moves], seed)


def morris(unit: Floats, y: Floats, seed: int) -> Floats:
    """p of every input, before Holm. y: [points, seeds], in trajectories of inputs + 1 points."""
    d = unit.shape[1]
    blocks, places = y.reshape(-1, d + 1, y.shape[1]), unit.reshape(-1, d + 1, d)
    moves = np.diff(places, axis=1)
    which = np.abs(moves).argmax(axis=2)
    own = np.arange(len(blocks))
    steps: list[Floats] = []
    groups: list[list[tuple[Floats, bool]]] = []
    for j in range(d):
        at = (which == j).argmax(axis=1)
        steps.append(np.sign(moves[own, at, j])[:, None] * (blocks[own, at + 1] - blocks[own, at]))
        low = np.round(np.minimum(places[own, at, j], places[own, at + 1, j]), 6)
        group = (low[:, None] == np.unique(low)).astype(np.float64)
        groups.append([(group / np.sqrt(group.sum(axis=0)), False)])
    return _flipped(steps, groups, seed)


def _flipped(steps: list[Floats], features: list[list[tuple[Floats, bool]]], seed: int) -> Floats:
    """p of every input by flipping signs.

    steps: [n, seeds] an input; features of an input: [n, q], what its changes may go with, a test each, and whether
    upwards alone.
    """
    rng = np.random.default_rng(seed)
    n, n_seeds = steps[0].shape
    filled = [np.nan_to_num(step) for step in steps]
    null: list[list[list[Floats]]] = [[[] for _ in own] for own in features]
    null_sizes: list[list[Floats]] = [[] for _ in steps]
    for signs in flips(draws_for(len(steps)), n * n_seeds, rng):
        by_seed = signs.reshape(-1, n, n_seeds)
        for j, step in enumerate(filled):
            sums = np.einsum("min,in->mi", by_seed, step)
            for draws, of in zip(null[j], features[j], strict=True):
                draws.append(_along(sums, *of))
            # The squares of single changes are in every draw; what is left are the products.
            null_sizes[j].append((sums**2).sum(axis=1))
    found: list[float] = []
    for j, step in enumerate(filled):
        seen = step.sum(axis=1)
        p = [
            tail(float(_along(seen[None], *of)[0]), np.concatenate(draws))
            for of, draws in zip(features[j], null[j], strict=True)
        ]
        if n_seeds > 1:
            p.append(tail(float((seen**2).sum()), np.concatenate(null_sizes[j])))
        found.append(either(p) if step.any() else 1.0)
    return np.array(found)


def _along(changes: Floats, feature: Floats, is_up: bool) -> Floats:
    """How far changes [draws, n] go with a feature [n, q]. Shape [draws]."""
    sums = changes @ feature
    return sums[:, 0] if is_up else (sums**2).sum(axis=1)


def finest(n_steps: int, n_seeds: int, n_inputs: int, n_directions: int = 1) -> float:
    """The smallest p, after Holm, that so many steps can give an input whose effect has one direction in all."""
    return min(1.0, 2.0 ** (1 - n_steps * n_seeds) * n_inputs * (n_directions + (n_seeds > 1)))


def delta(unit: Floats, y: Floats, seed: int) -> Floats:
    """p of every input, before Holm, by delta on ranks. unit: [points, inputs]; y: [points, seeds]."""
    from scipy.stats import rankdata

    values = np.nanmean(y, axis=1)
    n = len(values)
    n_cells = int(np.clip(round(n ** (1 / 3)), 3, 12))
    of_y = np.minimum((rankdata(values) - 0.5) / n * n_cells, n_cells - 1).astype(np.int64)
    share = np.bincount(of_y, minlength=n_cells) / n

    def moved(classes: Classes) -> Floats:
        cells = classes * n_cells + of_y + np.arange(len(classes))[:, None] * n_cells**2
        counts = np.bincount(cells.ravel(), minlength=len(classes) * n_cells**2).reshape(-1, n_cells, n_cells)
        return np.abs(counts - counts.sum(axis=2, keepdims=True) * share).sum(axis=(1, 2))

    return _shuffled(unit, n_cells, moved, seed)


def pawn(unit: Floats, y: Floats, seed: int, n_slices: int) -> Floats:
    """p of every input, before Holm, by PAWN's median over slices. unit: [points, inputs]; y: [points, seeds]."""
    values = np.nanmean(y, axis=1)
    order = np.argsort(values, kind="stable")
    # Values that are the same are one step of a distribution function.
    is_end = np.r_[np.diff(values[order]) > 0, True]
    whole = ((np.arange(len(values)) + 1.0) / len(values))[is_end].astype(np.float32)

    def moved(classes: Classes) -> Floats:
        distances: list[Floats] = []
        for part in range(n_slices):
            inside = np.cumsum(classes[:, order] == part, axis=1, dtype=np.int32)
            reached = inside[:, is_end] / np.maximum(inside[:, -1:], 1).astype(np.float32)
            distances.append(np.abs(reached - whole).max(axis=1).astype(np.float64))
        return np.median(distances, axis=0)

    return _shuffled(unit, n_slices, moved, seed)


def _shuffled(unit: Floats, n_classes: int, moved: Callable[[Classes], Floats], seed: int) -> Floats:
    """p of every input against shuffled classes, which are the same for all inputs: equal parts of the points.

    moved: classes of the points [draws, points] -> how far the outcome's distribution moves with them [draws].
    """
    rng = np.random.default_rng(seed)
    n, d = unit.shape
    equal = np.arange(n) * n_classes // n
    batch, n_draws = max(1, ROOM // (4 * n)), draws_for(d)
    null = [
        moved(rng.permuted(np.tile(equal, (min(batch, n_draws - start), 1)), axis=1))
        for start in range(0, n_draws, batch)
    ]
    seen = moved(equal[np.argsort(np.argsort(unit, axis=0, kind="stable"), axis=0)].T)
    return np.array([tail(float(value), np.concatenate(null)) for value in seen])
