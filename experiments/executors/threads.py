"""Threads of this process: kernels release the GIL, so they pay where a step is long (large worlds)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Threads:
    """A pool of threads."""

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self.ahead = 2 * workers
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="abm-chunk")

    def submit(self, work: Callable[[T], R], item: T) -> Future[R]:
        """Hand in a task."""
        return self._pool.submit(work, item)

    def close(self) -> None:
        """Start no more tasks."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def start(workers: int, address: str) -> Threads:
    return Threads(workers)
