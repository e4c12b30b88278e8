"""Optuna as the searches use it: proposals whose draws depend on a seed and their own number alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from abm.errors import InputError

if TYPE_CHECKING:
    from optuna import Study, Trial
    from optuna.samplers import BaseSampler
    from optuna.trial import FrozenTrial

SIGNATURE = "signature"
ROW = "row"
"""What a finished proposal remembers of its runs."""


def _nsga2(seed: int, batch: int) -> BaseSampler:
    from optuna.samplers import NSGAIISampler

    return NSGAIISampler(population_size=max(2, batch), seed=seed)


def _tpe(seed: int, batch: int) -> BaseSampler:
    from optuna.samplers import TPESampler

    return TPESampler(n_startup_trials=max(10, batch), seed=seed)


STRATEGIES: dict[str, Callable[[int, int], BaseSampler]] = {"nsga2": _nsga2, "tpe": _tpe}
"""Who proposes: a generation of mixes bred from the best (nsga2), or density ratios (tpe)."""


def opened(journal: Path | None, *, directions: Sequence[Literal["minimize", "maximize"]], signature: str) -> Study:
    """The study in a journal, made if it is new; what was asked but never answered is given up.

    InputError if the journal belongs to another search.
    """
    import optuna
    from optuna.storages import InMemoryStorage, JournalStorage
    from optuna.storages.journal import JournalFileBackend
    from optuna.trial import TrialState

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    if journal is None:
        storage = InMemoryStorage()
    else:
        journal.parent.mkdir(parents=True, exist_ok=True)
        storage = JournalStorage(JournalFileBackend(str(journal)))
    study = optuna.create_study(
        study_name="search", storage=storage, directions=list(directions), load_if_exists=True
    )  # fmt: skip
    before = study.user_attrs.get(SIGNATURE)
    if before is None:
        study.set_user_attr(SIGNATURE, signature)
    elif before != signature:
        raise InputError(
            f"{journal}", why="is the journal of another search", mend="give another folder, or remove the file"
        )
    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        study.tell(trial.number, state=TrialState.FAIL)
    return study


def finished(study: Study) -> list[FrozenTrial]:
    """Answered proposals in their order."""
    from optuna.trial import TrialState

    return study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))


def propose(
    study: Study, ranges: Mapping[str, tuple[float, float]], strategy: str, seed: tuple[int, int], batch: int
) -> Trial:
    """Ask for the next point; ``seed`` = (seed of the search, number of the proposal)."""
    from optuna.distributions import FloatDistribution

    draw = int(np.random.SeedSequence(seed).generate_state(1)[0])
    study.sampler = STRATEGIES[strategy](draw, batch)
    return study.ask({name: FloatDistribution(low, high) for name, (low, high) in ranges.items()})


def place(study: Study, point: Mapping[str, float]) -> None:
    """Let the next proposal be this point."""
    study.enqueue_trial(dict(point))


def accept(study: Study, trial: Trial, row: Mapping[str, Any], values: Sequence[float]) -> None:
    """Answer a proposal."""
    trial.set_user_attr(ROW, {str(key): float(value) for key, value in row.items()})
    study.tell(trial, [float(value) for value in values])
