"""MPI, through mpi4py.futures: ``mpiexec -n 64 python -m mpi4py.futures -m abm sweep DESIGN --mpi``.

One rank drives, the others work. MPI has no way to lose a rank and go on: if one dies, the job ends,
and the same command goes on from what is in the store.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from abm.machine.errors import InputError

T = TypeVar("T")
R = TypeVar("R")


class Mpi:
    """The pool of mpi4py."""

    def __init__(self) -> None:
        try:
            from mpi4py.futures import MPIPoolExecutor  # pyright: ignore[reportMissingImports]
        except (ImportError, RuntimeError) as error:
            mend = f'pip install "industry-education-abm[mpi]", and an MPI library ({error})'
            raise InputError("mpi4py", why="cannot be loaded", mend=mend) from None
        self._pool: Any = MPIPoolExecutor()
        self.workers: int = max(1, self._pool.num_workers)
        self.ahead = 2 * self.workers

    def submit(self, work: Callable[[T], R], item: T) -> Future[R]:
        """Hand in a task."""
        return self._pool.submit(work, item)

    def close(self) -> None:
        """Let the ranks go."""
        self._pool.shutdown(wait=True, cancel_futures=True)


def start(workers: int, address: str) -> Mpi:
    """The executor; workers are the ranks of the job."""
    return Mpi()
