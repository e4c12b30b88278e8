"""Which inputs matter, over their whole ranges: Sobol and Morris by SALib, delta and PAWN by ``given_data.py``.

sobol   shares of variance: first order (S1, alone) and total (ST, with interactions); n (d + 2) points
morris  elementary effects (mu*): a screening for many inputs; n (d + 1) points
delta   how far an input moves the whole distribution of the outcome (Borgonovo 2007); n points
pawn    the same by distances of distribution functions (Pianosi & Wagener 2018); n points

The points of Sobol are eight Sobol sequences, each scrambled on its own: the spread of what they say is how sure an
index is. One sequence fills the space more evenly, but nothing in it says how far off it is: the bootstrap over its
points, as if they were independent, gave intervals that were too wide for most functions and too narrow for some.

An index is positive whatever the outcome: which inputs are told from noise is a test of its own (``_noise.py``), and
named by mistake, any of them, in 5 % of studies.

All points are drawn in the unit cube and taken to the ranges by `Space`. Points without a usable run
cannot be left out of the schemes of Sobol and Morris one by one: with such a point its whole base
sample (or trajectory) is left out, and the caveats say how many.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import redirect_stderr
from dataclasses import dataclass
from io import StringIO
from itertools import permutations
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from abm.machine.errors import InputError, nearest
from abm.results.notebook import Shown
from experiments.analysis import _noise
from experiments.analysis._noise import LEVEL
from experiments.analysis._runs import Floats, Simulator, by_point, by_seed, lost, rows
from experiments.analysis._space import Space
from experiments.analysis.intervals import CONFIDENCE
from experiments.analysis.sensitivity import given_data

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PARTS = 8
"""Sobol sequences of a sample, independent of one another."""
MOST_NAMED = 5
"""Inputs that a sentence names; the table has them all."""
LEVELS = 4
"""Levels of the grid of Morris."""
ONE_SEED = (
    "With one seed a point, noise is told only from effects that go with the input on the whole, not from those that "
    "other inputs turn round; two or more replications tell both."
)


@dataclass(frozen=True)
class Method:
    """One way to measure sensitivity: what it is called, its points, its indices, what the main index is called."""

    title: str

    sample: Callable[[Space, int, int], Floats]
    analyse: Callable[[Space, Floats, Floats, int], pd.DataFrame]
    told: Callable[[Floats, Floats, int], Floats]
    """p of every input against noise, from the points and the values [points, seeds]."""
    block: Callable[[int], int]
    """Points that stand or fall together, from the number of dimensions."""
    index: str
    meaning: str
    directions: int = 0
    """Tests of direction, where inputs are moved one at a time and told from noise by the changes along these steps."""


@dataclass(frozen=True)
class Sensitivity(Shown):
    """Indices of every input on one outcome.

    table: key, label, index, low, high, p (against noise, for all inputs together), is_told (p <= 5 %) and the method's
    other indices, the largest index first.
    """

    method: str
    outcome: str
    label: str
    table: pd.DataFrame
    runs: pd.DataFrame
    n_points: int
    caveats: tuple[str, ...] = ()

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """By name, as reports keep them."""
        return {f"{self.method}_{self.outcome}": self.table}

    def figures(self) -> dict[str, Figure]:
        """Indices with intervals, largest at the top."""
        from experiments.analysis.sensitivity.figures import indices

        method = METHODS[self.method]
        return {f"{self.method}_{self.outcome}": indices(self, method.index, method.meaning)}

    def important(self, n: int = 8) -> list[str]:
        """The names of the n inputs with the largest index."""
        return self.table["key"].head(n).tolist()

    def leading(self) -> list[str]:
        """Of the inputs that are told from noise, those whose interval meets that of the first in the order."""
        sure = [row for row in rows(self.table) if row["is_told"]]
        return [row["key"] for row in sure if row["high"] >= sure[0]["low"]]

    def answer(self) -> str:
        """The inputs that matter; those whose intervals meet are not put into an order."""
        method = METHODS[self.method]
        sure = [row for row in rows(self.table) if row["is_told"]]
        if not sure:
            by = f"by {method.title} of {self.n_points:,} points"
            return f"No input is told from noise in {self.label} {by}, which does not mean that none matters."
        first = self.leading()
        shown = [row for row in sure if row["key"] in first] + [row for row in sure if row["key"] not in first]
        parts = [f"{row['label']} ({row['index']:.2f}, {row['low']:.2f} to {row['high']:.2f})" for row in shown]
        lead, others = parts[: len(first)], parts[len(first) : max(MOST_NAMED, len(first))]
        rivals = sum(not row["is_told"] and row["high"] >= sure[0]["low"] for row in rows(self.table))
        if len(lead) == 1 and not rivals:
            most = f"{lead[0]} matters most"
        elif len(lead) == 1:
            are = "1 that is" if rivals == 1 else f"{rivals} that are"
            most = f"{lead[0]} matters, though {are} not told from noise may matter as much"
        else:
            more = len(lead) - MOST_NAMED
            named = lead if more < 2 else [*lead[:MOST_NAMED], f"{more} others not named here"]
            most = f"{_listed(named)} matter most and are not told from one another, whatever their order here"
        then = f", then {_listed(others)}," if others else ""
        told = "is" if len(sure) == 1 else "are"
        return (
            f"For {self.label} {most}{then} by {method.title} ({method.meaning}, with its 95 % interval); "
            f"{len(sure)} of {len(self.table)} inputs {told} told from noise, all tested together at {LEVEL:.0%}."
        )


def _where(space: Space, unit: Floats, mean: Floats) -> str:
    """The first point without a value, as key = value."""
    first = int(np.flatnonzero(~np.isfinite(mean))[0]) if not np.isfinite(mean).all() else 0
    row = space.points(unit[first : first + 1]).iloc[0]
    return ", ".join(f"{key} = {row[key]:.3g}" for key in space.names)


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else ", ".join(parts[:-1]) + " and " + parts[-1]


def disagreements(found: Sequence[Sensitivity]) -> list[str]:
    """What several methods say otherwise of one outcome: an order turned round, an input that one alone tells.

    An order counts where intervals lie apart in both; an input that one method alone tells from noise where it does
    so at 5 % for all methods together.
    """
    notes: list[str] = []
    for i, a in enumerate(found):
        for b in found[i + 1 :]:
            if a.outcome != b.outcome:
                continue
            of_a, of_b = ({row["key"]: row for row in rows(one.table)} for one in (a, b))
            titles = [METHODS[one.method].title for one in (a, b)]
            for key, other in permutations(of_a, 2):
                both = of_a[key]["is_told"] and of_b[other]["is_told"]
                if both and of_a[key]["low"] > of_a[other]["high"] and of_b[other]["low"] > of_b[key]["high"]:
                    one, two = of_a[key]["label"], of_a[other]["label"]
                    notes.append(
                        f"The methods disagree on {a.label}: {titles[0]} put {one} above {two}, {titles[1]} {two} "
                        f"above {one}; the intervals lie apart in both, so that more runs do not settle it: they "
                        f"measure different things ({METHODS[a.method].meaning}; {METHODS[b.method].meaning})."
                    )
            for teller, silent, names in ((of_a, of_b, titles), (of_b, of_a, titles[::-1])):
                alone = [
                    row["label"]
                    for key, row in teller.items()
                    if row["p"] * len(found) <= LEVEL and not silent[key]["is_told"]
                ]
                if alone:
                    told = "is" if len(alone) == 1 else "are"
                    notes.append(
                        f"{_listed(alone)} {told} told from noise in {a.label} by {names[0]} alone, not by {names[1]}; "
                        "about four times the points (--n) halve the intervals."
                    )
    return notes


def points(method: str, space: Space, n: int, seed: int = 1) -> pd.DataFrame:
    """The points that a method asks for. n: base samples (sobol), trajectories (morris) or points."""
    return space.points(_method(method).sample(space, n, seed))


def sensitivity(
    method: str, space: Space, simulate: Simulator, outcome: str, n: int, *, seed: int = 1, label: str = ""
) -> Sensitivity:
    """Draw the points of a method, run them, and analyse one outcome."""
    return analyse(method, space, simulate(points(method, space, n, seed)), outcome, n, seed=seed, label=label)


def analyse(
    method: str, space: Space, runs: pd.DataFrame, outcome: str, n: int, *, seed: int = 1, label: str = ""
) -> Sensitivity:
    """Indices of one outcome from the runs of ``points(method, space, n, seed)``."""
    chosen = _method(method)
    unit = chosen.sample(space, n, seed)
    mean, _, _ = by_point(runs, outcome, len(unit))
    size = chosen.block(len(space.dimensions))
    whole = np.asarray(np.isfinite(mean).reshape(-1, size).all(axis=1))
    kept = np.repeat(whole, size)
    notes = [note for note in [lost(runs, outcome)] if note]
    if not whole.all():
        notes.append(
            f"{int((~whole).sum()):,} of {len(whole):,} "
            f"{'points' if size == 1 else 'groups of ' + str(size) + ' points'} were left out for it."
        )
    if whole.sum() < (4 if size > 1 else len(whole) / 2):
        first = _where(space, unit, mean)
        why = f"has a value at {int(whole.sum())} of {len(whole)} usable samples; it has none first where {first}"
        mend = "choose an outcome that is measured there, or ranges where it is"
        raise InputError(f"`{outcome}`", why=why, mend=mend)
    values = mean[kept]
    if np.ptp(values) == 0:
        raise InputError(
            f"`{outcome}`", why="is the same at every point", mend="choose another outcome or wider ranges"
        )
    # What SALib says of a sample that is too small for it stands in the error below, in our words.
    with redirect_stderr(StringIO()):
        table = chosen.analyse(space, unit[kept], values, seed)
    if not np.isfinite(table[["index", "low", "high"]].to_numpy(np.float64)).all():
        why = f"cannot be worked out from {int(kept.sum()):,} points"
        raise InputError(f"{chosen.title} of `{outcome}`", why=why, mend="ask for more with --n")
    y = by_seed(runs, outcome, len(unit))[kept]
    table.insert(3, "p", _noise.holm(chosen.told(unit[kept], y, seed)))
    table.insert(4, "is_told", table["p"] <= LEVEL)
    if chosen.directions and not bool(np.all(table["is_told"])):
        notes += _too_little(int(whole.sum()), y.shape[1], len(table), chosen.directions)
    table.insert(0, "key", space.names)
    table.insert(1, "label", [d.label for d in space.dimensions])
    table = table.sort_values("index", ascending=False, kind="stable", ignore_index=True)
    return Sensitivity(method, outcome, label or outcome.replace("_", " "), table, runs, int(kept.sum()), tuple(notes))


def _too_little(n_steps: int, n_seeds: int, n_inputs: int, n_directions: int) -> list[str]:
    """What so many steps of an input under so many seeds cannot tell."""
    if _noise.finest(n_steps, n_seeds, n_inputs, n_directions) > LEVEL:
        more = "more of either (--n, --replications) can"
        seeds = "seed" if n_seeds == 1 else "seeds"
        return [
            f"{n_steps} steps of each of {n_inputs} inputs, {n_seeds} {seeds} each, cannot tell any from noise; {more}."
        ]
    return [ONE_SEED] if n_seeds == 1 else []


def _method(name: str) -> Method:
    if name not in METHODS:
        raise InputError(f"method `{name}`", why="does not exist", mend=nearest(name, METHODS))
    return METHODS[name]


def _bounded(index: Any, half: Any, *, least: float = -np.inf, most: float = np.inf, **others: Any) -> pd.DataFrame:
    """Index with the ends of its interval, which stay within what the index can be."""
    centre, width = np.asarray(index, np.float64), np.asarray(half, np.float64)
    low, high = np.maximum(centre - width, least), np.maximum(np.minimum(centre + width, most), centre)
    return pd.DataFrame({"index": centre, "low": np.minimum(low, centre), "high": high, **others})


def _sobol_points(space: Space, n: int, seed: int) -> Floats:
    from SALib.sample import sobol

    if n < 2 or n & (n - 1):
        raise InputError(f"n = {n}", why="is not a power of 2", mend="Sobol sequences need 64, 128, 256 ...")
    parts = min(PARTS, n)
    seeds = np.random.SeedSequence(seed).generate_state(parts).tolist()
    drawn = [sobol.sample(space.problem, n // parts, calc_second_order=False, seed=part) for part in seeds]
    return np.concatenate(drawn).astype(np.float64)


def _sobol(space: Space, unit: Floats, values: Floats, seed: int) -> pd.DataFrame:
    """Indices by SALib; what each base sample adds to them, and the spread of that over sequences."""
    from SALib.analyze import sobol

    found = sobol.analyze(space.problem, values, calc_second_order=False, num_resamples=2, seed=seed)
    total, first = (np.asarray(found[name], np.float64) for name in ("ST", "S1"))
    blocks = values.reshape(-1, len(total) + 2)
    ends = blocks[:, [0, -1]]
    variance = float(ends.var())
    spread = ((ends - ends.mean()) ** 2).mean(axis=1, keepdims=True)
    moved = blocks[:, 1:-1] - blocks[:, :1]
    of_total = _over_parts((moved**2 / 2 - total * spread) / variance)
    of_first = _over_parts(((ends[:, 1:] - values.mean()) * moved - first * spread) / variance)
    # A share of variance is never below 0: its error is one of size, so that the interval is that of its logarithm.
    factor = np.exp(np.divide(of_total, total, out=np.zeros_like(total), where=total > 0))
    table = _bounded(total, 0.0, first=first, first_half_width=of_first)
    return table.assign(low=total / factor, high=np.maximum(np.minimum(total * factor, 1.0), total))


def _over_parts(added: Floats) -> Floats:
    """Half width of the 95 % interval of a mean over base samples, from the means of sequences. [n, d] -> [d]."""
    from scipy import stats

    # Base samples that were left out shift the cuts by as many.
    means = np.array([part.mean(axis=0) for part in np.array_split(added, min(PARTS, len(added)))])
    n = len(means)
    return float(stats.t.ppf(0.5 + CONFIDENCE / 2, n - 1)) * means.std(axis=0, ddof=1) / n**0.5


def _morris_points(space: Space, n: int, seed: int) -> Floats:
    from SALib.sample import morris

    drawn = morris.sample(space.problem, n, num_levels=LEVELS, seed=seed)
    return np.asarray(drawn, np.float64)


def _morris(space: Space, unit: Floats, values: Floats, seed: int) -> pd.DataFrame:
    from SALib.analyze import morris

    found = morris.analyze(space.problem, unit, values, num_resamples=200, num_levels=LEVELS, seed=seed)
    half = _of_few(found["mu_star_conf"], len(values) // (unit.shape[1] + 1))
    return _bounded(found["mu_star"], half, least=0.0, mu=np.asarray(found["mu"]), sigma=np.asarray(found["sigma"]))


def _of_few(half_width: Any, n: int) -> Floats:
    """SALib's half width of a mean of so few effects: by Student's t, and of the spread that few draws leave out."""
    from scipy import stats

    tail = 0.5 + CONFIDENCE / 2
    wider = float(stats.t.ppf(tail, n - 1)) / float(stats.norm.ppf(tail)) * (n / (n - 1)) ** 0.5
    return np.asarray(half_width, np.float64) * wider


def _latin(space: Space, n: int, seed: int) -> Floats:
    from scipy.stats import qmc

    return np.asarray(qmc.LatinHypercube(len(space.dimensions), rng=seed).random(n), np.float64)


def _delta(space: Space, unit: Floats, values: Floats, seed: int) -> pd.DataFrame:
    return _of_given_data("delta", unit, values, seed)


def _pawn(space: Space, unit: Floats, values: Floats, seed: int) -> pd.DataFrame:
    return _of_given_data("pawn", unit, values, seed)


def _of_given_data(kind: str, unit: Floats, values: Floats, seed: int) -> pd.DataFrame:
    from scipy import stats

    found, error = given_data.indices(kind, unit, values, seed)
    half = float(stats.norm.ppf(0.5 + CONFIDENCE / 2)) * error
    # No index is below 0, whatever chance makes of it.
    index = np.maximum(found, 0.0)
    return pd.DataFrame({"index": index, "low": np.maximum(found - half, 0.0), "high": np.minimum(index + half, 1.0)})


METHODS: dict[str, Method] = {
    "sobol": Method(
        "Sobol's indices",
        _sobol_points,
        _sobol,
        _noise.sobol,
        lambda d: d + 2,
        "ST",
        "total share of the outcome's variance",
        directions=2,
    ),
    "morris": Method(
        "Morris's elementary effects",
        _morris_points,
        _morris,
        _noise.morris,
        lambda d: d + 1,
        "mu*",
        "mean change of the outcome from end to end of the range",
        directions=1,
    ),
    "delta": Method(
        "Borgonovo's delta",
        _latin,
        _delta,
        _noise.delta,
        lambda d: 1,
        "delta",
        "shift of the whole distribution of the outcome",
    ),
    "pawn": Method(
        "PAWN",
        _latin,
        _pawn,
        lambda unit, y, seed: _noise.pawn(unit, y, seed, given_data.SLICES),
        lambda d: 1,
        "PAWN",
        "shift of the distribution function of the outcome",
    ),
}
