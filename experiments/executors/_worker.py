"""A worker process: takes tasks from its standard input, answers on its standard output, ends with its driver."""

from __future__ import annotations

import os
import pickle
import queue
import signal
import sys
import threading
import traceback
from contextlib import suppress
from typing import IO

from experiments.executors._pipes import FIT, LAST, receive, send
from experiments.runs.chunks import ABANDONED


def _listen(source: IO[bytes], tasks: queue.SimpleQueue[bytes]) -> None:
    """Hand on tasks; when the driver is gone, however that came, so is this process."""
    while (task := receive(source)) is not None:
        tasks.put(task)
    os._exit(0)


def _answer(task: bytes) -> bytes:
    try:
        work, item = pickle.loads(task)
        return pickle.dumps((True, work(item)))
    # A process without memory ends: the driver gives the task to a new one, then its runs one by one.
    except MemoryError:
        raise
    # Any other error belongs to the driver, which asks for the result.
    except Exception as error:  # noqa: BLE001
        return _as_message(error)


def _as_message(error: Exception) -> bytes:
    try:
        message = pickle.dumps((False, error))
        pickle.loads(message)
    # Anything may go wrong in a foreign error's pickling; its text always travels.
    except Exception:  # noqa: BLE001
        return pickle.dumps((False, RuntimeError(f"{type(error).__name__}: {error}")))
    return message


def main() -> None:
    """Work until the driver closes the pipe, or until a run hangs: the next task gets a process without it."""
    # A console of Windows tells every process of Ctrl-C; the driver alone decides what becomes of this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "wb")
    # What is printed during a run goes where errors go, not among the answers.
    os.dup2(2, 1)
    tasks: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, tasks), daemon=True).start()
    is_fit = True
    while is_fit:
        try:
            answer = _answer(tasks.get())
        except MemoryError:
            # At once: an interpreter that winds up waits for the thread that listens, and aborts.
            with suppress(Exception):
                traceback.print_exc()
            os._exit(1)
        is_fit = all(thread.name != ABANDONED for thread in threading.enumerate())
        send(answers, (FIT if is_fit else LAST) + answer)
    os._exit(0)


if __name__ == "__main__":
    main()
