"""Executors: who does the chunks of a sweep. One file each, found by discovery.

An executor is a module of this folder with ``start(workers, address) -> Executor``. The seam is that
of concurrent.futures: ``submit`` gives a Future. A Future whose worker has died holds `WorkerDiedError`; the
sweep gives its chunk to another one.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any, Protocol, TypeVar

from abm.machine.errors import InputError, nearest

__all__ = ["Executor", "WorkerDiedError", "as_done", "executors", "start"]

T = TypeVar("T")
R = TypeVar("R")

MOST_DEATHS = 3
"""Workers that may die with a task before it is given up."""


class WorkerDiedError(RuntimeError):
    """The worker that had the task is gone: killed, out of memory, cut off."""


class Executor(Protocol):
    """Somebody who does tasks."""

    @property
    def workers(self) -> int:
        """Tasks that are done at the same time."""
        ...

    @property
    def ahead(self) -> int:
        """Tasks that should be handed in at a time, so that nobody waits."""
        ...

    def submit(self, work: Callable[[T], R], item: T) -> Future[R]:
        """Hand in a task. ``work`` is a function of a module, ``item`` can be pickled."""
        ...

    def close(self) -> None:
        """End all workers, at once."""
        ...


@cache
def executors() -> dict[str, ModuleType]:
    """Every executor by its name."""
    names = sorted(m.name for m in pkgutil.iter_modules(__path__) if not m.name.startswith("_"))
    return {name: import_module(f"{__name__}.{name}") for name in names}


def start(name: str, workers: int, address: str = "") -> Executor:
    """An executor by its name; InputError for one that does not exist or lacks its package."""
    if name not in executors():
        raise InputError(f"executor `{name[:80]}`", why="does not exist", mend=nearest(name[:80], executors()))
    found: Any = executors()[name].start(workers, address)
    return found


def as_done(executor: Executor, work: Callable[[T], R], items: Iterable[T]) -> Iterator[tuple[T, R]]:
    """Do a task for each item; give each with its result as it is done.

    The task of a worker that dies goes to another one, at most ``MOST_DEATHS`` times. An error of a
    task is raised here.
    """
    left, deaths = list(items)[::-1], dict[int, int]()
    under_way: dict[Future[R], T] = {}
    while left or under_way:
        while left and len(under_way) < executor.ahead:
            item = left.pop()
            under_way[executor.submit(work, item)] = item
        for future in wait(under_way, return_when=FIRST_COMPLETED).done:
            item = under_way.pop(future)
            deaths[id(item)] = deaths.get(id(item), 0) + 1
            if isinstance(future.exception(), WorkerDiedError) and deaths[id(item)] < MOST_DEATHS:
                left.append(item)
            else:
                yield item, future.result()
