"""Executors: who does the chunks of a sweep. One file each, found by discovery.

An executor is a module of this folder with ``start(workers, address) -> Executor``. The seam is that
of concurrent.futures: ``submit`` gives a Future. A Future whose worker has died holds `WorkerDiedError`; the
sweep gives its chunk to another one.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from concurrent.futures import Future
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any, Protocol, TypeVar

from abm.errors import InputError, nearest

__all__ = ["Executor", "WorkerDiedError", "executors", "start"]

T = TypeVar("T")
R = TypeVar("R")


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
