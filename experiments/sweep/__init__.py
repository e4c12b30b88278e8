"""Sweep: run a design and get its runs.

    from experiments.sweep import sweep
    study = sweep("talk-is-dear", replications=3)
    study.runs()           # one row a run
    study.series()         # one row a run and step

What is in the store already is not run again; a sweep that was stopped goes on where it was.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from abm.results import processors
from experiments import executors
from experiments.design import Design, load
from experiments.executors import Executor
from experiments.sweep.driver import Driver
from experiments.sweep.store import HOME, Store, Study

if TYPE_CHECKING:
    from collections.abc import Callable

    from experiments.sweep.driver import Estimate


def sweep(
    design: str | os.PathLike[str] | Mapping[str, Any] | Design,
    store: str | os.PathLike[str] | None = None,
    workers: int | None = None,
    executor: str | Executor | None = None,
    is_quiet: bool = False,
    *,
    shard: tuple[int, int] = (1, 1),
    confirm: Callable[[Estimate], None] | None = None,
    retry_failed: bool = False,
    **changes: Any,
) -> Study:
    """Run every run of a design that the store does not have, and return the study.

    store: a folder (default: studies/<name of the design>). workers: default all cores. executor: a
    name of experiments/executors/ or something with its interface (default: processes where the work
    is worth their start). shard: (i, n) does the i-th of n parts. confirm: is told what the sweep
    will take before it begins, and stops it by raising. retry_failed: runs that failed are run again.
    ``changes`` replace entries of the design.
    Raises InputError for a design or a store that cannot be used.
    """
    chosen = load(design, **changes)
    n = processors() if workers is None else workers
    with Driver(
        Store(HOME / chosen.name if store is None else Path(store)),
        workers=n,
        executor=None if executor is None or isinstance(executor, str) else executor,
        is_quiet=is_quiet,
        shard=shard,
        confirm=confirm,
        retry_failed=retry_failed,
    ) as driver:
        if isinstance(executor, str):
            driver.own(executors.start(executor, n))
        return driver.run(chosen)
