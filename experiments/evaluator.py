"""Evaluator: from points to runs, for methods that choose their next points by what they have seen.

    with Evaluator("talk-is-dear", store="studies/talk") as evaluate:
        runs = evaluate(points)        # one row a run, all replications

Runs go through the same store, keys and workers as those of a sweep: a method that is started again
finds everything it has run.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from abm.results import processors
from experiments import executors
from experiments.design import Design, load
from experiments.sweep.driver import Driver
from experiments.sweep.store import HOME, Store

if TYPE_CHECKING:
    import pandas as pd

    from experiments.executors import Executor
    from experiments.sweep.driver import Estimate


class Evaluator:
    """A callable from points to a table of runs. Close it, or use it in a ``with``, to end its workers.

    ``confirm`` is told what each batch of points will take before it begins, and stops it by raising.
    """

    def __init__(
        self,
        design: str | os.PathLike[str] | Mapping[str, Any] | Design,
        store: str | os.PathLike[str] | None = None,
        workers: int | None = None,
        executor: str | Executor | None = None,
        is_quiet: bool = True,
        *,
        confirm: Callable[[Estimate], None] | None = None,
        **changes: Any,
    ) -> None:
        self.design = load(design, **changes)
        n = processors() if workers is None else workers
        self._driver = Driver(
            Store(HOME / self.design.name if store is None else Path(store)),
            workers=n,
            executor=None if executor is None or isinstance(executor, str) else executor,
            is_quiet=is_quiet,
            confirm=confirm,
        )
        if isinstance(executor, str):
            self._driver.own(executors.start(executor, n))

    def __call__(self, points: pd.DataFrame, replications: int | None = None) -> pd.DataFrame:
        """Run the points, all replications; one row a run, like ``Study.runs``.

        points: some or all of the design's varied keys in columns; ``point`` in the result counts its rows.
        """
        return self._driver.run(self.design.with_points(points, replications)).runs()

    def __enter__(self) -> Evaluator:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the workers."""
        self._driver.close()
