"""One after another, in this process: nothing to start, nothing to lose."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Serial:
    """Does a task when it is handed in."""

    workers = ahead = 1

    def submit(self, work: Callable[[T], R], item: T) -> Future[R]:
        """The task, done."""
        future: Future[R] = Future()
        try:
            future.set_result(work(item))
        # As concurrent.futures do: an error, MemoryError too, is raised where somebody asks for the result.
        except Exception as error:  # noqa: BLE001
            future.set_exception(error)
        return future

    def close(self) -> None:
        """Nothing to end."""


def start(workers: int, address: str) -> Serial:
    """The executor; it has one worker whatever is asked."""
    return Serial()
