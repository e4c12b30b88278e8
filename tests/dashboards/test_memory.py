"""Memory that visitors held goes back to the system, once for all who leave together."""

from __future__ import annotations

import subprocess
import sys
import threading

import psutil
import pytest

from dashboards.live import memory
from dashboards.live.session import Session


def test_those_who_leave_together_cause_one_giving_back(monkeypatch: pytest.MonkeyPatch) -> None:
    given, done = [0], threading.Event()

    def give_back() -> None:
        given[0] += 1
        done.set()

    monkeypatch.setattr(memory, "SOON", 0.3)
    monkeypatch.setattr(memory, "give_back", give_back)
    for n in range(20):
        Session(f"visitor {n}").end_all()
    assert done.wait(20)
    assert given == [1]
    # Whoever leaves later has a turn of their own.
    done.clear()
    Session("late").end_all()
    assert done.wait(20)
    assert given == [2]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="another C library")
def test_memory_that_a_thread_freed_goes_back() -> None:
    process, mb = psutil.Process(), 1e6

    def hold(kept: list[bytearray]) -> None:
        # Below the size that is mapped on its own; one in the end keeps the heap as high as it was.
        kept.extend(bytearray(60_000) for _ in range(2500))
        del kept[:-1]

    before = process.memory_info().rss / mb
    kept: list[bytearray] = []
    thread = threading.Thread(target=hold, args=(kept,))
    thread.start()
    thread.join()
    high = process.memory_info().rss / mb
    memory.give_back()
    assert high > before + 100, "nothing was kept that could be given back"
    assert process.memory_info().rss / mb < high - 75


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="another C library")
def test_threads_of_a_server_share_few_heaps() -> None:
    # In a process of its own: the limit holds for good, and for heaps that are not there yet.
    program = (
        "import ctypes, threading\n"
        "from dashboards.live.memory import few_heaps\n"
        "few_heaps()\n"
        "go = threading.Barrier(13)\n"
        "def hold():\n"
        "    kept = [bytearray(60_000) for _ in range(50)]\n"
        "    go.wait()\n"
        "    go.wait()\n"
        "threads = [threading.Thread(target=hold, daemon=True) for _ in range(12)]\n"
        "[one.start() for one in threads]\n"
        "go.wait()\n"
        "ctypes.CDLL(None).malloc_stats()\n"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120)
    assert 1 <= told.stderr.count("Arena ") <= memory.HEAPS
