"""Calibration: which parameters make the model show what was seen, how surely, and does it show it then?

1. Runs over the prior (any space-filling design) train an emulator of the statistics, for ABC needs
   thousands of simulations; how well it foretells runs that it has not seen is reported.
2. A point fit (Optuna) and the posterior (ABC-SMC) are made with the emulator, its noise and its doubt.
3. Fresh runs of the model itself at draws from the posterior are held against the anchors: the
   posterior-predictive check, which no emulator can flatter.
4. Simulation-based calibration (Talts et al. 2018) asks whether the machinery can be believed: what
   is known to be true must lie anywhere in its posterior, and in its 90 % interval nine times in ten.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from abm.machine.errors import InputError
from abm.results.notebook import Shown
from experiments.analysis._runs import Floats, Simulator, check, column, usable
from experiments.analysis._runs import rows as rows_of
from experiments.analysis.calibration.emulator import Emulator
from experiments.analysis.posterior import Pace, Posterior, Ranges, Simulate, posterior

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

INTERVAL = 0.9
"""Of posteriors, and of fresh runs: an anchor outside the latter's interval is said to be missed."""
TOLD = 0.25
"""Share of the prior's width that the interval has to lose before the anchors are said to tell something."""


@dataclass(frozen=True)
class Anchor:
    """Something that was seen, and the outcome of a run that should come to it."""

    outcome: str
    value: float
    spread: float
    """Standard deviation of what was seen about what a run should come to."""
    label: str
    source: str


@dataclass(frozen=True)
class Calibration(Shown):
    """What the anchors say of the parameters, and what the model shows with them."""

    parameters: pd.DataFrame
    """parameter, prior_low, prior_high, point (best fit), median, low, high (90 % interval), narrowing."""
    predictive: pd.DataFrame
    """anchor, seen, spread, low, median, high (90 % of fresh runs), tail, is_met; one row an anchor."""
    emulation: pd.DataFrame
    """outcome, r2 (share of the variance between points foretold, left-out points), noise (sd between runs)."""
    draws: pd.DataFrame
    """Equally weighted draws from the posterior."""
    anchors: tuple[Anchor, ...]
    caveats: tuple[str, ...] = ()

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """By name, as reports keep them."""
        names = ("parameters", "predictive", "emulation", "draws")
        return {name: getattr(self, name) for name in names}

    def figures(self) -> dict[str, Figure]:
        """Posteriors against their priors, and fresh runs against the anchors."""
        from experiments.analysis.calibration.figures import posteriors, predictive

        return {"posteriors": posteriors(self), "predictive": predictive(self)}

    def answer(self) -> str:
        """What the anchors tell about each parameter, and which anchors the model meets."""
        parameters = rows_of(self.parameters)
        sentences = [
            f"{row['label']} is {row['median']:.3g} [{row['low']:.3g}, {row['high']:.3g}] after the anchors "
            f"(prior {row['prior_low']:.3g}-{row['prior_high']:.3g})."
            for row in parameters
            if row["narrowing"] > TOLD
        ]
        rest = [str(row["label"]) for row in parameters if row["narrowing"] <= TOLD]
        if rest:
            sentences.append(f"The anchors say next to nothing about {', '.join(rest)}.")
        for row in rows_of(self.predictive):
            verb = "meets" if row["is_met"] else "does not meet"
            sentences.append(
                f"With these parameters the model {verb} {row['label']} = {row['seen']:.3g}: 90 % of fresh runs lie in "
                f"[{row['low']:.3g}, {row['high']:.3g}]."
            )
        return " ".join(sentences)


def calibrate(
    runs: pd.DataFrame,
    confirm: Simulator,
    ranges: Ranges,
    anchors: Sequence[Anchor],
    *,
    pace: Pace | None = None,
    n_draws: int = 100,
    seed: int = 1,
    labels: dict[str, str] | None = None,
    caveats: Sequence[str] = (),
) -> Calibration:
    """Calibrate the parameters of ``ranges`` to ``anchors``.

    runs: over the prior, columns point, status, parameters, outcomes of the anchors; confirm: points ->
    fresh runs, for the predictive check at ``n_draws`` draws. Raises InputError for columns that are missing.
    """
    import pandas as pd

    names = list(ranges)
    emulator = emulated(runs, names, anchors)
    seen = np.array([a.value for a in anchors])
    spread = np.array([a.spread for a in anchors])
    scale = np.sqrt(spread**2 + emulator.noise**2)
    found = posterior(blurred(emulator, spread), ranges, seen, scale, pace=pace, seed=seed)
    point = fit_point(emulator, ranges, seen, scale, seed)
    rng = np.random.default_rng((seed, 3))
    draws = pd.DataFrame(found.draws(n_draws, rng), columns=names)
    titles = labels or {}
    rows = [{"parameter": k, "label": titles.get(k, k), **_row(found, k, ends, point[k])} for k, ends in ranges.items()]
    parameters = pd.DataFrame(rows)
    checked = predictive_check(confirm(draws), anchors, rng)
    emulation = pd.DataFrame(
        {"outcome": [a.outcome for a in anchors], "r2": emulator.r2, "noise": emulator.noise}
    )  # fmt: skip
    said = (
        f"The posterior comes from {found.n_simulations:,} simulations of an emulator trained on "
        f"{emulator.n_points} points; what came within {found.epsilon:.2g} standard deviations was kept and adjusted.",
        *caveats,
    )
    return Calibration(parameters, checked, emulation, draws, tuple(anchors), said)


