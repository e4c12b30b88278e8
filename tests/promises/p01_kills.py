"""30 worker kills and 3 driver kills in a sweep: nothing lost, duplicated, unreadable or orphaned."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from experiments.runs import files
from experiments.sweep import sweep
from experiments.sweep.store import Study, studies
from tests.benchmarks.figures import Figure
from tests.promises.sweeps import folder, hashes, stand_in

PAUSE = 0.7
"""Seconds between kills, from the moment that a worker is up."""
LONGEST = 900.0


def _command(store: Path, replications: int) -> list[str]:
    script = (
        "from experiments.sweep import sweep; from tests.promises.sweeps import stand_in; "
        f"sweep(stand_in('sleeping_50_ms', replications={replications}), {str(store)!r}, 2, 'processes', True)"
    )
    return [sys.executable, "-c", script]


def _workers(driver: subprocess.Popen[bytes]) -> list[psutil.Process]:
    try:
        return psutil.Process(driver.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _kill_workers(driver: subprocess.Popen[bytes], n: int, deadline: float) -> int:
    """Kill n workers, one at a time; how many were killed before the sweep ended."""
    done = 0
    while done < n and driver.poll() is None and time.monotonic() < deadline:
        time.sleep(PAUSE)
        alive = _workers(driver)
        if alive:
            os.kill(alive[0].pid, signal.SIGKILL)
            done += 1
    return done


def _faults(study: Study) -> int:
    members = study.members()
    return sum(files.fault(study.folder, n, [run.key for run in members[n]]) is not None for n in study.chunks())


def measure(is_quick: bool) -> Iterator[Figure]:
    """Kills from outside while a sweep is running; then the same sweep undisturbed, to compare."""
    drivers, kills, replications = (1, 3, 60) if is_quick else (3, 10, 600)
    deadline = time.monotonic() + LONGEST
    worker_kills = driver_kills = orphans = 0
    with folder() as store:
        for _ in range(drivers):
            driver = subprocess.Popen(_command(store, replications))
            worker_kills += _kill_workers(driver, kills, deadline)
            workers = _workers(driver)
            if driver.poll() is None:
                driver.kill()
                driver_kills += 1
            driver.wait()
            orphans += len(psutil.wait_procs(workers, timeout=5)[1])
        torn = sum(_faults(study) for study in studies(store))
        subprocess.run(_command(store, replications), check=True, timeout=LONGEST)
        study = studies(store)[0]
        runs = study.runs()
        with folder() as quiet:
            plain = sweep(stand_in("at_once", replications=replications), quiet, 1, "serial", True).runs()
    where = ["point", "replication"]
    other = (runs.set_index(where)["result_hash"] != plain.set_index(where)["result_hash"]).sum()
    what = f"of {len(plain):,} runs"
    yield Figure("1 kills", "workers killed", worker_kills, "kills", drivers * kills, at_least=True)
    yield Figure("1 kills", "drivers killed", driver_kills, "kills", drivers, at_least=True)
    yield Figure("1 kills", f"lost {what}", len(plain) - len(hashes(runs)), "runs", 0)
    yield Figure("1 kills", f"duplicated {what}", int(runs.duplicated(where).sum()), "runs", 0)
    yield Figure("1 kills", f"failed {what}", int((runs["status"] != "ok").sum()), "runs", 0)
    yield Figure("1 kills", "unreadable after the kills and at the end", torn + _faults(study), "chunks", 0)
    yield Figure("1 kills", "workers left behind 5 s after a driver", orphans, "processes", 0)
    yield Figure("1 kills", f"other results than undisturbed {what}", int(other), "runs", 0)
