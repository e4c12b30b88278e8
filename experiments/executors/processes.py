"""Processes of this machine, each tied to this one by a pipe.

A worker is ``python -m experiments.executors._worker``. Its tasks come through its standard input;
when that closes, because this process has ended in whatever way, the worker ends too. When a worker
dies, its task alone is lost (`WorkerDiedError`), and another worker takes its place with the next task.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from experiments.executors import WorkerDiedError
from experiments.executors._pipes import LAST, receive, send

T = TypeVar("T")
R = TypeVar("R")

GRACE = 2.0
"""Seconds that a worker has to end by itself."""


class Processes:
    """A thread for each worker process, which hands it tasks and notices when it dies."""

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self.ahead = 2 * workers
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="abm-worker")
        self._own = threading.local()
        self._all: set[subprocess.Popen[bytes]] = set()
        self._is_closed = False

    def submit(self, work: Callable[[T], R], item: T) -> Future[R]:
        """Hand in a task."""
        return self._pool.submit(self._do, work, item)

    def pids(self) -> list[int]:
        """Processes of the workers that are alive."""
        return [process.pid for process in list(self._all) if process.poll() is None]

    def close(self) -> None:
        """End all workers."""
        self._is_closed = True
        self._pool.shutdown(wait=False, cancel_futures=True)
        for process in list(self._all):
            process.kill()
        self._pool.shutdown(wait=True)
        for process in list(self._all):
            _ended(process)
        self._all.clear()

    def _do(self, work: Callable[[Any], Any], item: Any) -> Any:
        process = self._worker()
        try:
            send(process.stdin, pickle.dumps((work, item)))
            answer = receive(process.stdout)
        except (OSError, ValueError):
            answer = None
        if answer is None:
            raise WorkerDiedError(f"exit code {self._end(process)}")
        if answer[:1] == LAST:
            self._end(process)
        is_good, value = pickle.loads(answer[1:])
        if not is_good:
            raise value
        return value

    def _end(self, process: subprocess.Popen[bytes]) -> int | None:
        """Be done with a process that has ended or is about to; its exit code."""
        self._own.process = None
        self._all.discard(process)
        return _ended(process)

    def _worker(self) -> subprocess.Popen[bytes]:
        """The process of this thread; a new one if there is none or it has ended between tasks."""
        process: subprocess.Popen[bytes] | None = getattr(self._own, "process", None)
        if process is None or process.poll() is not None:
            if process is not None:
                self._end(process)
            if self._is_closed:
                raise WorkerDiedError("the workers were told to end")
            process = self._own.process = _started()
            self._all.add(process)
            if self._is_closed:
                process.kill()
        return process


def _started() -> subprocess.Popen[bytes]:
    search = [path or str(Path.cwd()) for path in sys.path]
    return subprocess.Popen(
        [sys.executable, "-m", "experiments.executors._worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(dict.fromkeys(search)), "ABM_WARMUP": "0"},
        # Ctrl-C is for this process, which decides what becomes of the workers; Windows has groups for that.
        start_new_session=True,
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
    )


def _ended(process: subprocess.Popen[bytes]) -> int | None:
    """Wait for a process, not for ever; its exit code."""
    try:
        code = process.wait(GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        code = process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            # What was not sent goes nowhere.
            with suppress(OSError):
                pipe.close()
    return code


def start(workers: int, address: str) -> Processes:
    """The executor; workers start with their first task."""
    return Processes(workers)
