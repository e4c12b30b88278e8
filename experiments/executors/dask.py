"""A Dask cluster, on this machine or on many: ``abm sweep DESIGN --dask tcp://host:8786``.

Workers need this package in the same version, and the store at the same path. A task whose worker
dies is given to another one by the scheduler.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from abm.machine.errors import InputError
from experiments.executors import WorkerDiedError

T = TypeVar("T")
R = TypeVar("R")

PATIENCE = 20
"""Seconds to wait for the scheduler and its first worker."""
RETRIES = 3
AHEAD = 4
"""Tasks handed in for each worker: enough that none waits, few enough that the scheduler stays light."""


class Dask:
    """A client of the scheduler, with the interface of concurrent.futures."""

    def __init__(self, address: str) -> None:
        try:
            from distributed import Client
        except ImportError:
            mend = 'pip install "industry-education-abm[cluster]"'
            raise InputError("Dask", why="is not installed", mend=mend) from None
        self.address = address
        try:
            self.client: Any = Client(address, timeout=PATIENCE, set_as_default=False)
        except (OSError, ValueError) as error:
            raise InputError(f"{address}", why="is no Dask scheduler that answers", mend=str(error)[:200]) from None
        try:
            self.client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError:
            self.client.close()
            why = f"has no worker after {PATIENCE} s"
            raise InputError(f"the Dask scheduler {address}", why=why, mend="start some: dask worker ADDRESS") from None

    @property
    def workers(self) -> int:
        """Threads of all workers now."""
        return max(1, sum(self.client.nthreads().values()))

    @property
    def ahead(self) -> int:
        """Tasks handed in at a time."""
        return AHEAD * self.workers

    def submit(self, work: Callable[[T], R], item: T) -> Future[R]:
        """Hand in a task. Dask takes functions for pure and would answer equal tasks once: never here."""
        answer: Future[R] = Future()
        self.client.submit(work, item, pure=False, retries=RETRIES).add_done_callback(
            lambda task: self._pass_on(task, answer)
        )
        return answer

    def close(self) -> None:
        """Leave the cluster; what it is doing for this client is cancelled."""
        self.client.close()

    def _pass_on(self, task: Any, answer: Future[Any]) -> None:
        from distributed import KilledWorker

        if task.status == "finished":
            answer.set_result(task.result())
        elif task.status == "error":
            error = task.exception()
            answer.set_exception(WorkerDiedError(str(error)) if isinstance(error, KilledWorker) else error)
        else:
            mend = "what is done is kept: run the same command again"
            answer.set_exception(InputError(f"the Dask scheduler {self.address}", why="is gone", mend=mend))
        task.release()


def start(workers: int, address: str) -> Dask:
    """The executor; workers are the cluster's."""
    if not address:
        raise InputError("--executor dask", why="has no address", mend="write --dask tcp://host:8786")
    return Dask(address)