def _row(found: Posterior, name: str, ends: tuple[float, float], point: float) -> dict[str, float]:
    low, median, high = (found.quantile(name, q) for q in ((1 - INTERVAL) / 2, 0.5, (1 + INTERVAL) / 2))
    narrowing = 1 - (high - low) / (INTERVAL * (ends[1] - ends[0]))
    bounds = {"prior_low": ends[0], "prior_high": ends[1]}
    return {**bounds, "point": point, "median": median, "low": low, "high": high, "narrowing": narrowing}


def least_points(names: Iterable[str]) -> int:
    """Points below which no emulator of these parameters is believed: five for each, and five more."""
    return 5 * (len(list(names)) + 1)


def emulated(runs: pd.DataFrame, names: Sequence[str], anchors: Sequence[Anchor]) -> Emulator:
    """An emulator of the anchors' outcomes from runs over the prior; failed runs are left out."""
    outcomes = [a.outcome for a in anchors]
    check(runs, "point", "status", *names, *outcomes)
    keep = np.all([usable(runs, name) for name in outcomes], axis=0)
    point = column(runs, "point")[keep]
    n_points = len(np.unique(point))
    if n_points < least_points(names):
        raise InputError(
            f"{n_points} usable points", why=f"are too few to emulate {len(names)} parameters",
            mend=f"run at least {least_points(names)}",
        )  # fmt: skip
    theta, found = (np.column_stack([column(runs, name)[keep] for name in of]) for of in (names, outcomes))
    return Emulator.of(theta, found, point)


def blurred(emulator: Emulator, spread: Floats) -> Simulate:
    """A simulator of what would be seen: a run by the emulator, and the anchors' own spread."""
    return lambda theta, rng: emulator.draw(theta, rng) + rng.normal(0.0, 1.0, (len(theta), len(spread))) * spread


def fit_point(
    emulator: Emulator, ranges: Ranges, seen: Floats, scale: Floats, seed: int, n: int = 150
) -> dict[str, float]:
    """The parameters whose emulated means lie closest to what was seen, by Optuna's TPE."""
    import optuna
    from optuna.distributions import FloatDistribution

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed, n_startup_trials=40))
    space: dict[str, Any] = {name: FloatDistribution(*ends) for name, ends in ranges.items()}
    for _ in range(n):
        trial = study.ask(space)
        theta = np.array([trial.params[name] for name in ranges])
        study.tell(trial, float(np.sum(((emulator.mean(theta[None])[0] - seen) / scale) ** 2)))
    return dict(study.best_params)


def predictive_check(runs: pd.DataFrame, anchors: Sequence[Anchor], rng: np.random.Generator) -> pd.DataFrame:
    """Fresh runs at draws from the posterior, with the anchors' spread, against the anchors."""
    import pandas as pd

    check(runs, "status", *(a.outcome for a in anchors))
    rows: list[dict[str, object]] = []
    for anchor in anchors:
        values = column(runs, anchor.outcome)[usable(runs, anchor.outcome)]
        if len(values) == 0:
            raise InputError(f"`{anchor.outcome}`", why="has no value in any fresh run", mend="look at their errors")
        values = values + rng.normal(0.0, anchor.spread, len(values))
        low, median, high = np.quantile(values, [(1 - INTERVAL) / 2, 0.5, (1 + INTERVAL) / 2])
        tail = float(min((values >= anchor.value).mean(), (values <= anchor.value).mean()))
        about = {"outcome": anchor.outcome, "label": anchor.label, "seen": anchor.value, "spread": anchor.spread}
        bounds = {"low": low, "median": median, "high": high, "tail": tail, "is_met": bool(low <= anchor.value <= high)}
        rows.append({**about, **bounds, "n_runs": len(values), "source": anchor.source})
    return pd.DataFrame(rows)
