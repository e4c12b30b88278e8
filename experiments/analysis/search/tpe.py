"""Optuna as the searches use it: proposals whose draws depend on a seed and their own number alone."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from abm.machine import disk
from abm.machine.errors import InputError

if TYPE_CHECKING:
    from optuna import Study, Trial
    from optuna.samplers import BaseSampler
    from optuna.storages.journal import BaseJournalBackend
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
    from optuna.trial import TrialState

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    if journal is None:
        storage = InMemoryStorage()
    else:
        journal.parent.mkdir(parents=True, exist_ok=True)
        storage = JournalStorage(_backend(journal))
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


def _backend(journal: Path) -> BaseJournalBackend:
    """The journal as a file of whole lines, whatever stopped who wrote it."""
    from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock

    class Journal(JournalFileBackend):
        """On a disk without room it stays as it was."""

        def append_logs(self, logs: list[dict[str, Any]]) -> None:
            """Add lines, all or none."""
            size = journal.stat().st_size
            try:
                super().append_logs(logs)
            except OSError as error:
                os.truncate(journal, size)
                mend = "give another folder with --store, and run the same command again: answered proposals are kept"
                raise disk.unwritable(f"the journal {journal}", error, mend) from error

    if journal.exists() and (text := journal.read_bytes()) and not text.endswith(b"\n"):
        # Its writer was killed in the middle of a line.
        os.truncate(journal, text.rfind(b"\n") + 1)
    # Its other lock is a link, which Windows and many shares refuse.
    return Journal(str(journal), JournalFileOpenLock(str(journal)))


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
